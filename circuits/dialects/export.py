"""Devices for circuit simulators, by the simulator's name."""

from pathlib import Path

from ionspice.circuits.dialects.device import checked_name, subcircuit_name
from ionspice.circuits.dialects.gnucap import print_gnucap
from ionspice.circuits.dialects.header import Origin, commented, ladder_header
from ionspice.circuits.dialects.kicad import print_schematic, print_symbol_library
from ionspice.circuits.dialects.netlist import print_subcircuit
from ionspice.circuits.dialects.spice import NGSPICE, SPICE_DIALECTS
from ionspice.circuits.dialects.verilog_a import VERILOG_A, print_verilog_a
from ionspice.circuits.model.ladder import NanoCircuit
from ionspice.circuits.model.waveform import Waveform
from ionspice.core import InputError

GNUCAP = "gnucap"
KICAD = "kicad"

#: names that `print_device` takes, with the suffix of a file
DIALECT_SUFFIXES = {**dict.fromkeys(SPICE_DIALECTS, "lib"), GNUCAP: "lib", VERILOG_A: "va", KICAD: "kicad_sym"}
#: dialects in which a device is found by a name in lower case only
_LOWER_CASE = (VERILOG_A, *(name for name, dialect in SPICE_DIALECTS.items() if dialect.lower_case))


def device_name(dialect: str, name: str) -> str:
    """Return how a device of a name is called in a dialect."""
    return name.lower() if dialect in _LOWER_CASE else name


def print_device(
    circuit: NanoCircuit,
    dialect: str = "ngspice",
    name: str | None = None,
    area: float | None = None,
    origin: Origin | None = None,
) -> str:
    """Return the text of a device for one simulator, under a comment; for KiCad that of its symbol library.

    Args:
        circuit: the half cell.
        dialect: one of `DIALECT_SUFFIXES`.
        name: letters, digits and underscores; `NCM<layers>` unless given, lower case where `device_name` says so.
        area: m^2; one metre of depth of the strip unless given.
        origin: of the constants, for the comment.

    Raises:
        InputError: an unknown dialect, a name or area that is refused, a law that the language cannot express.
    """
    checked_dialect(dialect)
    title = device_name(dialect, checked_name(name or subcircuit_name(circuit)))
    header = ladder_header(circuit, title, origin)
    if dialect == KICAD:
        return print_symbol_library(circuit, name, area, notes=header)
    if dialect == VERILOG_A:
        return commented(header, "//") + print_verilog_a(circuit, name, area)
    if dialect == GNUCAP:
        return commented(header, "*") + print_gnucap(circuit, name, area)
    return commented(header, "*") + print_subcircuit(circuit, name, area, SPICE_DIALECTS[dialect])


def print_files(
    circuit: NanoCircuit,
    path: Path,
    dialect: str = "ngspice",
    area: float | None = None,
    drive: Waveform | None = None,
    origin: Origin | None = None,
    name: str | None = None,
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

    Raises:
        InputError: as `print_device`; a path for KiCad that does not end in .kicad_sym or that it would misread.
    """
    if dialect != KICAD:
        return {path: print_device(circuit, dialect, name, area, origin)}
    if path.suffix != ".kicad_sym":
        raise InputError(f"file {path.name!r}: a symbol library of KiCad must end in .kicad_sym")
    library, schematic = path.with_suffix(".lib"), path.with_suffix(".kicad_sch")
    notes = ladder_header(circuit, checked_name(name or subcircuit_name(circuit)), origin)
    files = {
        path: print_symbol_library(circuit, name, area, library.name, notes),
        library: print_device(circuit, NGSPICE.name, name, area, origin),
    }
    if drive is not None:
        files[schematic] = print_schematic(circuit, drive, name, area, library.name, path.stem, notes)
    return files


def checked_dialect(dialect: str) -> str:
    """Return `dialect` if it is known.

    Raises:
        InputError: it is not.
    """
    if dialect not in DIALECT_SUFFIXES:
        raise InputError(f"dialect {dialect!r} is not known; choose one of {', '.join(DIALECT_SUFFIXES)}")
    return dialect
