"""Evaluate prefix genes, and their derivatives, on all data points at once.

A prefix expression read from right to left is a postfix program: push terminals, let operators consume the top of
the stack. The stack holds one row of n points per level, so the inner loops run over points and vectorise.
Derivatives are forward mode: a second stack carries d(row)/d(seed), where the seed is one constant or one variable.

With numba the functions are compiled once and cached; without it they run as they stand on NumPy, slower, with
the same results.
"""

import math
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from ionspice.discovery.evolution import operators as op
from ionspice.discovery.evolution.operators import ARITY, CONSTANT, FIRST_VARIABLE

_SLOPE_OF_ERF = 2.0 / math.sqrt(math.pi)

try:
    import numba
except ImportError:  # a Python that numba does not serve yet
    numba = None  # type: ignore[assignment]


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Compile with numba where it is installed (cached on disk, IEEE semantics), else return the function."""
    if numba is None:
        return function
    return cast(F, numba.njit(cache=True, error_model="numpy", nogil=True)(function))


@compiled
def inner_product(a: np.ndarray, b: np.ndarray) -> float:
    """Return the sum of products of two rows, shape (n,) each.

    Four running sums in a fixed order keep the adder busy and give the same bits on every processor, where a BLAS
    chooses its order by the processor. Unsigned indices spare the test for negative ones.
    """
    n = np.uint64(a.shape[0])
    one, two, three, four = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
    first = second = third = fourth = 0.0
    for block in range(n // four):
        k = np.uint64(block) * four
        first += a[k] * b[k]
        second += a[k + one] * b[k + one]
        third += a[k + two] * b[k + two]
        fourth += a[k + three] * b[k + three]
    for last in range(n - n % four, n):
        first += a[last] * b[last]
    return (first + second) + (third + fourth)


@compiled
def active_length(gene: np.ndarray, start: int) -> int:
    """Return how many symbols the expression that begins at `start` spans.

    A gene whose tail is not repaired yet may end before its expression does; then all symbols to its end count.
    """
    open_arguments = 1
    position = start
    while open_arguments > 0 and position < gene.shape[0]:
        open_arguments += ARITY[gene[position]] - 1
        position += 1
    return position - start


@compiled
def evaluate(
    gene: np.ndarray,
    values: np.ndarray,
    points: np.ndarray,
    stack: np.ndarray,
    tangent: np.ndarray | None = None,
    seed_position: int = -1,
    seed_variable: int = -1,
) -> None:
    """Evaluate one gene into `stack[0]` and, where a second stack is given, its derivative into `tangent[0]`.

    The derivative is with respect to the constant at `seed_position`, or, where that is negative, to the variable
    `seed_variable`.

    Args:
        gene: symbol codes, shape (length,).
        values: constants beside the codes, shape (length,).
        points: data, shape (variables, n).
        stack: work space, shape (at least length // 2 + 2, n).
        tangent: work space of the same shape, or None for the value alone.
        seed_position: place of a constant in the gene.
        seed_variable: number of a variable.
    """
    top = -1
    for position in range(active_length(gene, 0) - 1, -1, -1):
        code = gene[position]
        if code >= FIRST_VARIABLE:
            top += 1
            stack[top, :] = points[code - FIRST_VARIABLE]
            if tangent is not None:
                tangent[top, :] = 1.0 if seed_position < 0 and code - FIRST_VARIABLE == seed_variable else 0.0
        elif code == CONSTANT:
            top += 1
            stack[top, :] = values[position]
            if tangent is not None:
                tangent[top, :] = 1.0 if position == seed_position else 0.0
        elif code < op.FIRST_UNARY:
            if tangent is not None:
                _binary_tangent(code, stack[top], stack[top - 1], tangent[top], tangent[top - 1])
            _binary(code, stack[top], stack[top - 1])
            top -= 1
        else:
            if tangent is not None:
                _unary_tangent(code, stack[top], tangent[top])
            _unary(code, stack[top])


@compiled
def _binary(code: int, first: np.ndarray, second: np.ndarray) -> None:
    if code == op.ADD:
        np.add(first, second, second)
    elif code == op.SUB:
        np.subtract(first, second, second)
    elif code == op.MUL:
        np.multiply(first, second, second)
    elif code == op.DIV:
        np.divide(first, second, second)
    elif code == op.POW:
        np.power(first, second, second)


@compiled
def _unary(code: int, row: np.ndarray) -> None:
    if code == op.NEG:
        np.negative(row, row)
    elif code == op.INV:
        np.divide(1.0, row, row)
    elif code == op.SQUARE:
        np.multiply(row, row, row)
    elif code == op.SQRT:
        np.sqrt(row, row)
    elif code == op.EXP:
        np.exp(row, row)
    elif code == op.LOG:
        np.log(row, row)
    elif code == op.SIN:
        np.sin(row, row)
    elif code == op.COS:
        np.cos(row, row)
    elif code == op.TANH:
        np.tanh(row, row)
    elif code == op.ASINH:
        np.arcsinh(row, row)
    elif code == op.ASIN:
        np.arcsin(row, row)
    elif code == op.SINH:
        np.sinh(row, row)
    elif code == op.COSH:
        np.cosh(row, row)
    elif code == op.ERF:
        for k in range(row.shape[0]):
            row[k] = math.erf(row[k])


@compiled
def _binary_tangent(
    code: int, first: np.ndarray, second: np.ndarray, d_first: np.ndarray, d_second: np.ndarray
) -> None:
    if code == op.ADD:
        np.add(d_first, d_second, d_second)
    elif code == op.SUB:
        np.subtract(d_first, d_second, d_second)
    elif code == op.MUL:
        d_second[:] = d_first * second + first * d_second
    elif code == op.DIV:
        d_second[:] = (d_first - first * d_second / second) / second
    elif code == op.POW:
        for k in range(first.shape[0]):
            d_second[k] = _slope_of_power(first[k], second[k], d_first[k], d_second[k])


@compiled
def _slope_of_power(base: float, exponent: float, d_base: float, d_exponent: float) -> float:
    """Return the derivative of a power; at base 0 the part of the exponent has the limit 0."""
    slope = 0.0
    if d_base != 0.0:
        slope += exponent * base ** (exponent - 1.0) * d_base
    if d_exponent != 0.0 and base != 0.0:
        slope += base**exponent * np.log(base) * d_exponent
    return slope


@compiled
def _unary_tangent(code: int, row: np.ndarray, d_row: np.ndarray) -> None:
    if code == op.NEG:
        np.negative(d_row, d_row)
    elif code == op.INV:
        d_row[:] = -d_row / (row * row)
    elif code == op.SQUARE:
        d_row[:] = 2.0 * row * d_row
    elif code == op.SQRT:
        d_row[:] = 0.5 * d_row / np.sqrt(row)
    elif code == op.EXP:
        d_row[:] = np.exp(row) * d_row
    elif code == op.LOG:
        d_row[:] = d_row / row
    elif code == op.SIN:
        d_row[:] = np.cos(row) * d_row
    elif code == op.COS:
        d_row[:] = -np.sin(row) * d_row
    elif code == op.TANH:
        d_row[:] = (1.0 - np.tanh(row) ** 2) * d_row
    elif code == op.ASINH:
        d_row[:] = d_row / np.sqrt(1.0 + row * row)
    elif code == op.ASIN:
        d_row[:] = d_row / np.sqrt(1.0 - row * row)
    elif code == op.SINH:
        d_row[:] = np.cosh(row) * d_row
    elif code == op.COSH:
        d_row[:] = np.sinh(row) * d_row
    elif code == op.ERF:
        d_row[:] = _SLOPE_OF_ERF * np.exp(-row * row) * d_row
