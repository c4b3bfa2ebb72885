"""The NCM as a part of KiCad 9: a symbol with the fields of its simulator, and a voltammetry bench.

The symbol names the SPICE library that holds the subcircuit (`Sim.Library`, `Sim.Name`), how its pins are joined
(`Sim.Pins`) and every parameter with its value (`Sim.Params`), so that a user may change them in the schematic. KiCad
runs ngspice, so the library is that of the dialect ngspice. Sources: KiCad developer documentation, "Symbol Library
File Format" and "Schematic File Format"; KiCad 9 Schematic Editor manual, "Simulator".
"""

import textwrap
import uuid
from collections.abc import Mapping, Sequence

import jinja2

from ionspice.circuits.dialects.bench import STEPS_PER_RAMP, tolerances
from ionspice.circuits.dialects.device import checked_name, device_parameters, number, subcircuit_name
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
) -> str:
    """Return the text of a .kicad_sym with one symbol, pins 1 = EL and 2 = BULK.

    Args:
        circuit: the half cell.
        name: letters, digits and underscores; `NCM<layers>` unless given.
        area: value of the parameter `area`, m^2; one metre of depth of the strip unless given.
        library: file of the subcircuit as KiCad finds it from the project, `<name>.lib` unless given.
        notes: lines for the symbol's description: KiCad's files have no comments that it keeps.

    Raises:
        InputError: a name that would break a netlist, an area that is not positive, a file name that KiCad
            would read otherwise.
    """
    return _render("kicad_library.j2", **_part(circuit, name, area, library, notes))


def print_schematic(
    circuit: NanoCircuit,
    drive: Waveform,
    name: str | None = None,
    area: float | None = None,
    library: str | None = None,
    nickname: str = "ionspice",
    notes: Sequence[str] = (),
) -> str:
    """Return the text of a .kicad_sch: the device X1 on a source V1 that follows `drive`, and the analysis.

    The net of the electrode is `/el`; the current into the electrode is -I(V1).

    Args:
        circuit: the half cell.
        drive: potential of the electrode, V.
        name: as for `print_symbol_library`.
        area: likewise.
        library: likewise.
        nickname: of the symbol library in KiCad's table; the schematic carries a copy of the symbol.
        notes: as for `print_symbol_library`, and as a text on the sheet.

    Raises:
        InputError: as for `print_symbol_library`.
    """
    part = _part(circuit, name, area, library, notes)
    device = str(part["name"])
    symbol = f"{nickname}:{device}"
    corners = " ".join(f"{_short(t)} {_short(v)}" for t, v in zip(drive.time, drive.value, strict=True))
    source = {"Sim.Device": "V", "Sim.Type": "PWL", "Sim.Pins": "1=+ 2=-", "Sim.Params": f'pwl="{corners}"'}
    return _render(
        "kicad_bench.j2",
        **(part | {"full_name": symbol}),
        notes="\n".join(textwrap.fill(line, _SHEET_LINE, subsequent_indent="  ") for line in notes),
        directives=[(text, 66.04 + 5.08 * line) for line, text in enumerate(_directives(circuit, drive))],
        uuids={key: _uuid(device, key) for key in ("sheet", "label", "ground", "notes")},
        uuid=lambda key: _uuid(device, str(key)),
        parts=[
            _placed("V1", "ionspice:source", 101.6, "drive", source, right=False),
            _placed("X1", symbol, 127, device, part["fields"], right=True),
        ],
    )


def _directives(circuit: NanoCircuit, drive: Waveform) -> list[str]:
    """Return the analysis of a bench."""
    longest = drive.mean_piece / STEPS_PER_RAMP
    return [
        f".tran {_short(longest)} {_short(drive.duration)} 0 {_short(longest)}",
        f".options method=trap {tolerances(circuit, drive)}",
    ]


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


def print_symbol(
    title: str, parameters: Mapping[str, float], pins: tuple[str, str], library: str, notes: Sequence[str]
) -> str:
    """Return the text of a .kicad_sym with one symbol of any subcircuit.

    Args:
        title: name of the subcircuit.
        parameters: of it, by name.
        pins: of it, 1 and 2 of the symbol.
        library: file of the subcircuit as KiCad finds it from the project.
        notes: lines for the symbol's description.

    Raises:
        InputError: a file name that KiCad would read otherwise.
    """
    return _render("kicad_library.j2", **_symbol(title, parameters, pins, library, notes))


def _part(
    circuit: NanoCircuit, name: str | None, area: float | None, library: str | None, notes: Sequence[str]
) -> dict[str, object]:
    title = checked_name(name or subcircuit_name(circuit))
    told = notes or [f"Nano-circuitry model of a stack of {circuit.layers} sheets"]
    return _symbol(title, device_parameters(circuit, area), ("EL", "BULK"), library or f"{title}.lib", told)


def _symbol(
    title: str, parameters: Mapping[str, float], pins: tuple[str, str], library: str, notes: Sequence[str]
) -> dict[str, object]:
    return {
        "name": title,
        "full_name": title,
        "pins": pins,
        "description": "; ".join(notes),
        "fields": {
            "Sim.Library": _checked_file(library),
            "Sim.Name": title,
            "Sim.Device": "SUBCKT",
            "Sim.Pins": f"1={pins[0]} 2={pins[1]}",
            "Sim.Params": " ".join(f"{key}={number(value)}" for key, value in parameters.items()),
        },
    }


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
