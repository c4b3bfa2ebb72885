"""What one run shows of ion transport in its slits, in numbers that need no other run.

Shares are of time, in [0, 1]. Slits and elements count as in `docs/architecture.md`.
"""

import math
from typing import TYPE_CHECKING

import numpy as np
import sympy
import xarray as xr

from ionspice.core.observables import charging
from ionspice.pipeline.results.curves import Array, ElementCurve, direction_shares

if TYPE_CHECKING:
    from ionspice.discovery import Law


def slit_direction_shares(fields: xr.Dataset, variable: str = "slit_flux") -> Array:
    """Return per slit the shares of the cycle with migration along diffusion and with steric along migration.

    Args:
        fields: observables.nc.
        variable: `slit_flux`, along the middle of a slit, or `gap_flux`, through the gap in front of it.

    Returns:
        Shape (slit, 2); NaN where the parts carry nothing.
    """
    time, flux = fields["time"].values, fields[variable]
    return np.array([direction_shares(time, flux.sel(slit=slit)) for slit in flux["slit"].values])


def part_ratio(fields: xr.Dataset, variable: str, part: str) -> Array:
    """Return per slit the charge that a part of the flux carries while charging, over that of migration."""
    flux = fields[variable].isel(time=charging(fields))
    carried = flux.integrate("time")
    return np.asarray((carried.sel(part=part) / carried.sel(part="migration")).values, dtype=float)


def ordered_shares(fields: xr.Dataset) -> Array:
    """Return per pair of neighbouring slits the share of time in which the fuller one has the lower potential.

    Charge and potential count with the signs that they take while charging; slits that differ in either by less than
    1e-3 of its peak do not count. NaN for a pair that never differs so much.
    """
    charge, potential = (_positive(fields[name].values) for name in ("slit_charge", "slit_potential"))
    more, higher = -np.diff(charge, axis=1), np.diff(potential, axis=1)
    clear = (np.abs(more) > 1e-3 * np.abs(charge).max()) & (np.abs(higher) > 1e-3 * np.abs(potential).max())
    weights = np.gradient(fields["time"].values)[:, None] * clear
    counted, agreed = weights.sum(axis=0), (weights * (more * higher > 0)).sum(axis=0)
    return np.asarray(np.where(counted > 0, agreed / np.where(counted > 0, counted, 1), np.nan))


def ratio_spread(curves: tuple[ElementCurve, ...]) -> float:
    """Return the largest max/min of the ratio of potential difference and current over an inner element, or NaN."""
    ratios = [curve.field_resistance()[curve.charging] for curve in curves[1:] or curves]
    known = [ratio[np.isfinite(ratio)] for ratio in ratios]
    return max((float(ratio.max() / ratio.min()) for ratio in known if ratio.size), default=math.nan)


def is_monotone(curve: ElementCurve) -> bool:
    """Return whether the voltage integral of an element rises with its charge while charging."""
    charge, integral = curve.normalised
    return bool((np.diff(charge) > -1e-6).all() and (np.diff(integral) > -1e-6).all())


def extreme_moments(curve: ElementCurve) -> tuple[float, float]:
    """Return the times [s] at which the ratio of potential difference and current is largest and smallest.

    Moments near a reversal, with less than 0.3 of the peak current, do not count: the ratio is no resistance there.
    """
    ratio = curve.field_resistance(least=0.3)
    return float(curve.time[np.nanargmax(ratio)]), float(curve.time[np.nanargmin(ratio)])


def capacitance_spread(fields: xr.Dataset, potential: str = "slit_conduction_potential") -> float:
    """Return the largest spread of q/(phi_m - v) over a slit while charging, of its mean.

    Voltages below a fifth of their maximum are left out, where the ratio is ill-defined.
    """
    ramp = fields.isel(time=charging(fields))
    voltage = (ramp["electrode_potential"] - ramp[potential]).values
    charge = ramp["slit_charge"].values
    kept = np.abs(voltage) > 0.2 * np.abs(voltage).max(axis=0)
    ratio = np.where(kept, charge / np.where(kept, voltage, 1), np.nan)
    return float(np.max((np.nanmax(ratio, axis=0) - np.nanmin(ratio, axis=0)) / np.abs(np.nanmean(ratio, axis=0))))


def is_linear(law: "Law") -> bool:
    """Return whether R is linear in Q, and not constant."""
    charge = next((s for s in law.resistance.free_symbols if s.name == "Q"), sympy.Symbol("Q"))
    slope = sympy.diff(law.resistance, charge)
    return bool(slope != 0 and sympy.simplify(sympy.diff(slope, charge)) == 0)


def elasticity(points: list[tuple[float, float]]) -> float:
    """Return d ln y/d ln x by least squares over points (x, y); NaN for fewer than two or for y <= 0."""
    x, y = np.array(points, dtype=float).reshape(-1, 2).T
    if x.size < 2 or (y <= 0).any():
        return float("nan")
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def is_ordered(points: list[tuple[float, float]]) -> bool:
    """Return whether y only rises or only falls along x."""
    steps = np.diff([y for _, y in sorted(points)])
    return bool((steps > 0).all() or (steps < 0).all())


def _positive(values: Array) -> Array:
    """Return values with the sign that makes their largest magnitude positive."""
    return np.asarray(values * np.sign(values.flat[np.abs(values).argmax()]))
