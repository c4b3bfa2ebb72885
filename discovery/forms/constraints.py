"""Physical constraints on a law: finite, without poles, and rising over the whole range of the data.

Numbers at sampled points cannot exclude a pole between them. Interval arithmetic can: an expression evaluated on
intervals encloses every value it takes there, so an enclosure that stays positive and finite is a proof
(Moore 1966). Intervals are bisected until the enclosure decides or becomes too narrow to matter.
"""

from collections.abc import Sequence

import numpy as np
import sympy as sp
from mpmath import iv, mp  # type: ignore[import-untyped]
from mpmath.libmp import ComplexResult  # type: ignore[import-untyped]

from ionspice.discovery.fits.misfit import Dataset, predict
from ionspice.discovery.fits.selection import FrontMember
from ionspice.discovery.forms.numeric import numeric

type Box = dict[sp.Symbol, tuple[float, float]]

_FUNCTIONS = {sp.exp: iv.exp, sp.log: iv.log, sp.sin: iv.sin, sp.cos: iv.cos}
_SAMPLES = 65
_HALVINGS = 9
_WHOLE_LINE = iv.mpf(["-inf", "inf"])


def _enclose(expression: sp.Expr, box: dict[sp.Symbol, iv.mpf]) -> iv.mpf:
    """Return an interval that holds every value of the expression in the box; all reals where undefined."""
    if expression.is_Symbol:
        return box[expression]
    if expression.is_number:
        number = expression.evalf(20)
        return iv.mpf(str(number)) if number.is_Float or number.is_Integer else _WHOLE_LINE
    inner = [_enclose(argument, box) for argument in expression.args]
    if expression.is_Add:
        return sum(inner[1:], inner[0])
    if expression.is_Mul:
        product = inner[0]
        for factor in inner[1:]:
            product = product * factor
        return product
    if expression.is_Pow:
        return _enclose_power(inner[0], expression.exp, inner[1])
    argument = inner[0]
    if expression.func is sp.tanh:
        return 1 - 2 / (1 + iv.exp(2 * argument))
    if expression.func is sp.cosh:
        return (iv.exp(abs(argument)) + iv.exp(-abs(argument))) / 2
    if expression.func is sp.erf:
        return iv.mpf([mp.erf(argument.a), mp.erf(argument.b)])
    if expression.func is sp.sinh:
        return (iv.exp(argument) - iv.exp(-argument)) / 2
    if expression.func is sp.asinh:
        return iv.mpf([mp.asinh(argument.a), mp.asinh(argument.b)])
    if expression.func in _FUNCTIONS:
        return _FUNCTIONS[expression.func](argument)
    return _WHOLE_LINE


def _enclose_power(base: iv.mpf, exponent: sp.Expr, exponent_interval: iv.mpf) -> iv.mpf:
    if exponent.is_Integer:
        return base ** int(exponent)
    if base.a < 0:
        return _WHOLE_LINE
    if exponent.is_Rational and exponent.q == 2:
        return iv.sqrt(base) ** int(exponent.p)
    return iv.exp(exponent_interval * iv.log(base)) if base.a > 0 else _WHOLE_LINE


def _is_proved(expression: sp.Expr, box: Box, depth: int) -> bool:
    intervals = {symbol: iv.mpf(list(limits)) for symbol, limits in box.items()}
    try:
        enclosure = _enclose(expression, intervals)
    except (ComplexResult, ZeroDivisionError, ValueError, OverflowError):
        enclosure = _WHOLE_LINE
    if enclosure.a > 0 and enclosure.b < mp.inf:
        return True
    if depth == 0 or enclosure.b <= 0:
        return False
    widest = max(box, key=lambda symbol: box[symbol][1] - box[symbol][0])
    low, high = box[widest]
    middle = 0.5 * (low + high)
    return all(_is_proved(expression, {**box, widest: half}, depth - 1) for half in ((low, middle), (middle, high)))


def is_positive_on(expression: sp.Expr, box: Box) -> bool:
    """Return whether the expression is proved positive everywhere in the box."""
    return _is_positive_at_samples(expression, box) and _is_proved(expression, box, _HALVINGS)


def _is_positive_at_samples(expression: sp.Expr, box: Box) -> bool:
    """Return whether the expression is positive on a diagonal of the box, a cheap way to refute."""
    share = np.linspace(0.0, 1.0, _SAMPLES)
    columns = [low + (high - low) * share for low, high in box.values()]
    with np.errstate(all="ignore"):
        values = np.asarray(numeric(list(box), expression)(*columns))
    return bool(np.all(np.isreal(values)) and np.all(values.real > 0.0))


def is_admissible(member: FrontMember, datasets: Sequence[Dataset], increasing: tuple[int, ...]) -> bool:
    """Return whether a fitted law is determined by its data, finite at them, and rises where it must.

    Proofs by interval arithmetic cost milliseconds, so they are made only for laws that must rise (their range is a
    single interval); other laws are checked at the data.
    """
    form = member.form
    for data, fitted in zip(datasets, member.fits, strict=True):
        if fitted.rank < len(form.parameters) or not np.all(np.isfinite(predict(form, fitted.values, data.points))):
            return False
        if not increasing:
            continue
        law = form.with_values(fitted.values)
        box = {
            symbol: (float(row.min()), float(row.max()))
            for symbol, row in zip(form.variables, data.points, strict=True)
        }
        for index in increasing:
            if not is_positive_on(sp.diff(law, form.variables[index]), box):
                return False
    return True
