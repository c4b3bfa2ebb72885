"""From numbers to a front of laws: evolve, simplify, fit, validate, choose."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ionspice.discovery.clock import Clock
from ionspice.discovery.evolution.evolve import Epoch, EpochCallback, evolve
from ionspice.discovery.evolution.islands import Run
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.selection import FrontMember, choose, cross_validate, fold_numbers, pareto_front
from ionspice.discovery.front import admissible_front, fitted_to_all
from ionspice.discovery.hall_file import keeping_hall, known_hall
from ionspice.discovery.pilot import find_outliers
from ionspice.discovery.problem import Problem
from ionspice.discovery.samples import thinned
from ionspice.discovery.settings import ROUND_OFF, SearchSettings

_log = logging.getLogger(__name__)

#: held-out error over the error of the fit below which the fit is not at its minimum
_SUSPICIOUS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """The front of laws and the chosen one."""

    #: distinct laws, simplest first, each better than all simpler ones
    front: tuple[FrontMember, ...]
    #: index of the chosen law
    chosen: int
    #: chromosomes scored
    evaluations: int
    #: epochs run
    epochs: int
    #: the data as the laws were judged on them, with the scales of a robust loss
    datasets: tuple[Dataset, ...]

    @property
    def best(self) -> FrontMember:
        """The chosen law."""
        return self.front[self.chosen]


def search(
    datasets: Sequence[Dataset],
    names: Sequence[str],
    settings: SearchSettings,
    callback: EpochCallback | None = None,
    run: Run = map,
    hall_of_fame: str | Path | None = None,
) -> SearchResult:
    """Search the laws of one or several data sets and return the front.

    Args:
        datasets: one form is sought for all, with constants of its own for each; all of the same `derivative`.
        names: of the variables.
        settings: what to search for and how.
        callback: called after every epoch; a true answer ends the evolution.
        run: maps a function over islands, in this process by default.
        hall_of_fame: file that keeps the best laws during the evolution and, where it exists, that the search goes on
            from; None for none.

    Raises:
        InputError: the hall of fame is not one.
        RunError: no law that meets the constraints was found.
    """
    clock = Clock.started(settings.time_budget, sum(d.y.size for d in datasets))
    whole, datasets = datasets, [thinned(data) for data in datasets]
    problem = Problem.of(datasets, names, settings)
    rng = np.random.default_rng(settings.seed)
    evolution = settings.limited_evolution
    earlier = known_hall(hall_of_fame, names, evolution)
    weighted = datasets
    if settings.loss != "squares":
        datasets, weighted, earlier = find_outliers(
            datasets, settings.loss, problem.targets, evolution, rng, run, earlier
        )
    targets = problem.targets(weighted)
    earlier = problem.with_factor(earlier, evolution)
    with keeping_hall(hall_of_fame, names, callback, problem.reduction) as watch:
        epochs = evolve(targets, evolution, rng, run, earlier, clock.evolution_is_over)
        epoch = _last_epoch(epochs, watch, clock)
    clock = clock.after_evolution()
    front = admissible_front(problem.forms(epoch, targets, datasets, clock), datasets, settings, clock)
    folds = [fold_numbers(d.y.size, settings.folds, rng) for d in datasets]
    front = pareto_front(
        clock.done_in_time(
            "choice", front, lambda member: cross_validate(member, datasets, folds), lambda member: member.description
        )
    )
    _log.info("%d laws on the front after %d epochs", len(front), epoch.number)
    chosen = choose(front, settings.accuracy)
    _warn_of_stuck_fit(front[chosen])
    if whole[0].y.size > datasets[0].y.size:
        front = fitted_to_all(front, chosen, whole, datasets, clock)
    return SearchResult(
        front=tuple(front),
        chosen=chosen,
        evaluations=epoch.evaluations,
        epochs=epoch.number,
        datasets=tuple(datasets),
    )


def _warn_of_stuck_fit(member: FrontMember) -> None:
    """Warn where points left out are described far better than those of the fit, which no minimum does."""
    if member.held_out_error < _SUSPICIOUS * member.error and member.error > ROUND_OFF:
        _log.warning(
            "%s: error %.3g on the rows it was fitted to, %.3g on rows left out; the fit stands in a local minimum, "
            "try another seed",
            member.form.expression,
            member.error,
            member.held_out_error,
        )


def _last_epoch(epochs: Iterable[Epoch], callback: EpochCallback | None, clock: Clock) -> Epoch:
    """Run the evolution to its end, or until the callback or the clock stops it."""
    for epoch in epochs:
        if (callback is not None and callback(epoch)) or clock.evolution_is_over():
            break
    return epoch
