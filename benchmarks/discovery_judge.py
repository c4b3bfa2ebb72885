"""Is a found expression the law that made the data?

The numbers in an expression are freed, refitted to clean data, and must then reproduce it to 1e-6 of its standard
deviation inside and, where the law is defined, on a box 20 % larger. A form with superfluous terms also could, so it
must not have more constants than needed: no single constant may be set to 0 or 1 at no loss, and its price may be at
most twice the law's. For the law suite gamma must also be within 2 % as found.
"""

import numpy as np
import sympy as sp
from discovery_suites import Problem

from ionspice.core import InputError
from ionspice.discovery.fits.fitting import fit
from ionspice.discovery.fits.misfit import predict, unweighted
from ionspice.discovery.forms.canonical import Form, canonical, complexity, parametrise
from ionspice.discovery.forms.expressions import parse_expression

_MATCH = 1e-6


def _floats(expression: sp.Expr) -> sp.Expr:
    """Turn rational coefficients into floats, keep exponents exact when they are small."""
    if expression.is_Rational and not expression.is_Integer:
        return sp.Float(expression)
    if not expression.args:
        return expression
    if expression.is_Pow and expression.exp.is_Rational:
        return _floats(expression.base) ** expression.exp
    if expression.is_Pow and expression.exp.is_Float:
        near = sp.nsimplify(expression.exp, rational=True, tolerance=1e-3)
        if near.q <= 2 and abs(near.p) <= 8:
            return _floats(expression.base) ** near
    return expression.func(*map(_floats, expression.args))


def _snap(expression: sp.Expr, tolerance: float) -> sp.Expr:
    """Drop terms whose coefficient is negligible."""
    return expression.xreplace({f: sp.S.Zero for f in expression.atoms(sp.Float) if abs(f) < tolerance})


def is_solution(text: str, problem: Problem, noise: float) -> bool:
    """Return whether the expression text is the problem's law."""
    try:
        expression = parse_expression(text, problem.variables)
    except InputError:
        return False
    symbols = tuple(sp.Symbol(name, real=True) for name in problem.variables)
    body, values = parametrise(_snap(_floats(expression), 1e-12))
    form = Form(expression=body, variables=symbols, parameters=tuple(values), start=tuple(values.values()))
    X, y = problem.draw(12345, 0.0)
    scale = float(np.std(y))
    if body.has(sp.nan, sp.zoo, sp.oo) or len(values) > 25:
        return False
    form = _without_negligible(form, X, (1e-4 + 0.1 * noise) * scale)
    fitted = fit(form, unweighted(X.T, y))
    if not np.sqrt(np.mean(fitted.residual**2)) < _MATCH * scale:
        return False
    if not _holds_outside(form, fitted.values, problem, scale):
        return False
    if any(_loss(form, fitted.values, k, X, y) < _MATCH * scale for k in range(len(fitted.values))):
        return False
    found = canonical(form.with_values(fitted.values))
    truth = canonical(
        _floats(
            parse_expression(problem.formula.replace("arcsin", "asin").replace("pi", str(np.pi)), problem.variables)
        )
    )
    if complexity(found) > 2 * complexity(truth) + 6:
        return False
    return problem.suite != "law" or abs(_gamma(expression, symbols[0]) / _gamma(truth, symbols[0]) - 1.0) < 0.02


def _holds_outside(form: Form, values: np.ndarray, problem: Problem, scale: float) -> bool:
    rng = np.random.default_rng(7)
    X = np.column_stack(
        [rng.uniform(low - 0.1 * (high - low), high + 0.1 * (high - low), 400) for _, low, high in problem.box]
    )
    with np.errstate(all="ignore"):
        y = problem.evaluate(X)
    known = np.isfinite(y)
    guess = predict(form, values, X[known].T)
    both = np.isfinite(guess)
    error = np.abs(guess[both] - y[known][both])
    return bool(np.mean(both) > 0.9 and np.median(error) < 1e-5 * scale)


def _loss(form: Form, values: np.ndarray, index: int, X: np.ndarray, y: np.ndarray) -> float:
    """Return the rms error with one constant set to 0."""
    changed = np.array(values)
    changed[index] = 0.0
    return float(np.sqrt(np.mean((predict(form, changed, X.T) - y) ** 2)))


def _without_negligible(form: Form, X: np.ndarray, tolerance: float) -> Form:
    """Round constants to 0 that change the found law by less than the tolerance."""
    values = np.array(form.start)
    as_found = predict(form, values, X.T)
    gone = {c for k, c in enumerate(form.parameters) if _loss(form, values, k, X, as_found) < tolerance}
    body = form.expression.subs(dict.fromkeys(gone, 0))
    kept = [(c, v) for c, v in zip(form.parameters, form.start, strict=True) if c in body.free_symbols]
    return Form(
        expression=body,
        variables=form.variables,
        parameters=tuple(c for c, _ in kept),
        start=tuple(v for _, v in kept),
    )


def _gamma(expression: sp.Expr, x: sp.Symbol) -> float:
    slope = sp.diff(expression, x)
    return float(1 - slope.subs(x, 1) / slope.subs(x, 0))
