"""How circuit languages write the parts of the rails.

A quantity is what follows from potentials at once: a voltage of a source in SPICE, a variable in Verilog-A, where
fewer unknowns are left to solve for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ionspice.circuits.dialects.device import number
from ionspice.circuits.dialects.spice import SpiceDialect


class Language(Protocol):
    """What a printer of rails asks of a language; all texts of values are expressions of the language."""

    def potential(self, node: str) -> str:
        """Return the text of the potential of a node."""

    def fixed(self, node: str, factor: float) -> Iterator[str]:
        """Write a node that is held at `factor` times the voltage of the port."""

    def quantity(self, name: str, value: str) -> Iterator[str]:
        """Write a quantity of a name, which `known` refers to."""

    def known(self, name: str) -> str:
        """Return the text of a quantity."""

    def resistor(self, name: str, one: str, two: str, resistance: float) -> Iterator[str]:
        """Write a resistor, ohm."""

    def injection(self, name: str, node: str, value: str) -> Iterator[str]:
        """Write a current from ground into a node, A."""

    def storage(self, name: str, rail: str, value: str, capacitance: float, rest: float) -> Iterator[str]:
        """Write a store of capacitance times value (C) that a rail fills; `rest` is the value uncharged."""

    def bond(self, name: str, one: str, two: str, value: str, port_gain: float | None) -> Iterator[str]:
        """Write a current from one rail to the next, A; `port_gain` times it and the area flows at the port."""

    def displacement(self, name: str, value: str, capacitance: float, port_gain: float) -> Iterator[str]:
        """Write the change of capacitance times value (C): `port_gain` times it and the area flows at the port."""

    def device(self, title: str, pins: Sequence[str], area: float, body: Sequence[str]) -> str:
        """Return the whole device."""


@dataclass(frozen=True, slots=True)
class SpiceRails:
    """A subcircuit of a simulator that reads SPICE."""

    dialect: SpiceDialect
    pins: tuple[str, str]

    def potential(self, node: str) -> str:
        """Return the text of the potential of a node."""
        return f"V({node})"

    known = potential

    def fixed(self, node: str, factor: float) -> Iterator[str]:
        """Write a voltage-controlled source, or a node at 0 V."""
        yield f"E{node} {node} 0 {' '.join(self.pins)} {factor:.12g}" if factor else f"V{node} {node} 0 0"

    def quantity(self, name: str, value: str) -> Iterator[str]:
        """Write a voltage source."""
        yield f"B{name} {name} 0 V={self.dialect.expression(value)}"

    def resistor(self, name: str, one: str, two: str, resistance: float) -> Iterator[str]:
        """Write a resistor."""
        yield f"R{name} {one} {two} {resistance:.12g}"

    def injection(self, name: str, node: str, value: str) -> Iterator[str]:
        """Write a current source."""
        yield f"B{name} 0 {node} I={self.dialect.expression(value)}"

    def storage(self, name: str, rail: str, value: str, capacitance: float, rest: float) -> Iterator[str]:
        """Write a linear capacitor at a source, whose current another one takes from the rail."""
        yield from self._charged(name, value, capacitance, rest)
        yield f"F{name} {rail} 0 V{name} 1"

    def bond(self, name: str, one: str, two: str, value: str, port_gain: float | None) -> Iterator[str]:
        """Write a current source, of the port's bond behind a source of 0 V that another one mirrors."""
        start = one
        if port_gain is not None:
            start = f"p{name}"
            yield f"V{name} {one} {start} 0"
            yield from self._mirror(name, port_gain)
        yield f"B{name} {start} {two} I={self.dialect.expression(value)}"

    def displacement(self, name: str, value: str, capacitance: float, port_gain: float) -> Iterator[str]:
        """Write a linear capacitor at a source, whose current the port takes."""
        yield from self._charged(name, value, capacitance)
        yield from self._mirror(name, port_gain)

    def device(self, title: str, pins: Sequence[str], area: float, body: Sequence[str]) -> str:
        """Return the subcircuit."""
        head = f".subckt {title} {' '.join(pins)}{self.dialect.parameters_keyword} area={number(area)}"
        text = "\n".join([head, *body, f".ends {title}"]) + "\n"
        return text.lower() if self.dialect.lower_case else text

    def _charged(self, name: str, value: str, capacitance: float, rest: float = 0.0) -> Iterator[str]:
        yield from self.quantity(name, value)
        yield f"V{name} {name} c{name} 0"
        initial = f" IC={rest:.12g}" if self.dialect.takes_initial_voltages else ""
        yield f"C{name} c{name} 0 {capacitance:.12g}{initial}"

    def _mirror(self, name: str, gain: float) -> Iterator[str]:
        ratio = f"{number(gain)}*{self.dialect.parameter('area')}"
        if not self.dialect.gains_are_numbers:
            yield f"F{name} {' '.join(self.pins)} V{name} {{{ratio.replace('{', '').replace('}', '')}}}"
            return
        yield f"F{name} 0 m{name} V{name} 1"
        yield f"R{name} m{name} 0 1"
        yield f"BP{name} {' '.join(self.pins)} I={self.dialect.expression(f'{ratio}*V(m{name})')}"


