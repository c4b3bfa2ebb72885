"""Factors, products, ratios and differences are recognised, and nothing that is not there."""

import numpy as np
import pytest

from ionspice.discovery import GeneExpressionRegressor, to_infix
from ionspice.discovery.fewer_variables import find_reduction

ROWS = 300


def _found(law, columns, *, noise=0.0, low=1.0, high=4.0):
    rng = np.random.default_rng(3)
    points = rng.uniform(low, high, size=(columns, ROWS))
    y = law(*points)
    y = y + noise * np.std(y) * rng.normal(size=ROWS)
    return find_reduction(points, y, np.ones(ROWS))


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_powers_are_factors(noise):
    reduction = _found(lambda a, b, c: a**2 / np.sqrt(b) * (1.0 + c**2), 3, noise=noise)
    assert reduction.factor == (2.0, -0.5, 0.0)
    assert [one.members for one in reduction.variables] == [(2,)]


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_a_product_in_an_exponential_acts_as_one(noise):
    reduction = _found(lambda a, b, c: c + np.exp(-a * b), 3, noise=noise, low=0.5, high=2.0)
    assert reduction.factor == (0.0, 0.0, 0.0)
    together = next(one for one in reduction.variables if len(one.members) == 2)
    assert together.is_product
    assert together.members == (0, 1)
    assert together.exponents[0] == together.exponents[1]


def test_a_difference_acts_as_one():
    reduction = _found(lambda a, b, c: np.exp(-((a - b) ** 2)) + c, 3)
    together = next(one for one in reduction.variables if len(one.members) == 2)
    assert not together.is_product
    assert together.exponents[0] == -together.exponents[1] != 0.0


@pytest.mark.parametrize(
    "law",
    [
        lambda a, b: (a + b) / (1.0 + 0.3 * a * b**2),
        lambda a, b: np.exp(-a) + 0.5 * b**2,
        lambda a, b: np.sin(a) + np.log(b),
    ],
)
def test_two_variables_that_do_not_act_as_one_stay(law):
    assert _found(law, 2) is None


def test_values_of_the_factor_and_of_what_is_made():
    reduction = _found(lambda a, b, c: a**2 * np.exp(-b / c), 3)
    points = np.random.default_rng(0).uniform(1.0, 2.0, size=(3, 5))
    np.testing.assert_allclose(reduction.factor_at(points), points[0] ** 2)
    extended = reduction.extended(points)
    assert extended.shape[0] == 3 + len(reduction.made)
    assert reduction.used == (3,)


#: so little of a search that only what is known beforehand and its first chromosomes decide
_SHORT = {"generations": 1, "population": 20, "islands": 1, "links": ("identity",), "seeds": 1, "seed": 0}


def test_a_product_of_powers_that_no_gene_holds_is_found():
    X = np.random.default_rng(0).uniform(1.0, 3.0, size=(200, 5))
    p, radius, eta, length, order = X.T
    model = GeneExpressionRegressor(**_SHORT).fit(X, 0.4 * p * radius**4 * order**3 / (eta * length))
    assert to_infix(model.sympy_()) == "0.4*x0*x1**4*x4**3/(x2*x3)"


def test_sums_of_four_terms_are_among_the_first_chromosomes():
    X = np.random.default_rng(0).uniform(1.0, 3.0, size=(100, 3))
    a, b, c = X.T
    model = GeneExpressionRegressor(**_SHORT).fit(X, 0.7 * a**2 + 0.3 * b**2 * c**2 + 1.7 / (a * b) - 0.9 * b / c)
    assert model.best_.error < 1e-9


@pytest.mark.slow
def test_a_law_of_six_variables_is_found():
    rng = np.random.default_rng(0)
    X = rng.uniform(1.0, 5.0, size=(200, 6))
    n0, m, x, temperature, g, k = X.T
    model = GeneExpressionRegressor(seed=0).fit(X, n0 * np.exp(-m * g * x / (k * temperature)))
    assert to_infix(model.sympy_()) == "x0*exp(-x1*x2*x4/(x3*x5))"
