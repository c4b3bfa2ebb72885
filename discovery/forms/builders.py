"""What the alphabet's operators and the links are in sympy."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import sympy as sp

from ionspice.discovery.evolution.operators import OPERATORS
from ionspice.discovery.reduction import Combination, Reduction

_BY_NAME: dict[str, Callable[..., sp.Expr]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: sp.exp(sp.log(a) * b) if a.is_Float and a.is_positive else a**b,
    "neg": lambda a: -a,
    "inv": lambda a: 1 / a,
    "square": lambda a: a**2,
    **{
        name: getattr(sp, name)
        for name in ("sqrt", "exp", "log", "sin", "cos", "tanh", "asinh", "asin", "sinh", "cosh", "erf")
    },
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


def factor_expression(reduction: Reduction, variables: Sequence[sp.Symbol]) -> sp.Expr:
    """Return the factor of a reduction."""
    return sp.Mul(*(x ** sp.Rational(round(2 * a), 2) for x, a in zip(variables, reduction.factor, strict=True)))


def terminals(reduction: Reduction | None, variables: Sequence[sp.Symbol]) -> tuple[sp.Expr, ...]:
    """Return what the variables of genes stand for: the columns, then what a reduction makes of them."""
    made = () if reduction is None else reduction.made
    return (*variables, *(_combined(one, variables) for one in made))


def _combined(one: Combination, variables: Sequence[sp.Symbol]) -> sp.Expr:
    powers = [sp.Rational(round(2 * a), 2) for a in one.exponents]
    if one.is_product:
        return sp.Mul(*(x**a for x, a in zip(variables, powers, strict=True)))
    return sp.Add(*(a * x for x, a in zip(variables, powers, strict=True)))
