"""The forms of a record as text and as functions: R(Q) of a gap, q(u) of a slit (`charge`).

R(Q) is written Rc*(1 - gamma*s), where s may have constants of its own and the charge only as Q/Qmax. Text is read
by the whitelist parser of `discovery`, never evaluated.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

import sympy

from ionspice.circuits.model.shape import LINEAR, X, bounds, with_values
from ionspice.core import InputError
from ionspice.discovery import parse_expression, to_infix

_Q, _RC, _GAMMA, _QMAX = (sympy.Symbol(name, real=True) for name in ("Q", "Rc", "gamma", "Qmax"))
#: what a constant of the law that is none of the gap's own is called within s
_WITHIN = "shape_"
_EXACT = 1e-9  # s(0) = 0 and s(1) = 1
_AMPLITUDE = re.compile(r"C\d+")
#: f_k of an odd curve, and of another
_MODE = {
    True: "C{k}*s{k}*(tanh((u - u{k})/s{k}) + tanh((u + u{k})/s{k}))/2",
    False: "C{k}*s{k}*(tanh((u - u{k})/s{k}) + tanh(u{k}/s{k}))",
}


def gap_form(shape: sympy.Expr) -> str:
    """Return R in Q of a shape s(X), which may have named constants."""
    return to_infix(_RC * (1 - _GAMMA * _named(shape).subs(_named(X), _Q / _QMAX)))


def law_shape(resistance: sympy.Expr) -> tuple[sympy.Expr, dict[str, str]]:
    """Return s(X) of a law R(Q), with the law's named constants.

    R(0) and R(Qmax) need not be what Rc and gamma say, so where s has these it has them as constants of its own.

    Returns:
        s, and for every constant of s the name of the law's constant that it equals.
    """
    law = _named(resistance)
    if _Q not in law.free_symbols:
        return LINEAR, {}
    relative = (law / _RC).subs(_Q, _named(X) * _QMAX)
    empty, full = relative.subs(_named(X), 0), relative.subs(_named(X), 1)
    shape = (empty - relative) / (empty - full)
    names = {symbol.name: symbol for symbol in shape.free_symbols - {_named(X)}}
    own = {name: f"{_WITHIN}{name}" if name in ("Rc", "gamma", "Qmax") else name for name in names}
    renamed = shape.subs({symbol: sympy.Symbol(own[name], real=True) for name, symbol in names.items()})
    return renamed.subs(_named(X), X), {own[name]: name for name in names}


@lru_cache(maxsize=256)
def _parsed(form: str, names: frozenset[str]) -> sympy.Expr:
    """Return s(X) of a form, with its named constants.

    Raises:
        InputError: the text is no expression, or not of the form.
    """
    resistance = parse_expression(form, {"Q", *names})
    shape = -sympy.diff(resistance, _GAMMA) / _RC
    shape = shape.subs(_Q, X * _QMAX)
    if resistance.subs(_GAMMA, 0) != _RC or shape.has(_GAMMA, _RC, _QMAX, _Q):
        raise InputError(f"the form {form} of R(Q) is not Rc*(1 - gamma*s) with s of Q/Qmax; write it so")
    return shape


def gap_shape(form: str, constants: Mapping[str, float]) -> sympy.Expr:
    """Return s(X) of a gap as numbers; a gap that does not depend on Q has s = X.

    Args:
        form: R in Q.
        constants: values of all constants of the form.

    Raises:
        InputError: the form is not readable, a constant is missing, or s has a pole or is not 0 at 0 and 1 at Qmax.
    """
    shape = with_values(_parsed(form, frozenset({"Rc", "gamma", "Qmax", *constants})), constants)
    if shape.is_polynomial(X):
        return LINEAR if sympy.degree(shape, X) == 1 else sympy.expand(shape)
    if shape.has(sympy.nan, sympy.zoo) and constants["gamma"] == 0:
        return LINEAR
    bounds(shape)
    ends = [float(shape.subs(X, end)) for end in (0, 1)]
    if abs(ends[0]) > _EXACT or abs(ends[1] - 1) > _EXACT:
        raise InputError(
            f"R(Q) = {form} has s = {ends[0]:g} at Q = 0 and {ends[1]:g} at Qmax; it must be 0 and 1, so that Rc is "
            "R(0) and gamma the relative loss"
        )
    return shape


def charge_form(order: int, *, odd: bool = True) -> str:
    """Return q in u of a constant capacitance (order 0) or of so many modes, within its window."""
    if not order:
        return "C*u"
    return " + ".join(_MODE[odd].format(k=k) for k in range(1, order + 1))


def charge_order(form: str, constants: Mapping[str, object]) -> tuple[int, bool]:
    """Return the number of modes of q(u) and whether q(-u) = -q(u).

    Raises:
        InputError: another form than `charge_form` writes, or a constant is missing; circuits have no other.
    """
    order = sum(bool(_AMPLITUDE.fullmatch(name)) for name in constants)
    names = {"u", *constants}
    written = parse_expression(form, names)
    for odd in (True, False):
        if set(charge_constants(order)) <= names and written == parse_expression(charge_form(order, odd=odd), names):
            return order, odd
    raise InputError(
        f"q(u) = {form} with the constants {', '.join(constants)} is not {charge_form(max(order, 1))} with "
        f"{', '.join(charge_constants(max(order, 1)))}, C*u, or the like without symmetry (docs/architecture.md)"
    )


def charge_constants(order: int) -> dict[str, str]:
    """Return the constants of q(u) by name with their units."""
    if not order:
        return {"C": "F/m"}
    modes = {f"{name}{k}": unit for k in range(1, order + 1) for name, unit in (("C", "F/m"), ("u", "V"), ("s", "V"))}
    return {**modes, "ulow": "V", "uhigh": "V"}


def _named(expression: sympy.Expr) -> sympy.Expr:
    """Return the expression in symbols that differ by their names only."""
    return expression.subs({symbol: sympy.Symbol(symbol.name, real=True) for symbol in expression.free_symbols})
