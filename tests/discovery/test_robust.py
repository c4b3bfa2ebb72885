"""Robust losses find the law among outliers that ruin least squares."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import least_squares

from ionspice.core import InputError
from ionspice.discovery import (
    LAW_SEARCH,
    DiscoverySettings,
    ElementSeries,
    GeneExpressionRegressor,
    ResistanceData,
    discover_law,
)
from ionspice.discovery.fits.fitting import fit
from ionspice.discovery.fits.losses import Loss, least_absolute_weights
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.selection import with_loss
from ionspice.discovery.forms.canonical import Form

X, C1, C2 = sp.symbols("X c1 c2", real=True)
SATURATION = Form(expression=C1 * sp.tanh(C2 * X), variables=(X,), parameters=(C1, C2), start=(1.0, 1.0))


def _with_outliers(y, rng, share=0.1, size=1.0):
    bad = rng.random(y.size) < share
    return np.where(bad, y - size * np.abs(rng.normal(size=y.size)), y)


@pytest.mark.parametrize("name", ["huber", "soft_l1"])
def test_reweighting_reaches_the_minimum_of_the_loss(name):
    rng = np.random.default_rng(0)
    x = np.linspace(0.0, 2.0, 100)
    y = _with_outliers(1.5 * np.tanh(0.8 * x) + 0.01 * rng.normal(size=100), rng)
    weights = rng.uniform(0.5, 2.0, 100)
    loss = Loss(name=name, scale=0.02, variance=1.0)
    ours = fit(SATURATION, Dataset(points=x[None], y=y, weights=weights, loss=loss)).values
    theirs = least_squares(
        lambda c: weights * (y - c[0] * np.tanh(c[1] * x)), [1.0, 1.0], loss=name, f_scale=0.02, xtol=1e-12
    )
    np.testing.assert_allclose(ours, theirs.x, rtol=1e-4)
    value = np.sum(loss.squares(weights * (y - ours[0] * np.tanh(ours[1] * x))))
    assert value <= 2.0 * theirs.cost * (1 + 1e-8)


def test_the_scale_is_that_of_good_rows():
    rng = np.random.default_rng(1)
    x = np.linspace(0.0, 2.0, 400)
    y = _with_outliers(1.5 * np.tanh(0.8 * x) + 0.01 * rng.normal(size=400), rng)
    data = with_loss(Dataset(points=x[None], y=y, weights=np.ones(400)), SATURATION, "huber")
    assert data.loss.deviation == pytest.approx(0.01, rel=0.25)


def test_least_absolute_residuals_pass_through_the_good_rows():
    x = np.linspace(0.0, 1.0, 30)
    y = 2.0 * x + 1.0
    y[::4] += 10.0
    columns = np.vstack([np.ones(30), x])
    residual = y - least_absolute_weights(columns, y) @ columns
    np.testing.assert_allclose(residual, np.where(np.arange(30) % 4 == 0, 10.0, 0.0), atol=1e-3)


@pytest.fixture(scope="module")
def spoilt():
    rng = np.random.default_rng(2)
    x = np.linspace(0.0, 1.0, 150)
    series = []
    for element in (2, 3):
        y = _with_outliers(x - 0.25 * x**2 + 0.002 * rng.normal(size=150), rng)
        series.append(ElementSeries(element=element, charge=2e-9 * x, voltage_integral=1e-9 * y))
    return ResistanceData(series=tuple(series))


def test_law_among_outliers(spoilt):
    short = LAW_SEARCH.changed(generations=30)
    law = discover_law(spoilt, DiscoverySettings(search=short.changed(loss="huber"), seeds=1))
    np.testing.assert_allclose(law.parameters["gamma"].value, 0.5, rtol=0.03)
    np.testing.assert_allclose(law.parameters["Rc"].value, 0.5, rtol=0.01)
    assert all(0.0 < error < 0.01 for error in law.parameters["gamma"].standard_error)
    plain = discover_law(spoilt, DiscoverySettings(search=short, seeds=1))
    assert max(abs(gamma - 0.5) for gamma in plain.parameters["gamma"].value) > 0.1


def test_regressor_among_outliers():
    rng = np.random.default_rng(3)
    x = rng.uniform(1.0, 3.0, size=(150, 2))
    clean = 2.0 * x[:, 0] / x[:, 1] ** 2
    y = _with_outliers(clean + 0.01 * rng.normal(size=150), rng, size=20.0)
    quick = {"generations": 10, "population": 40, "islands": 2, "links": ("identity",), "genes": 3, "seeds": 1}
    robust, plain = (GeneExpressionRegressor(**quick, loss=loss).fit(x, y) for loss in ("soft_l1", "squares"))
    assert np.max(np.abs(robust.predict(x) - clean)) < 0.05
    assert np.max(np.abs(plain.predict(x) - clean)) > 0.5


def test_unknown_losses_are_refused(spoilt):
    with pytest.raises(InputError, match="loss='cubes'"):
        LAW_SEARCH.changed(loss="cubes")
    with pytest.raises(InputError, match="loss='cubes'"):
        GeneExpressionRegressor(loss="cubes").fit(np.arange(30.0)[:, None], np.arange(30.0) ** 2)
