"""The NCM as a subcircuit of gnucap, whose components take functions of one voltage in place of expressions.

Gnucap reads R={...} as a short circuit. The gap is its voltage-controlled resistor over the charge that the law
reads, V(s_i) in volts of Cslit, which linear sources in series sum up (for the charge passed the chain of `netlist`),
with a posynomial of |V(s_i)|:

    R = R_0 (1 - gamma s(0)) + max(-R_0 gamma (s(X) - s(0)), R_0 (rmin - 1 + gamma s(0)))

The constant is given as the output's offset, which is added after the floor, because gnucap (2017.10.03) takes a
constant term of a posynomial for 1 at zero. Where s is no polynomial, a source gives X and another s(X) from a table
with cubic splines up to X = 4, a straight line beyond. A nonlinear q(u) and the Donnan potential are tables of the
same kind over their window. Size and port of the ladder inside are those of `netlist`; the sources that drive a large
device get a resistance (`.options short`) far below the device's. Sources: gnucap manual, 3.10 "Voltage Controlled
Resistor" and 4 "Behavioral modeling".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy

from ionspice.circuits.dialects.device import (
    UNITS,
    DeviceElement,
    checked_name,
    device_elements,
    device_parameters,
    number,
    subcircuit_name,
)
from ionspice.circuits.dialects.netlist import INSIDE
from ionspice.circuits.model.charge import ChargeCurve, FloatArray
from ionspice.circuits.model.ladder import NanoCircuit, charge_shares
from ionspice.circuits.model.shape import X, shape_reach

_TABLE = np.linspace(0.0, 4.0, 129)
_INVERSE = number(1 / INSIDE)
_CURVE = np.linspace(0.0, 1.0, 401)  # of a window
#: of a source, ohm: gnucap's own, and what its solver still takes beside the ladder inside
_SHORT, _LEAST_SHORT = 1e-7, 1e-11
_SHARE = 1e-4  # of the device's resistance
_ENDS = 1e-3  # of a window: length of the straight ends of a table


def print_gnucap(circuit: NanoCircuit, name: str | None = None, area: float | None = None) -> str:
    """Return the text of `.subckt <name> EL BULK`; its parameters are SI values per area.

    Args:
        circuit: the half cell.
        name: letters, digits and underscores; `NCM<layers>` unless given.
        area: default of the parameter `area`, m^2; one metre of depth of the strip unless given.

    Raises:
        InputError: a name that would break a netlist, an area that is not positive, a law with a pole up to X = 4.
    """
    title = checked_name(name or subcircuit_name(circuit))
    values = device_parameters(circuit, area)
    lines = [
        *_source_lines(values),
        f".subckt {title} EL BULK",
        *(f".param {key}={number(value)}" for key, value in values.items()),
        f"* units: {', '.join(f'{key} {unit}' for key, unit in UNITS.items())}",
        "Rleak EL BULK {Rleak/area}",
        "Eport e 0 EL BULK 1",
        # the current by what the mouth drops: that of a source comes out of its round-off over `short`
        "Gport EL BULK n0 0 {area/(Ropen+1e-9*Rc)}",
        f"Rmouth 0 n0 {{(Ropen+1e-9*Rc)*Cslit*{_INVERSE}}}",
    ]
    tables: dict[sympy.Expr, str] = {}
    for shape in dict.fromkeys(circuit.shape):
        if not (shape.is_polynomial(X) and shape_reach(shape) == np.inf):
            tables[shape] = f"law{len(tables) + 1}"
            lines += _table(tables[shape], shape)
    curves = _Curves(names={}, lines=[])
    body = _capacitor(curves, "open", "n0", f"{number(INSIDE)}*Copen/Cslit", circuit.open_curve)
    elements = device_elements(circuit)
    for position in range(circuit.slits):
        body += _element(circuit, elements, position, tables, curves)
    return "\n".join([*lines, *curves.lines, *body, f".ends {title}"]) + "\n"


def _source_lines(values: Mapping[str, float]) -> list[str]:
    """Return an option for devices whose resistance comes near that of gnucap's sources."""
    short = _SHARE * (values["Ropen"] or values["Rc"]) / values["area"]
    if short >= _SHORT:
        return []
    return [
        f"* gnucap's sources have {_SHORT:g} ohm, too much for this area; for another one: {_SHARE:g}*Ropen/area",
        f".options short={max(short, _LEAST_SHORT):.3g}",
    ]


