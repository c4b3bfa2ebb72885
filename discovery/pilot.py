"""Tell outliers before the search proper.

A short search by least squares comes close enough to the law to see which rows cannot belong to it: its members are
fitted again by least absolute residuals and the best of them gives every row a factor and every data set the scale of
its loss. Searches on the weighted rows follow, each from the members of the one before.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ionspice.discovery.evolution.evolve import evolve
from ionspice.discovery.evolution.gene_weights import Samples, combined, fill_columns
from ionspice.discovery.evolution.hall_of_fame import Candidate, HallOfFame
from ionspice.discovery.evolution.islands import Chromosomes, Run
from ionspice.discovery.evolution.links import Link
from ionspice.discovery.evolution.settings import EvolutionSettings
from ionspice.discovery.fits.losses import least_absolute_weights, loss_for
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.ordering import lowest

type _Targets = list[tuple[Link, Samples]]

_ROUNDS = 3
_EPOCHS = 2


def find_outliers(
    datasets: Sequence[Dataset],
    loss: str,
    targets_of: Callable[[Sequence[Dataset]], _Targets],
    settings: EvolutionSettings,
    rng: np.random.Generator,
    run: Run = map,
    earlier: Chromosomes | None = None,
) -> tuple[list[Dataset], list[Dataset], Chromosomes]:
    """Return data sets judged by the loss, data sets with outliers weighted down, and chromosomes to go on from.

    Args:
        datasets: the data.
        loss: huber or soft_l1.
        targets_of: links with samples of data sets, as `evolve` takes them.
        settings: of the search.
        rng: random numbers.
        run: maps a function over islands.
        earlier: chromosomes to start from.
    """
    whole = {link.name: samples for link, samples in targets_of(datasets)}
    weighted = list(datasets)
    judged = list(datasets)
    short = replace(settings, generations=_EPOCHS * settings.epoch)
    for _ in range(_ROUNDS):
        *_, last = evolve(targets_of(weighted), short, rng, run, earlier)
        earlier = _chromosomes(last.hall)
        residual = _residual(last.hall, whole)
        parts = np.split(residual, np.cumsum([d.y.size for d in datasets])[:-1])
        losses = [
            loss_for(loss, part, data.y - part / data.weights, data.weights)
            for data, part in zip(datasets, parts, strict=True)
        ]
        judged = [replace(data, loss=one) for data, one in zip(datasets, losses, strict=True)]
        weighted = [
            replace(data, weights=data.weights * one.factors(part))
            for data, one, part in zip(datasets, losses, parts, strict=True)
        ]
    assert earlier is not None
    return judged, weighted, earlier


def _chromosomes(hall: HallOfFame) -> Chromosomes:
    members = hall.candidates()
    return np.array([m.codes for m in members]), np.array([m.values for m in members])


def _residual(hall: HallOfFame, whole: dict[str, Samples]) -> np.ndarray:
    """Return the weighted residual of the member that explains good rows best for its length, shape (n,)."""
    residuals = {id(member): _member_residual(member, whole[member.link.name]) for member in hall.front()}

    def description(member: Candidate) -> float:
        residual = residuals[id(member)]
        size = float(np.mean(np.abs(residual)))
        return residual.size * float(np.log(max(size, 1e-300))) + float(np.log(8.0)) * member.size

    return residuals[id(lowest(hall.front(), description))]


def _member_residual(member: Candidate, samples: Samples) -> np.ndarray:
    genes, length = member.codes.shape
    columns = np.empty((genes + 1, samples.target.shape[0]))
    stack = np.empty((length // 2 + 2, samples.points.shape[1]))
    fill_columns(member.codes, member.values, samples, stack, columns)
    parts = []
    for start, stop in zip(samples.groups[:-1], samples.groups[1:], strict=True):
        part, target = columns[:, start:stop], samples.target[start:stop]
        parts.append(target - combined(least_absolute_weights(part, target), part))
    return np.concatenate(parts)
