"""A law has one writing, also after constants were dropped from it."""

import numpy as np
import pytest
import sympy as sp

from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.selection import assess
from ionspice.discovery.forms.canonical import Form, renumbered, rewritten
from ionspice.discovery.pruning import shortened

X, C1, C2, C3 = sp.symbols("X c1 c2 c3", real=True)
ORIGIN = ((0.0,), 0.0)


def test_a_product_of_factors_becomes_a_sum_of_monomials():
    form = Form(expression=C1 * X * (X - C2), variables=(X,), parameters=(C1, C2), start=(-0.25, 4.0))
    again = rewritten(form, ORIGIN)
    assert again.key == "Add(Mul(Pow(X,2),c),Mul(X,c))"
    assert again.with_values(again.start).subs(X, 0.5) == pytest.approx(form.with_values(form.start).subs(X, 0.5))


def test_the_level_at_the_anchor_gets_no_constant_of_its_own():
    form = Form(expression=C1 * (sp.exp(C2 * X) - 1), variables=(X,), parameters=(C1, C2), start=(2.0, -1.5))
    again = rewritten(form, ORIGIN)
    assert len(again.parameters) == 2
    assert sp.simplify(again.expression.subs(X, 0)) == 0


def test_constants_are_numbered_by_where_they_stand():
    body = C3 * X - C3 * X / (1 + C1 * X)
    one = Form(expression=body, variables=(X,), parameters=(C1, C3), start=(2.0, 0.5))
    other = Form(expression=body.xreplace({C1: C3, C3: C2}), variables=(X,), parameters=(C2, C3), start=(0.5, 2.0))
    first, second = renumbered(one), renumbered(other)
    assert first.expression == second.expression
    assert {symbol.name for symbol in first.parameters} == {"c1", "c2"}
    assert first.with_values(first.start) == second.with_values(second.start) == one.with_values(one.start)


def test_a_superfluous_term_is_dropped_with_the_constants_inside_it():
    x = np.linspace(0.0, 1.0, 60)
    sets = [Dataset(points=x[None], y=a * np.log1p(b * x), weights=np.ones(60)) for a, b in ((1.0, 2.0), (0.5, 8.0))]
    c4 = sp.Symbol("c4", real=True)
    form = Form(
        expression=C1 * sp.log(1 + C2 * X) + C3 * X / (1 + c4 * X),
        variables=(X,),
        parameters=(C1, C2, C3, c4),
        start=(1.0, 3.0, 0.01, 0.5),
    )
    member = assess(form, sets)
    shorter = shortened(member, sets, round_constants=False, anchor=ORIGIN)[-1]
    assert shorter.form.key == "Mul(c,log(Add(1,Mul(X,c))))"
    np.testing.assert_allclose([sorted(fit.values) for fit in shorter.fits], [[1.0, 2.0], [0.5, 8.0]], rtol=1e-9)
