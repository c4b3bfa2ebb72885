"""The shape of a resistance law, freed from its scale.

Every law R(Q) that discovery may return is written as

    R(Q) = Rc [1 - gamma s(X)],   X = |Q| / Qmax,   s(0) = 0,   s(1) = 1

with Rc = R(0) and gamma = 1 - R(Qmax)/R(0). The study's law is s = X. In this form gamma = 0 is the
transmission line whatever the law, and gamma can be varied while the law's shape stays.

R depends on the magnitude of Q: with equal diffusivities and a symmetric electrolyte the field problem does
not change when potential and charge change sign, so the counter electrode of a full cell has the same law.
"""

import math
from collections.abc import Mapping
from functools import lru_cache

import mpmath  # type: ignore[import-untyped]
import numpy as np
import sympy

from ionspice.core import InputError

#: relative charge |Q|/Qmax
X = sympy.Symbol("X", real=True, nonnegative=True)

#: the study's law
LINEAR: sympy.Expr = X

#: functions that interval arithmetic, SPICE and Verilog-A all know once they are rewritten
_REWRITES = (
    (sympy.sinh, sympy.exp),
    (sympy.cosh, sympy.exp),
    (sympy.tanh, sympy.exp),
    (sympy.asinh, sympy.log),
)
#: relative charges up to which a law is read, the first that it has bounds for; beyond, R stays
_REACHES = (1e3, 20.0, 10.0, 5.0, 3.0, 2.0, 1.5, 1.2, 1.1, 1.05)
_SLACK = 0.05  # of interval arithmetic, in s
_INTERVAL_FUNCTIONS = {name: getattr(mpmath.iv, name) for name in ("exp", "log", "sqrt", "cos", "sin", "pi")}


def normalised_shape(resistance: sympy.Expr, constants: Mapping[str, float]) -> sympy.Expr:
    """Return s(X) of R(Q); a law that does not depend on Q has s = X (its gamma is 0).

    Args:
        resistance: R in `Q`, the magnitude of the charge, and symbols named by `constants`.
        constants: value of every constant, `Qmax` (C/m) among them.

    Raises:
        InputError: a constant has no value, R has a pole up to Qmax, or R(Qmax) = R(0) although R depends on Q.
    """
    law = with_values(resistance, {**constants, "Q": X * constants["Qmax"]})
    unknown = law.free_symbols - {X}
    if unknown:
        names = ", ".join(sorted(symbol.name for symbol in unknown))
        raise InputError(f"the resistance law has no value for {names}; add it to the law's parameters")
    if X not in law.free_symbols:
        return LINEAR
    bounds(law)
    start, end = float(law.subs(X, 0)), float(law.subs(X, 1))
    if start <= 0 or abs(1 - end / start) < 1e-9:
        raise InputError(
            f"the resistance law gives R(0) = {start:g} and R(Qmax) = {end:g}; R(0) must be positive and "
            "differ from R(Qmax), or the law has no relative shape; choose another law of the front"
        )
    if law.is_polynomial(X):
        return LINEAR if sympy.degree(law, X) == 1 else sympy.expand((start - law) / (start - end))
    return (start - law) / (start - end)


@lru_cache(maxsize=256)
def shape_reach(shape: sympy.Expr) -> float:
    """Return the largest X that s is read at; beyond, s keeps its value there.

    Laws are proved up to X = 1, and charges go beyond, in other windows and where deep slits charge last. There roots
    and poles may follow, and laws that bend back would make a charged slit resist more than it ever did where it was
    learnt. Returns inf for shapes without an end.
    """
    if shape.is_polynomial(X):
        return _polynomial_reach(shape)
    least = bounds(shape)[0] - _SLACK
    for reach in _REACHES:
        try:
            low = bounds(shape, reach)[0]
        except InputError:
            continue
        if low > least:
            return math.inf if reach == _REACHES[0] else reach
    return 1.0


def _polynomial_reach(shape: sympy.Expr) -> float:
    """Return the same of a polynomial from its roots, which fits ask for thousands of."""
    law = np.polynomial.Polynomial([float(c) for c in reversed(sympy.Poly(shape, X).all_coeffs())])
    turns = [x for x in _real_roots(law.deriv()) if 0 < x < 1]
    least = min(float(law(x)) for x in (0.0, *turns, 1.0)) - _SLACK
    end = min((x for x in _real_roots(law - least) if x > 1), default=math.inf)
    return end if math.isinf(end) else next((reach for reach in _REACHES if reach <= end), 1.0)


def _real_roots(polynomial: np.polynomial.Polynomial) -> list[float]:
    roots = np.asarray(polynomial.roots(), dtype=complex)
    return [float(root.real) for root in roots if abs(root.imag) < 1e-9]


def with_values(expression: sympy.Expr, constants: Mapping[str, float | sympy.Expr]) -> sympy.Expr:
    """Return the expression with the values of all symbols that `constants` names, whatever they assume."""
    return expression.subs({s: constants[s.name] for s in expression.free_symbols if s.name in constants})


def bounds(expression: sympy.Expr, upper: float = 1.0, pieces: int = 256) -> tuple[float, float]:
    """Return proven bounds of `expression` on 0 <= X <= `upper` by interval arithmetic.

    The interval is cut into `pieces`; on each the rounded-outward range is exact enough that the bounds are
    tight to about 1/pieces of the variation.

    Raises:
        InputError: a pole, or a point outside the domain of a logarithm or root, lies in the interval.
    """
    plain = expression
    for function, target in _REWRITES:
        plain = plain.replace(function, lambda argument, f=function, t=target: f(argument).rewrite(t))
    evaluate = sympy.lambdify(X, plain, modules=[_INTERVAL_FUNCTIONS])
    low, high = float("inf"), float("-inf")
    for k in range(pieces):
        cell = mpmath.iv.mpf([upper * k / pieces, upper * (k + 1) / pieces])
        try:
            value = mpmath.iv.convert(evaluate(cell))
            low, high = min(low, float(value.a)), max(high, float(value.b))
        except (ValueError, ZeroDivisionError, NameError, mpmath.libmp.ComplexResult):
            low = float("-inf")
        if not (low > float("-inf") and high < float("inf")):
            raise InputError(
                f"the law's shape {expression} has no bound for X = |Q|/Qmax in [{float(cell.a):g}, "
                f"{float(cell.b):g}] (limit {upper:g}): a pole or the end of its domain; choose another law"
            )
    return low, high
