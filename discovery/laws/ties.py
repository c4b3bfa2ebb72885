"""Intervals that hold whichever of the laws that the data cannot tell apart is the true one.

The constants of a form have errors that take the form for granted. Rc and gamma mean the same in every form, so where
the data leave several forms, their intervals are put together; a form that is known much worse than the chosen one
counts with twice the chosen one's width, or a superfluous constant would decide. The standard error gets the spread
of the forms beside the noise (Buckland, Burnham and Augustin, Biometrics 53, 603, 1997, with equal weights).
"""

from collections.abc import Sequence
from dataclasses import replace

from ionspice.discovery.fits.uncertainty import reaching_over
from ionspice.discovery.laws.element_fits import ElementFit

#: width of a form's interval, in that of the chosen one, beyond which it is cut
_WIDEST = 2.0


def widened(fits: Sequence[ElementFit], tied: Sequence[Sequence[ElementFit]]) -> list[ElementFit]:
    """Return the fits of a form with intervals and errors of Rc and gamma that allow for other forms.

    Args:
        fits: of the chosen form, one an element.
        tied: of every other form that the data allow, for the same elements.
    """
    return [
        replace(one, estimate=reaching_over(one.estimate, [others[k].estimate for others in tied], _WIDEST))
        for k, one in enumerate(fits)
    ]
