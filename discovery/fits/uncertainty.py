"""Standard errors and intervals of constants by a bootstrap of the residuals.

Errors with the memory of the residuals (`ionspice.discovery.fits.memory`) are drawn and carried to the constants
through the linearised fit, theta* = theta + (J'J)^-1 J' e*.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ionspice.discovery.fits.fitting import Fit
from ionspice.discovery.fits.memory import draw_errors
from ionspice.discovery.fits.misfit import Dataset, slopes
from ionspice.discovery.forms.canonical import Form

RESAMPLES = 400
#: quantities that come first and mean the same in every form: Rc and gamma
_SHARED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Values with their uncertainty."""

    #: best values, shape (k,)
    value: np.ndarray
    #: standard errors, shape (k,)
    standard_error: np.ndarray
    #: 95 % interval, shape (k, 2)
    interval: np.ndarray

    def of(self, rows: list[int]) -> "Estimate":
        """Return the estimate of some of the quantities, in the order of `rows`."""
        return Estimate(
            value=self.value[rows], standard_error=self.standard_error[rows], interval=self.interval[rows]
        )


def bootstrap(
    form: Form,
    data: Dataset,
    fitted: Fit,
    derived: Callable[[np.ndarray], np.ndarray],
    rng: np.random.Generator,
) -> Estimate:
    """Return quantities derived from a fit's constants with standard errors and 95 % intervals.

    Args:
        form: the law.
        data: what it was fitted to.
        fitted: the fit.
        derived: maps constants, shape (parameters, m), to quantities, shape (k, m).
        rng: random numbers.
    """
    factors = data.row_weights(fitted.residual) / data.weights  # 1 unless the loss is robust
    jacobian = slopes(data.observed(form), fitted.values, data.points) * data.weights * factors
    residual = data.weights * fitted.residual * factors**2
    drawn, widening = draw_errors(residual, jacobian, RESAMPLES, rng)
    constants = fitted.values[:, None] + np.linalg.pinv(jacobian.T) / factors @ drawn.T
    return mirrored(derived(fitted.values[:, None])[:, 0], derived(constants), widening)


def mirrored(value: np.ndarray, drawn: np.ndarray, widening: float) -> Estimate:
    """Return the estimate whose interval mirrors the distribution of drawn estimates about it.

    Args:
        value: best values, shape (k,).
        drawn: the same under other noise, shape (k, resamples).
        widening: factor of the interval.
    """
    low, high = value - widening * (np.quantile(drawn, [0.975, 0.025], axis=1) - value)
    error = np.std(drawn, axis=1, ddof=1)
    return Estimate(value=value, standard_error=error, interval=np.column_stack([low, high]))


def reaching_over(chosen: Estimate, others: Sequence[Estimate], widest: float | None = None) -> Estimate:
    """Return an estimate with intervals and errors of Rc and gamma that allow for other ones.

    Args:
        chosen: the estimate.
        others: estimates whose first two quantities mean the same.
        widest: width of another's interval, in that of the chosen one, beyond which it is cut; None for never.
    """
    value, error = chosen.value[:_SHARED], chosen.standard_error.copy()
    interval = chosen.interval.copy()
    low, high = value - interval[:_SHARED, 0], interval[:_SHARED, 1] - value
    squares = np.zeros(value.size)
    for other in others:
        values, limits = other.value[:_SHARED], other.interval[:_SHARED]
        known = np.isfinite(values) & np.all(np.isfinite(limits), axis=1)
        below, above = values - limits[:, 0], limits[:, 1] - values
        if widest is not None:
            below, above = np.minimum(below, widest * low), np.minimum(above, widest * high)
        first, last = interval[:_SHARED].T
        interval[:_SHARED, 0] = np.where(known, np.minimum(first, values - below), first)
        interval[:_SHARED, 1] = np.where(known, np.maximum(last, values + above), last)
        squares += np.where(known, (values - value) ** 2, 0.0)
    error[:_SHARED] = np.sqrt(error[:_SHARED] ** 2 + squares / (len(others) + 1))
    return replace(chosen, standard_error=error, interval=interval)
