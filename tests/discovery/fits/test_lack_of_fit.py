"""The smooth part of residuals, and the slopes with it."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from ionspice.discovery.fits.fitting import fit
from ionspice.discovery.fits.lack_of_fit import missed, polynomials_asked_for, remainder
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.forms.canonical import Form

X, C1, C2 = sp.symbols("X c1 c2", real=True)
QUADRATIC = Form(expression=C1 * X + C2 * X**2, variables=(X,), parameters=(C1, C2), start=(1.0, -0.1))
x = np.linspace(0.0, 1.0, 101)
#: noise without a smooth part
ROUGH = 0.002 * np.cos(np.pi * np.arange(x.size))


def _remainder(y, derivative=None):
    data = Dataset(points=x[None, :], y=y, weights=np.ones(x.size), derivative=derivative)
    fitted = fit(QUADRATIC, data)
    return remainder(QUADRATIC, data, fitted.values, fitted.residual)


def _missed(y, derivative=None):
    """Return slopes of the quadratic alone and what it misses."""
    rest = _remainder(y, derivative)
    return rest.slopes, missed(rest, polynomials_asked_for([rest]), 50, np.random.default_rng(0))


def test_the_true_form_misses_nothing():
    assert polynomials_asked_for([_remainder(x - 0.3 * x**2 + ROUGH)]) == 0


def test_data_sets_ask_together_for_what_none_shows_alone():
    alone = _remainder(x - 0.4 * x**2 + 0.003 * x**3 * (1 - x) + ROUGH)
    shown = [replace(alone, squares=np.array([square, 0.0])) for square in (1.9, 2.5, 5.0)]
    assert [polynomials_asked_for([one]) for one in shown] == [0, 2, 2]
    assert polynomials_asked_for([shown[0], shown[1]]) == 2
    assert polynomials_asked_for([shown[0], shown[0]]) == 0


def test_slopes_at_the_ends_are_those_of_the_law_behind_the_data():
    slopes, found = _missed(x - 0.4 * x**2 + 0.2 * x**3 + ROUGH)
    assert abs(slopes[0] - 1.0) > 0.05
    np.testing.assert_allclose(slopes + found.slopes, [1.0, 0.8], atol=0.01)
    np.testing.assert_allclose(np.std(found.values), np.std(0.2 * x**3 - _as_quadratic(0.2 * x**3)), rtol=0.05)


def test_slopes_from_observed_derivatives():
    slopes, found = _missed(1.0 - 0.8 * x + 0.6 * x**2 + ROUGH, derivative=0)
    np.testing.assert_allclose(slopes + found.slopes, [1.0, 0.8], atol=0.01)


def test_draws_are_as_wide_as_the_noise_makes_them():
    rng = np.random.default_rng(1)
    widths = [
        np.std(_missed(x - 0.4 * x**2 + 0.2 * x**3 + level * rng.normal(size=x.size))[1].drawn[1])
        for level in (1e-4, 1e-3)
    ]
    assert widths[1] / widths[0] == pytest.approx(10.0, rel=0.6)


def _as_quadratic(y):
    columns = np.stack([x, x**2])
    return np.linalg.lstsq(columns.T, y, rcond=None)[0] @ columns