@dataclass(frozen=True, slots=True)
class VerilogRails:
    """A Verilog-A module."""

    pins: tuple[str, str]
    _nodes: dict[str, None] = field(default_factory=dict)
    _variables: dict[str, None] = field(default_factory=dict)

    def potential(self, node: str) -> str:
        """Return the text of the potential of a node, which is a variable where it is held."""
        if node == "0":
            return "0"
        if node in self._variables:
            return node
        self._nodes[node] = None
        return f"V({node})"

    def known(self, name: str) -> str:
        """Return the variable."""
        return name

    def fixed(self, node: str, factor: float) -> Iterator[str]:
        """Write a variable."""
        yield from self.quantity(node, f"{factor:.12g}*V({','.join(self.pins)})" if factor else "0")

    def quantity(self, name: str, value: str) -> Iterator[str]:
        """Write a variable."""
        self._variables[name] = None
        yield f"{name} = {value};"

    def resistor(self, name: str, one: str, two: str, resistance: float) -> Iterator[str]:
        """Write a current from node to node, or to a node that is held."""
        start, end = self.potential(one), self.potential(two)
        ends = f"{one},{two}" if end.startswith("V(") else one
        yield f"I({ends}) <+ ({start}-{end})*{number(1 / resistance)};"

    def injection(self, name: str, node: str, value: str) -> Iterator[str]:
        """Write a current into a node."""
        self.potential(node)
        yield f"I({node}) <+ -({value});"

    def storage(self, name: str, rail: str, value: str, capacitance: float, rest: float) -> Iterator[str]:
        """Write the derivative of a charge."""
        self.potential(rail)
        yield f"I({rail}) <+ ddt({number(capacitance)}*({value}));"

    def bond(self, name: str, one: str, two: str, value: str, port_gain: float | None) -> Iterator[str]:
        """Write a current from rail to rail, and that of the port."""
        yield from self.quantity(name, value)
        free = [(sign, node) for sign, node in (("", one), ("-", two)) if self.potential(node).startswith("V(")]
        if len(free) == 2:
            yield f"I({one},{two}) <+ {name};"
        else:
            yield from (f"I({node}) <+ {sign}{name};" for sign, node in free)
        if port_gain is not None:
            yield f"I({','.join(self.pins)}) <+ {number(port_gain)}*area*{name};"

    def displacement(self, name: str, value: str, capacitance: float, port_gain: float) -> Iterator[str]:
        """Write the derivative of a charge at the port."""
        yield f"I({','.join(self.pins)}) <+ {number(port_gain)}*area*ddt({number(capacitance)}*({value}));"

    def device(self, title: str, pins: Sequence[str], area: float, body: Sequence[str]) -> str:
        """Return the module; its name is lower case, as VACASK folds it."""
        names = ", ".join(pins)
        lines = [
            '`include "disciplines.vams"',
            f"module {title.lower()}({names});",
            f"  inout {names};",
            f"  electrical {', '.join([*pins, *self._nodes])};",
            f'  (* type="instance" *) parameter real area = {number(area)} from (0:inf); // m2',
            f"  real {', '.join(self._variables)};",
            "  analog begin",
            *(f"    {line}" for line in body),
            "  end",
            "endmodule",
        ]
        return "\n".join(lines) + "\n"
