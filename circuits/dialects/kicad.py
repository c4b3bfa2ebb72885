"""The NCM as a part of KiCad 9: a symbol with the fields of its simulator, and a voltammetry bench.

The symbol names the SPICE library that holds the subcircuit (`Sim.Library`, `Sim.Name`), how its pins are joined
(`Sim.Pins`) and every parameter with its value (`Sim.Params`), so that a user may change them in the schematic. KiCad
runs ngspice, so the library is that of the dialect ngspice. Sources: KiCad developer documentation, "Symbol Library
File Format" and "Schematic File Format"; KiCad 9 Schematic Editor manual, "Simulator".
"""

import textwrap
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2

from ionspice.circuits.dialects.bench import STEPS_PER_RAMP, tolerances
from ionspice.circuits.dialects.device import checked_name, number, subcircuit_name
from ionspice.circuits.dialects.full_cell import PINS, CellOfTwo, cell_name, cell_parameters
from ionspice.circuits.dialects.netlist import spice_parameters
from ionspice.circuits.model.ladder import NanoCircuit
from ionspice.circuits.model.waveform import Waveform
from ionspice.core import InputError

_SHEET_LINE = 110  # characters of a note on the sheet


def print_symbol_library(
    circuit: NanoCircuit,
    name: str | None = None,
    area: float | None = None,
    library: str | None = None,
    notes: Sequence[str] = (),
    cell: CellOfTwo | None = None,
) -> str:
    """Return the text of a .kicad_sym with one symbol, pins 1 = EL and 2 = BULK, of a full cell POS and NEG.

    Args:
        circuit: the half cell.
        name: letters, digits and underscores; `NCM<layers>` unless given.
        area: value of the parameter `area`, m^2; one metre of depth of the strip unless given.
        library: file of the subcircuit as KiCad finds it from the project, `<name>.lib` unless given.
        notes: lines for the symbol's description: KiCad's files have no comments that it keeps.
        cell: makes a full cell of two electrodes.

    Raises:
        InputError: a name that would break a netlist, an area that is not positive, a file name that KiCad
            would read otherwise.
    """
    return print_symbol(_part(circuit, name, area, library, notes, cell))


def print_schematic(
    circuit: NanoCircuit,
    drive: Waveform,
    name: str | None = None,
    area: float | None = None,
    library: str | None = None,
    nickname: str = "ionspice",
    notes: Sequence[str] = (),
    cell: CellOfTwo | None = None,
) -> str:
    """Return the text of a .kicad_sch: the device X1 on a source V1 that follows `drive`, and the analysis.

    The net of the electrode is `/el`; the current into the electrode is -I(V1).

    Args:
        circuit: the half cell.
        drive: potential of the electrode, V; both electrodes of a full cell see it, with opposite signs.
        name: as for `print_symbol_library`.
        area: likewise.
        library: likewise.
        nickname: of the symbol library in KiCad's table; the schematic carries a copy of the symbol.
        notes: as for `print_symbol_library`, and as a text on the sheet.
        cell: likewise.

    Raises:
        InputError: as for `print_symbol_library`.
    """
    part = _part(circuit, name, area, library, notes, cell)
    voltage = drive if cell is None else Waveform(time=drive.time, value=2 * drive.value)
    return print_bench(part, voltage, f".options method=trap {tolerances(circuit, drive)}", nickname)


@dataclass(frozen=True, slots=True, kw_only=True)
class KicadPart:
    """What a symbol stands for."""

    #: name of the subcircuit
    title: str
    #: of the subcircuit, by name
    parameters: Mapping[str, float]
    #: of the subcircuit, 1 and 2 of the symbol
    pins: tuple[str, str]
    #: file of the subcircuit as KiCad finds it from the project
    library: str
    #: lines for the symbol's description
    notes: Sequence[str]

    def values(self, full_name: str) -> dict[str, Any]:
        """Return what the templates need.

        Args:
            full_name: with the library's name in a schematic, without it in the library.

        Raises:
            InputError: a file name that KiCad would read otherwise.
        """
        return {
            "name": self.title,
            "full_name": full_name,
            "pins": self.pins,
            "description": "; ".join(self.notes),
            "fields": {
                "Sim.Library": _checked_file(self.library),
                "Sim.Name": self.title,
                "Sim.Device": "SUBCKT",
                "Sim.Pins": f"1={self.pins[0]} 2={self.pins[1]}",
                "Sim.Params": " ".join(f"{key}={number(value)}" for key, value in self.parameters.items()),
            },
        }


