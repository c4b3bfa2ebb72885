"""Standard errors and intervals of constants by a bootstrap of the residuals.

Errors with the memory of the residuals (`ionspice.discovery.fits.memory`) are drawn and carried to the constants
through the linearised fit, theta* = theta + (J'J)^-1 J' e*.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ionspice.discovery.fits.fitting import Fit
from ionspice.discovery.fits.memory import draw_errors
from ionspice.discovery.fits.misfit import Dataset, slopes
from ionspice.discovery.forms.canonical import Form

_RESAMPLES = 400


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
    drawn, widening = draw_errors(residual, jacobian, _RESAMPLES, rng)
    constants = fitted.values[:, None] + np.linalg.pinv(jacobian.T) / factors @ drawn.T
    value = derived(fitted.values[:, None])[:, 0]
    spread = derived(constants)
    error = np.std(spread, axis=1, ddof=1)
    # the interval mirrors the distribution of estimates about the estimate
    low, high = value - widening * (np.quantile(spread, [0.975, 0.025], axis=1) - value)
    return Estimate(value=value, standard_error=error, interval=np.column_stack([low, high]))
