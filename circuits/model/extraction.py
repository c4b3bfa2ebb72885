"""From a discovered law and a field run to a circuit of any number of layers.

For the field's own number of layers every element keeps its values. For another number all elements take the
means over the inner ones, and the charge scale of element i is (layers - i) times that of one slit when the
law reads the charge passed through the gap, because so many slits lie behind it.

Element 1, the gap between the open electrolyte and slit 1, is fitted here with the law's shape s if the law
leaves it out:

    integral of (v_i - v_(i-1)) dt = Rc [Q - gamma Qmax S(Q/Qmax)],   S(X) = integral of s from 0 to X

A circuit of the local charge (q_(i-1) + q_i)/2 keeps the law's shape s and fits one Rc and gamma to all inner gaps
at once, because the charge of the slits around a gap is its state whatever the number of layers and the rate:
docs/decisions/0008. Two more cases need that fit for all elements or for the first: a law of the stored charge q,
whose discovered Y'(q) is (v_i - v_(i-1)) / (dq_i/dt) and no resistance, keeps only the study's form s = X; and
element 1 with electric potentials is fitted without the Donnan potential, which is a source of its own. Any element
is fitted again if the law gives it a gamma outside [0, 1], which no passive resistor of this form has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
import sympy
from numpy.typing import ArrayLike
from scipy.integrate import cumulative_trapezoid

from ionspice.circuits.model.capacitance import Capacitances, fit_linear
from ionspice.circuits.model.field import ChargingRamp
from ionspice.circuits.model.ladder import Charge, FloatArray, NanoCircuit, Potential, local_charges, passed_charges
from ionspice.circuits.model.shape import LINEAR, X, normalised_shape, with_values
from ionspice.core import InputError


class Constant(Protocol):
    """A constant of a law, one value for each element."""

    @property
    def value(self) -> ArrayLike:
        """Values in SI, shape (elements,)."""


class Law(Protocol):
    """What a circuit needs of a discovered law."""

    @property
    def resistance(self) -> sympy.Expr:
        """R in Q and the names of `parameters`."""

    @property
    def parameters(self) -> Mapping[str, Constant]:
        """Rc (ohm m), gamma, Qmax (C/m) and further constants."""

    @property
    def elements(self) -> Sequence[int]:
        """Numbers of the elements, in the order of the values."""

    @property
    def charge(self) -> Charge:
        """Reading of Q, "passed" or "stored"."""

    @property
    def potential(self) -> Potential:
        """Node potential, "electrochemical" or "electric"."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Element:
    """The law of one gap."""

    #: Rc, ohm m
    resistance: float
    #: 1 - R(Qmax)/Rc, 1
    gamma: float
    #: Qmax, C/m
    charge_max: float
    #: s(X)
    shape: sympy.Expr


