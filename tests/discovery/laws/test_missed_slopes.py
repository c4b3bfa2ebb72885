"""Intervals of Rc and gamma where the form is not the law."""

import numpy as np
import sympy as sp

from ionspice.discovery.fits.fitting import fit
from ionspice.discovery.fits.lack_of_fit import polynomials_asked_for, remainder
from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.uncertainty import bootstrap
from ionspice.discovery.forms.canonical import Form
from ionspice.discovery.laws.missed_slopes import allowing_for_misfit

X, C1, C2 = sp.symbols("X c1 c2", real=True)
QUADRATIC = Form(expression=C1 * X + C2 * X**2, variables=(X,), parameters=(C1, C2), start=(1.0, -0.1))
x = np.linspace(0.0, 1.0, 150)
NOISE = np.random.default_rng(0).normal(size=x.size)


def _estimates(y, accuracy=0.0):
    data, rng = Dataset(points=x[None, :], y=y, weights=np.ones(x.size)), np.random.default_rng(1)
    fitted = fit(QUADRATIC, data)
    plain = bootstrap(QUADRATIC, data, fitted, lambda c: np.array([c[0], -2 * c[1] / c[0]]), rng)
    rest = remainder(QUADRATIC, data, fitted.values, fitted.residual)
    return plain, allowing_for_misfit(plain, rest, polynomials_asked_for([rest]), accuracy * rest.spread, rng)


def test_intervals_of_a_wrong_form_reach_the_truth():
    plain, wide = _estimates(np.log1p(x) + 0.003 * NOISE)
    gamma, slope = 0.5, 1.0
    assert not plain.interval[1, 0] <= gamma <= plain.interval[1, 1]
    assert wide.interval[1, 0] <= gamma <= wide.interval[1, 1]
    assert wide.interval[0, 0] <= slope <= wide.interval[0, 1]
    np.testing.assert_array_equal(wide.value, plain.value)
    assert wide.standard_error[1] > 2.0 * plain.standard_error[1]


def test_a_misfit_below_the_accuracy_of_the_data_widens_nothing():
    plain, same = _estimates(np.log1p(x) + 0.003 * NOISE, accuracy=0.1)
    np.testing.assert_array_equal(same.interval, plain.interval)
