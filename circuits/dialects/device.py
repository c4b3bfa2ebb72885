"""A circuit as a device: parameters per area, and every element as factors on them.

All exports print the same parameters, Rc, gamma, Qmax (of one slit), Cslit, Ropen, Copen, rmin, Rleak and area, so
that a user may scale a device without touching its elements. The texts made here hold in every language of the
exports.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy

from ionspice.circuits.dialects.spice_expression import print_shape
from ionspice.circuits.model.charge import ChargeCurve
from ionspice.circuits.model.coarse import gaps_between
from ionspice.circuits.model.ladder import Charge, NanoCircuit, charge_shares, law_charges
from ionspice.circuits.model.shape import shape_reach
from ionspice.core import InputError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")

#: parameters of every device: name, unit
UNITS = {
    "Rc": "ohm m2",
    "gamma": "1",
    "Qmax": "C/m2 of one slit",
    "Cslit": "F/m2",
    "Ropen": "ohm m2",
    "Copen": "F/m2",
    "rmin": "1",
    "Rleak": "ohm m2",
    "area": "m2",
}
#: parameters of devices in dialects that know the temperature, with their defaults but that of T0
TEMPERATURE_UNITS = {"tc1": "1/K", "tc2": "1/K2", "T0": "K"}
#: relative standard deviations of resistances and capacitances, of devices in dialects that draw random numbers
SPREAD_UNITS = {"tolR": "1", "tolC": "1"}
#: of devices in dialects whose capacitors start at a voltage
INITIAL_UNITS = {"V0": "V"}
#: conductance that holds the pins at V0, of that of one gap
HOLD = 1e6
#: ohm m2, of a device that does not leak
_NO_LEAKAGE = 1e30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeviceElement:
    """One gap and its slit as factors on the parameters of the device."""

    #: number of the slit, 1 nearest the bulk
    number: int
    #: factor on Rc
    resistance: float
    #: factor on gamma
    gamma: float
    #: factor on Cslit
    capacitance: float
    #: factor on Qmax
    charge: float
    #: s(X)
    shape: sympy.Expr
    #: q/C of the slit, of one element
    curve: ChargeCurve


def device_parameters(circuit: NanoCircuit, area: float | None = None) -> dict[str, float]:
    """Return the values of the parameters in SI: means of the inner elements (of all if there is one slit).

    Args:
        circuit: the half cell.
        area: of the device, m^2; one metre of depth of the strip unless given.

    Raises:
        InputError: an area that is not positive.
    """
    if area is not None and not 0 < area < float("inf"):
        raise InputError(f"area = {area} m^2; it must be positive and finite")
    inner = slice(1, None) if circuit.slits > 1 else slice(None)
    width, sizes = circuit.strip_width, circuit.sizes
    gaps, full = gaps_between(sizes), law_charges(circuit, sizes)
    return {
        "Rc": float(circuit.resistance_zero[inner].sum() / gaps[inner].sum() * width),
        "gamma": float(circuit.gamma[inner].mean()),
        "Qmax": float((circuit.charge_max / full)[inner].mean() / width),
        "Cslit": float(circuit.slit_capacitance[inner].sum() / sizes[inner].sum() / width),
        "Ropen": circuit.open_resistance * width,
        "Copen": circuit.open_capacitance / width,
        "rmin": circuit.resistance_floor,
        "Rleak": min(circuit.leakage * width, _NO_LEAKAGE),
        "area": width if area is None else area,
    }


def temperature_parameters(circuit: NanoCircuit) -> dict[str, float]:
    """Return those that make the resistances follow the temperature, which they do not unless a user says how."""
    return {"tc1": 0.0, "tc2": 0.0, "T0": circuit.temperature}


def temperature_text(temperature: str, parameter: Callable[[str], str]) -> str:
    """Return 1 + tc1 (T - T0) + tc2 (T - T0)^2.

    Args:
        temperature: text of T, K.
        parameter: how the language names a parameter in an expression.
    """
    above = f"({temperature}-{parameter('T0')})"
    return f"(1+{parameter('tc1')}*{above}+{parameter('tc2')}*{above}*{above})"


def device_elements(circuit: NanoCircuit) -> list[DeviceElement]:
    """Return the elements as factors on `device_parameters`; gamma's is 1 where the mean gamma is 0."""
    values, width = device_parameters(circuit), circuit.strip_width
    return [
        DeviceElement(
            number=i + 1,
            resistance=float(circuit.resistance_zero[i] * width / values["Rc"]),
            gamma=float(circuit.gamma[i] / values["gamma"]) if values["gamma"] > 0 else 1.0,
            capacitance=float(circuit.slit_capacitance[i] / width / values["Cslit"]),
            charge=float(circuit.charge_max[i] / width / values["Qmax"]),
            shape=circuit.shape[i],
            curve=circuit.slit_curve.at([i]),
        )
        for i in range(circuit.slits)
    ]


