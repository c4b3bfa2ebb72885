"""Intervals of Rc and gamma that allow for what the form misses.

Rc and gamma are slopes of V(Q) at the ends of the data, whatever the form. Where the residuals show that the form is
not the law, what it misses (`ionspice.discovery.fits.lack_of_fit`) is added to it, and the intervals reach over those
of the slopes with it. The values stay those of the form. A misfit below the accuracy of the data may be their own and
widens nothing.
"""

import numpy as np

from ionspice.discovery.fits.lack_of_fit import Remainder, missed
from ionspice.discovery.fits.uncertainty import RESAMPLES, Estimate, mirrored, reaching_over


def allowing_for_misfit(
    estimate: Estimate, rest: Remainder, polynomials: int, smallest: float, rng: np.random.Generator
) -> Estimate:
    """Return the estimate of Rc, gamma and further constants with the intervals of the first two widened.

    Args:
        estimate: for the form as it is.
        rest: what its fit leaves.
        polynomials: that the data ask for.
        smallest: weighted rms of what they add below which nothing is missed.
        rng: random numbers.
    """
    if polynomials == 0:
        return estimate
    found = missed(rest, polynomials, RESAMPLES, rng)
    if np.sqrt(np.mean((rest.weights * found.values) ** 2)) <= smallest:
        return estimate
    ends = rest.slopes + found.slopes
    to_ohm = estimate.value[0] / rest.slopes[0]
    drawn = ends[:, None] + found.drawn
    return reaching_over(estimate, [mirrored(_constants(ends, to_ohm), _constants(drawn, to_ohm), found.widening)])


def _constants(ends: np.ndarray, to_ohm: float) -> np.ndarray:
    """Return Rc and gamma for slopes at 0 and 1, shape (2, ...)."""
    return np.stack([ends[0] * to_ohm, 1.0 - ends[1] / ends[0]])
