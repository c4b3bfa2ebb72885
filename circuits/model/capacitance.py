"""Capacitances and the mouth's resistance from a field run.

    q_i = C_i g_i(u_i),   u_i = phi_m - v_i            (`charge`, fitted by `charge_fit`)
    integral of -v_0 dt = -R_open Q_0,                 Q_0 the electrode's whole charge

Nothing here looks at the voltammogram. Inner slits are alike, so one curve for all of them is fitted first; every
slit's own starts there, and takes from it what lies beyond the voltages that the slit itself saw. Standard errors
come from the residuals as if these were independent; neighbouring times are not, so they are lower bounds.
"""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import cumulative_trapezoid

from ionspice.circuits.model.charge import ChargeCurve, FloatArray
from ionspice.circuits.model.charge_fit import ChargeFit, fit_curve, pooled, samples_of
from ionspice.circuits.model.field import ChargingRamp
from ionspice.core import InputError

#: terms of q(u) beyond a constant that a fit can tell apart
LARGEST_ORDER = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearFit:
    """Coefficients of a linear least-squares fit."""

    #: shape (terms,), in the unit of charge or potential per basis function
    value: FloatArray
    #: shape (terms, terms), in the products of these units
    covariance: FloatArray
    #: root mean square of the residual as a share of the largest value, 1
    relative_rms: float

    @property
    def standard_error(self) -> FloatArray:
        """Of the coefficients, shape (terms,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def ratios(self) -> tuple[FloatArray, FloatArray]:
        """All coefficients but the first over the first, and their standard errors; shapes (terms - 1,)."""
        first, ratio = self.value[0], self.value[1:] / self.value[0]
        variance = np.diag(self.covariance)
        spread = variance[1:] - 2 * ratio * self.covariance[0, 1:] + ratio**2 * variance[0]
        return ratio, np.sqrt(np.maximum(spread, 0.0)) / abs(first)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Capacitances:
    """Everything of the circuit except the law of the gaps, per metre of depth."""

    #: q_i(u), one a slit
    slits: tuple[ChargeFit, ...]
    #: q(u) of all inner slits together, of all if there is one
    inner: ChargeFit
    #: q of the open electrolyte
    mouth: ChargeFit
    #: D(u) of the first slit, times `donnan_sign`; None if its potential does not jump
    donnan: ChargeFit | None
    #: 1 or -1
    donnan_sign: float
    #: R_open, ohm m
    open_resistance: float
    #: ohm m
    open_resistance_standard_error: float
    #: m
    strip_width: float

    @property
    def slit(self) -> FloatArray:
        """C_i at u = 0, F/m, shape (slits,)."""
        return np.array([fit.capacitance for fit in self.slits])

    @property
    def slit_standard_error(self) -> FloatArray:
        """F/m, shape (slits,)."""
        return np.array([fit.capacitance_error for fit in self.slits])

    @property
    def slit_relative_rms(self) -> FloatArray:
        """Rms residual of q_i as a share of its largest, 1, shape (slits,)."""
        return np.array([fit.relative_rms for fit in self.slits])

    @property
    def slit_curve(self) -> ChargeCurve:
        """q_i/C_i of all slits."""
        return joined([fit.curve for fit in self.slits])

    @property
    def open(self) -> float:
        """C_open at u = 0, F/m."""
        return self.mouth.capacitance

    @property
    def open_standard_error(self) -> float:
        """F/m."""
        return self.mouth.capacitance_error


def extract_capacitances(ramp: ChargingRamp, order: int = 0) -> Capacitances:
    """Fit q_i(u_i) of every slit, q_open(u_0) and R_open.

    A mouth that holds less than the run can tell has C_open = 0, with the error of that.

    Args:
        ramp: the field model's charging ramp.
        order: number of terms beyond the constant capacitance; 0 is a constant one.

    Raises:
        InputError: an order out of range, or slits that hold nothing.
    """
    if not 0 <= order <= LARGEST_ORDER:
        raise InputError(
            f"order = {order} of q(v); it must be 0 (constant capacitance) or positive, at most {LARGEST_ORDER}"
        )
    data, odd = ramp.storage, ramp.symmetric
    samples = [samples_of(data.voltage[:, i], data.charge[:, i]) for i in range(ramp.slits)]
    inner = fit_curve(pooled(samples[1:] or samples), order, odd=odd, visited=data.visited)
    fits = tuple(fit_curve(one, order, odd=odd, start=inner if order else None) for one in samples)
    for place, fit in zip(("inner", *range(1, ramp.slits + 1)), (inner, *fits), strict=True):
        if not fit.capacitance > 0:
            raise InputError(
                f"C_slit,{place} comes out as {fit.capacitance:g}; it must be positive: does the run charge?"
            )
    sign = float(np.sign((data.donnan * data.voltage[:, 0]).sum()))
    jump = samples_of(data.voltage[:, 0], sign * data.donnan)
    mouth = samples_of(data.open_voltage, data.open_charge)
    resistance = _fit_open_resistance(ramp)
    return Capacitances(
        slits=fits,
        inner=inner,
        mouth=fit_curve(mouth, order, odd=odd, visited=data.open_visited),
        donnan=fit_curve(jump, order, odd=odd, visited=data.visited) if sign else None,
        donnan_sign=sign or 1.0,
        open_resistance=max(float(resistance.value[0]), 0.0),
        open_resistance_standard_error=float(resistance.standard_error[0]),
        strip_width=ramp.strip_width,
    )


def joined(curves: "list[ChargeCurve]") -> ChargeCurve:
    """Return curves of one element each as one of all, with as many modes."""
    modes = max(curve.modes for curve in curves)
    if not modes:
        return ChargeCurve.linear(len(curves))
    return ChargeCurve(
        **{
            name: np.concatenate([getattr(curve, name) for curve in curves]) for name in ("weight", "centre", "width")
        },
        low=np.concatenate([curve.low for curve in curves]),
        high=np.concatenate([curve.high for curve in curves]),
        odd=curves[0].odd,
    )


def fit_linear(basis: FloatArray, values: FloatArray, weights: FloatArray) -> LinearFit:
    """Return the weighted least-squares solution of basis @ x = values.

    Args:
        basis: shape (time, terms).
        values: shape (time,).
        weights: shape (time,), not negative.
    """
    root = np.sqrt(weights / weights.sum() * len(weights))
    scale = np.abs(basis).max(axis=0)
    solution, *_ = np.linalg.lstsq(basis / scale * root[:, None], values * root)
    residual = (values - basis / scale @ solution) * root
    freedom = max(1, len(values) - basis.shape[1])
    covariance = np.linalg.pinv((basis / scale * root[:, None]).T @ (basis / scale * root[:, None]))
    covariance *= (residual @ residual) / freedom / np.outer(scale, scale)
    rms = float(np.sqrt(np.mean(residual**2)) / np.abs(values).max())
    return LinearFit(value=solution / scale, covariance=covariance, relative_rms=rms)


def _fit_open_resistance(ramp: ChargingRamp) -> LinearFit:
    total = ramp.open_charge + ramp.slit_charge.sum(axis=1)
    integral = cumulative_trapezoid(ramp.mouth, ramp.time, initial=0.0)
    return fit_linear(total[:, None], integral, np.abs(np.gradient(total)))