def build_circuit(
    law: Law,
    capacitances: Capacitances,
    ramp: ChargingRamp,
    layers: int | None = None,
    charge: Literal["law", "local"] = "law",
) -> NanoCircuit:
    """Return the circuit of `layers` sheets (default: as many as the field run has).

    Args:
        law: the discovered law with constants of the elements.
        capacitances: of the same field run and node potential.
        ramp: the field run's charging ramp, for element 1 if the law leaves it out.
        layers: number of sheets, at least 2.
        charge: what the resistances read, the law's own charge or the local one.

    Raises:
        InputError: elements that the field run does not have, no inner element, or values out of range.
    """
    own = ramp.slits + 1
    if not law.elements or max(law.elements) > ramp.slits:
        raise InputError(f"the law is for elements {sorted(law.elements)}, the field run has 1 to {ramp.slits}")
    elements = law_elements(law, ramp)
    if charge == "local":
        shapes = [elements[number].shape for number in sorted(elements)] or [LINEAR]
        return build_local_circuit(
            capacitances, ramp, layers, shape=shapes[len(shapes) // 2], potential=law.potential
        )
    inner = [elements[i] for i in sorted(elements) if i > 1]
    if 1 not in elements:
        shape = _mean_element(inner).shape if inner else LINEAR
        elements[1] = fit_element(ramp, 1, shape, law.charge)
    mean = _mean_element(inner or [elements[1]])
    if layers is None or layers == own:
        chosen = [elements.get(i, mean) for i in range(1, own)]
        return _circuit(law.potential, law.charge, capacitances, chosen)
    return _scaled(law.potential, law.charge, capacitances, elements, mean, layers, own)


def build_local_circuit(
    capacitances: Capacitances,
    ramp: ChargingRamp,
    layers: int | None = None,
    *,
    shape: sympy.Expr = LINEAR,
    potential: Potential = "electrochemical",
) -> NanoCircuit:
    """Return the circuit whose resistances read the local charge; it needs the form of a law and no more.

    Args:
        capacitances: of the same field run and node potential.
        ramp: the field run's charging ramp.
        layers: number of sheets, at least 2; the field run's own unless given.
        shape: s(X) of R = Rc (1 - gamma s), the study's unless given.
        potential: node potential that `ramp` holds.

    Raises:
        InputError: values out of range.
    """
    own = ramp.slits + 1
    elements = _local_elements(ramp, shape)
    if layers is None or layers == own:
        return _circuit(potential, "local", capacitances, [elements[i] for i in range(1, own)])
    return _scaled(potential, "local", capacitances, elements, elements[max(elements)], layers, own)


def law_elements(law: Law, ramp: ChargingRamp) -> dict[int, Element]:
    """Return the elements of a law by number; those that it cannot give are fitted, the first one may be missing.

    Raises:
        InputError: a constant is missing, or an element's R(0) is not positive.
    """
    missing = sorted({"Rc", "Qmax"} - set(law.parameters))
    if missing:
        raise InputError(f"the law has no {', '.join(missing)}; run `ionspice discover` again")
    if law.charge == "stored":
        return {number: fit_element(ramp, number, LINEAR, "stored") for number in law.elements}
    found = {number: _law_element(law, k) for k, number in enumerate(law.elements)}
    if law.potential == "electric":
        found.pop(1, None)
    return {
        number: element if 0 <= element.gamma <= 1 else fit_element(ramp, number, element.shape, law.charge)
        for number, element in found.items()
    }


def fit_element(ramp: ChargingRamp, number: int, shape: sympy.Expr, charge: Charge) -> Element:
    """Fit Rc and gamma of one element of given shape to the charging ramp; gamma is kept within [0, 1].

    Args:
        ramp: the field model's charging ramp.
        number: of the element, 1 for the gap next to the open electrolyte.
        shape: s(X).
        charge: "passed", "stored" or "local".
    """
    return _fit_elements(ramp, [number], shape, charge)


def _local_elements(ramp: ChargingRamp, shape: sympy.Expr) -> dict[int, Element]:
    """Return one element for all inner gaps, fitted to them together, and one for the first."""
    elements = {1: fit_element(ramp, 1, shape, "local")}
    if ramp.slits > 1:
        inner = list(range(2, ramp.slits + 1))
        elements |= dict.fromkeys(inner, _fit_elements(ramp, inner, shape, "local"))
    return elements


def _fit_elements(ramp: ChargingRamp, numbers: Sequence[int], shape: sympy.Expr, charge: Charge) -> Element:
    """Fit one Rc and gamma to gaps, all with the same weight for equal shares of their charge and integral."""
    passed = passed_charges(ramp.slit_charge)
    readings = {"passed": passed, "stored": ramp.slit_charge, "local": local_charges(ramp.slit_charge)}
    columns = [number - 1 for number in numbers]
    seen = np.abs(readings[charge][:, columns])
    current = passed[:, columns]
    node = np.column_stack([ramp.mouth + ramp.donnan, ramp.node])
    integral = cumulative_trapezoid(np.diff(node, axis=1)[:, columns], ramp.time, axis=0, initial=0.0)
    s = np.broadcast_to(sympy.lambdify(X, shape, modules="numpy")(seen / seen.max()), seen.shape)
    shaped = np.column_stack([cumulative_trapezoid(s[:, k], current[:, k], initial=0.0) for k in range(len(columns))])
    reach = np.abs(current[-1]) * np.abs(integral).max(axis=0) ** 2
    weights = np.abs(np.gradient(current, axis=0)) / reach
    flat = [values.ravel() for values in (current, shaped, integral, weights)]
    passed_flat, shaped_flat, integral_flat, weights_flat = flat
    fit = fit_linear(np.stack([passed_flat, shaped_flat], axis=1), integral_flat, weights_flat)
    resistance, gamma = float(fit.value[0]), float(-fit.value[1] / fit.value[0])
    if not 0 <= gamma <= 1 or resistance <= 0:
        gamma = float(np.clip(gamma, 0, 1)) if resistance > 0 else 0.0
        fixed = fit_linear((passed_flat - gamma * shaped_flat)[:, None], integral_flat, weights_flat)
        resistance = float(fixed.value[0])
    return Element(resistance=resistance, gamma=gamma, charge_max=float(seen.max()), shape=shape)


def _law_element(law: Law, k: int) -> Element:
    constants = {name: float(np.asarray(constant.value)[k]) for name, constant in law.parameters.items()}
    shape = normalised_shape(law.resistance, constants)
    zero, full = (
        float(with_values(law.resistance, {**constants, "Q": charge})) for charge in (0.0, constants["Qmax"])
    )
    return Element(resistance=zero, gamma=1 - full / zero, charge_max=constants["Qmax"], shape=shape)


def _mean_element(inner: Sequence[Element]) -> Element:
    """Return the mean of Rc and gamma with the shape of the middle element."""
    return Element(
        resistance=float(np.mean([e.resistance for e in inner])),
        gamma=float(np.mean([e.gamma for e in inner])),
        charge_max=float(np.mean([e.charge_max for e in inner])),
        shape=inner[len(inner) // 2].shape,
    )


def _scaled(
    potential: Potential,
    charge: Charge,
    capacitances: Capacitances,
    elements: Mapping[int, Element],
    mean: Element,
    layers: int,
    own: int,
) -> NanoCircuit:
    """Return a circuit of another number of layers: a mouth element as found and equal inner ones."""
    if layers < 2:
        raise InputError(f"layers = {layers}; a stack needs at least 2 sheets to have a slit")
    slits = layers - 1
    inner = slice(1, None) if own > 2 else slice(None)
    numbers = [i for i in elements if i > 1] or list(elements)
    behind = {i: own - i if charge == "passed" else 1 for i in numbers}
    one_slit = float(np.mean([elements[i].charge_max / behind[i] for i in numbers]))
    scale = np.arange(slits, 0, -1.0) if charge == "passed" else np.ones(slits)
    chosen = [replace(mean, charge_max=one_slit * scale[k]) for k in range(slits)]
    chosen[0] = replace(elements[1], charge_max=one_slit * scale[0])
    order = capacitances.slit_terms.shape[1]
    first = np.arange(slits) == 0
    spread = replace(
        capacitances,
        slit=np.where(first, capacitances.slit[0], capacitances.slit[inner].mean()),
        slit_terms=np.where(
            first[:, None], capacitances.slit_terms[0], capacitances.slit_terms[inner].mean(axis=0)
        ).reshape(slits, order),
    )
    return _circuit(potential, charge, spread, chosen)


def _circuit(
    potential: Potential, charge: Charge, capacitances: Capacitances, elements: Sequence[Element]
) -> NanoCircuit:
    def column(name: str) -> FloatArray:
        return np.array([getattr(element, name) for element in elements])

    return NanoCircuit(
        resistance_zero=column("resistance"),
        gamma=column("gamma"),
        charge_max=column("charge_max"),
        slit_capacitance=capacitances.slit,
        slit_charge_terms=capacitances.slit_terms,
        donnan_terms=capacitances.donnan_terms,
        open_resistance=capacitances.open_resistance,
        open_capacitance=capacitances.open,
        open_charge_terms=capacitances.open_terms,
        strip_width=capacitances.strip_width,
        shape=tuple(element.shape for element in elements),
        charge=charge,
        potential=potential,
    )
