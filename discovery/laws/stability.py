"""What a law is worth beyond its own fit: on a slit that it has not seen, and with other random numbers.

Held-out slits: the constants are fitted to all slits but one together, and Y(X) of the slit left out is predicted
with nothing of its own but its two maxima. A form that needs its constants to differ from slit to slit, or has so
many that they follow the noise, fails here though each slit alone is fitted well.

Seeds: the search is repeated with other random numbers (`ionspice.discovery.seeds`). A form that is found and chosen
every time is a property of the data; one that comes and goes is a property of the search.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ionspice.discovery.fits.fitting import Fit, fit
from ionspice.discovery.fits.misfit import Dataset, Misfit, predict
from ionspice.discovery.fits.selection import FrontMember, spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """How often forms came back over searches that differ in their seed; by the key of the form."""

    #: number of searches
    searches: int
    #: searches with the form on the front
    found: Counter[str]
    #: searches that chose the form
    chosen: Counter[str]

    def scores(self, member: FrontMember, datasets: Sequence[Dataset] = ()) -> dict[str, Any]:
        """Return what speaks for a law, by the names in `ScoredLaw`."""
        return {
            "error": member.error,
            "held_out_error": member.held_out_error,
            "held_out_slit_error": held_out_set_error(member, datasets),
            "found_in": self.found[member.form.key],
            "chosen_in": self.chosen[member.form.key],
        }


def recurrence(results: Sequence[tuple[Iterable[FrontMember], FrontMember]]) -> Recurrence:
    """Count in how many searches every form stood on the front, and in how many it was chosen.

    Args:
        results: of every search the front and the chosen member.
    """
    return Recurrence(
        searches=len(results),
        found=Counter(key for front, _ in results for key in {member.form.key for member in front}),
        chosen=Counter(best.form.key for _, best in results),
    )


def held_out_set_error(member: FrontMember, datasets: Sequence[Dataset]) -> float:
    """Return the rms error on data sets left out of the fit, over the standard deviation of the targets.

    Args:
        member: a law with its fits, one a data set.
        datasets: what it was fitted to; each is left out in turn.

    Returns:
        The error over all points (1): NaN for a single data set, inf where a prediction is not finite.
    """
    if len(datasets) < 2:
        return math.nan
    total = 0.0
    for k, data in enumerate(datasets):
        others = [other for j, other in enumerate(datasets) if j != k]
        starts = [fitted.values for j, fitted in enumerate(member.fits) if j != k]
        values = _joint_fit(member, merged(others), starts).values
        residual = data.weights * (data.y - predict(data.observed(member.form), values, data.points))
        total += float(np.sum(data.squares(residual)))
    mean = total / sum(data.y.size for data in datasets)
    return float(np.sqrt(mean / spread(datasets))) if np.isfinite(mean) else math.inf


def _joint_fit(member: FrontMember, data: Dataset, starts: Sequence[np.ndarray]) -> Fit:
    """Return the best fit of one set of constants, started from their median and from those of every data set."""
    tries = [np.median(starts, axis=0), *starts]
    misfit = Misfit(form=data.observed(member.form), data=data)
    return min((fit(member.form, data, start) for start in tries), key=lambda fitted: misfit.value(fitted.values))


def merged(datasets: Sequence[Dataset]) -> Dataset:
    """Return data sets of one loss and one kind of targets as one."""
    return Dataset(
        points=np.hstack([data.points for data in datasets]),
        y=np.concatenate([data.y for data in datasets]),
        weights=np.concatenate([data.weights for data in datasets]),
        loss=datasets[0].loss,
        derivative=datasets[0].derivative,
    )
