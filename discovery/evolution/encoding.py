"""Write a sympy expression as a prefix gene: the way back from text to a chromosome."""

from collections.abc import Sequence

import numpy as np
import sympy as sp

from ionspice.discovery.evolution import operators as op
from ionspice.discovery.evolution.operators import ARITY, CONSTANT, FIRST_VARIABLE, OPERATORS

#: functions that have one name here and in sympy
_SAME_NAMES = ("sin", "cos", "tanh", "asinh", "asin", "sinh", "cosh", "erf")

type _Symbols = list[tuple[int, float]]


class _NotInAlphabetError(Exception):
    """The expression needs an operator that is not in use."""


def encode_gene(
    expression: sp.Expr, variables: Sequence[sp.Symbol], functions: np.ndarray, length: int
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return symbol codes and constants of a gene, each of shape (length,).

    None where the expression needs an operator that is not among `functions`, or does not fit the gene: operators
    stand in the head, the first length // 2 symbols.
    """
    writer = _Writer(variables, functions)
    try:
        symbols = writer.write(expression)
    except _NotInAlphabetError:
        return None
    if len(symbols) > length or any(ARITY[code] > 0 for code, _ in symbols[length // 2 :]):
        return None
    codes, values = np.full(length, CONSTANT), np.ones(length)
    codes[: len(symbols)] = [code for code, _ in symbols]
    values[: len(symbols)] = [value for _, value in symbols]
    return codes, values


def _finite(number: sp.Expr) -> float:
    try:
        value = float(number)
    except (TypeError, OverflowError):  # complex or huge
        raise _NotInAlphabetError from None
    if not np.isfinite(value):
        raise _NotInAlphabetError
    return value


class _Writer:
    """Rewrites sums, products and powers by the operators of an alphabet."""

    def __init__(self, variables: Sequence[sp.Symbol], functions: np.ndarray) -> None:
        self.variables = list(variables)
        self.known = {int(code) for code in functions}
        self.by_function = {
            sp.exp: op.EXP,
            sp.log: op.LOG,
            **{getattr(sp, name): OPERATORS[name].code for name in _SAME_NAMES},
        }

    def write(self, expression: sp.Expr) -> _Symbols:
        if expression.is_Symbol:
            return [(FIRST_VARIABLE + self.variables.index(expression), 1.0)]
        if expression.is_number:
            return [(CONSTANT, _finite(expression))]
        if expression.is_Add:
            return self._sum(expression)
        if expression.is_Mul:
            return self._product(expression)
        if expression.is_Pow:
            return self._power(expression.base, expression.exp)
        if expression.func in self.by_function:
            return self._apply(self.by_function[expression.func], self.write(expression.args[0]))
        raise _NotInAlphabetError

    def _apply(self, code: int, *arguments: _Symbols) -> _Symbols:
        if code not in self.known:
            raise _NotInAlphabetError
        return [(code, 1.0), *(symbol for argument in arguments for symbol in argument)]

    def _chain(self, code: int, parts: list[_Symbols]) -> _Symbols:
        """Return the parts joined by an operator; nothing without parts."""
        whole = parts[-1] if parts else []
        for part in reversed(parts[:-1]):
            whole = self._apply(code, part, whole)
        return whole

    def _sum(self, total: sp.Expr) -> _Symbols:
        negative = [-t for t in total.args if t.could_extract_minus_sign() and op.SUB in self.known]
        positive = [t for t in total.args if -t not in negative]
        added, taken = (self._chain(op.ADD, [self.write(t) for t in terms]) for terms in (positive, negative))
        if not positive:
            return self._chain(op.MUL, [[(CONSTANT, -1.0)], taken])
        return self._apply(op.SUB, added, taken) if negative else added

    def _product(self, product: sp.Expr) -> _Symbols:
        under = [f for f in product.args if f.is_Pow and f.exp.is_number and f.exp.is_negative]
        over = self._chain(op.MUL, [self.write(f) for f in product.args if f not in under])
        below = self._chain(op.MUL, [self.write(f.base**-f.exp) for f in under])
        return self._apply(op.DIV, over or [(CONSTANT, 1.0)], below) if below else over

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> _Symbols:
        if exponent.is_number and exponent.is_negative:
            below = self.write(base**-exponent)
            is_known = op.INV in self.known
            return self._apply(op.INV, below) if is_known else self._apply(op.DIV, [(CONSTANT, 1.0)], below)
        if exponent == 2 and op.SQUARE in self.known:
            return self._apply(op.SQUARE, self.write(base))
        if exponent.is_Integer:
            return self._chain(op.MUL, [self.write(base)] * int(exponent))
        if exponent.is_Rational and exponent.q == 2 and exponent.p < 8:
            root = self._apply(op.SQRT, self.write(base))
            return self._chain(op.MUL, [self.write(base)] * (int(exponent.p) // 2) + [root])
        if op.POW in self.known:
            return self._apply(op.POW, self.write(base), self.write(exponent))
        return self._apply(op.EXP, self._chain(op.MUL, [self.write(exponent), self._apply(op.LOG, self.write(base))]))
