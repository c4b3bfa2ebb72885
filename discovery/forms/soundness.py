"""What no law of nature does: terms that cancel, swings between neighbouring points, as many constants as rows."""

from collections.abc import Sequence

import numpy as np
import sympy as sp

from ionspice.discovery.fits.misfit import Dataset, predict
from ionspice.discovery.fits.selection import FrontMember
from ionspice.discovery.forms.numeric import numeric
from ionspice.discovery.settings import ROUND_OFF

#: largest term of a sum over the largest sum: beyond it the digits that are left are not the law's
_LARGEST_CANCELLATION = 1e4
#: points inside every gap between neighbouring rows
_BETWEEN = 4
#: range of the law at the rows by which it may leave it between them
_OVERSHOOT = 1.0


def is_sound(member: FrontMember, datasets: Sequence[Dataset]) -> bool:
    """Return whether a fitted law neither cancels nor swings, and has rows enough for its constants."""
    rows = min(data.y.size for data in datasets)
    return (
        len(member.form.parameters) <= most_constants(rows, exact=member.error <= ROUND_OFF)
        and all(_largest_cancellation(member, k, data) <= _LARGEST_CANCELLATION for k, data in enumerate(datasets))
        and all(_is_calm(member, k, data) for k, data in enumerate(datasets))
    )


def most_constants(rows: int, *, exact: bool) -> int:
    """Return how many constants so many rows can tell: a third of them under noise, all but two without."""
    return max(min(2, rows - 1), rows - 2 if exact else rows // 3)


def _largest_cancellation(member: FrontMember, index: int, data: Dataset) -> float:
    """Return the largest ratio of a term to its sum, each the largest over the rows."""
    form = member.form
    law = form.with_values(member.fits[index].values)
    sums = [part for part in sp.preorder_traversal(law) if part.is_Add and part.free_symbols]
    worst = 0.0
    for part in sums:
        compute = numeric(form.variables, [part, *part.args])
        with np.errstate(all="ignore"):
            total, *terms = [float(np.max(np.abs(value))) for value in compute(*data.points)]
        if np.isfinite(total) and terms:
            worst = max(worst, max(terms) / max(total, float(np.finfo(float).tiny)))
    return worst


def _is_calm(member: FrontMember, index: int, data: Dataset) -> bool:
    """Return whether a law of one variable stays near its values at the rows also between them."""
    if data.points.shape[0] != 1:
        return True
    x = np.unique(data.points[0])
    share = np.arange(1, _BETWEEN + 1) / (_BETWEEN + 1)
    between = (x[:-1, None] + np.diff(x)[:, None] * share).ravel()
    shown = data.observed(member.form)
    values = member.fits[index].values
    known, inside = predict(shown, values, data.points), predict(shown, values, between[None, :])
    margin = _OVERSHOOT * float(np.ptp(known)) + 1e-9 * float(np.max(np.abs(known)))
    return bool(np.all((inside >= known.min() - margin) & (inside <= known.max() + margin)))
