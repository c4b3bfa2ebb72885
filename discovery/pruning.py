"""Shorten fitted laws: drop constants that the data cannot tell from zero, round those that may be whole numbers.

A constant is a candidate when it lies within two standard errors of the simpler value. Each change makes a new form,
refitted and judged like any other; the longer one stays in the running, so nothing is lost by trying.
"""

from collections.abc import Sequence

import numpy as np
import sympy as sp

from ionspice.discovery.canonical import Form, complexity
from ionspice.discovery.selection import Dataset, FrontMember, assess

#: |value - simple| / standard error below which a constant may be replaced
_CLOSE = 2.0
#: relative distance that is round-off
_ROUND_OFF = 1e-7
#: a constant known worse than this is not evidence for a whole number
_KNOWN = 0.05
_LARGEST_WHOLE = 6


def shortened(member: FrontMember, datasets: Sequence[Dataset], *, round_constants: bool) -> list[FrontMember]:
    """Return the chain of shorter laws that follow from one by replacing a constant at a time."""
    chain: list[FrontMember] = []
    current = member
    while current.form.parameters:
        replacement = _nearest_simple(current, round_constants=round_constants)
        if replacement is None:
            break
        index, value = replacement
        form = _replace(current.form, index, value)
        if form is None:
            break
        keep = [k for k in range(len(current.form.parameters)) if current.form.parameters[k] in form.parameters]
        current = assess(form, datasets, [fit.values[keep] for fit in current.fits])
        if not np.isfinite(current.error):
            break
        chain.append(current)
    return chain


def _nearest_simple(member: FrontMember, *, round_constants: bool) -> tuple[int, sp.Expr] | None:
    """Return the constant that is closest, in standard errors, to a simpler value, and that value."""
    best: tuple[float, int, sp.Expr] | None = None
    for index in range(len(member.form.parameters)):
        values = np.array([fit.values[index] for fit in member.fits])
        errors = np.sqrt([fit.covariance[index, index] for fit in member.fits])
        simple: list[sp.Expr] = [sp.S.Zero]
        middle = float(np.median(values))
        if round_constants and abs(middle) < _LARGEST_WHOLE:
            simple += [sp.Integer(round(middle)), sp.Rational(round(2.0 * middle), 2)]
        for value in simple:
            number = float(value)
            if not np.all(np.isfinite(errors)) or (number != 0.0 and np.any(errors > _KNOWN * abs(number))):
                continue
            tolerance = np.maximum(errors, _ROUND_OFF * max(abs(number), 1e-2))
            distance = float(np.max(np.abs(values - number) / tolerance))
            if distance < _CLOSE and (best is None or distance < best[0]):
                best = (distance, index, value)
    return None if best is None else best[1:]


def _replace(form: Form, index: int, value: sp.Expr) -> Form | None:
    body = form.expression.subs(form.parameters[index], value)
    if body.has(sp.nan, sp.zoo, sp.oo) or not body.free_symbols & set(form.variables):
        return None
    left = tuple(symbol for symbol in form.parameters if symbol in body.free_symbols)
    if complexity(body) > form.complexity:
        return None
    start = dict(zip(form.parameters, form.start, strict=True))
    return Form(
        expression=body, variables=form.variables, parameters=left, start=tuple(start[symbol] for symbol in left)
    )
