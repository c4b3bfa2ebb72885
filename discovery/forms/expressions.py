"""Expressions as text: a whitelist parser for files, and printers for people and NumPy.

Text from a file is read as a Python expression tree and rebuilt node by node from a short list of allowed nodes;
nothing is evaluated as code, no attribute, index, string or unknown name passes.
"""

import ast
import operator
from collections.abc import Callable, Iterable
from functools import partial

import sympy as sp
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.str import StrPrinter

from ionspice.core import InputError

_LONGEST = 20_000
_DEEPEST = 100
_LARGEST_EXPONENT = 64
_EXACT_INTEGER = 10**15

_FUNCTIONS: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    "sqrt": sp.sqrt,
    "exp": sp.exp,
    "log": sp.log,
    "ln": sp.log,
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": sp.tan,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "tanh": sp.tanh,
    "asinh": sp.asinh,
    "asin": sp.asin,
    "acos": sp.acos,
    "atan": sp.atan,
    "abs": sp.Abs,
    "Abs": sp.Abs,
}

_SIGNS: dict[type[ast.unaryop], Callable[[sp.Expr], sp.Expr]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_BINARY: dict[type[ast.operator], Callable[[sp.Expr, sp.Expr], sp.Expr]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


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
    try:
        expression = _build(tree.body, symbols, text, 0)
    except (TypeError, ValueError, ArithmeticError) as error:  # numbers that sympy cannot work with
        raise InputError(f"expression {_short(text)} is not finite and real: {error}") from error
    if expression.has(sp.zoo, sp.nan, sp.oo, sp.I):
        raise InputError(f"expression {_short(text)} is not finite and real")
    return expression


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


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
    if exponent.is_number and abs(float(exponent)) > _LARGEST_EXPONENT:
        raise InputError(f"exponent {exponent} in {_short(text)}: at most {_LARGEST_EXPONENT} in magnitude")
    if base.is_number and exponent.is_number:
        base = base.evalf()  # keeps nested powers of integers from growing without bound
    return base**exponent


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
    text: str = NumPyPrinter({"fully_qualified_modules": True}).doprint(expression)
    return text
