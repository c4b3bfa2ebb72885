"""Fewer variables: a factor of the target, and variables made of others."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """A variable made of others: the product of their powers, or the sum of their multiples."""

    #: exponent or multiple of every column, shape (columns,)
    exponents: tuple[float, ...]
    #: whether it is a product
    is_product: bool

    def values(self, points: np.ndarray) -> np.ndarray:
        """Return the combination at points of shape (columns, n), shape (n,)."""
        parts = zip(points, self.exponents, strict=True)
        if self.is_product:
            return np.asarray(np.prod([column**power for column, power in parts if power != 0.0], axis=0))
        return np.asarray(np.sum([factor * column for column, factor in parts if factor != 0.0], axis=0))

    @property
    def is_plain(self) -> bool:
        """Whether it is a column."""
        return sorted(self.exponents)[-2:] == [0.0, 1.0] and len(self.members) == 1

    @property
    def powers(self) -> tuple[float, ...]:
        """Exponents of a product of the same dimension."""
        return self.exponents if self.is_product else tuple(map(float, np.eye(len(self.exponents))[self.members[0]]))

    @property
    def members(self) -> tuple[int, ...]:
        """Columns that it is made of."""
        return tuple(int(j) for j in np.flatnonzero(self.exponents))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """y = product of x_j^factor_j times a function of fewer variables."""

    #: exponent of every column, shape (columns,)
    factor: tuple[float, ...]
    #: what the function depends on
    variables: tuple[Combination, ...]

    @property
    def cost(self) -> int:
        """Price of the factor in the complexity (1)."""
        return sum(1 + max(1, round(abs(power))) for power in self.factor if power)

    def extended(self, points: np.ndarray) -> np.ndarray:
        """Return points of shape (columns, n) with rows for the variables that are no columns."""
        return np.vstack([points, *(one.values(points)[None, :] for one in self.made)])

    @property
    def made(self) -> tuple[Combination, ...]:
        """Those variables that are no columns."""
        return tuple(one for one in self.variables if len(one.members) > 1)

    @property
    def used(self) -> tuple[int, ...]:
        """Rows of the extended points that the function depends on."""
        columns = len(self.factor)
        numbers = {one: columns + k for k, one in enumerate(self.made)}
        return tuple(numbers.get(one, one.members[0]) for one in self.variables)

    def factor_at(self, points: np.ndarray) -> np.ndarray:
        """Return the factor at points of shape (columns, n), shape (n,)."""
        powers = [x**a for x, a in zip(points, self.factor, strict=True) if a]
        return np.asarray(np.prod([np.ones(points.shape[1]), *powers], axis=0))
