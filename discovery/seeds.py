"""Several searches of one table that differ in their seed, with the law chosen from all of them together.

What one search finds may hang on its random numbers; a form that is found every time is a property of the data.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ionspice.discovery.evolution.evolve import EpochCallback
from ionspice.discovery.evolution.islands import Run
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.selection import choose, cross_validate, fold_numbers, pareto_front
from ionspice.discovery.search import SearchResult, search
from ionspice.discovery.settings import ROUND_OFF, SEEDS, SearchSettings

#: share of the time that is left which a further search may take; choosing among all laws takes time, too
_SHARE = 0.8
_log = logging.getLogger(__name__)


def searches(
    datasets: Sequence[Dataset],
    names: Sequence[str],
    settings: SearchSettings,
    callback: EpochCallback | None = None,
    run: Run = map,
    hall_of_fame: str | Path | None = None,
    *,
    seeds: int | None = None,
) -> list[SearchResult]:
    """Return searches with seeds from that of the settings on.

    A time budget is that of all together: a further search begins only if the longest so far would fit in what is
    left.

    Args:
        datasets: see `search`.
        names: of the variables.
        settings: of the first search.
        callback: called after every epoch of the first search.
        run: maps a function over islands.
        hall_of_fame: file that the first search keeps its best laws in.
        seeds: number of searches; if None, three, but one where that describes the data exactly, or where the table
            has more rows than a search sees.
    """
    start = time.monotonic()
    results = [search(datasets, names, settings, callback, run, hall_of_fame)]
    longest = time.monotonic() - start
    for k in range(1, SEEDS if seeds is None else seeds):
        is_long = results[0].datasets[0].y.size < datasets[0].y.size
        if seeds is None and (is_long or results[0].best.error <= ROUND_OFF):
            break
        following = replace(settings, seed=settings.seed + k)
        if settings.time_budget is not None:
            left = _SHARE * (settings.time_budget - (time.monotonic() - start))
            if left < longest:
                _log.info("%d searches in the time budget", k)
                break
            following = replace(following, time_budget=left)
        began = time.monotonic()
        results.append(search(datasets, names, following, run=run))
        longest = max(longest, time.monotonic() - began)
    return results


def best_of(results: Sequence[SearchResult], *, folds: int, accuracy: float, seed: int) -> SearchResult:
    """Return the front of all searches together, with the law chosen from it; a single search as it is.

    Args:
        results: searches of the same data with the same settings but their seed.
        folds: of the cross-validation, the same for all laws.
        accuracy: of the targets, relative to their standard deviation.
        seed: of the folds.
    """
    if len(results) == 1:
        return results[0]
    datasets = results[0].datasets
    rng = np.random.default_rng(seed)
    numbers = [fold_numbers(data.y.size, folds, rng) for data in datasets]
    members = {member.form.key: member for result in reversed(results) for member in result.front}
    front = [cross_validate(member, datasets, numbers) for member in pareto_front(list(members.values()))]
    return replace(
        results[0],
        front=tuple(front),
        chosen=choose(front, accuracy),
        evaluations=sum(result.evaluations for result in results),
        epochs=sum(result.epochs for result in results),
    )
