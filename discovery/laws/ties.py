"""Intervals that hold whichever of the laws that the data cannot tell apart is the true one.

The constants of a form have errors that take the form for granted. Rc and gamma mean the same in every form, so where
the data leave several forms, their intervals are put together; a form that is known much worse than the chosen one
counts with twice the chosen one's width, or a superfluous constant would decide. The standard error gets the spread
of the forms beside the noise (Buckland, Burnham and Augustin, Biometrics 53, 603, 1997, with equal weights).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ionspice.discovery.fits.uncertainty import Estimate
from ionspice.discovery.laws.element_fits import ElementFit

#: rows of an estimate that mean the same in every form: Rc and gamma
_SHARED = 2
#: width of a form's interval, in that of the chosen one, beyond which it is cut
_WIDEST = 2.0


def widened(fits: Sequence[ElementFit], tied: Sequence[Sequence[ElementFit]]) -> list[ElementFit]:
    """Return the fits of a form with intervals and errors of Rc and gamma that allow for other forms.

    Args:
        fits: of the chosen form, one an element.
        tied: of every other form that the data allow, for the same elements.
    """
    return [
        replace(one, estimate=_widened(one.estimate, [others[k].estimate for others in tied]))
        for k, one in enumerate(fits)
    ]


def _widened(chosen: Estimate, others: Sequence[Estimate]) -> Estimate:
    value, error = chosen.value[:_SHARED], chosen.standard_error.copy()
    interval = chosen.interval.copy()
    low, high = value - interval[:_SHARED, 0], interval[:_SHARED, 1] - value
    squares = np.zeros(value.size)
    for other in others:
        values, limits = other.value[:_SHARED], other.interval[:_SHARED]
        known = np.isfinite(values) & np.all(np.isfinite(limits), axis=1)
        below = values - np.minimum(values - limits[:, 0], _WIDEST * low)
        above = values + np.minimum(limits[:, 1] - values, _WIDEST * high)
        interval[:_SHARED, 0] = np.where(known, np.minimum(interval[:_SHARED, 0], below), interval[:_SHARED, 0])
        interval[:_SHARED, 1] = np.where(known, np.maximum(interval[:_SHARED, 1], above), interval[:_SHARED, 1])
        squares += np.where(known, (values - value) ** 2, 0.0)
    error[:_SHARED] = np.sqrt(error[:_SHARED] ** 2 + squares / (len(others) + 1))
    return replace(chosen, standard_error=error, interval=interval)
