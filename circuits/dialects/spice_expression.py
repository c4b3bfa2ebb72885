"""Print a law's shape s(X) as an expression of a circuit language.

The languages share + - * / and function calls and differ in the names of functions. `ln` is the natural
logarithm in all of them, where `log` is natural in some and decimal in others. Powers with small integer
exponents are printed as products (polynomials in Horner form), because simulators differentiate `pow` at 0
differently and `^` means exclusive or in LTspice.
"""

# ruff: noqa: N802, N815 - sympy finds the methods by the names of its classes

import sympy
from sympy.printing.codeprinter import CodePrinter
from sympy.printing.precedence import precedence

from ionspice.circuits.model.shape import X
from ionspice.core import InputError

_FUNCTIONS = {
    "Abs": "abs",
    "Max": "max",
    "Min": "min",
    "acosh": "acosh",
    "asinh": "asinh",
    "atan": "atan",
    "cos": "cos",
    "cosh": "cosh",
    "exp": "exp",
    "log": "ln",
    "sin": "sin",
    "sinh": "sinh",
    "sqrt": "sqrt",
    "tan": "tan",
    "tanh": "tanh",
}
_LARGEST_PRODUCT = 6


class _ShapePrinter(CodePrinter):  # type: ignore[misc]
    """Expression printer common to SPICE dialects and Verilog-A."""

    language = "SPICE"

    def __init__(self, relative_charge: str) -> None:
        super().__init__({"allow_unknown_functions": False})
        self._relative_charge = relative_charge

    def _format_code(self, lines: list[str]) -> list[str]:
        return lines

    def _print_Symbol(self, expr: sympy.Symbol) -> str:
        return self._relative_charge if expr == X else str(expr.name)

    def _print_Float(self, expr: sympy.Float) -> str:
        return repr(float(expr))

    def _print_Integer(self, expr: sympy.Integer) -> str:
        return f"{int(expr)}"

    def _print_Rational(self, expr: sympy.Rational) -> str:
        return f"{expr.p}.0/{expr.q}.0"

    def _print_NumberSymbol(self, expr: sympy.NumberSymbol) -> str:
        return repr(float(expr))

    def _print_Exp1(self, expr: sympy.Expr) -> str:
        return repr(float(expr))

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


def print_shape(shape: sympy.Expr, relative_charge: str) -> str:
    """Return s(X) as text, with `relative_charge` (an expression of the target language) in the place of X.

    Raises:
        InputError: the shape has another symbol than X or a function that circuit languages lack.
    """
    others = shape.free_symbols - {X}
    if others:
        raise InputError(f"the law's shape {shape} contains {sorted(map(str, others))}; only X may be left")
    if shape.is_polynomial(X):
        shape = sympy.horner(shape, wrt=X)
    operand = relative_charge if relative_charge.isidentifier() else f"({relative_charge})"
    return str(_ShapePrinter(operand).doprint(shape))
