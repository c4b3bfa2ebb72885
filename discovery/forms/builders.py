"""What the alphabet's operators and the links are in sympy."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import sympy as sp

from ionspice.discovery.evolution.operators import OPERATORS

_BY_NAME: dict[str, Callable[..., sp.Expr]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: sp.exp(sp.log(a) * b) if a.is_Float and a.is_positive else a**b,
    "neg": lambda a: -a,
    "inv": lambda a: 1 / a,
    "square": lambda a: a**2,
    **{name: getattr(sp, name) for name in ("sqrt", "exp", "log", "sin", "cos", "tanh", "asinh", "asin", "sinh")},
}

#: builds an operator's expression from its arguments, by the code of the operator
OPERATOR_BUILDERS: Mapping[int, Callable[..., sp.Expr]] = MappingProxyType(
    {operator.code: _BY_NAME[name] for name, operator in OPERATORS.items()}
)
#: builds the outer function of a law, by the name of the link
LINK_BUILDERS: Mapping[str, Callable[[sp.Expr], sp.Expr]] = MappingProxyType(
    {
        "identity": lambda e: e,
        "reciprocal": lambda e: 1 / e,
        "square root": sp.sqrt,
        "reciprocal root": lambda e: 1 / sp.sqrt(e),
        "exponential": sp.exp,
        "logarithm": sp.log,
        "arcsine": sp.asin,
    }
)
