"""Devices for circuit simulators, by the simulator's name."""

from pathlib import Path

from ionspice.circuits.dialects.device import checked_name, subcircuit_name
from ionspice.circuits.dialects.full_cell import (
    CellOfTwo,
    cell_name,
    print_full_cell,
    print_gnucap_cell,
    print_verilog_a_cell,
)
from ionspice.circuits.dialects.gnucap import print_gnucap
from ionspice.circuits.dialects.header import Origin, commented, ladder_header
from ionspice.circuits.dialects.kicad import print_schematic, print_symbol_library
from ionspice.circuits.dialects.netlist import print_subcircuit
from ionspice.circuits.dialects.spice import NGSPICE, SPICE_DIALECTS, VACASK
from ionspice.circuits.dialects.verilog_a import VERILOG_A, print_verilog_a
from ionspice.circuits.model.ladder import NanoCircuit
from ionspice.circuits.model.waveform import Waveform
from ionspice.core import InputError

GNUCAP = "gnucap"
KICAD = "kicad"

#: names that `print_device` takes, with the suffix of a file
DIALECT_SUFFIXES = {**dict.fromkeys(SPICE_DIALECTS, "lib"), GNUCAP: "lib", VERILOG_A: "va", KICAD: "kicad_sym"}
#: dialects whose resistances make thermal noise, where it is asked for or always
NOISY = (NGSPICE.name, KICAD, VERILOG_A)
#: dialects in which a device is found by a name in lower case only
_LOWER_CASE = (VERILOG_A, *(name for name, dialect in SPICE_DIALECTS.items() if dialect.lower_case))
#: found with kernels of its OpenBLAS for several processors
_VACASK_RULE = (
    'in VACASK: options tran_method="gear2" nr_residualcheck=0; without, it may stop at corners of the drive'
)


def device_name(dialect: str, name: str) -> str:
    """Return how a device of a name is called in a dialect."""
    return name.lower() if dialect in _LOWER_CASE else name


def print_device(
    circuit: NanoCircuit,
    dialect: str = "ngspice",
    name: str | None = None,
    area: float | None = None,
    origin: Origin | None = None,
    *,
    cell: CellOfTwo | None = None,
    noise: bool = False,
    bias: float | None = None,
) -> str:
    """Return the text of a device for one simulator, under a comment; for KiCad that of its symbol library.

    Args:
        circuit: the half cell.
        dialect: one of `DIALECT_SUFFIXES`.
        name: letters, digits and underscores; `NCM<layers>` unless given, lower case where `device_name` says so.
        area: m^2; one metre of depth of the strip unless given.
        origin: of the constants, for the comment.
        cell: makes a full cell with two such electrodes, of `area` each.
        noise: whether resistances make thermal noise, in dialects of `NOISY`; in Verilog-A they always do.
        bias: V, of a half cell of small signals about it (`print_subcircuit`), in dialects that read SPICE.

    Raises:
        InputError: an unknown dialect, a name or area that is refused, a law that the language cannot express.
    """
    checked_dialect(dialect)
    if bias is not None and (dialect not in SPICE_DIALECTS or cell is not None):
        raise InputError(f"small signals are for half cells in one of {', '.join(SPICE_DIALECTS)}")
    if noise and dialect not in NOISY:
        raise InputError(f"dialect {dialect!r} cannot write thermal noise; take one of {', '.join(NOISY)}")
    header = _header(circuit, device_name(dialect, _title(circuit, name, cell)), origin, cell)
    if dialect in (VACASK.name, VERILOG_A):
        header.append(_VACASK_RULE)
    if dialect == KICAD:
        return print_symbol_library(circuit, name, area, notes=header, cell=cell)
    mark = "//" if dialect == VERILOG_A else "*"
    if bias is not None:
        header.insert(1, f"for small signals about {bias:g} V: its resistances and capacitances there, as constants")
        return commented(header, mark) + print_subcircuit(
            circuit, name, area, SPICE_DIALECTS[dialect], noise=noise, bias=bias
        )
    return commented(header, mark) + _body(circuit, dialect, name, area, cell, noise=noise)


def _body(
    circuit: NanoCircuit, dialect: str, name: str | None, area: float | None, cell: CellOfTwo | None, *, noise: bool
) -> str:
    if dialect == VERILOG_A:
        if cell is None:
            return print_verilog_a(circuit, name, area)
        return print_verilog_a_cell(circuit, name, cell=cell, area=area)
    if dialect == GNUCAP:
        return (
            print_gnucap(circuit, name, area)
            if cell is None
            else print_gnucap_cell(circuit, name, cell=cell, area=area)
        )
    spice = SPICE_DIALECTS[dialect]
    if cell is None:
        return print_subcircuit(circuit, name, area, spice, noise=noise)
    return print_full_cell(circuit, name, spice, cell=cell, area=area, noise=noise)


def _title(circuit: NanoCircuit, name: str | None, cell: CellOfTwo | None) -> str:
    return checked_name(name or subcircuit_name(circuit)) if cell is None else cell_name(circuit, name)


def _header(circuit: NanoCircuit, title: str, origin: Origin | None, cell: CellOfTwo | None) -> list[str]:
    return ladder_header(circuit, title, origin, full_cell=cell is not None)


def print_files(
    circuit: NanoCircuit,
    path: Path,
    dialect: str = "ngspice",
    area: float | None = None,
    drive: Waveform | None = None,
    origin: Origin | None = None,
    name: str | None = None,
    *,
    cell: CellOfTwo | None = None,
    noise: bool = False,
    bias: float | None = None,
) -> dict[Path, str]:
    """Return every file of a device with its text, that at `path` first.

    KiCad's are the symbol library, the SPICE library that it names and, with a drive, the schematic of a
    voltammetry bench; all other dialects have one file.

    Args:
        circuit: the half cell.
        path: of the device.
        dialect: one of `DIALECT_SUFFIXES`.
        area: m^2; one metre of depth of the strip unless given.
        drive: potential of the electrode in the bench, V.
        origin: of the constants, for the comment.
        name: as of `print_device`.
        cell: likewise.
        noise: likewise.
        bias: likewise.

    Raises:
        InputError: as `print_device`; a path for KiCad that does not end in .kicad_sym or that it would misread.
    """
    if dialect != KICAD or bias is not None:
        return {path: print_device(circuit, dialect, name, area, origin, cell=cell, noise=noise, bias=bias)}
    if path.suffix != ".kicad_sym":
        raise InputError(f"file {path.name!r}: a symbol library of KiCad must end in .kicad_sym")
    library, schematic = path.with_suffix(".lib"), path.with_suffix(".kicad_sch")
    notes = _header(circuit, _title(circuit, name, cell), origin, cell)
    files = {
        path: print_symbol_library(circuit, name, area, library.name, notes, cell),
        library: print_device(circuit, NGSPICE.name, name, area, origin, cell=cell, noise=noise),
    }
    if drive is not None:
        files[schematic] = print_schematic(circuit, drive, name, area, library.name, path.stem, notes, cell)
    return files


def checked_dialect(dialect: str) -> str:
    """Return `dialect` if it is known.

    Raises:
        InputError: it is not.
    """
    if dialect not in DIALECT_SUFFIXES:
        raise InputError(f"dialect {dialect!r} is not known; choose one of {', '.join(DIALECT_SUFFIXES)}")
    return dialect
