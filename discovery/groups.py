"""Dimensions in the search: dimensionless groups of columns, and genes that no units make right.

Buckingham's theorem (Phys. Rev. 4, 345, 1914): a law without dimensional constants of its own is a product of powers
of its variables, with the dimension of the target, times a function of k = n - r products without dimension, r the
rank of the variables' dimensions. With r of the variables as a basis, the powers follow from linear equations. A law
may well have dimensional constants; whether this one has none is asked of the data
(`ionspice.discovery.fewer_variables`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np
import sympy as sp

#: powers of the base units of one quantity
type Powers = Mapping[str, Fraction]

_LARGEST_EXPONENT = 6
_MOST_VARIABLES = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimensions:
    """Dimensions of the columns of a table and of its target."""

    #: powers of the base units of every column, shape (columns, bases)
    columns: tuple[tuple[Fraction, ...], ...]
    #: those of the target, shape (bases,)
    target: tuple[Fraction, ...]

    @classmethod
    def of(cls, columns: Sequence[Powers], target: Powers) -> "Dimensions":
        """Return the dimensions of quantities given by their powers of named base units."""
        bases = sorted({base for powers in (*columns, target) for base in powers})
        rows = [tuple(powers.get(base, Fraction(0)) for base in bases) for powers in (*columns, target)]
        return cls(columns=tuple(rows[:-1]), target=rows[-1])

    def table(self, products: Sequence[Sequence[float]]) -> np.ndarray:
        """Return the powers of the columns and of products of their powers, shape (columns + products, bases)."""
        columns = np.array(self.columns, dtype=float)
        return np.concatenate([columns, np.array(products, dtype=float).reshape(-1, len(columns)) @ columns])


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """A product of powers with the dimension of the target, and products without dimension."""

    #: exponent of every column, shape (columns,)
    factor: tuple[float, ...]
    #: exponents of the columns in every group, shape (groups, columns)
    exponents: tuple[tuple[float, ...], ...]

    @property
    def price(self) -> tuple[int, float]:
        """What simpler ones are told by: powers that are no whole numbers, then the sizes of all."""
        powers = np.abs(np.array([self.factor, *self.exponents]))
        return int(np.sum(powers % 1.0 != 0.0)), float(np.sum(powers))


def dimensionless_groups(dimensions: Dimensions) -> list[Groups]:
    """Return the simplest choices of groups; none where no product of columns has the dimension of the target."""
    columns = np.array(dimensions.columns, dtype=object)
    count = len(columns)
    rank = sp.Matrix(columns.tolist()).rank() if columns.size else 0
    if count > _MOST_VARIABLES or rank == 0:
        return []
    found = []
    for basis in combinations(range(count), rank):
        groups = _of_basis(dimensions, list(basis))
        if groups is not None:
            found.append(groups)
    return [one for one in found if one.price == min(other.price for other in found)]


def _of_basis(dimensions: Dimensions, basis: list[int]) -> Groups | None:
    """Return the groups that a choice of independent columns gives; None where it is none, or powers are unusual."""
    count = len(dimensions.columns)
    matrix = sp.Matrix([[_exact(entry) for entry in dimensions.columns[j]] for j in basis]).T
    if matrix.rank() < len(basis):
        return None
    others = [j for j in range(count) if j not in basis]
    sides = [dimensions.target, *(dimensions.columns[j] for j in others)]
    whole = matrix.row_join(sp.Matrix([[_exact(entry) for entry in side] for side in sides]).T)
    reduced, pivots = whole.rref()
    if any(pivot >= len(basis) for pivot in pivots):
        return None
    rows = []
    for number, other in enumerate([None, *others]):
        powers = [sp.S.Zero] * count
        for row, j in enumerate(basis):
            powers[j] = reduced[row, len(basis) + number] * (1 if other is None else -1)
        if other is not None:
            powers[other] = sp.S.One
            powers = [power * sp.ilcm(*(power.q for power in powers)) for power in powers]
        if any(power.q > 2 or abs(power) > _LARGEST_EXPONENT for power in powers):
            return None
        rows.append(tuple(map(float, powers)))
    return Groups(factor=rows[0], exponents=tuple(rows[1:]))


def _exact(number: Fraction) -> sp.Rational:
    return sp.Rational(number.numerator, number.denominator)
