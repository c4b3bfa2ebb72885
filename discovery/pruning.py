"""Shorten fitted laws: drop constants that the data cannot tell from zero, round those that may be whole numbers.

A constant is a candidate when it lies within two standard errors of the simpler value, three of zero. Each change
makes a new form, refitted and judged like any other; the longer one stays in the running, so nothing is lost by
trying.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import sympy as sp

from ionspice.discovery.fits.misfit import Dataset
from ionspice.discovery.fits.projection import linear_constants
from ionspice.discovery.fits.selection import FrontMember, assess, simplicity
from ionspice.discovery.forms.canonical import Form, complexity, rewritten
from ionspice.discovery.ordering import lowest
from ionspice.discovery.settings import ROUND_OFF

#: |value - simple| / standard error below which a constant may be replaced by a whole number or a half, and by zero:
#: a term less shortens the description by more nats than half the square of that
_CLOSE = 2.0
_CLOSE_TO_ZERO = 3.0
#: relative distance that is round-off
_ROUND_OFF = 1e-7
#: a constant known worse than this is not evidence for a whole number
_KNOWN = 0.05
_LARGEST_WHOLE = 6
#: relative excess of the error at which another writing of a law still is that law
_SAME = 1e-6


def shortened(
    member: FrontMember,
    datasets: Sequence[Dataset],
    *,
    round_constants: bool,
    anchor: tuple[tuple[float, ...], float] | None = None,
) -> list[FrontMember]:
    """Return the chain of shorter laws that follow from one by replacing a constant at a time.

    Args:
        member: a fitted law.
        datasets: what it was fitted to.
        round_constants: whether whole numbers and halves are simpler, too, not only zero.
        anchor: point and value that the law passes through, or None.
    """
    chain: list[FrontMember] = []
    current = member
    while current.form.parameters:
        following = _by_value(current, datasets, round_constants=round_constants) or _by_term(current, datasets)
        if following is None:
            break
        current = _canonically(following, datasets, anchor)
        if not np.isfinite(current.error):
            break
        chain.append(current)
    return chain


def _by_value(member: FrontMember, datasets: Sequence[Dataset], *, round_constants: bool) -> FrontMember | None:
    """Return the law with a simpler value for the constant that is closest to one."""
    replacement = _nearest_simple(member, round_constants=round_constants)
    return None if replacement is None else _with_value(member, datasets, *replacement)


def _by_term(member: FrontMember, datasets: Sequence[Dataset]) -> FrontMember | None:
    """Return a law whose constants the data cannot separate without the term that adds least, or None.

    Such constants have no errors to judge them by: where a term is not needed, those inside it are free. The law is
    fitted again without each term in turn.
    """
    if all(fit.rank == len(member.form.parameters) for fit in member.fits):
        return None
    tries = [_with_value(member, datasets, index, sp.S.Zero) for index in linear_constants(member.form)]
    shorter = [one for one in tries if one is not None and one.description <= member.description]
    return lowest(shorter, lambda one: one.description, tie=simplicity) if shorter else None


def _with_value(member: FrontMember, datasets: Sequence[Dataset], index: int, value: sp.Expr) -> FrontMember | None:
    """Return the law fitted again with a fixed value for one constant; None where that leaves no simpler law."""
    form = _replace(member.form, index, value)
    if form is None:
        return None
    keep = [k for k, symbol in enumerate(member.form.parameters) if symbol in form.parameters]
    return assess(form, datasets, [fit.values[keep] for fit in member.fits])


def _canonically(
    member: FrontMember, datasets: Sequence[Dataset], anchor: tuple[tuple[float, ...], float] | None
) -> FrontMember:
    """Return a law in canonical writing, unless that describes the data worse."""
    if not np.isfinite(member.error):
        return member
    settled = replace(member.form, start=tuple(map(float, member.fits[0].values)))
    form = rewritten(settled, anchor)
    if form.key == member.form.key:
        return member
    written = assess(form, datasets)
    return written if written.error <= max(member.error, ROUND_OFF) * (1.0 + _SAME) else member


def _nearest_simple(member: FrontMember, *, round_constants: bool) -> tuple[int, sp.Expr] | None:
    """Return the constant that is closest, in standard errors, to a simpler value, and that value."""
    near = []
    for index in range(len(member.form.parameters)):
        values = np.array([fit.values[index] for fit in member.fits])
        errors = np.sqrt([fit.covariance[index, index] for fit in member.fits])
        for simple in _simple_values(values, round_constants=round_constants):
            distance = _distance(values, errors, float(simple)) / (_CLOSE_TO_ZERO if simple == 0 else _CLOSE)
            if distance < 1.0:
                near.append((distance, index, simple))
    return lowest(near, lambda one: one[0])[1:] if near else None


def _simple_values(values: np.ndarray, *, round_constants: bool) -> list[sp.Expr]:
    """Return what a constant, with a value for each data set, may be in truth."""
    middle = float(np.median(values))
    if not round_constants or abs(middle) >= _LARGEST_WHOLE:
        return [sp.S.Zero]
    return [sp.S.Zero, sp.Integer(round(middle)), sp.Rational(round(2.0 * middle), 2)]


def _distance(values: np.ndarray, errors: np.ndarray, simple: float) -> float:
    """Return the largest distance from a simple value in standard errors; inf where these say nothing of it."""
    if not np.all(np.isfinite(errors)) or (simple != 0.0 and np.any(errors > _KNOWN * abs(simple))):
        return np.inf
    tolerance = np.maximum(errors, _ROUND_OFF * max(abs(simple), 1e-2))
    return float(np.max(np.abs(values - simple) / tolerance))


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
