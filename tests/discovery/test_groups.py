"""Products without dimension follow from units, and a table that contradicts them is left as it is."""

from fractions import Fraction

import numpy as np

from ionspice.discovery import GeneExpressionRegressor
from ionspice.discovery.fewer_variables import find_reduction
from ionspice.discovery.groups import Dimensions, dimensionless_groups
from ionspice.discovery.tables.dimensions import parse_unit


def _dimensions(columns, target):
    return Dimensions.of([parse_unit(unit).powers for unit in columns], parse_unit(target).powers)


def test_a_pendulum_has_one_group():
    # period from length, gravity and angle
    (groups,) = dimensionless_groups(_dimensions(["m", "m/s^2", "1"], "s"))
    assert groups.factor == (0.5, -0.5, 0.0)
    assert groups.exponents == ((0.0, 0.0, 1.0),)


def test_columns_that_cannot_give_the_target_have_no_groups():
    assert dimensionless_groups(_dimensions(["m", "s"], "K")) == []
    assert dimensionless_groups(_dimensions(["1", "1"], "1")) == []


def test_dimensions_of_products():
    table = _dimensions(["m", "s"], "m/s").table([(1.0, -1.0)])
    np.testing.assert_allclose(table, [[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
    assert _dimensions(["m", "s"], "m/s").target == (Fraction(1), Fraction(-1))


def _table(law, noise=0.01):
    rng = np.random.default_rng(1)
    points = rng.uniform(1.0, 3.0, size=(4, 200))
    y = law(*points)
    return points, y + noise * np.std(y) * rng.normal(size=y.size)


def test_units_leave_fewer_variables_than_the_numbers_alone():
    # a wave that goes through its zeros: no polynomial in four variables tells its phase
    points, y = _table(lambda a, k, w, t: a * np.cos(3.0 * (w * t) * (1.0 + 0.2 * k)))
    found = find_reduction(points, y, np.ones(y.size), _dimensions(["m", "1", "1/s", "s"], "m"))
    assert found.factor[0] == 1.0
    assert (0.0, 0.0, 1.0, 1.0) in [one.exponents for one in found.variables]


def test_a_constant_with_a_unit_contradicts_the_groups():
    points, y = _table(lambda x, a, b, c: 4.0 + 0.5 * x + np.sin(a))
    found = find_reduction(points, y, np.ones(y.size), _dimensions(["V", "1", "1", "1"], "V"))
    assert found is None or found.factor[0] == 0.0


def test_a_law_of_four_variables_is_found_by_its_units():
    points, y = _table(lambda v, m, c, f: m * c**2 / np.sqrt(1.0 - (0.3 * v / c) ** 2) * f, noise=0.0)
    units = (("m/s", "kg", "m/s", "1"), "J")
    model = GeneExpressionRegressor(seed=0, units=units, generations=10, islands=1).fit(points.T, y)
    assert model.score(points.T, y) > 1.0 - 1e-12
    at = dict(zip(model.symbols_, (2, 3, 4, 5), strict=True))
    np.testing.assert_allclose(float(model.sympy_().subs(at)), 240.0 / np.sqrt(1.0 - 0.0225))
