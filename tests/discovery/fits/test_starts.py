"""Fits reach the lowest minimum from poor starts, among outliers too."""

import numpy as np
import pytest
import sympy as sp

from ionspice.discovery.fits.fitting import fit
from ionspice.discovery.fits.misfit import unweighted
from ionspice.discovery.fits.projection import linear_constants
from ionspice.discovery.fits.selection import assess, released, with_loss
from ionspice.discovery.forms.canonical import Form

X, C1, C2, C3 = sp.symbols("X c1 c2 c3", real=True)
DECAY = Form(expression=C1 + C2 * sp.exp(C3 * X), variables=(X,), parameters=(C1, C2, C3), start=(0.0, 1.0, 1.0))
WAVE = Form(expression=C1 * sp.sin(C2 * X), variables=(X,), parameters=(C1, C2), start=(1.0, 2.0))
x = np.linspace(0.0, 2.0, 80)


def test_linear_constants_are_linear_together():
    assert linear_constants(DECAY) == (0, 1)
    product = Form(expression=C1 * C2 * X, variables=(X,), parameters=(C1, C2), start=(1.0, 1.0))
    assert linear_constants(product) == (0,)


@pytest.mark.parametrize("rate", [-20.0, -2.13, -0.1, 3.0])
def test_a_rate_is_found_from_any_start(rate):
    found = fit(DECAY, unweighted(x[None], 2.0 - 0.7 * np.exp(rate * x)), grid=True)
    np.testing.assert_allclose(found.values, [2.0, -0.7, rate], rtol=1e-8)


def test_one_data_set_does_not_stop_where_another_goes_on():
    rates = (-0.1, -2.0, -20.0)
    sets = [unweighted(x[None], 1.0 - np.exp(rate * x)) for rate in rates]
    member = assess(DECAY, sets)
    assert member.error < 1e-12
    np.testing.assert_allclose([fit.values[2] for fit in member.fits], rates, rtol=1e-9)


def test_a_fit_in_a_local_minimum_is_left_by_way_of_its_parts():
    data = unweighted(x[None], np.sin(8.2 * x))
    stuck, good = fit(WAVE, data), fit(WAVE, data, start=np.array([1.0, 8.0]))
    assert np.sqrt(np.mean(stuck.residual**2)) > 0.1
    assert released(WAVE, data, stuck, {0: stuck.values}) is stuck
    np.testing.assert_allclose(released(WAVE, data, stuck, {0: stuck.values, 1: good.values}).values, [1.0, 8.2])


def test_outliers_do_not_rule_the_first_fit_of_a_robust_loss():
    rng = np.random.default_rng(4)
    y = 1.5 - 0.9 * np.exp(-1.7 * x) + 0.002 * rng.normal(size=80)
    spoilt = np.where(rng.random(80) < 0.25, y - 5.0 * rng.random(80), y)
    data = with_loss(unweighted(x[None], spoilt), DECAY, "huber")
    # the median of all |r| is the good rows' 2/3 quantile: 1.48 * 0.97 standard deviations
    assert data.loss.deviation == pytest.approx(1.43 * 0.002, rel=0.3)
    found = assess(DECAY, [data]).fits[0].values
    np.testing.assert_allclose(found, [1.5, -0.9, -1.7], rtol=0.03)
