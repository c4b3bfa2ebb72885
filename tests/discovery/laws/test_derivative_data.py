"""A law is found from its derivative or its integral."""

import numpy as np
import pytest
import sympy as sp

from ionspice.core import InputError
from ionspice.discovery import (
    LAW_SEARCH,
    DiscoverySettings,
    GeneExpressionRegressor,
    discover_law,
    parse_expression,
    read_table,
)
from ionspice.discovery.evolution.constants import tune
from ionspice.discovery.evolution.gene_weights import Samples, score
from ionspice.discovery.evolution.operators import ADD, CONSTANT, EXP, FIRST_VARIABLE, LOG, MUL

x0, x1 = sp.symbols("x0 x1", real=True)
QUICK = {"generations": 20, "population": 60, "islands": 2, "genes": 3, "seeds": 1}
V = FIRST_VARIABLE
X = np.linspace(0.0, 1.0, 50)


def _samples(slope):
    return Samples(
        points=np.append(X, 0.0)[None],
        target=slope,
        scale=np.ones(50),
        groups=np.array([0, 50]),
        anchored=True,
        total=float(np.sum(slope**2)),
        derivative=0,
    )


def _chromosome(*genes):
    codes = np.full((1, len(genes), 9), CONSTANT)
    for row, gene in zip(codes[0], genes, strict=True):
        row[: len(gene)] = gene
    return codes, np.ones(codes.shape)


def test_columns_are_derivatives_of_the_genes():
    codes, values = _chromosome([V], [MUL, V, V])
    errors, sizes = np.empty(1), np.empty(1, dtype=np.int64)
    score(codes, values, _samples(0.7 - 0.6 * X), errors, sizes)
    assert errors[0] < 1e-25


def test_genes_that_are_not_finite_at_the_anchor_die():
    codes, values = _chromosome([LOG, V])
    errors, sizes = np.empty(1), np.empty(1, dtype=np.int64)
    score(codes, values, _samples(1.0 + X), errors, sizes)
    assert errors[0] == np.inf


@pytest.mark.parametrize(
    ("gene", "place", "true", "slope"),
    [
        ([LOG, ADD, V, CONSTANT], 3, 0.4, 1.0 / (X + 0.4)),
        ([EXP, MUL, CONSTANT, V], 2, -2.3, -2.3 * np.exp(-2.3 * X)),
    ],
)
def test_inner_constants_are_tuned_on_the_derivative(gene, place, true, slope):
    codes, values = _chromosome(gene)
    assert tune(codes[0], values[0], _samples(3.0 * slope), 60) < 1e-15
    assert values[0, 0, place] == pytest.approx(true, rel=1e-6)


@pytest.mark.parametrize("law", [x0 * sp.exp(-x0), sp.log(2 * x0 + 1), sp.Rational(1, 2) * x0**2 + x0])
def test_law_from_its_derivative(law):
    rng = np.random.default_rng(0)
    x = np.linspace(0.05, 3.0, 100)
    slope = sp.lambdify(x0, sp.diff(law, x0))(x) * np.ones(100)
    y = slope + 0.005 * slope.std() * rng.normal(size=100)
    model = GeneExpressionRegressor(**QUICK, observed="derivative").fit(x[:, None], y)
    at = np.array([0.5, 1.5, 2.5])
    found = sp.lambdify(x0, model.sympy_() - model.sympy_().subs(x0, 1))(at)
    np.testing.assert_allclose(found, sp.lambdify(x0, law - law.subs(x0, 1))(at), rtol=0.02, atol=2e-3)
    assert model.score(x[:, None], y) > 0.999


def test_level_comes_from_the_anchor_and_units_do_not_matter():
    x = np.linspace(1e-9, 5e-9, 60)
    model = GeneExpressionRegressor(**QUICK, observed="derivative", anchor=((0.0,), 7.0))
    law = model.fit(x[:, None], 5e12 * x + 2e3).sympy_()
    assert float(law.subs(x0, 0)) == pytest.approx(7.0, rel=1e-9)
    assert float(law.subs(x0, 4e-9)) == pytest.approx(7.0 + 2.5e12 * 16e-18 + 8e-6, rel=1e-9)


def test_partial_derivative_over_the_second_column():
    rng = np.random.default_rng(1)
    x = rng.uniform(1.0, 3.0, size=(100, 2))
    model = GeneExpressionRegressor(**QUICK, observed="derivative", observed_column=1)
    law = model.fit(x, 2.0 * x[:, 0] * x[:, 1]).sympy_()  # of x0 x1^2
    assert sp.simplify(sp.diff(law, x1) - 2 * x0 * x1) == 0


def test_law_from_its_integral():
    x = np.linspace(0.0, 3.0, 80)
    model = GeneExpressionRegressor(**QUICK, observed="integral").fit(x[:, None], 7.0 - 3.0 * np.cos(x))
    assert sp.simplify(model.sympy_() - 3 * sp.sin(x0)) == 0


def test_a_constant_derivative_is_a_straight_line():
    model = GeneExpressionRegressor(observed="derivative").fit(np.arange(30.0)[:, None], np.full(30, 4.0))
    assert float(sp.diff(model.sympy_(), x0)) == 4.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"observed": "slope"}, "observed='slope'"),
        ({"observed": "derivative", "observed_column": 1}, "observed_column=1"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        GeneExpressionRegressor(**options).fit(X[:, None], X)


@pytest.mark.parametrize(
    ("header", "unit", "scale"), [("charge,resistance", "ohm m", 1.0), ("charge [nC],resistance [kohm]", "ohm", 1e3)]
)
def test_resistances_of_a_table_give_the_law_of_their_integral(tmp_path, header, unit, scale):
    x = np.linspace(0.0, 1.0, 80)
    noise = 0.002 * np.random.default_rng(0).normal(size=80)
    rows = np.column_stack([2.0 * x, 0.3 * (1.0 - 0.4 * x + noise)])
    np.savetxt(tmp_path / "table.csv", rows, delimiter=",", header=header, comments="")
    data = read_table(tmp_path / "table.csv")
    assert data.series[0].largest_integral == pytest.approx(
        0.3 * 0.8 * data.series[0].largest_charge * scale, rel=1e-3
    )
    law = discover_law(data, DiscoverySettings(search=LAW_SEARCH.changed(generations=20)))
    assert sp.simplify(law.resistance - parse_expression("Rc*(1 - gamma*Q/Qmax)", ["Rc", "gamma", "Q", "Qmax"])) == 0
    assert law.value("Rc", 1) == pytest.approx(0.3 * scale, rel=5e-3)
    assert law.value("gamma", 1) == pytest.approx(0.4, rel=0.01)
    assert law.parameters["Rc"].unit == unit
    assert 0.0 < law.parameters["gamma"].standard_error[0] < 0.01


def test_a_resistance_of_another_unit_is_refused(tmp_path):
    (tmp_path / "table.csv").write_text("charge [C],resistance [ohm m]\n" + "".join(f"{k},1\n" for k in range(9)))
    with pytest.raises(InputError, match="of resistance"):
        read_table(tmp_path / "table.csv")
