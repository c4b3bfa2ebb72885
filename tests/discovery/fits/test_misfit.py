"""Values and derivatives of forms where they have limits only, or are not real."""

import numpy as np
import sympy as sp

from ionspice.discovery.fits.misfit import predict, slopes
from ionspice.discovery.forms.canonical import Form

X = sp.Symbol("x", real=True)
C1, C2 = sp.symbols("c1 c2", real=True)


def _form(expression, *start):
    return Form(expression=expression, variables=(X,), parameters=(C1, C2)[: len(start)], start=start)


def test_derivative_of_a_power_by_its_exponent_vanishes_at_zero():
    form = _form(C1 * X**C2, 2.0, 0.5)
    rows = slopes(form, np.array([2.0, 0.5]), np.array([[0.0, 1.0, 4.0]]))
    np.testing.assert_allclose(rows, [[0.0, 1.0, 2.0], [0.0, 0.0, 4.0 * np.log(4.0)]], atol=1e-20)


def test_what_is_not_real_is_no_number():
    form = _form(C1 * sp.sqrt(sp.Integer(-2)) * X + C1, 1.0)
    points = np.array([[0.0, 1.0]])
    assert np.isnan(predict(form, np.array([1.0]), points)).tolist() == [False, True]
    assert np.isnan(slopes(form, np.array([1.0]), points)).tolist() == [[False, True]]
