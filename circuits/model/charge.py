"""Charge over voltage that grows everywhere: a positive mixture of saturating modes with straight ends.

    q(u)/C = sum_k w_k f_k(u),   low <= u <= high
    f_k    = s_k/2 [tanh((u - u_k)/s_k) + tanh((u + u_k)/s_k)]      odd curves
    f_k    = s_k [tanh((u - u_k)/s_k) + tanh(u_k/s_k)]              others

and beyond the window [low, high] the tangent at its end. With w_k >= 0 and s_k > 0 every term of the slope is
positive and bounded, so dq/du is positive and bounded for every u, whatever the constants. The slope at u = 0 is 1 by
scale of the weights, sum_k w_k sech^2(u_k/s_k) = 1, so that C is the capacitance of the uncharged slit. A curve
without modes is q = C u.

A mode is what a double layer that fills up holds: its capacitance has a maximum at u_k (and -u_k) and falls over s_k.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ionspice.core import InputError

FloatArray = NDArray[np.float64]
_NEWTON_STEPS = 100  # bisection alone needs 50
_FLATTEST = 1e-12  # slope in a Newton step


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChargeCurve:
    """q/C in u of one or more elements; constants of shape (elements, modes), windows of shape (elements,)."""

    #: w_k, 1
    weight: FloatArray
    #: u_k, V
    centre: FloatArray
    #: s_k, V
    width: FloatArray
    #: V, at most 0
    low: FloatArray
    #: V, at least 0
    high: FloatArray
    #: whether q(-u) = -q(u) within the window
    odd: bool = True

    def __post_init__(self) -> None:
        """Freeze the arrays and check shapes, signs and scale."""
        for name in ("weight", "centre", "width", "low", "high"):
            value = np.array(getattr(self, name), dtype=float)
            value.flags.writeable = False
            object.__setattr__(self, name, value)
        shape = self.weight.shape
        if len(shape) != 2 or self.centre.shape != shape or self.width.shape != shape:
            raise InputError("a charge curve needs weight, centre and width of one shape (elements, modes)")
        if self.low.shape != shape[:1] or self.high.shape != shape[:1]:
            raise InputError(f"a charge curve of {shape[0]} elements needs so many windows low, high")
        if not shape[1]:
            return
        numbers = (self.weight, self.centre, self.width, self.low, self.high)
        if not all(np.isfinite(value).all() for value in numbers):
            raise InputError("a charge curve has a constant that is not finite; give numbers")
        if (self.weight < 0).any() or (self.width <= 0).any():
            raise InputError("q(u) must grow: give weights of at least 0 and widths above 0")
        if (self.low > 0).any() or (self.high < 0).any() or (self.high <= self.low).any():
            raise InputError("the window of a charge curve must hold u = 0; give low <= 0 <= high and low < high")
        if np.abs(self._slope_of_modes(np.zeros(shape[0])) - 1).max() > 1e-6:
            raise InputError("a charge curve has slope 1 at u = 0; divide the weights by it (`scaled_curve`)")

    @property
    def elements(self) -> int:
        """Number of elements."""
        return int(self.weight.shape[0])

    @property
    def modes(self) -> int:
        """Number of modes; 0 for a constant capacitance."""
        return int(self.weight.shape[1])

    def volts(self, voltage: ArrayLike) -> FloatArray:
        """Return q/C, V, of u, V; both of shape (..., elements)."""
        u = np.asarray(voltage, dtype=float)
        if not self.modes:
            return u
        inside = np.clip(u, self.low, self.high)
        return np.asarray(self._modes(inside) + self._slope_of_modes(inside) * (u - inside))

    def slope(self, voltage: ArrayLike) -> FloatArray:
        """Return (dq/du)/C, 1, of u, V; both of shape (..., elements)."""
        u = np.asarray(voltage, dtype=float)
        if not self.modes:
            return np.ones_like(u)
        return self._slope_of_modes(np.clip(u, self.low, self.high))

    def voltage(self, volts: ArrayLike) -> FloatArray:
        """Return u, V, of q/C, V; both of shape (elements,). Newton's method within a bracket that shrinks."""
        target = np.asarray(volts, dtype=float)
        if not self.modes:
            return target
        ends = np.stack([self.low, self.high])
        at_ends, slopes = self.volts(ends), self.slope(ends)
        reach, scale = np.abs(ends).max(axis=0), np.abs(at_ends).max(axis=0)
        below, above = target < at_ends[0], target > at_ends[1]
        low, high = ends.copy()
        u = low + (high - low) * np.clip((target - at_ends[0]) / (at_ends[1] - at_ends[0]), 0, 1)
        for _ in range(_NEWTON_STEPS):
            held, slope = self._both(u)
            miss = held - target
            low, high = np.where(miss <= 0, u, low), np.where(miss >= 0, u, high)
            newton = u - miss / slope
            following = np.where((newton >= low) & (newton <= high), newton, (low + high) / 2)
            done = (np.abs(following - u) <= 1e-14 * reach) | (np.abs(miss) <= 1e-15 * scale)
            u = following
            if (done | below | above).all():
                break
        u = np.where(below, self.low + (target - at_ends[0]) / slopes[0], u)
        return np.asarray(np.where(above, self.high + (target - at_ends[1]) / slopes[1], u))

    def at(self, index: "slice | list[int] | NDArray[np.intp]") -> "ChargeCurve":
        """Return the curves of some of the elements."""
        return ChargeCurve(
            weight=self.weight[index],
            centre=self.centre[index],
            width=self.width[index],
            low=self.low[index],
            high=self.high[index],
            odd=self.odd,
        )

    def sums(self, element: int) -> tuple[float, list[tuple[float, float, float]]]:
        """Return a curve as a + sum of b tanh(u/s + c): a, and every b, V, s, V, and c, 1."""
        weight, centre, width = (values[element] for values in (self.weight, self.centre, self.width))
        parts: list[tuple[float, float, float]] = []
        constant = 0.0
        for w, c, s in zip(weight.tolist(), centre.tolist(), width.tolist(), strict=True):
            if w == 0:
                continue
            if self.odd and c != 0:
                parts += [(w * s / 2, s, -c / s), (w * s / 2, s, c / s)]
            else:
                parts.append((w * s, s, -c / s))
                constant += w * s * float(np.tanh(c / s))
        return constant, parts

    def _modes(self, u: FloatArray) -> FloatArray:
        up = np.tanh((u[..., None] - self.centre) / self.width)
        other = np.tanh(((u[..., None] if self.odd else 0.0) + self.centre) / self.width)
        share = 0.5 if self.odd else 1.0
        return np.asarray((share * self.weight * self.width * (up + other)).sum(axis=-1))

    def _both(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return sum and slope of the modes with one tanh for both, good to round-off of the slope at 0."""
        up = np.tanh((u[..., None] - self.centre) / self.width)
        other = np.tanh(((u[..., None] if self.odd else 0.0) + self.centre) / self.width)
        share = 0.5 if self.odd else 1.0
        slope = 1 - up**2 + (1 - other**2 if self.odd else 0.0)
        weight = share * self.weight
        held = (weight * self.width * (up + other)).sum(axis=-1)
        return np.asarray(held), np.maximum(np.asarray((weight * slope).sum(axis=-1)), _FLATTEST)

    def _slope_of_modes(self, u: FloatArray) -> FloatArray:
        slope = _sech2((u[..., None] - self.centre) / self.width)
        if self.odd:
            slope = (slope + _sech2((u[..., None] + self.centre) / self.width)) / 2
        return np.asarray((self.weight * slope).sum(axis=-1))

    @classmethod
    def linear(cls, elements: int) -> Self:
        """Return constant capacitances."""
        none, ends = np.zeros((elements, 0)), np.zeros(elements)
        return cls(weight=none, centre=none, width=none, low=ends, high=ends)


def scaled_curve(
    amplitude: ArrayLike, centre: ArrayLike, width: ArrayLike, low: ArrayLike, high: ArrayLike, *, odd: bool = True
) -> tuple[FloatArray, ChargeCurve]:
    """Return C and the curve of q = sum_k C_k f_k(u), see the head of the module.

    Args:
        amplitude: C_k, F/m, shape (elements, modes).
        centre: u_k, V, likewise.
        width: s_k, V, likewise.
        low: V, shape (elements,).
        high: V, likewise.
        odd: which f_k.

    Returns:
        dq/du at u = 0, F/m, shape (elements,), and q/C.

    Raises:
        InputError: constants out of range, or no capacitance at u = 0.
    """
    c_k, u_k, s_k = (np.atleast_2d(np.asarray(values, dtype=float)) for values in (amplitude, centre, width))
    if (c_k < 0).any() or not (s_k > 0).all():
        raise InputError("q(u) must grow: give capacitances C_k of at least 0 and widths s_k above 0")
    capacitance = (c_k * _sech2(u_k / s_k)).sum(axis=1)
    if not (capacitance > 0).all():
        raise InputError("q(u) has no capacitance at u = 0; give C_k > 0 and centres u_k within a few widths of 0")
    curve = ChargeCurve(
        weight=c_k / capacitance[:, None],
        centre=u_k,
        width=s_k,
        low=np.atleast_1d(np.asarray(low, dtype=float)),
        high=np.atleast_1d(np.asarray(high, dtype=float)),
        odd=odd,
    )
    return capacitance, curve


def _sech2(x: FloatArray) -> FloatArray:
    """Return 1/cosh^2 x without overflow."""
    small = np.exp(-2 * np.abs(x))
    return np.asarray(4 * small / (1 + small) ** 2)
