"""The best sums of three cheap genes, all of them tried.

With unit columns a, b, c and target t, all off the constant, three genes explain

    p^2 + q^2 + (c.t - (a.c) p - s q)^2 / (1 - (a.c)^2 - s^2),    p = a.t,
    q = (b.t - (a.b) p) / d,    s = (b.c - (a.b)(a.c)) / d,    d^2 = 1 - (a.b)^2,

which takes nothing but the Gram matrix. Laws of three terms, such as a cubic, so do not depend on what a search comes
upon.
"""

import numpy as np

from ionspice.discovery.evolution.founders import add_moments, make_place
from ionspice.discovery.evolution.stack_machine import compiled

#: cheapest genes that take part
_GENES = 200
_DEPENDENT = 1e-8
#: relative difference of what is explained that is round-off
_EQUAL = 1e-7


def best_triples(
    columns: np.ndarray, moment: np.ndarray, cost: np.ndarray, per_size: int, largest: int
) -> np.ndarray:
    """Return the best triples of every total complexity, shape (k, 3).

    Args:
        columns: unit columns, cheapest first, shape (m, points).
        moment: inner products with the target, shape (m,).
        cost: complexity of every column, shape (m,).
        per_size: how many triples are kept for each complexity.
        largest: largest total complexity.
    """
    columns = columns[:_GENES]
    gram = np.zeros((columns.shape[0], columns.shape[0]))
    upright = np.ascontiguousarray(columns.T)
    for row, into in zip(columns, gram, strict=True):
        add_moments(upright, row, 0, into)
    triples = _best_triples(gram, moment[: columns.shape[0]], cost[: columns.shape[0]], per_size, largest)
    triples = triples.reshape(-1, 3)
    kept: np.ndarray = triples[triples[:, 0] >= 0]
    return kept


@compiled
def _best_triples(gram: np.ndarray, moment: np.ndarray, cost: np.ndarray, per_size: int, largest: int) -> np.ndarray:
    """Return the best triples, shape (largest + 1, per_size, 3), -1 where there are none."""
    count = moment.shape[0]
    best = np.full((largest + 1, per_size), -1.0)
    triples = np.full((largest + 1, per_size, 3), -1)
    for i in range(count):
        p = moment[i]
        for j in range(i + 1, count):
            if cost[i] + 2 * cost[j] > largest:  # columns come cheapest first
                break
            r = gram[i, j]
            if 1.0 - r * r < _DEPENDENT:
                continue
            d = np.sqrt(1.0 - r * r)
            q = (moment[j] - r * p) / d
            for k in range(j + 1, count):
                total = cost[i] + cost[j] + cost[k]
                if total > largest:
                    break
                s = (gram[j, k] - r * gram[i, k]) / d
                rest = 1.0 - gram[i, k] ** 2 - s * s
                if rest < _DEPENDENT:
                    continue
                gain = p * p + q * q + (moment[k] - gram[i, k] * p - s * q) ** 2 / rest
                if gain > best[total, per_size - 1] * (1.0 + _EQUAL):
                    place = make_place(best[total], triples[total], gain, _EQUAL)
                    triples[total, place, 0] = i
                    triples[total, place, 1] = j
                    triples[total, place, 2] = k
    return triples
