"""Fewer variables: factors that are plain powers, and variables that enter by a product, ratio or difference only.

What Udrescu and Tegmark (Sci. Adv. 6, eaay2631, 2020) ask a neural network is asked of a polynomial here. Let z be
the logarithms of the positive columns, the other columns as they are, and t = ln |y| or y. A polynomial in all z
describes t up to a remainder. A variable is a factor x^a of y where ln |y| is linear in ln x and a is a whole or half
number; two variables act as one where a polynomial in z_i + k z_j describes t no worse than one in both, by Fisher's
test. Each reduction found leaves a polynomial of fewer variables and higher degree for the next question.

Rows are random, so a remainder does not know a variable that is not in it: rough polynomials miss reductions, they
seldom invent one. The search tries the reduced problem beside the whole one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, combinations_with_replacement

import numpy as np

_MOST_ROWS = 1000
_MOST_VARIABLES = 7
_HIGHEST_DEGREE = 6
#: rows for each coefficient of a polynomial
_ROWS_EACH = 3.0
#: share of the variance that a polynomial in all variables must explain to be asked
_EXPLAINED = 0.9
#: probability below which a factor, a product and a sum of variables are refused; remainders are not normal numbers
_REFUSED_FACTOR = 1e-4
_REFUSED_PRODUCT = 1e-3
_REFUSED_SUM = 3e-2
#: ratio of remainders that says nothing where the larger polynomial leaves less than a share of the variance: over a
#: box the remainder of a good polynomial knows a little of variables that are not in it
_SIMILAR = 2.0
_CLOSE = 1e-3
#: share of the sum of squares that is round-off
_ROUND_OFF = 1e-22
#: distance of an exponent from a whole or half number, and its standard error
_NEAR = 0.03
_LARGEST_EXPONENT = 6.0
_RATIOS = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """What the questions are asked of."""

    points: np.ndarray
    y: np.ndarray
    weights: np.ndarray

    def coordinate(self, one: Combination) -> np.ndarray:
        values = one.values(self.points)
        z = np.log(values) if one.is_product and np.all(values > 0.0) else values
        return np.asarray((z - z.mean()) / max(float(z.std()), 1e-300))


def find_reduction(points: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Reduction | None:
    """Return how a table depends on fewer variables than it has columns, or None.

    Args:
        points: shape (columns, n).
        y: targets, shape (n,).
        weights: of the rows, shape (n,).
    """
    columns, n = points.shape
    if not 2 <= columns <= _MOST_VARIABLES or n < 10 * columns:
        return None
    kept = np.unique(np.linspace(0, n - 1, min(n, _MOST_ROWS)).astype(int))
    rows = _Rows(points=points[:, kept], y=y[kept], weights=weights[kept])
    rows = _without_zeros(rows)
    unit = np.eye(columns)
    variables = [Combination(exponents=tuple(map(float, row)), is_product=True) for row in unit]
    factor = _power_factor(rows, variables)
    left = [one for one in variables if factor[one.members[0]] == 0.0]
    reduced = replace(rows, y=rows.y / Reduction(factor=tuple(factor), variables=()).factor_at(rows.points))
    reduced = replace(reduced, weights=rows.weights * np.abs(rows.y / reduced.y))
    merged = _merged(reduced, left)
    if not np.any(factor) and len(merged) == columns:
        return None
    return Reduction(factor=tuple(map(float, factor)), variables=tuple(merged))


def _without_zeros(rows: _Rows) -> _Rows:
    kept = rows.y != 0.0
    return _Rows(points=rows.points[:, kept], y=rows.y[kept], weights=rows.weights[kept])


def _polynomial(coordinates: Sequence[np.ndarray], degree: int, size: int) -> np.ndarray:
    """Return all monomials of coordinates up to a degree, shape (size, monomials)."""
    powers = [np.ones(size)]
    for order in range(1, degree + 1):
        for picks in combinations_with_replacement(range(len(coordinates)), order):
            powers.append(np.prod([coordinates[k] for k in picks], axis=0))
    return np.column_stack(powers)


def _degree(variables: int, rows: int) -> int:
    degree, count = 1, 1 + variables
    while degree < _HIGHEST_DEGREE:
        count = count * (variables + degree + 1) // (degree + 1)
        if count * _ROWS_EACH > rows:
            break
        degree += 1
    return degree


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fitted:
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


def _fitted(design: np.ndarray, target: np.ndarray, weights: np.ndarray) -> _Fitted:
    solution, _, rank, _ = np.linalg.lstsq(design * weights[:, None], target * weights, rcond=1e-11)
    left = float(np.sum((weights * (target - design @ solution)) ** 2))
    middle = np.average(target, weights=weights**2)
    return _Fitted(
        left=max(left, _ROUND_OFF * float(np.sum((weights * target) ** 2))),
        total=float(np.sum((weights * (target - middle)) ** 2)),
        coefficients=int(rank),
    )


def _chance(few: _Fitted, many: _Fitted, rows: int) -> float:
    """Return the probability of a fit of few coefficients that is as much worse than that of many (Fisher)."""
    from scipy.special import fdtrc  # slow to import

    more, rest = many.coefficients - few.coefficients, rows - many.coefficients
    if more <= 0 or rest <= 0:
        return 0.0
    if many.left < _CLOSE * many.total and few.left < _SIMILAR * many.left:
        return 1.0
    ratio = max(few.left - many.left, 0.0) / more / (many.left / rest)
    return float(fdtrc(more, rest, ratio))


def _power_factor(rows: _Rows, variables: Sequence[Combination]) -> np.ndarray:
    """Return the exponents of all columns that are factors of y, 0 for the others."""
    factor = np.zeros(len(variables))
    target, weights = np.log(np.abs(rows.y)), rows.weights * np.abs(rows.y)
    positive = [one for one in variables if np.all(rows.points[one.members[0]] > 0.0)]
    size = rows.y.size
    whole: float | None = None
    found = True
    while found:
        found = False
        left = [one for one in variables if factor[one.members[0]] == 0.0]
        z = {one: rows.coordinate(one) for one in left}
        degree = _degree(len(left), size)
        many = _fitted(_polynomial(list(z.values()), degree, size), target, weights)
        whole = many.total if whole is None else whole
        if many.left > (1.0 - _EXPLAINED) * whole:
            return factor
        for one in [one for one in left if one in positive]:
            j = one.members[0]
            others = [z[other] for other in left if other is not one]
            design = np.column_stack([np.log(rows.points[j]), _polynomial(others, degree, size)])
            few = _fitted(design, target, weights)
            exponent = _exponent(design, target, weights, few)
            if exponent is not None and _chance(few, many, size) > _REFUSED_FACTOR:
                factor[j] = exponent
                target = target - exponent * np.log(rows.points[j])
                found = len(left) > 1
                break
    return factor


def _exponent(design: np.ndarray, target: np.ndarray, weights: np.ndarray, fit: _Fitted) -> float | None:
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


def _merged(rows: _Rows, variables: Sequence[Combination]) -> list[Combination]:
    """Return the variables after all that act as one have been put together."""
    left = list(variables)
    while len(left) > 1:
        best = _best_merger(rows, left)
        if best is None:
            break
        first, second, together = best
        left = [together, *(one for one in left if one is not first and one is not second)]
    return left


def _best_merger(rows: _Rows, variables: list[Combination]) -> tuple[Combination, Combination, Combination] | None:
    """Return two variables that act as one, with that one; None where there are none."""
    size = rows.y.size
    targets = [(rows.y, rows.weights)]
    if np.all(rows.y > 0.0) or np.all(rows.y < 0.0):
        targets.append((np.log(np.abs(rows.y)), rows.weights * np.abs(rows.y)))
    degree = _degree(len(variables), size)
    whole = _polynomial([rows.coordinate(one) for one in variables], degree, size)
    found: list[tuple[bool, float, int, tuple[Combination, Combination, Combination]]] = []
    for target, weights in targets:
        many = _fitted(whole, target, weights)
        if not many.explains:
            continue
        for number, (first, second, together) in enumerate(_mergers(rows, variables)):
            others = [rows.coordinate(one) for one in variables if one is not first and one is not second]
            few = _fitted(_polynomial([rows.coordinate(together), *others], degree, size), target, weights)
            least = _REFUSED_PRODUCT if together.is_product else _REFUSED_SUM
            if _chance(few, many, size) > least:
                worse = round(float(np.log(few.left / many.left)), 6)  # the last bits do not decide
                found.append((not together.is_product, worse, number, (first, second, together)))
    return min(found, key=lambda one: one[:3])[3] if found else None


def _mergers(rows: _Rows, variables: list[Combination]) -> Iterator[tuple[Combination, Combination, Combination]]:
    """Yield two variables and what they may be together: products of powers, sums and differences."""
    for first, second in combinations(variables, 2):
        a, b = np.array(first.exponents), np.array(second.exponents)
        positive = all(np.all(one.values(rows.points) > 0.0) for one in (first, second))
        if first.is_product and second.is_product and positive:
            for ratio in _RATIOS:
                whole = 2.0 if abs(ratio) == 0.5 else 1.0
                together = Combination(exponents=tuple(map(float, whole * (a + ratio * b))), is_product=True)
                yield first, second, together
        if all(one.is_plain or not one.is_product for one in (first, second)):
            for sign in (-1.0, 1.0):
                yield first, second, Combination(exponents=tuple(map(float, a + sign * b)), is_product=False)
