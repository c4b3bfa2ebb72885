"""Expressions as text: a whitelist parser for files, and printers for people and NumPy.

Text from a file is read as a Python expression tree and rebuilt node by node from a short list of allowed nodes;
nothing is evaluated as code, no attribute, index, string or unknown name passes.
"""

import ast
import cmath
import operator
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import sympy as sp
from sympy.printing.numpy import SciPyPrinter
from sympy.printing.str import StrPrinter

from ionspice.core import InputError

_LONGEST = 20_000
_DEEPEST = 100
_LARGEST_EXPONENT = 64
_EXACT_INTEGER = 10**15
_LARGEST = 1e300

_NAMES = (
    "sqrt",
    "exp",
    "log",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "asin",
    "acos",
    "atan",
    "erf",
    "Abs",
)
_FUNCTIONS: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    **{name: getattr(sp, name) for name in _NAMES},
    "ln": sp.log,
    "abs": sp.Abs,
}
#: names that stand for functions in expressions
FUNCTION_NAMES = frozenset(_FUNCTIONS)

_SIGNS: dict[type[ast.unaryop], Callable[[sp.Expr], sp.Expr]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


#: what the same names are in floats, for parts without a name
_IN_FLOATS: dict[str, Callable[[complex], complex]] = {
    **{name: getattr(cmath, name) for name in _FUNCTIONS if hasattr(cmath, name)},
    "ln": cmath.log,
    "abs": abs,
    "Abs": abs,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[complex, complex], complex]] = {**_BINARY, ast.Pow: operator.pow}


def parse_expression(text: str, names: Iterable[str]) -> sp.Expr:
    """Parse infix text with +, -, *, /, **, numbers, elementary functions and the given names.

    Args:
        text: for example `"Rc*(1 - gamma*Q/Qmax)"`.
        names: the symbols that may appear.

    Raises:
        InputError: the text holds anything else, or is too long or deep.
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise InputError(f"expression must be text of at most {_LONGEST} characters")
    symbols = {name: sp.Symbol(name, real=True) for name in names}
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InputError(f"cannot read expression {_short(text)}: {error}; write it like c1*X - c2*X**2") from error
    _float_value(tree.body, text, 0)
    try:
        expression = _build(tree.body, symbols, text, 0)
    except (TypeError, ValueError, ArithmeticError) as error:  # numbers that sympy cannot work with
        raise InputError(f"expression {_short(text)} is not finite and real: {error}") from error
    if expression.has(sp.zoo, sp.nan, sp.oo, sp.I):
        raise InputError(f"expression {_short(text)} is not finite and real")
    return expression


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _float_value(node: ast.expr, text: str, depth: int) -> complex | None:
    """Return the value of a node in floats, None where a name stands in it; other nodes are looked at later.

    Sympy works with numbers of any size, and exp(exp(1e9)) with as many digits as the memory holds. Here every part
    without a name is computed first, so that nothing beyond a float's range reaches it.

    Raises:
        InputError: a part has no finite value, or too many levels.
    """
    if depth > _DEEPEST:
        raise InputError(f"expression {_short(text)} is nested deeper than {_DEEPEST} levels")
    match node:
        case ast.Constant(value=int() | float() as number):
            value: complex | None = _finite(lambda: complex(number), text)
        case ast.UnaryOp(op=sign, operand=operand):
            inner = _float_value(operand, text, depth + 1)
            value = -inner if inner is not None and isinstance(sign, ast.USub) else inner
        case ast.BinOp(left=left, op=step, right=right):
            first, second = _float_value(left, text, depth + 1), _float_value(right, text, depth + 1)
            compute = _ARITHMETIC.get(type(step))
            if compute is operator.pow and second is not None:
                _check_exponent(abs(second), text)
            if first is None or second is None or compute is None:
                return None
            value = _finite(lambda: compute(first, second), text)
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            inner = _float_value(argument, text, depth + 1)
            if inner is None or name not in _IN_FLOATS:
                return None
            value = _finite(lambda: _IN_FLOATS[name](inner), text)
        case _:
            return None
    return value


def _check_exponent(exponent: float, text: str) -> None:
    if abs(exponent) > _LARGEST_EXPONENT:
        raise InputError(f"exponent {exponent:g} in {_short(text)}: at most {_LARGEST_EXPONENT} in magnitude")


def _finite(compute: Callable[[], complex], text: str) -> complex:
    try:
        value = compute()
    except (ValueError, ArithmeticError) as error:
        raise InputError(f"expression {_short(text)} is not finite and real: {error}") from error
    if not abs(value) < _LARGEST:
        raise InputError(f"expression {_short(text)} is not finite and real: a part of it is beyond {_LARGEST:g}")
    return value


def _build(node: ast.expr, symbols: dict[str, sp.Symbol], text: str, depth: int) -> sp.Expr:
    """Rebuild one node of the tree as a sympy expression."""
    if depth > _DEEPEST:
        raise InputError(f"expression {_short(text)} is nested deeper than {_DEEPEST} levels")
    inner = partial(_build, symbols=symbols, text=text, depth=depth + 1)
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _number(number)
        case ast.Name(id=name):
            return _symbol(name, symbols, text)
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _SIGNS:
            return _SIGNS[type(sign)](inner(operand))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(inner(left), inner(right), text)
        case ast.BinOp(left=left, op=symbol, right=right) if type(symbol) in _BINARY:
            return _BINARY[type(symbol)](inner(left), inner(right))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](inner(argument))
    raise InputError(
        f"expression {_short(text)} holds {type(node).__name__}, which is not allowed: use + - * / **, numbers, "
        f"{', '.join(sorted(symbols))} and {', '.join(sorted(_FUNCTIONS))}"
    )


def _number(number: float) -> sp.Expr:
    return sp.Integer(number) if isinstance(number, int) and abs(number) < _EXACT_INTEGER else sp.Float(number)


def _symbol(name: str, symbols: dict[str, sp.Symbol], text: str) -> sp.Symbol:
    if name not in symbols:
        raise InputError(
            f"unknown name {name!r} in expression {_short(text)}: known are {', '.join(sorted(symbols))}"
        )
    return symbols[name]


def _power(base: sp.Expr, exponent: sp.Expr, text: str) -> sp.Expr:
    if exponent.is_number:
        _check_exponent(float(exponent), text)
    if base.is_number and exponent.is_number:
        base = base.evalf()  # keeps nested powers of integers from growing without bound
    power = base**exponent
    if isinstance(power, sp.Pow) and power.exp.is_Number:
        _check_exponent(float(power.exp), text)  # (x**64)**64 becomes x**4096
    return power


class _InfixPrinter(StrPrinter):  # type: ignore[misc]
    """Infix text whose numbers survive the way back unchanged."""

    def _print_Float(self, number: sp.Float) -> str:  # noqa: N802
        return repr(float(number))

    def _print_Exp1(self, number: sp.Expr) -> str:  # noqa: N802
        return "exp(1)"  # its usual name, E, reads like a constant of the law


def to_infix(expression: sp.Expr) -> str:
    """Print an expression as text that `parse_expression` reads back with the same numbers."""
    text: str = _InfixPrinter({"order": "rev-lex"}).doprint(expression)  # constants before powers
    return text


def to_numpy(expression: sp.Expr) -> str:
    """Print an expression as NumPy source text."""
    text: str = SciPyPrinter({"fully_qualified_modules": True}).doprint(expression)
    return text
