"""Factors that are plain powers, and variables that enter by a product, ratio or difference only.

What Udrescu and Tegmark (Sci. Adv. 6, eaay2631, 2020) ask a neural network is asked of a polynomial here. Let z be
the logarithms of the positive columns, the other columns as they are, and t = ln |y| or y. A polynomial in all z
describes t up to a remainder. A variable is a factor x^a of y where ln |y| is linear in ln x and a is a whole or half
number; two variables act as one where a polynomial in z_i + k z_j describes t no worse than one in both, by Fisher's
test, or where one of as many coefficients, which may have a higher degree, describes t better. Each reduction found
leaves a polynomial of fewer variables and higher degree for the next question.

Where units are known, the groups without dimension are asked first whether they are all that y depends on.

Rows are random, so a remainder does not know a variable that is not in it: rough polynomials miss reductions, they
seldom invent one. The search tries the reduced problem beside the whole one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from ionspice.discovery.groups import Dimensions, dimensionless_groups
from ionspice.discovery.ordering import lowest
from ionspice.discovery.polynomials import Fitted, chance, degree_for, fitted, nearest_exponent, polynomial
from ionspice.discovery.reduction import Combination, Reduction

_MOST_ROWS = 1000
_MOST_VARIABLES = 7
#: probability below which a factor, a product and a sum of variables are refused; remainders are not normal numbers
_REFUSED_FACTOR = 1e-4
_REFUSED_PRODUCT = 1e-3
_REFUSED_SUM = 3e-2
#: share of the sum of squares in values of the other sign that may be noise
_OF_OTHER_SIGN = 1e-3
#: exponents that are tried on a target of changing sign
_POWERS = (1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.5, -0.5)
_RATIOS = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """What the questions are asked of."""

    points: np.ndarray
    y: np.ndarray
    weights: np.ndarray

    def over(self, factor: Sequence[float] | np.ndarray) -> "_Rows":
        """Return the rows with a product of powers taken out of the target."""
        rest = self.y / Reduction(factor=tuple(factor), variables=()).factor_at(self.points)
        return replace(self, y=rest, weights=self.weights * np.abs(self.y / rest))

    def targets(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield what polynomials are fitted to, with weights: y, and ln |y| where only noise changes its sign."""
        yield self.y, self.weights
        squares = (self.weights * self.y) ** 2
        if min(np.sum(squares[self.y > 0.0]), np.sum(squares[self.y < 0.0])) < _OF_OTHER_SIGN * np.sum(squares):
            yield np.log(np.abs(self.y)), self.weights * np.abs(self.y)

    def coordinate(self, one: Combination) -> np.ndarray:
        values = one.values(self.points)
        z = np.log(values) if one.is_product and np.all(values > 0.0) else values
        return np.asarray((z - z.mean()) / max(float(z.std()), 1e-300))


def find_reduction(
    points: np.ndarray, y: np.ndarray, weights: np.ndarray, dimensions: Dimensions | None = None
) -> Reduction | None:
    """Return how a table depends on fewer variables than it has columns, or None.

    Args:
        points: shape (columns, n).
        y: targets, shape (n,).
        weights: of the rows, shape (n,).
        dimensions: of columns and target, or None where their units are not known.
    """
    columns, n = points.shape
    if not 2 <= columns <= _MOST_VARIABLES or n < 10 * columns:
        return None
    kept = np.unique(np.linspace(0, n - 1, min(n, _MOST_ROWS)).astype(int))
    rows = _Rows(points=points[:, kept], y=y[kept], weights=weights[kept])
    rows = _without_zeros(rows)
    variables = tuple(Combination(exponents=tuple(map(float, row)), is_product=True) for row in np.eye(columns))
    found = _asked(rows, Reduction(factor=(0.0,) * columns, variables=variables), dimensions)
    by_units = None if dimensions is None else _by_units(rows, variables, dimensions)
    if by_units is not None:
        found = min(_asked(rows, by_units, dimensions), found, key=lambda one: len(one.variables))
    return found if any(found.factor) or len(found.variables) < columns else None


