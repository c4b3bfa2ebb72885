"""Standard errors and intervals of constants by a block bootstrap.

Residuals of a time series are correlated, so they are drawn in blocks as long as their memory (Kunsch, Ann. Stat. 17,
1217, 1989), inflated by sqrt(n/(n - k)) for the k fitted constants, and carried to the constants through the
linearised fit, theta* = theta + (J'J)^-1 J' e*.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ionspice.discovery.canonical import Form
from ionspice.discovery.fitting import Fit, slopes
from ionspice.discovery.selection import Dataset

_LARGEST_BLOCK_SHARE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Values with their uncertainty."""

    #: best values, shape (k,)
    value: np.ndarray
    #: standard errors, shape (k,)
    standard_error: np.ndarray
    #: 95 % interval, shape (k, 2)
    interval: np.ndarray


def block_length(residual: np.ndarray) -> int:
    """Return the lag at which the residual's correlation has decayed into noise, at most a quarter of the series."""
    n = residual.size
    centred = residual - residual.mean()
    variance = float(np.dot(centred, centred))
    longest = max(1, int(n * _LARGEST_BLOCK_SHARE))
    if variance == 0.0:
        return 1
    for lag in range(1, longest):
        if abs(float(np.dot(centred[lag:], centred[:-lag]))) / variance < 2.0 / np.sqrt(n):
            return lag
    return longest


def bootstrap(
    form: Form,
    data: Dataset,
    fitted: Fit,
    derived: Callable[[np.ndarray], np.ndarray],
    rng: np.random.Generator,
    resamples: int = 400,
) -> Estimate:
    """Return quantities derived from a fit's constants with standard errors and 95 % intervals.

    Args:
        form: the law.
        data: what it was fitted to.
        fitted: the fit.
        derived: maps constants, shape (parameters, m), to quantities, shape (k, m).
        rng: random numbers.
        resamples: number of bootstrap samples.
    """
    factors = data.row_weights(fitted.residual) / data.weights  # 1 unless the loss is robust
    jacobian = slopes(form, fitted.values, data.points) * data.weights * factors
    residual = data.weights * fitted.residual * factors**2
    n, count = residual.size, len(form.parameters)
    residual = residual * np.sqrt(n / max(n - count, 1))
    block = block_length(residual)
    starts = rng.integers(0, n - block + 1, size=(resamples, -(-n // block)))
    picks = (starts[:, :, None] + np.arange(block)).reshape(resamples, -1)[:, :n]
    drawn = (residual - residual.mean())[picks]
    constants = fitted.values[:, None] + np.linalg.pinv(jacobian.T) / factors @ drawn.T
    value = derived(fitted.values[:, None])[:, 0]
    spread = derived(constants)
    error = np.std(spread, axis=1, ddof=1)
    # the interval reflects the distribution about the estimate and keeps a normal width in the middle
    low, high = np.quantile(spread, [0.025, 0.975], axis=1)
    return Estimate(value=value, standard_error=error, interval=np.column_stack([2 * value - high, 2 * value - low]))
