"""The rails as devices for circuit simulators, by the simulator's name."""

from pathlib import Path

from ionspice.circuits.dialects.device import checked_name
from ionspice.circuits.dialects.export import DIALECT_SUFFIXES, GNUCAP, KICAD, checked_dialect, device_name
from ionspice.circuits.dialects.header import Origin, commented, rails_header, row_text
from ionspice.circuits.dialects.kicad import KicadPart, print_bench, print_symbol
from ionspice.circuits.dialects.spice import NGSPICE, VACASK
from ionspice.circuits.dialects.verilog_a import VERILOG_A
from ionspice.circuits.ions.netlist import print_rails, rail_pins
from ionspice.circuits.ions.rails import RailCircuit
from ionspice.circuits.model.waveform import Waveform
from ionspice.core import InputError

#: dialects of rails; gnucap's components take functions of one voltage only
RAIL_DIALECTS = tuple(dialect for dialect in DIALECT_SUFFIXES if dialect != GNUCAP)

#: what a simulator needs to be told
_ADVICE = {
    NGSPICE.name: ".options reltol=1e-4 chgtol=1e-18 itl4=50 method=gear",
    VACASK.name: 'options reltol=1e-4 tran_itl=50 tran_method="gear2" nr_residualcheck=0; every source is '
    "compiled, the dialect verilog-a loads faster",
}


def print_rail_files(
    circuit: RailCircuit,
    path: Path,
    name: str,
    dialect: str = NGSPICE.name,
    area: float | None = None,
    drive: Waveform | None = None,
    origin: Origin | None = None,
    sheets: int | None = None,
) -> dict[Path, str]:
    """Return every file of a device with its text, that at `path` first.

    KiCad's are the symbol library, the SPICE library that it names and, with a drive, the schematic of a bench; all
    other dialects have one file.

    Args:
        circuit: a half cell, or a sealed cell.
        path: of the device.
        name: of the device; lower case where the dialect has it so.
        dialect: one of `RAIL_DIALECTS`.
        area: m^2; one metre of depth of the strip unless given.
        drive: potential of the electrode in the bench, V; a sealed cell gets twice as much.
        origin: of the constants, for the comment.
        sheets: that sections of a long stack stand for; those of the chain unless given.

    Raises:
        InputError: a dialect that is unknown or cannot express rails; a name, an area or a path that is refused.
    """
    checked_dialect(dialect)
    if dialect == GNUCAP:
        raise InputError(
            f"dialect {dialect!r} cannot have one rail per ion, whose resistances are functions of several voltages; "
            f"use one of {', '.join(RAIL_DIALECTS)}, or the single-rail circuit"
        )
    if dialect != KICAD:
        return {path: _print_device(circuit, name, dialect, area, origin, sheets)}
    if path.suffix != ".kicad_sym":
        raise InputError(f"file {path.name!r}: a symbol library of KiCad must end in .kicad_sym")
    library = path.with_suffix(".lib")
    part = KicadPart(
        title=checked_name(name),
        parameters={"area": circuit.strip_width if area is None else area},
        pins=rail_pins(circuit),
        library=library.name,
        notes=_header(circuit, name, NGSPICE.name, origin, sheets),
    )
    files = {path: print_symbol(part), library: _print_device(circuit, name, NGSPICE.name, area, origin, sheets)}
    if drive is not None:
        volts = drive if circuit.reservoir else Waveform(time=drive.time, value=2 * drive.value)
        files[path.with_suffix(".kicad_sch")] = print_bench(part, volts, _ADVICE[NGSPICE.name], path.stem)
    return files


def _print_device(
    circuit: RailCircuit, name: str, dialect: str, area: float | None, origin: Origin | None, sheets: int | None
) -> str:
    text = print_rails(circuit, name, area, dialect)
    mark = "//" if dialect == VERILOG_A else "*"
    return commented(_header(circuit, device_name(dialect, name), dialect, origin, sheets), mark) + text


def _header(circuit: RailCircuit, title: str, dialect: str, origin: Origin | None, sheets: int | None) -> list[str]:
    chain = int((circuit.polarity > 0).sum())  # the mouth and the slits
    layers = chain if sheets is None else sheets
    what = (
        f"half cell of {row_text(layers)}" if circuit.reservoir else f"sealed cell of two stacks of {layers} sheets"
    )
    one, two = rail_pins(circuit)
    ports = (
        f"{one} (electrode) and {two} (electrolyte)"
        if circuit.reservoir
        else f"{one} and {two} (electrodes); the voltage between them is twice an electrode's potential"
    )
    advice = _ADVICE.get(dialect)
    ports += f"; a current into {one} counts positive and charges it"
    coarse = [] if layers == chain else [f"{chain - 1} sections for {layers - 1} slits, of one slit at the mouth"]
    return [
        *rails_header(f"{title}, {what}", ports, origin, passive=all(cells.symmetric for cells in circuit.cells)),
        *coarse,
        *([f"options: {advice}"] if advice else []),
    ]
