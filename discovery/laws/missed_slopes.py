"""Intervals of Rc and gamma that allow for what the form misses.

Rc and gamma are slopes of V(Q) at the ends of the data, whatever the form. Where the residuals show that the form is
not the law, what it misses (`ionspice.discovery.fits.lack_of_fit`) is added to it, and the intervals reach over those
of the slopes with it. The values stay those of the form. A misfit below the accuracy of the data may be their own and
widens nothing.
"""

import numpy as np

from ionspice.discovery.fits.fitting import Fit
from ionspice.discovery.fits.lack_of_fit import missed
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.selection import spread
from ionspice.discovery.fits.uncertainty import RESAMPLES, Estimate, mirrored, reaching_over
from ionspice.discovery.forms.canonical import Form


def allowing_for_misfit(
    estimate: Estimate, form: Form, data: Dataset, fitted: Fit, accuracy: float, rng: np.random.Generator
) -> Estimate:
    """Return the estimate of Rc, gamma and further constants with the intervals of the first two widened.

    Args:
        estimate: for the form as it is.
        form: Y in X.
        data: Y at X from 0 to 1.
        fitted: the form's fit to them.
        accuracy: of Y, relative to its standard deviation.
        rng: random numbers.
    """
    found = missed(form, data, fitted.values, fitted.residual, RESAMPLES, rng)
    if found is None or np.mean((data.weights * found.values) ** 2) <= accuracy**2 * spread([data]):
        return estimate
    ends = found.form_slopes + found.slopes
    to_ohm = estimate.value[0] / found.form_slopes[0]
    drawn = ends[:, None] + found.drawn
    return reaching_over(estimate, [mirrored(_constants(ends, to_ohm), _constants(drawn, to_ohm), found.widening)])


def _constants(ends: np.ndarray, to_ohm: float) -> np.ndarray:
    """Return Rc and gamma for slopes at 0 and 1, shape (2, ...)."""
    return np.stack([ends[0] * to_ohm, 1.0 - ends[1] / ends[0]])