def _element(
    circuit: NanoCircuit,
    elements: Sequence[DeviceElement],
    position: int,
    tables: Mapping[sympy.Expr, str],
    curves: "_Curves",
) -> list[str]:
    """Return the lines of a gap, its slit and the sources of the charge that its law reads."""
    element = elements[position]
    i, control = element.number, f"s{element.number} 0"
    jump = i == 1 and circuit.donnan_slope != 0
    inner = "d1" if jump else f"n{i}"
    x = f"Cslit/({number(element.charge)}*Qmax)"
    lines = _capacitor(curves, str(i), f"n{i}", number(element.capacitance * INSIDE), element.curve)
    if element.shape in tables:
        lines += [f"EX{i} x{i} 0 {control} posy({{{x}}},1) even", f"ES{i} p{i} 0 x{i} 0 {tables[element.shape]}"]
        resistance = f"p{i} 0 {_resistance(element, [0.0, 1.0], '1.0')} odd"
    else:
        powers = [float(c) for c in reversed(sympy.Poly(element.shape, X).all_coeffs())]
        resistance = f"{control} {_resistance(element, powers, x)} even"
    lines.append(f".vcr R{i} n{i - 1} {inner} {resistance}")
    if jump:
        straight = f"{number(circuit.donnan_slope)}"
        value = curves.named(circuit.donnan_curve, circuit.donnan_slope) if circuit.donnan_curve.modes else straight
        lines.append(f"Edonnan n1 d1 e n1 {value}")
    return lines + _charge_sources(circuit, elements, position)


def _charge_sources(circuit: NanoCircuit, elements: Sequence[DeviceElement], position: int) -> list[str]:
    """Return sources in series from s_i down to 0, or to s_(i+1) for the charge passed, that add up to V(s_i)."""
    i = elements[position].number
    shares = charge_shares(circuit.charge, circuit.slits, position)
    bottom = "0"
    if circuit.charge == "passed":  # what lies behind is summed up there already
        shares = {position: shares[position]}
        bottom = f"s{i + 1}" if i < circuit.slits else "0"
    ends = [f"s{i}", *(f"s{i}_{k}" for k in range(1, len(shares))), bottom]
    lines = []
    for k, (place, share) in enumerate(reversed(shares.items())):
        slit = elements[place]
        volts = f"q{slit.number} 0" if slit.curve.modes else f"e n{slit.number}"
        name = f"E{i}_{k}" if k else f"E{i}"
        lines.append(f"{name} {ends[k]} {ends[k + 1]} {volts} {number(share * slit.capacitance)}")
    return lines


def _resistance(element: DeviceElement, coefficients: list[float], x: str) -> str:
    """Return R of the controlling voltage u for s = c_0 + c_1 X + ... and X = `x` u, see the head of the module."""
    constant, *powers = coefficients
    zero, gamma = f"{number(element.resistance)}*Rc*Cslit*{_INVERSE}", f"{number(element.gamma)}*gamma"
    pairs = " ".join(
        f"{{0-{zero}*{gamma}*({number(value)}){f'*{x}' * power}}},{power}"
        for power, value in enumerate(powers or [0.0], 1)
    )
    start = f"1-{gamma}*({number(constant)})"
    return f"posy({pairs}) min={{{zero}*(rmin-({start}))}} ooffset={{{zero}*({start})}}"


def _table(name: str, shape: sympy.Expr) -> list[str]:
    """Return a model that holds s(X)."""
    values = np.broadcast_to(sympy.lambdify(X, shape, "numpy")(np.minimum(_TABLE, shape_reach(shape))), _TABLE.shape)
    return _table_lines(name, _TABLE, values)


def _table_lines(name: str, places: FloatArray, values: FloatArray) -> list[str]:
    pairs = [f"{number(x)},{number(value)}" for x, value in zip(places, values, strict=True)]
    return [
        f".model {name} table",
        *(f"+ {' '.join(pairs[k : k + 4])}" for k in range(0, len(pairs), 4)),
        "+ order=3",
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Curves:
    """Tables of the q(u) that a device needs, each once."""

    names: dict[tuple[float, ...], str]  #: by what they hold
    lines: list[str]  #: their models

    def named(self, curve: ChargeCurve, factor: float = 1.0) -> str:
        """Return the table of `factor` q/C over u, made if it is not there; straight ends go on beyond the window."""
        low, high = float(curve.low[0]), float(curve.high[0])
        end = _ENDS * (high - low)
        places = np.concatenate([[low - end], low + (high - low) * _CURVE, [high + end]])
        values = factor * curve.volts(places[:, None])[:, 0]
        key = (*places.tolist(), *values.tolist())
        if key not in self.names:
            self.names[key] = f"charge{len(self.names) + 1}"
            self.lines.extend(_table_lines(self.names[key], places, values))
        return self.names[key]


def _capacitor(curves: _Curves, name: str, node: str, capacitance: str, curve: ChargeCurve) -> list[str]:
    if not curve.modes:
        return [f"C{name} e {node} {{{capacitance}}}"]
    return [
        f"EQ{name} q{name} 0 e {node} {curves.named(curve)}",
        f"VQ{name} q{name} c{name} 0",
        f"C{name} c{name} 0 {{{capacitance}}}",
        f"FQ{name} e {node} VQ{name} 1",
    ]