def _asked(rows: _Rows, known: Reduction, dimensions: Dimensions | None) -> Reduction:
    """Return what is left of a reduction after its variables have been asked for factors and mergers."""
    factor, variables = np.array(known.factor), list(known.variables)
    while True:
        powers = _power_factor(rows.over(factor), variables)
        for one, power in powers.items():
            factor = factor + power * np.array(one.exponents)
        left = [one for one in variables if one not in powers]
        merged = _merged(rows.over(factor), left, dimensions)
        if len(merged) == len(left):  # a merger makes room for a question of higher degree
            return Reduction(factor=tuple(map(float, factor)), variables=tuple(merged))
        variables = merged


def _by_units(rows: _Rows, columns: Sequence[Combination], dimensions: Dimensions) -> Reduction | None:
    """Return the law as a function of groups without dimension; None where there are none, or the data contradict."""
    choices = [one for one in dimensionless_groups(dimensions) if len(one.exponents) < len(columns)]
    if not choices:
        return None
    # what varies least beside its factor is the simplest function of the groups
    groups = lowest(choices, lambda one: _variation(rows.over(one.factor).y))
    variables = tuple(Combination(exponents=one, is_product=True) for one in groups.exponents)
    with np.errstate(all="ignore"):
        rest = rows.over(groups.factor)
        numbers = [rest.y, *(one.values(rows.points) for one in variables)]
    if not all(np.all(np.isfinite(values)) for values in numbers):
        return None
    size = rows.y.size
    degree, full_degree = degree_for(len(variables), size), degree_for(len(columns), size)
    for target, weights in rest.targets():
        many = fitted(polynomial([rows.coordinate(one) for one in columns], full_degree, size), target, weights)
        few = fitted(polynomial([rows.coordinate(one) for one in variables], degree, size), target, weights)
        if few.left <= many.left or chance(few, many, size) > _REFUSED_PRODUCT:
            return Reduction(factor=groups.factor, variables=variables)
    return None


def _variation(values: np.ndarray) -> float:
    return float(np.std(values) / max(abs(float(np.mean(values))), 1e-300))


def _without_zeros(rows: _Rows) -> _Rows:
    kept = rows.y != 0.0
    return _Rows(points=rows.points[:, kept], y=rows.y[kept], weights=rows.weights[kept])


def _power_factor(rows: _Rows, variables: Sequence[Combination]) -> dict[Combination, float]:
    """Return the exponents of those variables that are factors of y."""
    factor: dict[Combination, float] = {}
    total: float | None = None
    while len(factor) < len(variables):
        left = [one for one in variables if one not in factor]
        question = _Question.of(rows, left)
        total = question.whole.total if total is None else total  # of the target before any factor was taken out
        if not replace(question.whole, total=total).explains:
            break
        found = ((one, question.exponent(one)) for one in left if one.is_product)
        one, exponent = next(((one, exponent) for one, exponent in found if exponent is not None), (None, None))
        if one is None or exponent is None:
            break
        factor[one] = exponent
        rows = rows.over(exponent * np.array(one.exponents))
        total = total if question.is_logarithm else None
    return factor


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """Whether a variable is a factor: ln |y| is linear in its logarithm, or y is its power times the rest."""

    rows: _Rows
    variables: Sequence[Combination]
    #: degree of the polynomial in all variables, and what that comes to
    degree: int
    whole: Fitted

    @classmethod
    def of(cls, rows: _Rows, variables: Sequence[Combination]) -> "_Question":
        *_, (target, weights) = rows.targets()
        degree = degree_for(len(variables), target.size)
        design = polynomial([rows.coordinate(one) for one in variables], degree, target.size)
        return cls(rows=rows, variables=variables, degree=degree, whole=fitted(design, target, weights))

    @property
    def is_logarithm(self) -> bool:
        return len(list(self.rows.targets())) > 1

    def exponent(self, one: Combination) -> float | None:
        """Return the exponent with which a variable is a factor, or None."""
        values = one.values(self.rows.points)
        if not np.all(values > 0.0):
            return None
        *_, (target, weights) = self.rows.targets()
        others = [self.rows.coordinate(other) for other in self.variables if other is not one]
        for reach in sorted({self.degree, degree_for(len(others), target.size)}):
            rest = polynomial(others, reach, target.size)
            if self.is_logarithm:
                design = np.column_stack([np.log(values), rest])
                few = fitted(design, target, weights)
                exponent = nearest_exponent(design, target, weights, few)
            else:
                tries = [(fitted(values[:, None] ** power * rest, target, weights), power) for power in _POWERS]
                few, exponent = lowest(tries, lambda one: one[0].left)
            if exponent is not None and self._is_enough(few, reach):
                return exponent
        return None

    def _is_enough(self, few: Fitted, reach: int) -> bool:
        if reach > self.degree:
            return self.whole.is_matched_by(few)
        return chance(few, self.whole, self.rows.y.size) > _REFUSED_FACTOR


