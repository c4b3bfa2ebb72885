"""The alphabet of the genes: operators, variables and constants as small integers.

A gene is written in prefix notation as a row of symbol codes. Codes below `CONSTANT` are operators, `CONSTANT`
is a numerical constant whose value stands beside the code, and `FIRST_VARIABLE + j` is column j of the data.
Operators are not protected: log of a negative number is NaN and the gene that holds it dies, so no law that
comes out hides a pole or a branch.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ionspice.core import InputError

CONSTANT = 63
FIRST_VARIABLE = 64

ADD, SUB, MUL, DIV, POW = 0, 1, 2, 3, 4
FIRST_UNARY = 8
NEG, INV, SQUARE, SQRT, EXP, LOG, SIN, COS, TANH, ASINH, ASIN, SINH, COSH, ERF = range(FIRST_UNARY, FIRST_UNARY + 14)


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of the alphabet."""

    #: name in settings
    name: str
    #: integer in the genes
    code: int
    #: number of arguments
    arity: int
    #: price in the complexity of an expression (1)
    cost: int
    #: values from those of the arguments
    function: Callable[..., np.ndarray]


_ALL = (
    Operator("add", ADD, 2, 1, np.add),
    Operator("sub", SUB, 2, 1, np.subtract),
    Operator("mul", MUL, 2, 1, np.multiply),
    Operator("div", DIV, 2, 2, np.divide),
    Operator("pow", POW, 2, 4, np.power),
    Operator("neg", NEG, 1, 1, np.negative),
    Operator("inv", INV, 1, 2, np.reciprocal),
    Operator("square", SQUARE, 1, 2, np.square),
    Operator("sqrt", SQRT, 1, 3, np.sqrt),
    Operator("exp", EXP, 1, 3, np.exp),
    Operator("log", LOG, 1, 3, np.log),
    Operator("sin", SIN, 1, 3, np.sin),
    Operator("cos", COS, 1, 3, np.cos),
    Operator("tanh", TANH, 1, 4, np.tanh),
    Operator("asinh", ASINH, 1, 4, np.arcsinh),
    Operator("asin", ASIN, 1, 4, np.arcsin),
    Operator("sinh", SINH, 1, 4, np.sinh),
    Operator("cosh", COSH, 1, 4, np.cosh),
    Operator("erf", ERF, 1, 4, np.vectorize(math.erf, otypes=[float])),
)

#: every operator by its name
OPERATORS = MappingProxyType({operator.name: operator for operator in _ALL})
#: every operator by its code
BY_CODE = MappingProxyType({operator.code: operator for operator in _ALL})

#: arguments and price of every symbol code, for compiled code
ARITY = np.zeros(256, dtype=np.int64)
COST = np.ones(256, dtype=np.int64)
for _operator in _ALL:
    ARITY[_operator.code] = _operator.arity
    COST[_operator.code] = _operator.cost
ARITY.setflags(write=False)
COST.setflags(write=False)

#: the alphabet for laws of one saturating variable
LAW_FUNCTIONS = ("add", "sub", "mul", "div", "sqrt", "exp", "log", "asinh")
#: the alphabet for tables of unknown origin
GENERAL_FUNCTIONS = (
    *("add", "sub", "mul", "div", "pow", "square", "sqrt"),
    *("exp", "log", "sin", "cos", "tanh", "sinh", "cosh", "asinh", "erf"),
)
#: operators that are left to shapes where these are founders: without a free constant inside they seldom are a law
SHAPED = frozenset({TANH, SINH, COSH, ASINH, ERF, POW})


def operator_codes(names: tuple[str, ...]) -> np.ndarray:
    """Return the codes of the named operators, shape (len(names),).

    Raises:
        InputError: a name is not an operator, or none is given.
    """
    unknown = [name for name in names if name not in OPERATORS]
    if unknown or not names:
        raise InputError(f"functions={tuple(names)!r}: choose one or more of {', '.join(sorted(OPERATORS))}")
    return np.array([OPERATORS[name].code for name in names], dtype=np.int64)
