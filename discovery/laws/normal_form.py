"""A form with its slope at the origin apart: Y = scale F(X; constants), F'(0) = 1, and the resistance that follows.

    R(Q) = dV/dQ = Rc F'(Q/Qmax),    gamma = 1 - F'(1)

One constant of the form is spent on the unit slope. Which one matters: the others must stay finite where the law
loses its curvature. The coefficient of X itself is best, X + c X^2 being straight at c = 0; then any constant in
which the form is linear; then one for which the slope can be solved. Forms are fitted as they are and their constants
carried over, so nothing is lost where this writing is ill-conditioned.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import sympy as sp

from ionspice.core import RunError
from ionspice.discovery.forms.canonical import Form, complexity

X = sp.Symbol("X", real=True)
Q, RC, GAMMA, QMAX = sp.symbols("Q Rc gamma Qmax", real=True)
#: relative difference of two writings that is round-off
_SAME = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalForm:
    """What Y = f(X) is as scale F(X; constants), F'(0) = 1."""

    #: F
    shape: sp.Expr
    #: the constants of F
    constants: tuple[sp.Symbol, ...]
    #: scale and constants of F, each in the constants of f
    written: tuple[sp.Expr, ...]
    #: the constants of f
    original: tuple[sp.Symbol, ...]

    def values_of(self, values: np.ndarray) -> np.ndarray:
        """Return scale, gamma and constants of F for constants of f, shape (parameters, m); NaN where not real."""
        scale, *constants = self.written
        end = sp.diff(self.shape, X).subs(X, 1).xreplace(dict(zip(self.constants, constants, strict=True)))
        function = sp.lambdify(self.original, [scale, 1 - end, *constants], modules="numpy", cse=True)
        with np.errstate(all="ignore"):
            rows = [np.broadcast_to(row, values.shape[1:]) for row in function(*values.astype(complex))]
        return np.array([np.where(np.abs(row.imag) == 0.0, row.real, np.nan) for row in rows])

    def resistance(self) -> tuple[sp.Expr, tuple[sp.Symbol, ...]]:
        """Return R in Q by the names Rc, gamma, Qmax and other constants, and those other constants.

        gamma takes the place of a single constant in which F' is linear.
        """
        relative = sp.Add(*map(_slope, sp.Add.make_args(self.shape)))
        others = self.constants
        if len(others) == 1:
            loss = sp.expand(1 - relative.subs(X, 1))
            if loss.is_polynomial(others[0]) and sp.degree(loss, others[0]) == 1:
                relative = sp.expand(relative.subs(others[0], sp.solve(loss - GAMMA, others[0])[0]))
                others = ()
        return RC * relative.subs(X, Q / QMAX), others


def has_slope(form: Form) -> bool:
    """Return whether a form has a slope at the origin, which is the resistance of the empty slit."""
    slope = sp.diff(form.expression, X).subs(X, 0)
    return slope != 0 and not slope.has(sp.zoo, sp.nan, sp.oo)


def unit_slope(form: Form) -> NormalForm:
    """Rewrite a form so that one constant is the slope at the origin and the others give the shape.

    Raises:
        RunError: the slope at the origin is not finite and real.
    """
    if not has_slope(form):
        raise _no_slope(form)
    slope = sp.diff(form.expression, X).subs(X, 0)
    start = np.array(form.start, dtype=float)
    whole = NormalForm(  # with all constants in the shape, for forms whose slope no constant sets
        shape=form.expression / slope,
        constants=form.parameters,
        written=(slope, *form.parameters),
        original=form.parameters,
    )
    for normal in [
        *(_without(form, symbol, solution, slope) for symbol, solution in _eliminations(form, slope)),
        whole,
    ]:
        if _is_same(form, normal, start):
            return normal
    raise _no_slope(form)


def _no_slope(form: Form) -> RunError:
    return RunError(
        f"the law Y = {form.expression} has no finite slope at the origin, so Rc cannot be separated; search with "
        "other `functions` or another `seed`"
    )


def _is_same(form: Form, normal: NormalForm, start: np.ndarray) -> bool:
    """Return whether the rewritten form gives the values of the form, with finite constants."""
    values = normal.values_of(start[:, None])[:, 0]
    if not np.all(np.isfinite(values)) or values[0] == 0.0:
        return False
    numbers = {c: sp.Float(float(v)) for c, v in zip(normal.constants, values[2:], strict=True)}
    shape = normal.shape.xreplace(numbers)
    points = [sp.Rational(k, 4) for k in range(1, 5)]
    ours = [values[0] * complex(shape.subs(X, x)) for x in points]
    theirs = [complex(form.with_values(form.start).subs(X, x)) for x in points]
    return bool(np.allclose(ours, theirs, rtol=_SAME, atol=_SAME * max(map(abs, theirs))))


def _eliminations(form: Form, slope: sp.Expr) -> Iterator[tuple[sp.Symbol, sp.Expr]]:
    """Yield constants with their values at unit slope, those first that leave the others finite."""
    linear = [c for c in form.parameters if sp.diff(form.expression, c, 2) == 0]
    rates = {c: sp.diff(slope, c) for c in linear}
    for symbol in sorted((c for c in linear if rates[c] != 0), key=lambda c: complexity(rates[c])):
        yield symbol, (1 - slope.subs(symbol, 0)) / rates[symbol]
    for symbol in form.parameters:
        if symbol not in linear and symbol in slope.free_symbols:
            solutions = sp.solve(slope - 1, symbol)
            if len(solutions) == 1 and not solutions[0].has(sp.I, sp.nan, sp.zoo, sp.oo):
                yield symbol, solutions[0]


def _without(form: Form, symbol: sp.Symbol, solution: sp.Expr, slope: sp.Expr) -> NormalForm:
    rest = tuple(c for c in form.parameters if c is not symbol)
    linear = [c for c in rest if sp.diff(form.expression, c, 2) == 0]
    return NormalForm(
        shape=sp.expand(form.expression.subs(symbol, solution)),
        constants=rest,
        written=(slope, *(c / slope if c in linear else c for c in rest)),
        original=form.parameters,
    )


def _slope(term: sp.Expr) -> sp.Expr:
    """Return the derivative of a term by X in its shorter writing."""
    slope = sp.diff(term, X)
    return min(slope, sp.factor(slope), key=complexity)
