"""Print an expression in a circuit language.

The languages share + - * / and function calls and differ in the names of functions. `ln` is the natural
logarithm in all of them, where `log` is natural in some and decimal in others. Powers with small integer
exponents are printed as products, because simulators differentiate `pow` at 0 differently and `^` means exclusive or
in LTspice.
"""

# ruff: noqa: N802, N815 - sympy finds the methods by the names of its classes

from collections.abc import Mapping

import sympy
from sympy.printing.codeprinter import CodePrinter
from sympy.printing.precedence import precedence

from ionspice.core import InputError

_SAME = ("Abs", "Max", "Min", "acosh", "asinh", "atan", "cos", "cosh", "exp", "sin", "sinh", "sqrt", "tan", "tanh")
_FUNCTIONS = {"log": "ln", **{name: name.lower() for name in _SAME}}
_LARGEST_PRODUCT = 6


class SpicePrinter(CodePrinter):  # type: ignore[misc]
    """Expression printer common to SPICE dialects and Verilog-A."""

    language = "SPICE"

    def __init__(self, names: Mapping[sympy.Symbol, str] | None = None) -> None:
        """Print symbols by their own names but those that `names` gives an expression of the language for."""
        super().__init__({"allow_unknown_functions": False})
        self._names = dict(names or {})

    def _format_code(self, lines: list[str]) -> list[str]:
        return lines

    def _print_Symbol(self, expr: sympy.Symbol) -> str:
        return self._names.get(expr) or str(expr.name)

    def _print_Float(self, expr: sympy.Expr) -> str:
        return repr(float(expr))

    _print_NumberSymbol = _print_Exp1 = _print_Float

    def _print_Rational(self, expr: sympy.Rational) -> str:
        return f"{expr.p}.0/{expr.q}.0"

    def _print_Pow(self, expr: sympy.Pow) -> str:
        base, exponent = expr.as_base_exp()
        if exponent == sympy.Rational(1, 2):
            return f"sqrt({self._print(base)})"
        if exponent.is_Integer and 0 < abs(int(exponent)) <= _LARGEST_PRODUCT:
            power = "*".join([self.parenthesize(base, precedence(expr))] * abs(int(exponent)))
            return f"({power})" if exponent > 0 else f"(1/({power}))"
        return f"pow({self._print(base)},{self._print(exponent)})"

    def _print_Function(self, expr: sympy.Function) -> str:
        name = _FUNCTIONS.get(type(expr).__name__)
        if name is None:
            raise InputError(
                f"the law uses {type(expr).__name__}, which no circuit language has; choose a law of the "
                f"front made of {', '.join(sorted(set(_FUNCTIONS.values())))}"
            )
        arguments = [self._print(argument) for argument in expr.args]
        while len(arguments) > 2:
            arguments[-2:] = [f"{name}({arguments[-2]},{arguments[-1]})"]
        return f"{name}({','.join(arguments)})"

    _print_Abs = _print_Max = _print_Min = _print_Function


def to_spice(expression: sympy.Expr, names: Mapping[sympy.Symbol, str] | None = None) -> str:
    """Print an expression for a behavioural source or resistor of any SPICE dialect, or for Verilog-A.

    Args:
        expression: of elementary functions.
        names: text of the language in the place of symbols; symbols keep their names if None.

    Raises:
        InputError: the expression has a function that circuit languages lack.
    """
    return str(SpicePrinter(names).doprint(expression))