def print_symbol(part: KicadPart) -> str:
    """Return the text of a .kicad_sym with one symbol.

    Raises:
        InputError: a file name that KiCad would read otherwise.
    """
    return _render("kicad_library.j2", **part.values(part.title))


def print_bench(part: KicadPart, drive: Waveform, options: str, nickname: str) -> str:
    """Return the text of a .kicad_sch with a part on a source, as `print_schematic`.

    Args:
        part: the device.
        drive: voltage between its pins, V.
        options: the line of the simulator's options.
        nickname: of the symbol library in KiCad's table.

    Raises:
        InputError: a file name that KiCad would read otherwise.
    """
    symbol = f"{nickname}:{part.title}"
    values = part.values(symbol)
    corners = " ".join(f"{_short(t)} {_short(v)}" for t, v in zip(drive.time, drive.value, strict=True))
    source = {"Sim.Device": "V", "Sim.Type": "PWL", "Sim.Pins": "1=+ 2=-", "Sim.Params": f'pwl="{corners}"'}
    longest = _short(drive.mean_piece / STEPS_PER_RAMP)
    directives = [f".tran {longest} {_short(drive.duration)} 0 {longest}", options]
    return _render(
        "kicad_bench.j2",
        **values,
        notes="\n".join(textwrap.fill(line, _SHEET_LINE, subsequent_indent="  ") for line in part.notes),
        directives=[(text, 66.04 + 5.08 * line) for line, text in enumerate(directives)],
        uuids={key: _uuid(part.title, key) for key in ("sheet", "label", "ground", "notes")},
        uuid=lambda key: _uuid(part.title, str(key)),
        parts=[
            _placed("V1", "ionspice:source", 101.6, "drive", source, right=False),
            _placed("X1", symbol, 127, part.title, values["fields"], right=True),
        ],
    )


def _placed(reference: str, library: str, x: float, value: str, fields: object, *, right: bool) -> dict[str, object]:
    """Return a part of the schematic at x, mm, with its texts to the right or to the left."""
    side, justify = (1, "left") if right else (-1, "right")
    return {
        "reference": reference,
        "library": library,
        "x": x,
        "side": side,
        "justify": justify,
        "value": value,
        "fields": fields,
    }


def _part(
    circuit: NanoCircuit,
    name: str | None,
    area: float | None,
    library: str | None,
    notes: Sequence[str],
    cell: CellOfTwo | None,
) -> KicadPart:
    title = checked_name(name or subcircuit_name(circuit)) if cell is None else cell_name(circuit, name)
    own = spice_parameters(circuit, area)
    return KicadPart(
        title=title,
        parameters=own if cell is None else cell_parameters(circuit, cell, area),
        pins=("EL", "BULK") if cell is None else PINS,
        library=library or f"{title}.lib",
        notes=notes or [f"Nano-circuitry model of a stack of {circuit.layers} sheets"],
    )


def _checked_file(name: str) -> str:
    """Return a file name that neither KiCad's variables nor an `.include` line change.

    Raises:
        InputError: a quote, a dollar sign, a control character.
    """
    if not name.isprintable() or set(name) & set("\"'$"):
        raise InputError(f"library file {name!r}: KiCad would misread it; use no quotes, '$' or control characters")
    return name


def _short(value: float) -> str:
    """Return six digits, as many as KiCad keeps: a corner must not fall just before the end of the analysis."""
    return f"{value:.6g}"


def _uuid(device: str, key: str) -> str:
    """Return an identifier that is the same in every export."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"ionspice/{device}/{key}"))


def _quoted(text: str) -> str:
    """Return a string of KiCad's s-expressions."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _render(template: str, **values: object) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ionspice.circuits.dialects", "."),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["quoted"] = _quoted
    return environment.get_template(template).render(values)
