"""Capacitances and the mouth's resistance from a field run, by linear least squares on the charging ramp.

    q_i = C_i (u_i + b_i1 u_i |u_i| + b_i2 u_i^3 + ...),   u_i = phi_m - v_i
    integral of -v_0 dt = -R_open Q_0,                     Q_0 the electrode's whole charge

Nothing here looks at the voltammogram. Standard errors come from the residuals as if these were independent;
neighbouring times are not, so they are lower bounds.
"""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import cumulative_trapezoid

from ionspice.circuits.model.field import ChargingRamp
from ionspice.circuits.model.ladder import FloatArray
from ionspice.core import InputError


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

    #: C_i, F/m, shape (slits,)
    slit: FloatArray
    #: F/m, shape (slits,)
    slit_standard_error: FloatArray
    #: b_ik, 1/V^k, shape (slits, order)
    slit_terms: FloatArray
    #: the same shape and unit
    slit_terms_standard_error: FloatArray
    #: rms residual of q_i as a share of its maximum, shape (slits,)
    slit_relative_rms: FloatArray
    #: C_open, F/m
    open: float
    #: F/m
    open_standard_error: float
    #: 1/V^k, shape (order,)
    open_terms: FloatArray
    #: the same shape and unit
    open_terms_standard_error: FloatArray
    #: d_k of the first slit's Donnan potential, 1/V^(k-1), shape (order + 1,), or empty if it has none
    donnan_terms: FloatArray
    #: R_open, ohm m
    open_resistance: float
    #: ohm m
    open_resistance_standard_error: float
    #: m
    strip_width: float


def extract_capacitances(ramp: ChargingRamp, order: int = 0) -> Capacitances:
    """Fit q_i(u_i) of every slit, q_open(u_0) and R_open.

    Args:
        ramp: the field model's charging ramp.
        order: number of terms beyond the constant capacitance; 0 is a constant one.

    Raises:
        InputError: a negative order, or a fit that gives a capacitance or resistance below zero.
    """
    if order < 0:
        raise InputError(f"order = {order} of q(v); it must be 0 (constant capacitance) or positive")
    voltage = ramp.electrode[:, None] - ramp.node
    slits = [fit_charge(voltage[:, i], ramp.slit_charge[:, i], order) for i in range(ramp.slits)]
    mouth = fit_charge(ramp.electrode - ramp.mouth, ramp.open_charge, order)
    resistance = _fit_open_resistance(ramp)
    for name, fit in (("C_slit,1", slits[0]), ("C_open", mouth), ("R_open", resistance)):
        if not fit.value[0] > 0:
            raise InputError(f"{name} comes out as {fit.value[0]:g}; it must be positive: does the run charge?")
    values = np.array([fit.value for fit in slits])
    return Capacitances(
        slit=values[:, 0],
        slit_standard_error=np.array([fit.standard_error[0] for fit in slits]),
        slit_terms=values[:, 1:] / values[:, :1],
        slit_terms_standard_error=np.array([fit.ratios[1] for fit in slits]),
        slit_relative_rms=np.array([fit.relative_rms for fit in slits]),
        open=float(mouth.value[0]),
        open_standard_error=float(mouth.standard_error[0]),
        open_terms=mouth.value[1:] / mouth.value[0],
        open_terms_standard_error=mouth.ratios[1],
        donnan_terms=_fit_donnan(ramp, order),
        open_resistance=float(resistance.value[0]),
        open_resistance_standard_error=float(resistance.standard_error[0]),
        strip_width=ramp.strip_width,
    )


def fit_charge(voltage: FloatArray, charge: FloatArray, order: int) -> LinearFit:
    """Fit q = C u (1 + b_1 |u| + ...) with equal weight for equal pieces of u.

    Args:
        voltage: u, V, shape (time,).
        charge: q, C/m, shape (time,).
        order: number of terms beyond the first.

    Returns:
        Coefficients C, C b_1, ..., F/m/V^k.
    """
    basis = np.stack([voltage * np.abs(voltage) ** k for k in range(order + 1)], axis=1)
    return fit_linear(basis, charge, np.abs(np.gradient(voltage)))


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


def _fit_donnan(ramp: ChargingRamp, order: int) -> FloatArray:
    if not ramp.donnan.any():
        return np.zeros(0)
    return fit_charge(ramp.electrode - ramp.node[:, 0], ramp.donnan, order).value


def _fit_open_resistance(ramp: ChargingRamp) -> LinearFit:
    total = ramp.open_charge + ramp.slit_charge.sum(axis=1)
    integral = cumulative_trapezoid(ramp.mouth, ramp.time, initial=0.0)
    return fit_linear(total[:, None], integral, np.abs(np.gradient(total)))
