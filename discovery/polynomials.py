"""Polynomials as questions to data: how much they explain, and whether fewer terms would do (Fisher)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

_HIGHEST_DEGREE = 6
_HIGHEST_OF_ONE = 12
#: rows for each coefficient of a polynomial
_ROWS_EACH = 3.0
#: share of the variance that a polynomial in all variables must explain to be asked
_EXPLAINED = 0.9
#: ratio of remainders that says nothing where the larger polynomial leaves less than a share of the variance: over a
#: box the remainder of a good polynomial knows a little of variables that are not in it
_SIMILAR = 2.0
_CLOSE = 1e-3
#: share of the sum of squares that is round-off
_ROUND_OFF = 1e-22
#: distance of an exponent from a whole or half number, and its standard error
_NEAR = 0.03
_LARGEST_EXPONENT = 6.0


def polynomial(coordinates: Sequence[np.ndarray], degree: int, size: int) -> np.ndarray:
    """Return all monomials of coordinates up to a degree, shape (size, monomials)."""
    powers = [np.ones(size)]
    for order in range(1, degree + 1):
        for picks in combinations_with_replacement(range(len(coordinates)), order):
            powers.append(np.prod([coordinates[k] for k in picks], axis=0))
    return np.column_stack(powers)


def degree_for(variables: int, rows: int) -> int:
    """Return the degree of a polynomial that rows suffice for."""
    degree, count = 1, 1 + variables
    while degree < (_HIGHEST_DEGREE if variables > 1 else _HIGHEST_OF_ONE):
        count = count * (variables + degree + 1) // (degree + 1)
        if count * _ROWS_EACH > rows:
            break
        degree += 1
    return degree


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What a linear fit comes to."""

    #: weighted sum of squares that it leaves, and about the mean
    left: float
    total: float
    #: number of its coefficients
    coefficients: int

    @property
    def explains(self) -> bool:
        """Whether it is good enough to be asked."""
        return self.left < (1.0 - _EXPLAINED) * self.total

    def is_matched_by(self, fewer: "Fitted") -> bool:
        """Return whether a fit of other terms, not more of them, is as good."""
        return fewer.coefficients <= self.coefficients and fewer.left <= self.left


def fitted(design: np.ndarray, target: np.ndarray, weights: np.ndarray) -> Fitted:
    """Return what least squares on the columns of a design come to."""
    solution, _, rank, _ = np.linalg.lstsq(design * weights[:, None], target * weights, rcond=1e-11)
    left = float(np.sum((weights * (target - design @ solution)) ** 2))
    middle = np.average(target, weights=weights**2)
    return Fitted(
        left=max(left, _ROUND_OFF * float(np.sum((weights * target) ** 2))),
        total=float(np.sum((weights * (target - middle)) ** 2)),
        coefficients=int(rank),
    )


def chance(few: Fitted, many: Fitted, rows: int) -> float:
    """Return the probability of a fit of few coefficients that is as much worse than that of many (Fisher)."""
    from scipy.special import fdtrc  # slow to import

    more, rest = many.coefficients - few.coefficients, rows - many.coefficients
    if more <= 0 or rest <= 0:
        return 0.0
    if many.left < _CLOSE * many.total and few.left < _SIMILAR * many.left:
        return 1.0
    ratio = max(few.left - many.left, 0.0) / more / (many.left / rest)
    return float(fdtrc(more, rest, ratio))


def nearest_exponent(design: np.ndarray, target: np.ndarray, weights: np.ndarray, fit: Fitted) -> float | None:
    """Return the first coefficient as a whole or half number; None where it is not one, or badly known."""
    scaled = design * weights[:, None]
    solution = np.linalg.lstsq(scaled, target * weights, rcond=1e-11)[0]
    variance = fit.left / max(target.size - fit.coefficients, 1)
    basis = np.linalg.lstsq(scaled[:, 1:], scaled[:, 0], rcond=1e-11)[0]
    outside = float(np.sum((scaled[:, 0] - scaled[:, 1:] @ basis) ** 2))
    error = float(np.sqrt(variance / max(outside, 1e-300)))
    nearest = round(2.0 * float(solution[0])) / 2.0
    distance = abs(float(solution[0]) - nearest)
    is_near = error < _NEAR and distance < max(4.0 * error, 1e-6)
    return nearest if is_near and 0.0 < abs(nearest) <= _LARGEST_EXPONENT else None
