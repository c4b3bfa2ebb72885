"""All sums of three cheap genes are tried."""

from itertools import combinations

import numpy as np

from ionspice.discovery.evolution.gene_weights import moments, orthonormal
from ionspice.discovery.evolution.triples import best_triples


def test_the_best_triple_of_every_complexity_is_that_of_least_squares():
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(12, 40))
    columns /= np.linalg.norm(columns, axis=1)[:, None]
    target = columns[2] - 0.8 * columns[5] + 0.5 * columns[9] + 0.3 * rng.normal(size=40)
    cost = np.sort(rng.integers(1, 4, size=12))
    found = best_triples(columns, moments(columns, target), cost, 1, 9)
    for total in range(3, 10):
        tried = {
            triple: np.sum((orthonormal(columns[list(triple)]) @ target) ** 2)
            for triple in combinations(range(12), 3)
            if cost[list(triple)].sum() == total
        }
        here = [tuple(triple) for triple in found if cost[triple].sum() == total]
        assert here == ([max(tried, key=tried.get)] if tried else [])


def test_columns_that_depend_on_one_another_are_no_triple():
    columns = np.eye(3, 5)
    columns[2] = (columns[0] + columns[1]) / np.sqrt(2.0)
    found = best_triples(columns, np.ones(3), np.array([1, 1, 1]), 1, 9)
    assert found.shape == (0, 3)
