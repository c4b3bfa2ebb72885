"""One law has one form: canonical writing, constraints, printing, fitting and shortening."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import curve_fit

from ionspice.core import InputError
from ionspice.discovery import parse_expression, to_infix, to_numpy, to_spice
from ionspice.discovery.fits.fitting import fit
from ionspice.discovery.fits.misfit import Dataset, unweighted
from ionspice.discovery.fits.selection import assess
from ionspice.discovery.forms.canonical import Form, canonical, complexity, parametrise
from ionspice.discovery.forms.constraints import is_positive_on
from ionspice.discovery.pruning import shortened

X = sp.Symbol("X", real=True)


def _form(text):
    body, values = parametrise(canonical(parse_expression(text, {"X"})))
    return Form(expression=body, variables=(X,), parameters=tuple(values), start=tuple(values.values()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2.0*X*(1.5 - X)", "3.0*X - 2.0*X**2"),
        ("3.0*log(2.0 + 5.0*X) + 0.5", "0.1 + 2.0*log(1 + 0.3*X)"),
        ("2.0/(4.0 + 3.0*X)", "1.7/(1 + 0.2*X)"),
        ("exp(0.5*X + 1.5)", "0.3*exp(2.5*X)"),
        ("sqrt(2.0*X + 3.0)", "1.1*sqrt(1 + 0.7*X)"),
    ],
)
def test_writings_of_one_law_have_one_key(one, other):
    assert _form(one).key == _form(other).key


def test_different_laws_have_different_keys():
    keys = {_form(text).key for text in ("2.0*X", "2.0*X**2", "2.0*X + 1.0*X**2", "2.0*log(1 + 3.0*X)")}
    assert len(keys) == 4


def test_canonical_writing_keeps_the_values():
    text = "0.3*exp(0.5*X + 1.5) + 2.0*X*(1.5 - X) + 3.0*log(2.0 + 5.0*X)"
    before = parse_expression(text, {"X"})
    after = canonical(before)
    for x in (0.1, 0.7, 2.0):
        assert float(after.subs(X, x)) == pytest.approx(float(before.subs(X, x)), rel=1e-13)


def test_complexity_counts_after_simplification():
    assert complexity(parse_expression("X + X", {"X"})) == complexity(parse_expression("2*X", {"X"}))
    assert complexity(X) < complexity(X**2) < complexity(sp.log(1 + X**2))


@pytest.mark.parametrize(
    ("text", "positive"),
    [
        ("1/(X - 0.3337)", False),
        ("1/(X + 0.01)", True),
        ("1 - 0.999*X", True),
        ("1 - 1.001*X", False),
        ("log(X + 0.5)", False),
        ("log(X - 0.5)", False),
        ("sqrt(X - 0.1)", False),
        ("X - X + 0.001", True),
        ("exp(-X)*(1 - sin(X))", True),
        ("1 + X + 1e-9/(X - 0.123456)**2", False),  # a narrow pole between data points
        ("1 + X + 1e-9/(X - 0.123456)", False),
    ],
)
def test_intervals_prove_poles_and_signs(text, positive):
    assert is_positive_on(parse_expression(text, {"X"}), {X: (0.0, 1.0)}) is positive


def test_fit_and_errors_agree_with_an_independent_fit():
    rng = np.random.default_rng(1)
    x = np.linspace(0.0, 1.0, 80)
    y = 1.3 * np.log1p(2.2 * x) + 0.01 * rng.normal(size=80)
    form = _form("1.0*log(1 + 1.0*X)")
    ours = fit(form, unweighted(x[None], y))
    theirs, covariance = curve_fit(lambda x, a, b: a * np.log1p(b * x), x, y, p0=[1, 1], xtol=1e-13, ftol=1e-13)
    by_name = dict(zip((p.name for p in form.parameters), ours.values, strict=True))
    np.testing.assert_allclose(sorted(by_name.values()), sorted(theirs), rtol=1e-5)
    np.testing.assert_allclose(
        sorted(np.sqrt(np.diag(ours.covariance))), sorted(np.sqrt(np.diag(covariance))), rtol=1e-3
    )


def test_constants_that_cannot_be_told_apart_are_noticed():
    a, b = sp.symbols("c1 c2", real=True)
    form = Form(expression=a * b * X, variables=(X,), parameters=(a, b), start=(1.0, 2.0))
    x = np.linspace(0.0, 1.0, 20)
    assert fit(form, unweighted(x[None], 3.0 * x)).rank == 1


def test_superfluous_terms_are_dropped_and_whole_numbers_found():
    rng = np.random.default_rng(2)
    x = np.linspace(-1.0, 1.0, 200)
    data = Dataset(points=x[None], y=2.0 * x**2 + x + 0.01 * rng.normal(size=200), weights=np.ones(200))
    member = assess(_form("1.9*X**2 + 1.1*X + 0.001*X**3 + 0.01"), [data])
    assert shortened(member, [data], round_constants=True)[-1].form.expression == 2 * X**2 + X
    kept = shortened(member, [data], round_constants=False)[-1].form
    assert kept.key == _form("1.9*X**2 + 1.1*X").key


@pytest.mark.parametrize(
    "text", ["0.1*X**2 - 1/3", "exp(-0.30000000000000004*X)/sqrt(X + 1)", "-X + 2.5e-9*asinh(X)"]
)
def test_infix_text_survives_the_way_back(text):
    expression = parse_expression(text, {"X"})
    assert parse_expression(to_infix(expression), {"X"}) == expression


@pytest.mark.parametrize(
    "text", ["1 - 0.4*X", "X**3/(1 + X**2)", "log(1 + 2*X)", "X**0.3", "sqrt(X)/(-2/3 + X)", "-X**2"]
)
def test_numpy_and_spice_text_mean_the_same(text):
    expression = parse_expression(text, {"X"})
    x = 0.7
    exact = float(expression.subs(X, x))
    import numpy

    assert eval(to_numpy(expression), {"numpy": numpy, "X": x}) == pytest.approx(exact)
    functions = {"ln": np.log, "exp": np.exp, "sqrt": np.sqrt, "X": x}
    assert eval(to_spice(expression), functions) == pytest.approx(exact)
    assert "**" not in to_spice(expression)


@pytest.mark.parametrize("text", ["X +", "import os", "X.y", "f(X)", "X[1]", "1j", "True", "X**1000", "2**(2**99)"])
def test_parser_refuses_what_is_not_a_formula(text):
    with pytest.raises(InputError):
        parse_expression(text, {"X"})
