"""Which link to try first where time may not suffice for all: the one under which a low polynomial says most."""

from collections.abc import Sequence

import numpy as np

from ionspice.discovery.evolution.gene_weights import Samples
from ionspice.discovery.evolution.links import Link
from ionspice.discovery.ordering import ranked
from ionspice.discovery.polynomials import fitted, polynomial

_DEGREE = 2
_MOST_ROWS = 300


def simplest_first(targets: Sequence[tuple[Link, Samples]]) -> list[tuple[Link, Samples]]:
    """Return links with their samples: fewer variables before the others, plain sums first, then by polynomials."""
    return ranked(targets, lambda one: 3.0 * (one[0].reduction is None) + _rank(*one))


def _rank(link: Link, samples: Samples) -> float:
    return 0.0 if link.plain == "identity" else 1.0 + _left(link, samples)


def _left(link: Link, samples: Samples) -> float:
    """Return the least share of the sum of squares that polynomials in the variables or in their logarithms leave."""
    count = samples.target.size
    kept = np.flatnonzero(samples.scale > 0.0)
    kept = kept[np.unique(np.linspace(0, kept.size - 1, min(kept.size, _MOST_ROWS)).astype(int))]
    points = samples.points[:, kept]
    variables = points if link.reduction is None else points[list(link.reduction.used)]
    target, weights = samples.target[kept] / samples.scale[kept], samples.scale[kept]
    choices = [variables]
    if np.all(variables > 0.0):
        choices.append(np.log(variables))
    shares = []
    for columns in choices:
        middle, width = columns.mean(axis=1, keepdims=True), columns.std(axis=1, keepdims=True)
        design = polynomial(list((columns - middle) / np.maximum(width, 1e-300)), _DEGREE, kept.size)
        if np.all(np.isfinite(design)) and design.shape[1] < kept.size:
            shares.append(fitted(design, target, weights).left * count / kept.size / samples.total)
    return float(min([1.0, *shares]))
