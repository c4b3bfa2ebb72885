"""Expressions as functions of NumPy arrays."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy as sp


def _erf(x: np.ndarray) -> np.ndarray:
    from scipy.special import erf  # slow to import

    return np.asarray(erf(x))


def numeric(
    symbols: Sequence[sp.Symbol], expressions: sp.Expr | Sequence[sp.Expr], *, cse: bool = False
) -> Callable[..., Any]:
    """Return a function of arrays for the symbols that computes one expression, or a list of several.

    Args:
        symbols: arguments, in their order.
        expressions: what is computed.
        cse: whether common parts are computed once.
    """
    function: Callable[..., Any] = sp.lambdify(symbols, expressions, modules=[{"erf": _erf}, "numpy"], cse=cse)
    return function
