"""Whether a circuit is passive: resistors stay positive, and what a capacitor holds grows with its voltage.

The law 1 - gamma_i s_i(X) is bounded from below by interval arithmetic on 0 <= X <= X_max, so the statement is a
proof and not a sample. X_max belongs to a window: a slit at potential difference V holds q_i(V), and the charge
of the fully charged slits behind gap i over Qmax_i is the largest X that this window can reach.

The slope of every q(u) is bounded from below in the same way on the curve's own window; beyond it the slope is that
at the window's ends, so the bound holds for every voltage. With a Donnan potential D the first slit stores over u +
D(u), which has to grow too.
"""

from dataclasses import dataclass

import numpy as np
import sympy

from ionspice.circuits.model.charge import ChargeCurve, FloatArray
from ionspice.circuits.model.ladder import NanoCircuit, law_charges, slit_charges
from ionspice.circuits.model.shape import X, bounds, shape_reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Passivity:
    """What holds for the resistors up to a potential, and for the capacitors at any."""

    #: largest |Q|/Qmax that is reached, 1
    reach: float
    #: proven lower bound of the law's R/Rc on that range, without the floor, 1
    lowest: float
    #: whether the law alone keeps R above the floor; if not, the floor rmin does
    by_law: bool
    #: proven lower bound of dq/du over that at u = 0, of slits and mouth at any voltage, 1
    least_slope: float

    @property
    def stores(self) -> bool:
        """Whether no cycle of charging and discharging takes energy out of the capacitors."""
        return self.least_slope > 0

    def __str__(self) -> str:
        """Return the statement for reports."""
        storage = f"dq/du > {self.least_slope:.3g} C for every voltage"
        if self.by_law:
            return f"R > {self.lowest:.3g} Rc is proved for the law up to |Q|/Qmax = {self.reach:.3g}, and {storage}"
        return (
            f"the floor rmin keeps R positive: the law reaches {self.lowest:.3g} Rc at |Q|/Qmax <= {self.reach:.3g}; "
            f"{storage} is proved"
        )


def passivity(circuit: NanoCircuit, potential: float) -> Passivity:
    """Return what keeps the resistors positive for all charges up to those at `potential` (V), and q(u) growing.

    A law is read up to `shape_reach` and keeps its value beyond.
    """
    stored = slit_charges(circuit, np.full(circuit.slits, abs(potential)))
    charge = law_charges(circuit, stored)
    reach = np.maximum(np.abs(charge) / circuit.charge_max, 1.0)
    lowest = np.inf
    for shape in dict.fromkeys(circuit.shape):
        members = [i for i, other in enumerate(circuit.shape) if other == shape]
        high = bounds(shape, min(float(reach[members].max()), shape_reach(shape)))[1]
        lowest = min(lowest, float((1 - circuit.gamma[members] * high).min()))
    return Passivity(
        reach=float(reach.max()),
        lowest=lowest,
        by_law=lowest >= circuit.resistance_floor,
        least_slope=_least_slope(circuit),
    )


def _least_slope(circuit: NanoCircuit) -> float:
    slopes = [_slope_bounds(curve)[0] for curve in (circuit.slit_curve, circuit.open_curve)]
    jump = [circuit.donnan_slope * end for end in _slope_bounds(circuit.donnan_curve)]
    return min(*slopes, 1 + min(jump))


def _slope_bounds(curve: ChargeCurve) -> tuple[float, float]:
    """Return proven bounds of (dq/du)/C of all elements of a curve at any voltage."""
    low, high = np.inf, -np.inf
    for weight, centre, width, first, last in sorted(
        set(zip(*(map(_key, (curve.weight, curve.centre, curve.width, curve.low, curve.high))), strict=True))
    ):
        u = first + (last - first) * X
        ups = [(u - c) / s for c, s in zip(centre, width, strict=True)]
        others = [(u + c) / s for c, s in zip(centre, width, strict=True)]
        shapes = [(_sech2(a) + _sech2(b)) / 2 if curve.odd else _sech2(a) for a, b in zip(ups, others, strict=True)]
        least, largest = bounds(sympy.Add(*(w * shape for w, shape in zip(weight, shapes, strict=True))))
        low, high = min(low, least), max(high, largest)
    return (low, high) if curve.modes else (1.0, 1.0)


def _sech2(x: sympy.Expr) -> sympy.Expr:
    return 1 / sympy.cosh(x) ** 2


def _key(values: FloatArray) -> list[tuple[float, ...] | float]:
    return [tuple(row.tolist()) if row.ndim else float(row) for row in values]
