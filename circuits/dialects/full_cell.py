"""Two half cells back to back with separator and contacts between the pins POS and NEG, in every language.

The counter electrode charges the other way; the law reads |Q|, so that both halves are the same device. The
electrolyte in the separator, current collectors and contacts are one resistance `Rser` at the pin POS.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from ionspice.circuits.dialects.device import UNITS, checked_name, number, subcircuit_name
from ionspice.circuits.dialects.gnucap import print_gnucap
from ionspice.circuits.dialects.netlist import print_subcircuit, spice_parameters
from ionspice.circuits.dialects.spice import NGSPICE, SpiceDialect
from ionspice.circuits.dialects.verilog_a import (
    module_parameters,
    print_module,
    resistor_lines,
    stack_nodes,
    stack_of,
)
from ionspice.circuits.model.ladder import NanoCircuit
from ionspice.core import InputError

PINS = ("POS", "NEG")
_HALF = "_HALF"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellOfTwo:
    """What a full cell has beside its two electrodes."""

    #: of separator and contacts, ohm m2 of one electrode
    series_resistance: float = 0.0

    def __post_init__(self) -> None:
        """Check the resistance."""
        if not 0 <= self.series_resistance < float("inf"):
            raise InputError(
                f"a series resistance of {self.series_resistance:g} ohm m^2; it must be zero or positive, and finite"
            )


def cell_name(circuit: NanoCircuit, name: str | None = None) -> str:
    """Return the name asked for, or `NCM<sheets>CELL`.

    Raises:
        InputError: a name that would break a netlist.
    """
    title = checked_name(name or f"{subcircuit_name(circuit)}CELL")
    checked_name(f"{title}{_HALF}")
    return title


def cell_parameters(
    circuit: NanoCircuit, cell: CellOfTwo, area: float | None = None, dialect: SpiceDialect = NGSPICE
) -> dict[str, float]:
    """Return the parameters with their defaults: those of an electrode, V0 of the cell, and Rser if there is one.

    Args:
        circuit: an electrode.
        cell: what lies between them.
        area: of each electrode, m^2.
        dialect: the simulator.
    """
    series = {"Rser": cell.series_resistance} if cell.series_resistance else {}
    return spice_parameters(circuit, area, dialect) | series


def print_full_cell(
    circuit: NanoCircuit,
    name: str | None = None,
    dialect: SpiceDialect = NGSPICE,
    *,
    cell: CellOfTwo = CellOfTwo(),
    area: float | None = None,
    noise: bool = False,
) -> str:
    """Return `.subckt <name> POS NEG` with the half cell that it needs.

    Args:
        circuit: each electrode.
        name: `NCM<sheets>CELL` unless given.
        dialect: the simulator.
        cell: what lies between the electrodes.
        area: of each electrode, m^2; one metre of depth of the strip unless given.
        noise: as of `print_subcircuit`.

    Raises:
        InputError: as `print_subcircuit`.
    """
    title = cell_name(circuit, name)
    half = print_subcircuit(circuit, f"{title}{_HALF}", area, dialect, noise=noise)
    parameters = cell_parameters(circuit, cell, area, dialect)
    defaults = (f"{key}={number(value)}" for key, value in parameters.items())
    head = "".join(f"\n+ {text}" for text in defaults)
    keyword = dialect.parameters_keyword
    text = f".subckt {title} POS NEG{keyword}{head}\n{_wiring(title, parameters, keyword)}"
    return half + (text.lower() if dialect.lower_case else text)


def print_gnucap_cell(
    circuit: NanoCircuit, name: str | None = None, *, cell: CellOfTwo, area: float | None = None
) -> str:
    """Return the same for gnucap."""
    title = cell_name(circuit, name)
    parameters = {
        key: value for key, value in cell_parameters(circuit, cell, area).items() if key in UNITS or key == "Rser"
    }
    own = "".join(f".param {key}={number(value)}\n" for key, value in parameters.items())
    return (
        print_gnucap(circuit, f"{title}{_HALF}", area)
        + f".subckt {title} POS NEG\n{own}{_wiring(title, parameters, '')}"
    )


def print_verilog_a_cell(
    circuit: NanoCircuit, name: str | None = None, *, cell: CellOfTwo, area: float | None = None
) -> str:
    """Return `module <name>(POS, NEG)`, which has the equations of both electrodes."""
    series = {"Rser": cell.series_resistance} if cell.series_resistance else {}
    nodes, body = ["BULK"], []
    electrode = "EL" if series else "POS"
    if series:
        nodes.append(electrode)
        body += resistor_lines("POS", electrode, f"V(POS,{electrode})", "rser")
    for side, pin, start in (("p", electrode, "v0/2"), ("n", "NEG", "-v0/2")):
        names = {node: f"{side}{node}" for node in stack_nodes(circuit)} | {"EL": pin}
        pattern = re.compile(rf"\b({'|'.join(names)})\b")
        nodes += [names[node] for node in stack_nodes(circuit)]
        body += [pattern.sub(partial(_renamed, names), line) for line in stack_of(circuit, start)]
    return print_module(cell_name(circuit, name), PINS, nodes, module_parameters(circuit, area) | series, body)


def _renamed(names: Mapping[str, str], found: re.Match[str]) -> str:
    return names[found[0]]


def _wiring(title: str, parameters: Mapping[str, float], keyword: str) -> str:
    """Return the parts of a full cell up to its end."""
    halves = {"Xpos": ("inner" if "Rser" in parameters else "POS", "V0/2"), "Xneg": ("NEG", "-V0/2")}
    lines = ["Rser POS inner {Rser/area}"] if "Rser" in parameters else []
    for part, (pin, start) in halves.items():
        passed = (f"{key}={{{start if key == 'V0' else key}}}" for key in parameters if key != "Rser")
        lines.append(f"{part} {pin} BULK {title}{_HALF}{keyword} {' '.join(passed)}")
    return "\n".join([*lines, f".ends {title}"]) + "\n"
