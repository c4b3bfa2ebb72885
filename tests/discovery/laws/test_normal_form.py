"""Rc and gamma of any form, also where its curvature vanishes or no constant sets its slope."""

import numpy as np
import pytest
import sympy as sp

from ionspice.core import RunError
from ionspice.discovery.forms.canonical import Form
from ionspice.discovery.laws.normal_form import X, unit_slope

C1, C2, C3 = sp.symbols("c1 c2 c3", real=True)


def _form(expression, *start):
    return Form(expression=expression, variables=(X,), parameters=(C1, C2, C3)[: len(start)], start=start)


def test_the_coefficient_of_x_is_eliminated_so_that_no_curvature_is_finite():
    normal = unit_slope(_form(C1 * X + C2 * X**2, 2.0, -0.5))
    straight = normal.values_of(np.array([[2.0], [0.0]]))[:, 0]
    np.testing.assert_allclose(straight, [2.0, 0.0, 0.0], atol=1e-15)
    assert normal.shape == X + C2 * X**2


@pytest.mark.parametrize(
    ("form", "scale", "gamma"),
    [
        (_form(C1 * X + C2 * X**2, 2.0, -0.5), 2.0, 0.5),
        (_form(C1 * sp.log(1 + C2 * X), 3.0, 2.0), 6.0, 2 / 3),
        (_form(C1 * X + C2 * sp.log(1 + C3 * X), 1.0, 0.5, 4.0), 3.0, 1 - 1.4 / 3),
        (_form(X + C1 * X**2, -0.25), 1.0, 0.5),
        (_form(sp.sqrt(1 + C1 * X) - 1, 3.0), 1.5, 0.5),
    ],
)
def test_scale_and_gamma_are_those_of_the_form(form, scale, gamma):
    values = unit_slope(form).values_of(np.array(form.start)[:, None])[:, 0]
    np.testing.assert_allclose(values[:2], [scale, gamma], rtol=1e-12)


@pytest.mark.parametrize("expression", [C1 * sp.sqrt(X), C1 * X**2, C1 * sp.sqrt(X - C2)])
def test_laws_without_a_finite_slope_are_refused_in_words(expression):
    with pytest.raises(RunError, match="no finite slope at the origin"):
        unit_slope(_form(expression, 1.0, 1.0))
