"""Mean squared displacements, with the number of independent ones behind each.

    MSD(t) = <|r(s + t) - r(s)|^2>,    variance of the mean = variance / (paths T/t)

The windows overlap; T/t of them are independent. Source: McCluskey, Coles, Morgan, J. Chem. Theory Comput. 21, 79
(2025), doi:10.1021/acs.jctc.4c01249.
"""

from dataclasses import dataclass, replace

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats
from ionspice.electrolytes.analysis.estimate import IntervalEstimate, normal_estimate

#: how far the log slope of a diffusive displacement may be from 1, and what its interval may not reach
SLOPE_TOLERANCE, SLOPE_LIMIT = 0.1, 0.3
#: half a 95 % interval, in standard errors
_HALF = 1.96
#: longest lag, as a share of the whole time
_LONGEST = 0.5
#: windows of one lag start at most so many times within its length: more of them tell nothing new
_STARTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanSquares:
    """A mean squared displacement in time."""

    lags: Floats  #: shape (lags,) [ps]
    values: Floats  #: shape (lags,) [angstrom^2], or [e^2 angstrom^2] of a dipole
    variances: Floats  #: of the means, shape (lags,) [their square]
    samples: Floats  #: independent displacements, shape (lags,)


def mean_squares(
    paths: Floats, interval: float, *, independent: int | None = None, longest: float = _LONGEST, points: int = 100
) -> MeanSquares:
    """Return mean squared displacements for lags at even steps.

    Args:
        paths: shape (frames, paths, 3) [angstrom].
        interval: from frame to frame [ps].
        independent: paths that tell their own story, fewer than all where atoms share a molecule.
        longest: lag, as a share of the whole time.
        points: most lags.

    Raises:
        InputError: there are too few frames.
    """
    frames, count = paths.shape[:2]
    last = int(longest * (frames - 1))
    if last < 4:
        raise InputError(f"{frames} frames are too few for mean squared displacements; give at least 10")
    steps = np.unique(np.linspace(1, last, min(points, last)).round().astype(int))
    samples = (count if independent is None else independent) * (frames - 1) / steps
    moments = np.array([_moments(paths, int(step)) for step in steps])
    return MeanSquares(
        lags=steps * interval, values=moments[:, 0], variances=moments[:, 1] / samples, samples=samples
    )


def _moments(paths: Floats, step: int) -> tuple[float, float]:
    every = max(1, step // _STARTS)
    squares = np.sum((paths[step:][::every] - paths[:-step][::every]) ** 2, axis=2)
    return float(squares.mean()), float(squares.var(ddof=1))


def covariance_of(squares: MeanSquares) -> Floats:
    """Return the covariance of the values, shape (lags, lags), as kinisi has it: longer windows hold shorter ones."""
    squares = with_steady_variances(squares)
    shorter = np.minimum.outer(np.arange(len(squares.lags)), np.arange(len(squares.lags)))
    longer = np.maximum.outer(np.arange(len(squares.lags)), np.arange(len(squares.lags)))
    covariance: Floats = (squares.variances * squares.samples)[shorter] / squares.samples[longer]
    return covariance


def with_steady_variances(squares: MeanSquares) -> MeanSquares:
    """Return displacements whose variances make a covariance, C(i, j) = V(i)/n(j) for i before j.

    Its eigenvalues are positive where V n rises from lag to lag, V being the variance of one displacement and n the
    number of independent ones: as t where motion is diffusive. The few windows of long lags let it fall by chance;
    here it rises as the root of t at least.
    """
    single = squares.variances * squares.samples
    steady = np.maximum.accumulate(single * squares.samples**1.5) / squares.samples**1.5
    return replace(squares, variances=steady / squares.samples)


def log_slope(squares: MeanSquares, start: float, end: float = np.inf) -> IntervalEstimate:
    """Return the slope of ln MSD in ln t from a lag on: 1 where motion is diffusive, below in a cage, 2 in flight.

    Args:
        squares: the displacements.
        start: first lag [ps].
        end: last lag [ps].
    """
    # a float's last digit must not cut off the last lag
    used = (squares.lags >= start) & (squares.lags <= end * (1 + 1e-9)) & (squares.values > 0)
    if used.sum() < 2:
        return normal_estimate(float("nan"), float("nan"), "1")
    values = squares.values[used]
    errors = covariance_of(squares)[np.ix_(used, used)] / np.outer(values, values)
    # every point by its own error; without one (exact paths) all count alike
    weights = 1 / np.diag(errors).clip(1e-12)
    logs = np.log(squares.lags[used])
    away = weights * (logs - np.average(logs, weights=weights))
    away /= away @ logs
    return normal_estimate(float(away @ np.log(values)), float(np.sqrt(max(away @ errors @ away, 0.0))), "1")


def is_diffusive(squares: MeanSquares, start: float) -> bool:
    """Tell whether motion is diffusive from a lag [ps] on: the log slope is 1.

    Up to twice the lag, and in the early and the late half of the lags' logarithm, nothing speaks against it either:
    between a flight (2) and a cage (below 1) the mean is 1 somewhere.
    """
    return is_one(log_slope(squares, start)) and all(map(_reaches_one, _parts(squares, start)))


def is_one(slope: IntervalEstimate) -> bool:
    """Tell whether a log slope is 1: nothing speaks against it, and what is not diffusion is excluded.

    Its 95 % interval reaches 1, or nearly so, and stays within 0.3 of it: a short run's wide interval proves nothing.
    """
    return _reaches_one(slope) and abs(slope.value - 1) + _HALF * slope.standard_error <= SLOPE_LIMIT


def _parts(squares: MeanSquares, start: float) -> list[IntervalEstimate]:
    """Return the log slopes up to twice a lag, before and behind the logarithm's middle, those that there are."""
    middle = float(np.sqrt(start * squares.lags[-1]))
    ends = ((start, 2 * start), (start, middle), (middle, np.inf))
    parts = (log_slope(squares, first, last) for first, last in ends)
    return [part for part in parts if np.isfinite(part.value)]


def _reaches_one(slope: IntervalEstimate) -> bool:
    return abs(slope.value - 1) <= max(SLOPE_TOLERANCE, _HALF * slope.standard_error)


def length_needed(squares: MeanSquares, start: float) -> float | None:
    """Return about how long a run [ps] must be to be diffusive from a lag on: None where it is, or nothing moves.

    The log slope's distance from 1 falls as 1/t, behind a cage of size a (MSD = a^2 + 6 D t) as behind a flight of
    duration tau (MSD = 6 D (t - tau)); its standard error falls as the root of 1/t.

    Args:
        squares: the displacements.
        start: first lag [ps].
    """
    slope = log_slope(squares, start)
    half = _HALF * slope.standard_error
    # of a part, what its own interval does not explain
    beyond = [abs(part.value - 1) - _HALF * part.standard_error for part in _parts(squares, start)]
    off = max(abs(slope.value - 1), *beyond)
    if is_diffusive(squares, start) or not np.isfinite(off + half):
        return None
    longer = max(off / SLOPE_TOLERANCE, (half / (SLOPE_LIMIT - SLOPE_TOLERANCE)) ** 2, 1.0)
    return float(f"{longer * squares.lags[-1] / _LONGEST:.2g}")


def diffusive_start(squares: MeanSquares) -> float:
    """Return the first lag [ps] from which motion is diffusive, at most half the longest."""
    latest = squares.lags[-1] / 2
    for lag in squares.lags[squares.lags <= latest]:
        if is_diffusive(squares, float(lag)):
            return float(lag)
    return float(squares.lags[squares.lags >= latest][0])
