"""The NCM as an ngspice subcircuit.

Every gap is a behavioural resistor R={...}. The charge it reads is no integrator state but a chain of
voltage-controlled voltage sources over the slit capacitors' voltages,

    V(s_i) = V(s_(i+1)) + (C_i/Cslit) q_i/C_i,   V(s_(n+1)) = 0,   so that   Cslit V(s_i) = Q_i

and therefore `.op` and `.ac` at a bias see the charged resistors. Values are per area: the subcircuit divides
resistances by `area` and multiplies capacitances with it. Element values are factors on Rc, gamma, Qmax and
Cslit.
"""

import re
from dataclasses import dataclass

import numpy as np

from ionspice.circuits.ladder import FloatArray, NanoCircuit
from ionspice.circuits.spice_expression import print_shape
from ionspice.core import InputError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeviceScale:
    """Area-specific values that the factors of all elements refer to."""

    #: ohm m^2
    resistance: float
    #: 1
    gamma: float
    #: charge of one full slit, C/m^2
    slit_charge: float
    #: F/m^2
    capacitance: float


def device_scale(circuit: NanoCircuit) -> DeviceScale:
    """Return the means over the inner elements (over all if there is only one slit), per area."""
    inner = slice(1, None) if circuit.slits > 1 else slice(None)
    behind = np.arange(circuit.slits, 0, -1.0) if circuit.charge == "passed" else np.ones(circuit.slits)
    return DeviceScale(
        resistance=float(circuit.resistance_zero[inner].mean() * circuit.strip_width),
        gamma=float(circuit.gamma[inner].mean()),
        slit_charge=float((circuit.charge_max / behind)[inner].mean() / circuit.strip_width),
        capacitance=float(circuit.slit_capacitance[inner].mean() / circuit.strip_width),
    )


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


def print_subcircuit(circuit: NanoCircuit, name: str | None = None, area: float | None = None) -> str:
    """Return the text of `.subckt <name> EL BULK`; its parameters are SI values per area.

    Args:
        circuit: the half cell.
        name: letters, digits and underscores; `NCM<layers>` unless given.
        area: default of the parameter `area`, m^2; one metre of depth of the strip unless given.

    Raises:
        InputError: a name that would break a netlist, an area that is not positive, or a law that SPICE
            cannot express.
    """
    if area is not None and not 0 < area < float("inf"):
        raise InputError(f"area = {area} m^2; it must be positive and finite")
    title = checked_name(name or subcircuit_name(circuit))
    scale = device_scale(circuit)
    width = circuit.strip_width
    lines = [
        f".subckt {title} EL BULK",
        f"+ Rc={number(scale.resistance)} gamma={number(scale.gamma)} Qmax={number(scale.slit_charge)}",
        f"+ Cslit={number(scale.capacitance)} Ropen={number(circuit.open_resistance * width)}",
        f"+ Copen={number(circuit.open_capacitance / width)} rmin={number(circuit.resistance_floor)}",
        f"+ area={number(width if area is None else area)}",
        "* units: Rc, Ropen ohm m2; Qmax C/m2 of one slit; Cslit, Copen F/m2; area m2; gamma, rmin 1",
        "Ropen BULK n0 R={max(Ropen,1e-9*Rc)/area}",
        _capacitor("Copen", "n0", "Copen*area", circuit.open_charge_terms),
    ]
    for i in range(circuit.slits):
        lines += _element(circuit, scale, i)
    return "\n".join([*lines, f".ends {title}"]) + "\n"


def print_full_cell(circuit: NanoCircuit, name: str | None = None) -> str:
    """Return `.subckt <name>CELL POS NEG`: two half cells back to back, sharing the bulk.

    The counter electrode charges the other way; the law reads |Q|, so both halves are the same subcircuit.
    """
    title = checked_name(name or subcircuit_name(circuit))
    scale = device_scale(circuit)
    values = (
        f"Rc={number(scale.resistance)} gamma={number(scale.gamma)} area={number(circuit.strip_width)}",
        "Rc={Rc} gamma={gamma} area={area}",
    )
    return (
        f".subckt {title}CELL POS NEG {values[0]}\n"
        f"Xpos POS BULK {title} {values[1]}\nXneg NEG BULK {title} {values[1]}\n.ends {title}CELL\n"
    )


def number(value: float) -> str:
    """Return the shortest text that reads back as the same float."""
    return repr(float(value))


def _element(circuit: NanoCircuit, scale: DeviceScale, i: int) -> list[str]:
    node, width = i + 1, circuit.strip_width
    resistance = number(circuit.resistance_zero[i] * width / scale.resistance)
    capacitance = number(circuit.slit_capacitance[i] / width / scale.capacitance)
    terms = circuit.slit_charge_terms[i]
    jump = circuit.donnan_terms if i == 0 else circuit.donnan_terms[:0]
    inner = "d1" if jump.size else f"n{node}"
    lines = [f"Bdonnan n1 d1 V={{{_donnan(jump)}}}"] if jump.size else []
    lines += [
        f"R{node} n{i} {inner} R={{{resistance}*Rc/area*{_law(circuit, scale, i)}}}",
        _capacitor(f"C{node}", f"n{node}", f"{capacitance}*Cslit*area", terms),
    ]
    if circuit.charge == "passed":
        below = f"s{node + 1}" if node < circuit.slits else "0"
        lines.append(
            f"B{node} s{node} {below} V={{{capacitance}*{_voltage_terms(f'n{node}', terms)}}}"
            if terms.size
            else f"E{node} s{node} {below} EL n{node} {capacitance}"
        )
    return lines


def _law(circuit: NanoCircuit, scale: DeviceScale, i: int) -> str:
    """Return max(rmin, 1 - gamma s(X)); gamma is a factor on the parameter, or absolute if that is 0."""
    if circuit.charge == "passed":
        volts = f"abs(V(s{i + 1}))"
    else:
        volts = f"abs({_voltage_terms(f'n{i + 1}', circuit.slit_charge_terms[i])})"
    full = number(circuit.charge_max[i] / circuit.strip_width / scale.slit_charge)
    if circuit.charge == "stored":
        full += f"/{number(circuit.slit_capacitance[i] / circuit.strip_width / scale.capacitance)}"
    factor = number(circuit.gamma[i] / scale.gamma) if scale.gamma > 0 else "1.0"
    shape = print_shape(circuit.shape[i], f"{volts}*(Cslit/Qmax)/({full})")
    return f"max(rmin,1-{factor}*gamma*({shape}))"


def _capacitor(name: str, node: str, capacitance: str, terms: FloatArray) -> str:
    if not terms.size:
        return f"{name} EL {node} C={{{capacitance}}}"
    return f"{name} EL {node} Q={{{capacitance}*{_voltage_terms(node, terms)}}}"


def _donnan(terms: FloatArray) -> str:
    return f"{number(terms[0])}*{_voltage_terms('n1', terms[1:] / terms[0])}"


def _voltage_terms(node: str, terms: FloatArray) -> str:
    """Return q/C = u (1 + b_1 |u| + ...) in Horner form with u = V(EL,node)."""
    u = f"V(EL,{node})"
    nested = ""
    for term in terms[::-1]:
        nested = f"abs({u})*({number(term)}{'+' if nested else ''}{nested})"
    return f"({u}*(1+{nested}))" if nested else u