def checked_name(name: str) -> str:
    """Return `name` if it is safe in every netlist.

    Raises:
        InputError: it is not letters, digits and underscores, starting with a letter.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} is no name for a circuit; use a letter, then up to 63 letters, digits or underscores"
        )
    return name


def subcircuit_name(circuit: NanoCircuit) -> str:
    """Return the default name, `NCM<sheets>`."""
    return f"NCM{circuit.sheets}"


def number(value: float) -> str:
    """Return the shortest text that reads back as the same float."""
    return repr(float(value))


def factor(value: float) -> str:
    """Return the text of a factor before another one, nothing for 1."""
    return "" if math.isclose(value, 1, rel_tol=1e-14) else f"{number(value)}*"


def charge_text(voltage: str, curve: ChargeCurve, inside: str | None = None) -> str:
    """Return q/C of a curve of one element, V: a sum of tanh within the window, straight beyond.

    All constants are folded, so that a simulator has one function and two products to evaluate for every tanh.

    Args:
        voltage: text of u.
        curve: q/C.
        inside: text of u within the window (`inside_text`), that text itself unless given.
    """
    if not curve.modes:
        return voltage
    within = inside_text(voltage, curve) if inside is None else inside
    before, behind = (float(curve.slope(end)[0]) for end in (curve.low, curve.high))
    constant, parts = curve.sums(0)
    terms = [f"{number(b)}*tanh({number(1 / s)}*{within}{_signed(c)})" for b, s, c in parts]
    rest = f"({voltage}-{within})"
    beyond = f"{number(before)}*min({rest},0)+{number(behind)}*max({rest},0)"
    return f"({'+'.join(terms)}{_signed(constant)}+{f'{number(before)}*{rest}' if before == behind else beyond})"


def inside_text(voltage: str, curve: ChargeCurve) -> str:
    """Return u, V, or the end of the curve's window that it lies beyond."""
    return f"min(max({voltage},{number(curve.low[0])}),{number(curve.high[0])})"


def donnan_text(circuit: NanoCircuit, voltage: str) -> str:
    """Return D, V, with the text of u."""
    return f"{number(circuit.donnan_slope)}*{charge_text(voltage, circuit.donnan_curve)}"


def _signed(value: float) -> str:
    return f"{value:+}" if value else ""


def charge_volts_text(
    charge: Charge, elements: Sequence[DeviceElement], position: int, slit_volts: Callable[[DeviceElement], str]
) -> str:
    """Return the charge that the law of one gap reads, over Cslit, V.

    Args:
        charge: the reading; the charge passed is the potential of node s_i.
        elements: all gaps.
        position: of the gap in `elements`.
        slit_volts: the text of q/C of an element's slit.
    """
    if charge == "passed":
        return f"V(s{elements[position].number})"
    shares = charge_shares(charge, len(elements), position)
    volts = [f"{number(elements[k].capacitance)}*{slit_volts(elements[k])}" for k in shares]
    return volts[0] if len(volts) == 1 else f"{number(shares[position])}*({'+'.join(volts)})"


def relative_charge_text(element: DeviceElement, charge_volts: str, scale: str) -> str:
    """Return X, or the largest that the law of the gap is read at.

    Args:
        element: the gap.
        charge_volts: text of the charge that the law reads over Cslit, V (`charge_volts_text`).
        scale: text of Cslit/Qmax, 1/V.
    """
    # Constants first: simulators then multiply them once, when they read the netlist.
    x = f"{factor(1 / element.charge)}{scale}*abs({charge_volts})"
    reach = shape_reach(element.shape)
    return x if math.isinf(reach) else f"min({x},{number(reach)})"


def relative_resistance_text(element: DeviceElement, relative_charge: str, parameter: Callable[[str], str]) -> str:
    """Return max(rmin, 1 - gamma s(X)).

    Args:
        element: the gap.
        relative_charge: text of X (`relative_charge_text`).
        parameter: how the language names a parameter in an expression.
    """
    shape = f"({print_shape(element.shape, relative_charge)})"
    return f"max({parameter('rmin')},1-{factor(element.gamma)}{parameter('gamma')}*{shape})"
