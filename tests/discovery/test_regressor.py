"""The regressor is a scikit-learn estimator whose formula is its prediction."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sympy as sp
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from ionspice.core import InputError
from ionspice.discovery import GeneExpressionRegressor

QUICK = {
    "generations": 10,
    "population": 40,
    "islands": 2,
    "links": ("identity", "exponential"),
    "genes": 3,
    "seeds": 1,
}


@parametrize_with_checks(
    [GeneExpressionRegressor(generations=10, population=20, islands=1, links=("identity",), genes=2, head=3, seeds=1)]
)
def test_estimator_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = rng.uniform(1.0, 3.0, size=(120, 2))
    return X, 2.5 * X[:, 0] / X[:, 1] ** 2 + 0.05 * rng.normal(size=120)


@pytest.fixture(scope="module")
def model(table):
    return GeneExpressionRegressor(**QUICK, seed=1).fit(*table)


def test_formula_is_the_prediction(model, table):
    X, _ = table
    function = sp.lambdify(sp.symbols("x0 x1", real=True), model.sympy_())
    np.testing.assert_allclose(model.predict(X), function(*X.T), rtol=1e-10)
    assert model.score(*table) > 0.99


def test_form_is_found_under_noise(model):
    x0, x1 = sp.symbols("x0 x1", real=True)
    ratio = sp.simplify(model.sympy_() * x1**2 / x0)
    assert ratio.is_number
    assert float(ratio) == pytest.approx(2.5, rel=0.02)


def test_the_front_is_a_pandas_table_of_a_pandas_table(table):
    X, y = table
    frame = pd.DataFrame({"load": X[:, 0], "temp %": X[:, 1]})
    model = GeneExpressionRegressor(**QUICK, seed=1).fit(frame, pd.Series(y, name="y"))
    found = model.equations_
    assert found["complexity"].is_monotonic_increasing
    assert found["is_chosen"].sum() == 1
    chosen = found[found["is_chosen"]].iloc[0]
    assert chosen["sympy"] == model.sympy_()
    assert {str(symbol) for symbol in chosen["sympy"].free_symbols} == {"load", "temp %"}


def test_columns_may_be_called_like_constants():
    X = pd.DataFrame(np.random.default_rng(0).uniform(1.0, 3.0, size=(60, 2)), columns=["c1", "c2"])
    model = GeneExpressionRegressor(**QUICK, seed=1).fit(X, 1.7 * X["c1"] / X["c2"])
    c1, c2 = sp.symbols("c1 c2", real=True)
    assert float(sp.simplify(model.sympy_() * c2 / c1)) == pytest.approx(1.7)
    np.testing.assert_allclose(model.predict(X), 1.7 * X["c1"] / X["c2"])


def test_pickle_and_clone(model, table):
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(table[0]), model.predict(table[0]))
    assert clone(model).get_params() == model.get_params()


def test_processes_do_not_change_the_result(table):
    one, two = (GeneExpressionRegressor(**QUICK, seed=4, n_jobs=n).fit(*table) for n in (1, 2))
    assert [m.form.key for m in one.front_] == [m.form.key for m in two.front_]
    np.testing.assert_array_equal(one.predict(table[0]), two.predict(table[0]))


def test_seed_decides_and_row_order_does_not(table):
    X, y = table
    shuffle = np.random.default_rng(1).permutation(y.size)
    model, other = (GeneExpressionRegressor(**QUICK).fit(X[rows], y[rows]) for rows in (slice(None), shuffle))
    assert model.sympy_() == other.sympy_()


def test_units_far_from_one_are_no_obstacle():
    rng = np.random.default_rng(2)
    X = rng.uniform(1e-9, 5e-9, size=(80, 1))
    model = GeneExpressionRegressor(**QUICK).fit(X, 3e12 * X[:, 0] ** 2)
    x0 = sp.Symbol("x0", real=True)
    assert float((model.sympy_() / x0**2).simplify()) == pytest.approx(3e12, rel=1e-9)


def test_pipeline_and_grid_search(table):
    pipeline = make_pipeline(StandardScaler(), GeneExpressionRegressor(**QUICK))
    grid = GridSearchCV(pipeline, {"geneexpressionregressor__genes": [1]}, cv=2).fit(*table)
    assert grid.best_score_ > 0.9


def test_latex_and_tables_for_notebooks(model):
    assert model._repr_latex_().startswith("$y = ")
    shown = model._repr_mimebundle_()["text/html"]
    assert shown.count("<tr") == 1 + len(model.front_)
    assert shown.count('<tr style="font-weight:bold">') == 1
    assert "text/html" in GeneExpressionRegressor()._repr_mimebundle_()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"functions": ("add", "gamma")}, "choose one or more"),
        ({"links": ("cubic",)}, "choose from identity"),
        ({"population": 0}, "population=0"),
    ],
)
def test_settings_out_of_range_are_refused(table, changes, message):
    with pytest.raises(InputError, match=message):
        GeneExpressionRegressor(**changes).fit(*table)


def test_constant_targets_give_a_constant():
    model = GeneExpressionRegressor().fit(np.arange(30.0)[:, None], np.full(30, 7.0))
    assert float(model.sympy_()) == 7.0


@pytest.mark.parametrize(
    ("law", "constants"), [(lambda x: 3.0 * x + 1.0, (3.0, 1.0)), (lambda x: 2.0 * x**2, (2.0,))]
)
def test_six_exact_rows_give_their_law_with_a_warning(law, constants, caplog):
    x = np.arange(6.0)
    model = GeneExpressionRegressor(**QUICK).fit(x[:, None], law(x))
    assert "6 distinct rows" in caplog.text
    np.testing.assert_allclose(model.predict(x[:, None]), law(x), rtol=1e-9)
    found = sorted(abs(float(n)) for n in model.sympy_().atoms(sp.Number) if n != 2 or len(constants) == 1)
    assert found[-1] == pytest.approx(max(constants))


def test_six_noisy_rows_do_not_get_six_constants():
    x = np.arange(6.0)
    model = GeneExpressionRegressor(**QUICK).fit(x[:, None], 3 * x + 0.1 * np.random.default_rng(0).normal(size=6))
    assert all(len(member.form.parameters) <= 2 for member in model.front_ if member.error > 1e-9)


def test_weights_below_zero_and_two_rows_are_refused(table):
    X, y = table
    with pytest.raises(InputError, match="at least 0"):
        GeneExpressionRegressor(**QUICK).fit(X, y, sample_weight=np.where(np.arange(y.size) == 3, -1.0, 1.0))
    with pytest.raises(ValueError, match="minimum of 3"):
        GeneExpressionRegressor(**QUICK).fit(X[:2], y[:2])
