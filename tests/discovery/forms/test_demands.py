"""Laws that a user's demands refuse and let pass."""

import numpy as np
import pytest
import sympy as sp

from ionspice.core import InputError
from ionspice.discovery import Demand, GeneExpressionRegressor
from ionspice.discovery.fits.misfit import unweighted
from ionspice.discovery.fits.selection import assess
from ionspice.discovery.forms.canonical import Form
from ionspice.discovery.forms.demands import meets

x, y, c1 = sp.symbols("x y c1", real=True)
ROWS = np.linspace(-1.0, 2.0, 12)


def _meets(expression, *demands, variables=(x,), points=ROWS[None, :]):
    form = Form(expression=c1 * expression, variables=variables, parameters=(c1,), start=(1.0,))
    values = np.asarray(sp.lambdify(variables, expression, "numpy")(*points), dtype=float)
    data = unweighted(points, values)
    return meets(assess(form, [data]), [data], [Demand(**one) for one in demands])


@pytest.mark.parametrize(
    ("demand", "answer"),
    [
        ({"kind": "at least", "value": 0.0}, True),  # touches 0 at x = 0
        ({"kind": "at least", "value": 0.1}, False),
        ({"kind": "at most", "value": 4.0}, True),
        ({"kind": "at most", "value": 3.9}, False),
        ({"kind": "rising"}, False),
        ({"kind": "falling"}, False),
        ({"kind": "convex"}, True),
        ({"kind": "concave"}, False),
    ],
)
def test_a_parabola_is_convex_and_not_below_zero(demand, answer):
    assert _meets(x**2, demand) is answer


def test_a_slope_between_the_rows_counts():
    rows = np.array([-1.0, 0.0, 1.0, 2.0])[None, :]
    wiggly = x + sp.sin(2 * sp.pi * x)  # a straight line at the rows
    assert not _meets(wiggly, {"kind": "rising"}, points=rows)


def test_each_variable_has_its_own_slope():
    points = np.random.default_rng(0).uniform(1.0, 2.0, size=(2, 30))
    demands = ({"kind": "rising", "variable": 0}, {"kind": "falling", "variable": 1})
    assert _meets(x / y, *demands, variables=(x, y), points=points)
    assert not _meets(x * y, *demands, variables=(x, y), points=points)


def test_a_pole_between_the_rows_breaks_a_bound():
    assert not _meets(1 / (x - sp.Rational(1, 2)), {"kind": "at most", "value": 50.0})


def test_the_regressor_keeps_to_a_bound():
    t = np.linspace(0.0, 3.0, 40)
    noisy = 200.0 * np.exp(-t) + 0.5 * np.random.default_rng(0).normal(size=40)
    model = GeneExpressionRegressor(generations=20, demands=(Demand(kind="at least", value=5.0),)).fit(
        t[:, None], noisy
    )
    finer = np.linspace(0.0, 3.0, 500)[:, None]
    assert np.all(model.predict(finer) >= 5.0 - 1e-3)


def test_unknown_demands_are_refused():
    with pytest.raises(InputError, match="choose from at least"):
        Demand(kind="smooth")