def _merged(rows: _Rows, variables: Sequence[Combination], dimensions: Dimensions | None) -> list[Combination]:
    """Return the variables after all that act as one have been put together."""
    left = list(variables)
    while len(left) > 1:
        best = _best_merger(rows, left, dimensions)
        if best is None:
            break
        first, second, together = best
        left = [together, *(one for one in left if one is not first and one is not second)]
    return left


def _best_merger(
    rows: _Rows, variables: list[Combination], dimensions: Dimensions | None
) -> tuple[Combination, Combination, Combination] | None:
    """Return two variables that act as one, with that one; None where there are none."""
    size = rows.y.size
    degree = degree_for(len(variables), size)
    whole = polynomial([rows.coordinate(one) for one in variables], degree, size)
    found: list[tuple[bool, float, int, tuple[Combination, Combination, Combination]]] = []
    for target, weights in rows.targets():
        many = fitted(whole, target, weights)
        if not many.explains:
            continue
        for number, (first, second, together) in enumerate(_mergers(rows, variables, dimensions)):
            others = [rows.coordinate(one) for one in variables if one is not first and one is not second]
            few = _enough([rows.coordinate(together), *others], degree, many, target, weights, together.is_product)
            if few is not None:
                worse = round(float(np.log(few.left / many.left)), 6)  # the last bits do not decide
                found.append((not together.is_product, worse, number, (first, second, together)))
    return min(found, key=lambda one: one[:3])[3] if found else None


def _enough(
    coordinates: Sequence[np.ndarray], degree: int, many: Fitted, target: np.ndarray, weights: np.ndarray,
    is_product: bool,
) -> Fitted | None:  # fmt: skip
    """Return the fit of a polynomial in fewer variables that describes the target no worse, or None."""
    few = fitted(polynomial(coordinates, degree, target.size), target, weights)
    if chance(few, many, target.size) > (_REFUSED_PRODUCT if is_product else _REFUSED_SUM):
        return few
    higher = degree_for(len(coordinates), target.size)
    if higher == degree:
        return None
    few = fitted(polynomial(coordinates, higher, target.size), target, weights)
    return few if many.is_matched_by(few) else None


def _mergers(
    rows: _Rows, variables: list[Combination], dimensions: Dimensions | None
) -> Iterator[tuple[Combination, Combination, Combination]]:
    """Yield two variables and what they may be together: products of powers, sums and differences of like ones."""
    for first, second in combinations(variables, 2):
        a, b = np.array(first.exponents), np.array(second.exponents)
        positive = all(np.all(one.values(rows.points) > 0.0) for one in (first, second))
        if first.is_product and second.is_product and positive:
            for ratio in _RATIOS:
                whole = 2.0 if abs(ratio) == 0.5 else 1.0
                together = Combination(exponents=tuple(map(float, whole * (a + ratio * b))), is_product=True)
                yield first, second, together
        if all(one.is_plain or not one.is_product for one in (first, second)) and _can_add(first, second, dimensions):
            for sign in (-1.0, 1.0):
                yield first, second, Combination(exponents=tuple(map(float, a + sign * b)), is_product=False)


def _can_add(first: Combination, second: Combination, dimensions: Dimensions | None) -> bool:
    """Return whether all columns of two variables have one dimension, as far as units are known."""
    if dimensions is None:
        return True
    return len({dimensions.columns[j] for j in (*first.members, *second.members)}) == 1
