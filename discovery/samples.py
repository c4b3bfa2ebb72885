"""What the evolution fits its gene weights to: data sets as samples of a link."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ionspice.discovery.evolution.gene_weights import Samples, fill_columns, project
from ionspice.discovery.evolution.hall_of_fame import Candidate
from ionspice.discovery.evolution.links import Link
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.reduction import Reduction

#: rows that a search sees of a table; constants are fitted to all
_MOST_ROWS = 3000


def thinned(data: Dataset) -> Dataset:
    """Return rows that a search can do with, drawn at random from a long table."""
    if data.y.size <= _MOST_ROWS:
        return data
    rows = np.sort(np.random.default_rng(0).choice(data.y.size, _MOST_ROWS, replace=False))
    return replace(
        data, points=np.ascontiguousarray(data.points[:, rows]), y=data.y[rows], weights=data.weights[rows]
    )


def make_samples(
    datasets: Sequence[Dataset],
    link: Link,
    anchor: tuple[tuple[float, ...], float] | None,
    reduction: Reduction | None = None,
) -> Samples:
    """Return all data sets as the samples of one link, without the rows whose target has no inverse, such as 1/0.

    Args:
        datasets: the data.
        link: outer function.
        anchor: point and value that the law passes through, or None.
        reduction: variables that stand beside the columns, or None.
    """
    factors = [np.ones(d.y.size) if link.reduction is None else link.reduction.factor_at(d.points) for d in datasets]
    known = [link.admits(d.y / factor) for d, factor in zip(datasets, factors, strict=True)]
    points = np.hstack([d.points[:, rows] for d, rows in zip(datasets, known, strict=True)])
    if reduction is not None:
        points = reduction.extended(points)
    derivative = datasets[0].derivative
    factor = np.concatenate([one[rows] for one, rows in zip(factors, known, strict=True)])
    y = np.concatenate([d.y[rows] for d, rows in zip(datasets, known, strict=True)]) / factor
    weights = np.concatenate([d.weights[rows] for d, rows in zip(datasets, known, strict=True)]) * np.abs(factor)
    scale = weights * link.slope(y)
    target = link.inverse(y)
    if anchor is not None:
        points = np.hstack([points, np.array(anchor[0], dtype=float)[:, None]])
        if derivative is None:
            target = target - link.inverse(np.array([anchor[1]]))[0]
    elif derivative is not None:
        points = np.hstack([points, points[:, :1]])
    total = sum(float(np.sum((d.weights * (d.y - _null(d))) ** 2)) for d in datasets)
    return Samples(
        points=np.ascontiguousarray(points),
        target=target * scale,
        scale=scale,
        groups=np.cumsum([0, *(int(np.sum(rows)) for rows in known)]),
        anchored=anchor is not None or derivative is not None,
        total=total,
        derivative=-1 if derivative is None else derivative,
    )


def _null(data: Dataset) -> float:
    """Return what a law without variables says about the targets."""
    return float(data.y.mean()) if data.derivative is None else 0.0


def weights_of(candidate: Candidate, samples: Samples) -> np.ndarray:
    """Return constant term and gene weights of a chromosome on the first data set, negligible ones as zero."""
    genes, length = candidate.codes.shape
    columns = np.empty((genes + 1, samples.target.shape[0]))
    basis = np.empty_like(columns)
    weights = np.empty(genes + 1)
    stack = np.empty((length // 2 + 2, samples.points.shape[1]))
    fill_columns(candidate.codes, candidate.values, samples, stack, columns)
    stop = int(samples.groups[1])
    project(columns, samples.target, 0, stop, basis, weights)
    share = np.abs(weights) * np.sqrt(np.sum(columns[:, :stop] ** 2, axis=1))
    weights[share < 1e-9 * np.sqrt(np.sum(samples.target[:stop] ** 2))] = 0.0
    return weights
