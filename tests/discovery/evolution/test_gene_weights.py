"""Gene weights are least-squares weights; tuned constants are those of the law that made the data."""

import numpy as np
import pytest

from ionspice.discovery.evolution.constants import tune
from ionspice.discovery.evolution.gene_weights import Samples, project, score
from ionspice.discovery.evolution.operators import ADD, CONSTANT, EXP, FIRST_VARIABLE, LOG, MUL

LENGTH = 9
X = np.linspace(0.0, 1.0, 50)


def _samples(y, *, anchored=False, groups=(0, 50)):
    points = np.append(X, 0.0)[None] if anchored else X[None]
    return Samples(
        points=points,
        target=y.copy(),
        scale=np.ones(50),
        groups=np.array(groups),
        anchored=anchored,
        total=float(np.sum((y - y.mean()) ** 2)),
    )


def _chromosome(*genes):
    codes = np.full((1, len(genes), LENGTH), CONSTANT)
    for row, gene in zip(codes[0], genes, strict=True):
        row[: len(gene)] = gene
    return codes, np.ones(codes.shape)


V = FIRST_VARIABLE


def test_projection_is_least_squares():
    rng = np.random.default_rng(0)
    columns, target = rng.normal(size=(4, 50)), rng.normal(size=50)
    weights, basis = np.empty(4), np.empty((4, 50))
    rss = project(columns, target, 0, 50, basis, weights)
    exact, residual, *_ = np.linalg.lstsq(columns.T, target, rcond=None)
    np.testing.assert_allclose(weights, exact, rtol=1e-10)
    assert rss == pytest.approx(float(residual[0]), rel=1e-10)


def test_repeated_gene_is_silent_and_free():
    codes, values = _chromosome([V], [V])
    errors, sizes = np.empty(1), np.empty(1, dtype=np.int64)
    score(codes, values, _samples(X + 0.1 * X**2), errors, sizes)
    alone = np.empty(1, dtype=np.int64)
    single, ones = _chromosome([V], [CONSTANT])
    score(single, ones, _samples(X + 0.1 * X**2), np.empty(1), alone)
    assert sizes[0] == alone[0]


def test_anchor_leaves_no_constant_term():
    codes, values = _chromosome([EXP, V])
    errors, sizes = np.empty(1), np.empty(1, dtype=np.int64)
    score(codes, values, _samples(2.0 * np.expm1(X), anchored=True), errors, sizes)
    assert errors[0] < 1e-28
    score(codes, values, _samples(2.0 * np.exp(X), anchored=True), errors, sizes)
    assert errors[0] > 0.1


def test_groups_have_weights_of_their_own():
    y = np.concatenate([2.0 * X[:25], -3.0 * X[25:] + 1.0])
    codes, values = _chromosome([V])
    errors, sizes = np.empty(1), np.empty(1, dtype=np.int64)
    score(codes, values, _samples(y, groups=(0, 25, 50)), errors, sizes)
    assert errors[0] < 1e-28


def test_pole_on_the_data_kills_the_chromosome():
    codes, values = _chromosome([LOG, V])
    errors, sizes = np.empty(1), np.empty(1, dtype=np.int64)
    score(codes, values, _samples(X), errors, sizes)
    assert np.isinf(errors[0])


def test_inner_constants_are_recovered():
    y = 0.7 - 2.0 * np.exp(-3.0 * X) + 0.4 * np.log(X + 0.25)
    codes, values = _chromosome([EXP, MUL, CONSTANT, V], [LOG, ADD, V, CONSTANT])
    values[0, 0, 2] = -1.0
    error = tune(codes[0], values[0], _samples(y), 100)
    assert error < 1e-20
    assert values[0, 0, 2] == pytest.approx(-3.0, rel=1e-6)
    assert values[0, 1, 3] == pytest.approx(0.25, rel=1e-6)


def test_tuning_never_makes_worse():
    rng = np.random.default_rng(4)
    samples = _samples(rng.normal(size=50))
    codes, values = _chromosome([EXP, MUL, CONSTANT, V], [LOG, ADD, V, CONSTANT])
    errors, sizes = np.empty(1), np.empty(1, dtype=np.int64)
    score(codes, values, samples, errors, sizes)
    assert tune(codes[0], values[0], samples, 5) <= errors[0] * (1.0 + 1e-12)
