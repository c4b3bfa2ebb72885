"""The forms of a record as text and as functions: R(Q) of a gap, q(u) of a slit.

R(Q) is written Rc*(1 - gamma*s), where s may have constants of its own and the charge only as Q/Qmax. Text is read
by the whitelist parser of `discovery`, never evaluated.
"""

from collections.abc import Mapping
from functools import lru_cache

import sympy

from ionspice.circuits.model.shape import LINEAR, X, bounds, with_values
from ionspice.core import InputError
from ionspice.discovery import parse_expression, to_infix

_Q, _RC, _GAMMA, _QMAX, _U, _C = (sympy.Symbol(name, real=True) for name in ("Q", "Rc", "gamma", "Qmax", "u", "C"))
#: what a constant of the law that is none of the gap's own is called within s
_WITHIN = "shape_"
_EXACT = 1e-9  # s(0) = 0 and s(1) = 1


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


def charge_form(order: int) -> str:
    """Return q in u, of a constant capacitance and `order` further terms."""
    terms = [sympy.Symbol(f"b{k}", real=True) * sympy.Abs(_U) ** k for k in range(1, order + 1)]
    return to_infix(_C * _U * sympy.Add(1, *terms))


def charge_order(form: str, constants: Mapping[str, object]) -> int:
    """Return the number of terms of q(u) beyond a constant capacitance.

    Raises:
        InputError: another form than `charge_form` writes; circuits have no other yet.
    """
    order = sum(name != "C" for name in constants)
    written = parse_expression(form, {"u", *constants})
    if sympy.simplify(written - parse_expression(charge_form(order), {"u", *constants})) != 0:
        raise InputError(f"q(u) = {form} is not {charge_form(order)}, the only form that circuits have so far")
    return order


def _named(expression: sympy.Expr) -> sympy.Expr:
    """Return the expression in symbols that differ by their names only."""
    return expression.subs({symbol: sympy.Symbol(symbol.name, real=True) for symbol in expression.free_symbols})
