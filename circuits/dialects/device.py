"""A circuit as a device: parameters per area, and every element as factors on them.

All exports print the same parameters, Rc, gamma, Qmax (of one slit), Cslit, Ropen, Copen, rmin and area, so that a
user may scale a device without touching its elements. The texts made here hold in every language of the exports.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy

from ionspice.circuits.dialects.spice_expression import print_shape
from ionspice.circuits.model.ladder import Charge, FloatArray, NanoCircuit, charge_shares, slits_behind
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
    "area": "m2",
}


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
    #: b_k of the slit's charge, 1/V^k
    terms: FloatArray


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
    width = circuit.strip_width
    return {
        "Rc": float(circuit.resistance_zero[inner].mean() * width),
        "gamma": float(circuit.gamma[inner].mean()),
        "Qmax": float((circuit.charge_max / slits_behind(circuit.charge, circuit.slits))[inner].mean() / width),
        "Cslit": float(circuit.slit_capacitance[inner].mean() / width),
        "Ropen": circuit.open_resistance * width,
        "Copen": circuit.open_capacitance / width,
        "rmin": circuit.resistance_floor,
        "area": width if area is None else area,
    }


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
            terms=circuit.slit_charge_terms[i],
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
    """Return the default name, `NCM<layers>`."""
    return f"NCM{circuit.layers}"


def number(value: float) -> str:
    """Return the shortest text that reads back as the same float."""
    return repr(float(value))


def charge_text(voltage: str, terms: FloatArray) -> str:
    """Return q/C = u (1 + b_1 |u| + ...) in Horner form, V, with the text of u."""
    nested = ""
    for term in terms[::-1]:
        nested = f"abs({voltage})*({number(term)}{'+' if nested else ''}{nested})"
    return f"({voltage}*(1+{nested}))" if nested else voltage


def donnan_text(voltage: str, terms: FloatArray) -> str:
    """Return D = d_1 u (1 + (d_2/d_1) |u| + ...), V, with the text of u."""
    return f"{number(terms[0])}*{charge_text(voltage, terms[1:] / terms[0])}"


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


def relative_resistance_text(element: DeviceElement, charge_volts: str, parameter: Callable[[str], str]) -> str:
    """Return max(rmin, 1 - gamma s(X)).

    Args:
        element: the gap.
        charge_volts: text of the charge that the law reads over Cslit, V (`charge_volts_text`).
        parameter: how the language names a parameter in an expression.
    """
    # Constants first and in brackets: simulators then multiply them once, when they read the netlist.
    x = f"({parameter('Cslit')}/({number(element.charge)}*{parameter('Qmax')}))*abs({charge_volts})"
    shape = print_shape(element.shape, x)
    return f"max({parameter('rmin')},1-{number(element.gamma)}*{parameter('gamma')}*({shape}))"
