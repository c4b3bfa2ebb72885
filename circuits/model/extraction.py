"""Gaps of a circuit from a discovered law and a field run.

A gap that the law leaves out, or gives a gamma outside [0, 1] that no passive resistor of this form has, is fitted
here with the law's shape s:

    integral of (v_i - v_(i-1)) dt = Rc [Q - gamma Qmax S(Q/Qmax)],   S(X) = integral of s from 0 to X

A circuit of the local charge (q_(i-1) + q_i)/2 keeps the law's shape s and fits one Rc and gamma to all inner gaps
at once, because the charge of the slits around a gap is its state whatever the number of layers and the rate:
docs/decisions/0008. Two more cases need that fit for all elements or for the first: a law of the stored charge q,
whose discovered Y'(q) is (v_i - v_(i-1)) / (dq_i/dt) and no resistance, keeps only the study's form s = X; and
element 1 with electric potentials is fitted without the Donnan potential, which is a source of its own.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import sympy
from numpy.typing import ArrayLike
from scipy.integrate import cumulative_trapezoid

from ionspice.circuits.model.capacitance import fit_linear
from ionspice.circuits.model.field import ChargingRamp
from ionspice.circuits.model.forms import law_shape
from ionspice.circuits.model.ladder import Charge, Potential, local_charges, passed_charges
from ionspice.circuits.model.record import Source
from ionspice.circuits.model.shape import LINEAR, X, normalised_shape, with_values
from ionspice.core import InputError


class LawConstant(Protocol):
    """A constant of a law, one value for each element; it may have a `standard_error` as well."""

    @property
    def value(self) -> ArrayLike:
        """Values in SI, shape (elements,)."""


class ResistanceLaw(Protocol):
    """What a circuit needs of a discovered law."""

    @property
    def resistance(self) -> sympy.Expr:
        """R in Q and the names of `parameters`."""

    @property
    def parameters(self) -> Mapping[str, LawConstant]:
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
    #: constants of s, 1
    constants: Mapping[str, float] = field(default_factory=dict)
    #: of Rc, ohm m; NaN where nobody knows
    resistance_error: float = math.nan
    #: of gamma, 1; NaN where nobody knows
    gamma_error: float = math.nan
    #: of the constants, 1; those that nobody knows are left out
    constant_errors: Mapping[str, float] = field(default_factory=dict)
    #: where Rc and gamma come from
    source: Source = "fit"


def law_elements(law: ResistanceLaw, ramp: ChargingRamp) -> dict[int, Element]:
    """Return the elements of a law by number; those that it cannot give are fitted, the first one may be missing.

    Raises:
        InputError: a constant is missing, or an element's R(0) is not positive.
    """
    missing = sorted({"Rc", "Qmax"} - set(law.parameters))
    if missing:
        raise InputError(f"the law has no {', '.join(missing)}; run `ionspice discover` again")
    if law.charge == "stored":
        return {number: fit_element(ramp, number, LINEAR, "stored") for number in law.elements}
    names = law_shape(law.resistance)[1]
    found = {number: _law_element(law, k, names) for k, number in enumerate(law.elements)}
    if law.potential == "electric":
        found.pop(1, None)
    return {
        number: element if 0 <= element.gamma <= 1 else fit_like(element, ramp, [number], law.charge)
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


def local_elements(ramp: ChargingRamp, like: Element) -> dict[int, Element]:
    """Return one element of the local charge for all inner gaps, fitted to them together, and one for the first.

    Args:
        ramp: the field model's charging ramp.
        like: the element that has their shape.
    """
    elements = {1: fit_like(like, ramp, [1], "local")}
    if ramp.slits > 1:
        inner = list(range(2, ramp.slits + 1))
        elements |= dict.fromkeys(inner, fit_like(like, ramp, inner, "local"))
    return elements


def fit_like(like: Element, ramp: ChargingRamp, numbers: Sequence[int], charge: Charge) -> Element:
    """Fit one Rc and gamma to gaps with the shape of another element."""
    fitted = _fit_elements(ramp, numbers, like.shape, charge)
    return replace(fitted, constants=like.constants, constant_errors=like.constant_errors)


def mean_element(inner: Sequence[Element]) -> Element:
    """Return the mean of Rc and gamma with the shape of the middle element.

    Its errors are the root mean squares of theirs: those of one gap, not of the mean.
    """
    return replace(
        inner[len(inner) // 2],
        resistance=float(np.mean([e.resistance for e in inner])),
        gamma=float(np.mean([e.gamma for e in inner])),
        charge_max=float(np.mean([e.charge_max for e in inner])),
        resistance_error=_rms([e.resistance_error for e in inner]),
        gamma_error=_rms([e.gamma_error for e in inner]),
        source="mean" if len(inner) > 1 else inner[0].source,
    )


def _rms(values: Sequence[float]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


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
    resistance, gamma = float(fit.value[0]), float(-fit.ratios[0][0])
    gamma_error = float(fit.ratios[1][0])
    if not 0 <= gamma <= 1 or resistance <= 0:
        gamma, gamma_error = float(np.clip(gamma, 0, 1)) if resistance > 0 else 0.0, math.nan
        fit = fit_linear((passed_flat - gamma * shaped_flat)[:, None], integral_flat, weights_flat)
        resistance = float(fit.value[0])
    return Element(
        resistance=resistance,
        gamma=gamma,
        charge_max=float(seen.max()),
        shape=shape,
        resistance_error=float(fit.standard_error[0]),
        gamma_error=gamma_error,
    )


def _law_element(law: ResistanceLaw, k: int, names: Mapping[str, str]) -> Element:
    """Return the k-th element of a law.

    Args:
        law: the law.
        k: position in its lists.
        names: names of the constants of s, with those of the law's constants that they equal.
    """
    constants = {name: float(np.asarray(constant.value)[k]) for name, constant in law.parameters.items()}
    errors = {name: _error(constant, k) for name, constant in law.parameters.items()}
    shape = normalised_shape(law.resistance, constants)
    zero, full = (
        float(with_values(law.resistance, {**constants, "Q": charge})) for charge in (0.0, constants["Qmax"])
    )
    return Element(
        resistance=zero,
        gamma=1 - full / zero,
        charge_max=constants["Qmax"],
        shape=shape,
        constants={name: constants[of] for name, of in names.items()},
        resistance_error=errors["Rc"],
        gamma_error=errors.get("gamma", math.nan),
        constant_errors={name: errors[of] for name, of in names.items()},
        source="law",
    )


def _error(constant: LawConstant, k: int) -> float:
    """Return the standard error of an element's constant, NaN where the law has none."""
    known = getattr(constant, "standard_error", None)
    return math.nan if known is None else float(np.asarray(known)[k])
