"""The NCM as a subcircuit of gnucap, whose components take functions of one voltage in place of expressions.

Gnucap reads R={...} as a short circuit. The gap is its voltage-controlled resistor over the charge chain of
`netlist`, with a posynomial of |V(s)|:

    R = R_0 (1 - gamma s(0)) + max(-R_0 gamma (s(X) - s(0)), R_0 (rmin - 1 + gamma s(0)))

The constant is given as the output's offset, which is added after the floor, because gnucap (2017.10.03) takes a
constant term of a posynomial for 1 at zero. Laws must be polynomials. Sources: gnucap manual, 3.10 "Voltage
Controlled Resistor" and 4 "Behavioral modeling".
"""

import sympy

from ionspice.circuits.device import (
    UNITS,
    DeviceElement,
    checked_name,
    device_elements,
    device_parameters,
    number,
    subcircuit_name,
)
from ionspice.circuits.ladder import FloatArray, NanoCircuit
from ionspice.circuits.shape import X
from ionspice.core import InputError


def print_gnucap(circuit: NanoCircuit, name: str | None = None, area: float | None = None) -> str:
    """Return the text of `.subckt <name> EL BULK`; its parameters are SI values per area.

    Args:
        circuit: the half cell.
        name: letters, digits and underscores; `NCM<layers>` unless given.
        area: default of the parameter `area`, m^2; one metre of depth of the strip unless given.

    Raises:
        InputError: a name that would break a netlist, an area that is not positive, a law that is no polynomial.
    """
    title = checked_name(name or subcircuit_name(circuit))
    lines = [
        f".subckt {title} EL BULK",
        *(f".param {key}={number(value)}" for key, value in device_parameters(circuit, area).items()),
        f"* units: {', '.join(f'{key} {unit}' for key, unit in UNITS.items())}",
        "Rmouth BULK n0 {(Ropen+1e-9*Rc)/area}",
        _capacitor("open", "n0", "Copen*area", circuit.open_charge_terms),
    ]
    for element in device_elements(circuit):
        lines += _element(circuit, element)
    return "\n".join([*lines, f".ends {title}"]) + "\n"


def _element(circuit: NanoCircuit, element: DeviceElement) -> list[str]:
    """Return the lines of a gap, its slit and its link of the charge chain."""
    i, stored = element.number, circuit.charge == "stored"
    jump = circuit.donnan_terms if i == 1 else circuit.donnan_terms[:0]
    inner = "d1" if jump.size else f"n{i}"
    charge = f"q{i} 0" if element.terms.size else f"EL n{i}"
    capacitance = f"{number(element.capacitance)}*Cslit*area"
    lines = [
        f".vcr R{i} n{i - 1} {inner} {charge if stored else f's{i} 0'} {_resistance(element, stored)}",
        _capacitor(str(i), f"n{i}", capacitance, element.terms),
    ]
    if jump.size:
        lines.append(f"Edonnan n1 d1 EL n1 {_odd('1.0', jump)}")
    if element.terms.size:
        lines.append(f"EQ{i} q{i} 0 EL n{i} {_odd('1.0', [1.0, *element.terms])}")
    if not stored:
        behind = f"s{i + 1}" if i < circuit.slits else "0"
        lines.append(f"E{i} s{i} {behind} {charge} {number(element.capacitance)}")
    return lines


def _resistance(element: DeviceElement, stored: bool) -> str:
    """Return R of the charge in volts, see the head of the module."""
    if not element.shape.is_polynomial(X):
        raise InputError(f"gnucap takes laws that are polynomials, not {element.shape}; choose another dialect")
    constant, *powers = [float(c) for c in reversed(sympy.Poly(element.shape, X).all_coeffs())]
    full = element.charge / element.capacitance if stored else element.charge
    zero, gamma = f"{number(element.resistance)}*Rc/area", f"{number(element.gamma)}*gamma"
    x = f"*Cslit/({number(full)}*Qmax)"
    pairs = " ".join(
        f"{{0-{zero}*{gamma}*({number(value)}){x * power}}},{power}" for power, value in enumerate(powers or [0.0], 1)
    )
    start = f"1-{gamma}*({number(constant)})"
    return f"posy({pairs}) even min={{{zero}*(rmin-({start}))}} ooffset={{{zero}*({start})}}"


def _capacitor(name: str, node: str, capacitance: str, terms: FloatArray) -> str:
    value = _odd(capacitance, [1.0, *terms]) if terms.size else f"{{{capacitance}}}"
    return f"C{name} EL {node} {value}"


def _odd(factor: str, terms: "FloatArray | list[float]") -> str:
    """Return factor (t_1 u + t_2 u |u| + ...) as a function of the controlling voltage u."""
    pairs = " ".join(f"{{{factor}*({number(term)})}},{power}" for power, term in enumerate(terms, 1))
    return f"posy({pairs}) odd"
