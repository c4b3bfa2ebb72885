"""Founders: all small distinct genes, and the best pairs of them, as a start of the search.

Small expressions are few once those with equal values are counted once, so they are enumerated, size by size,
rather than drawn at random. Because gene weights are linear, the best partner of every founder follows from the
Gram matrix alone: with unit columns a, b and target t, the pair explains
(p^2 + q^2 - 2 p q r) / (1 - r^2), p = a.t, q = b.t, r = a.b.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from ionspice.discovery.evolution import operators as op
from ionspice.discovery.evolution.gene_weights import Samples, gene_values, moments, off, orthonormal
from ionspice.discovery.evolution.operators import ARITY, BY_CODE, CONSTANT, COST, FIRST_VARIABLE
from ionspice.discovery.evolution.stack_machine import compiled
from ionspice.discovery.evolution.units import NO_UNITS, have_units

_SCREENING_POINTS = 64
_SYMBOLS = 7  # of an enumerated founder, at most
_LIMIT = 1500  # of enumerated founders
_RAW_LIMIT = 60_000
_PRODUCT_VARIABLES = 4
_LARGEST_VALUE = 1e12
#: relative difference of columns, and of what they explain, that is round-off
_EQUAL = 1e-9
#: share of a unit column's square outside the others below which it adds nothing
_DEPENDENT = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Founders:
    """Distinct small genes with their values at the screening points."""

    #: prefix codes, one row a gene, padded with constants; shape (founders, length)
    codes: np.ndarray
    #: constants beside the codes, same shape
    values: np.ndarray
    #: complexity, shape (founders,)
    cost: np.ndarray
    #: values, shape (founders, points); the anchor, if any, is the last point
    columns: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    codes: np.ndarray  # (m, size)
    columns: np.ndarray  # (m, points)


def screening_rows(n: int) -> np.ndarray:
    """Return the indices of the rows that founders are screened on."""
    return np.unique(np.linspace(0, n - 1, min(n, _SCREENING_POINTS)).astype(np.int64))


def _first_of_equals(columns: np.ndarray, *, up_to_sign: bool = False) -> np.ndarray:
    """Return the sorted indices of the first of all columns that are equal up to round-off, shape (m,).

    Two random projections tell columns apart; each is sorted and split where neighbours differ by more than
    round-off, so that the last bits do not decide.
    """
    probe = np.random.default_rng(0).normal(size=(2, columns.shape[1]))
    projection = np.array([moments(columns, direction) for direction in probe])
    if up_to_sign:
        projection = projection * np.where(projection[0] < 0.0, -1.0, 1.0)
    tolerance = _EQUAL * np.sqrt(np.sum(columns**2, axis=1))
    groups = np.array([_groups(row, tolerance) for row in projection])
    _, first = np.unique(groups[0] * columns.shape[0] + groups[1], return_index=True)
    kept: np.ndarray = np.sort(first)
    return kept


def _groups(values: np.ndarray, tolerance: np.ndarray) -> np.ndarray:
    """Return the number of every value's group, shape (m,): sorted neighbours within the tolerance share one."""
    order = np.argsort(values, kind="stable")
    apart = np.diff(values[order]) > tolerance[order][1:]
    groups = np.empty(values.size, dtype=np.int64)
    groups[order] = np.concatenate([[0], np.cumsum(apart)])[: values.size]
    return groups


def _combined(code: int, left: _Level, right: _Level | None) -> _Level:
    """Return an operator applied to all expressions of a level, or to all pairs of two levels."""
    if right is None:
        columns = BY_CODE[code].function(left.columns)
        return _Level(codes=np.insert(left.codes, 0, code, axis=1), columns=columns)
    first = np.repeat(np.arange(left.codes.shape[0]), right.codes.shape[0])
    second = np.tile(np.arange(right.codes.shape[0]), left.codes.shape[0])
    codes = np.hstack([left.codes[first], right.codes[second]])
    columns = BY_CODE[code].function(left.columns[first], right.columns[second])
    return _Level(codes=np.insert(codes, 0, code, axis=1), columns=columns)


def _next_level(levels: list[_Level], functions: np.ndarray, dimensions: np.ndarray) -> _Level | None:
    """Combine the levels so far to all right expressions one symbol longer; None when they are too many."""
    size = len(levels)
    pairs: list[tuple[int, _Level, _Level | None]] = []
    raw = 0
    for code in functions:
        if ARITY[code] == 1:
            raw += levels[-1].codes.shape[0]
            pairs.append((code, levels[-1], None))
            continue
        for i in range(1, size - 1):
            left, right = levels[i], levels[size - 1 - i]
            raw += left.codes.shape[0] * right.codes.shape[0]
            if code not in (op.ADD, op.MUL) or i <= size - 1 - i:  # these commute
                pairs.append((code, left, right))
    if raw > _RAW_LIMIT:
        return None
    if not pairs:
        return _Level(codes=np.empty((0, size), dtype=np.int64), columns=np.empty((0, levels[1].columns.shape[1])))
    with np.errstate(all="ignore"):
        parts = [_combined(*pair) for pair in pairs]
    columns = np.vstack([part.columns for part in parts])
    codes = np.vstack([part.codes for part in parts])
    finite = np.all(np.isfinite(columns), axis=1) & (np.max(np.abs(columns), axis=1) < _LARGEST_VALUE)
    finite &= have_units(codes[:, None, :], dimensions)
    return _Level(codes=codes[finite], columns=columns[finite])


def enumerate_founders(
    points: np.ndarray, functions: np.ndarray, length: int, used: Sequence[int] | None = None,
    dimensions: np.ndarray = NO_UNITS,
) -> Founders:  # fmt: skip
    """Enumerate short genes that differ in value, cheapest first.

    Args:
        points: data at the screening points, shape (variables, points).
        functions: operator codes in use.
        length: row length of the result.
        used: rows of the points that the genes are made of; all if None.
        dimensions: powers of the base units of every row of the points, shape (variables, bases).
    """
    count = points.shape[1]
    rows = np.arange(points.shape[0]) if used is None else np.array(used, dtype=np.int64)
    terminals = np.append(FIRST_VARIABLE + rows, CONSTANT)[:, None]
    empty = _Level(codes=np.empty((0, 0), dtype=np.int64), columns=np.empty((0, count)))
    levels = [empty, _Level(codes=terminals, columns=np.vstack([points[rows], np.ones((1, count))]))]
    while len(levels) <= min(_SYMBOLS, length // 2):
        level = _next_level(levels, functions, dimensions)
        if level is None:
            break
        earlier = sum(known.codes.shape[0] for known in levels[1:])
        columns = np.vstack([*(known.columns for known in levels[1:]), level.columns])
        fresh = _first_of_equals(columns)
        fresh = fresh[fresh >= earlier] - earlier
        levels.append(_Level(codes=level.codes[fresh], columns=level.columns[fresh]))
    enumerated = sum(level.codes.shape[0] for level in levels[1:])
    products = _products(points, functions, length, rows)
    right = have_units(products.codes[:, None, :], dimensions)
    levels.append(_Level(codes=products.codes[right], columns=products.columns[right]))
    padded = [
        np.pad(level.codes, ((0, 0), (0, length - level.codes.shape[1])), constant_values=CONSTANT)
        for level in levels[1:]
    ]
    codes = np.vstack(padded)
    columns = np.vstack([level.columns for level in levels[1:]])
    cost = _active_costs(codes)
    order = np.argsort(cost, kind="stable")
    order = order[_first_of_equals(columns[order])]
    # the limit counts enumerated genes only: power products are few and must not be crowded out
    order = order[(order >= enumerated) | (np.cumsum(order < enumerated) <= _LIMIT)]
    return Founders(
        codes=codes[order], values=np.ones((order.size, length)), cost=cost[order], columns=columns[order]
    )


def _active_costs(codes: np.ndarray) -> np.ndarray:
    """Return the prices of padded genes, shape (genes,)."""
    open_arguments = 1 + np.cumsum(ARITY[codes] - 1, axis=1)
    ended = np.cumsum(open_arguments == 0, axis=1) - (open_arguments == 0) > 0
    price: np.ndarray = np.sum(np.where(ended, 0, COST[codes]), axis=1)
    return price


def _power(variable: int, exponent: float, functions: set[int]) -> list[int] | None:
    """Return the prefix gene of a variable's positive power, or None if the alphabet cannot write it."""
    if exponent == 0.5:
        return [op.SQRT, variable] if op.SQRT in functions else None
    if exponent == 2.0 and op.SQUARE in functions:
        return [op.SQUARE, variable]
    return [op.MUL] * (int(exponent) - 1) + [variable] * int(exponent)


def _product_gene(
    variables: list[int], exponents: tuple[float, ...], functions: set[int], extra: list[int]
) -> list[int]:
    """Return the prefix gene of a power product times an extra factor; empty if it cannot be written."""
    over: list[list[int]] = [extra] if extra else []
    under: list[list[int]] = []
    for variable, exponent in zip(variables, exponents, strict=True):
        if exponent == 0.0:
            continue
        factor = _power(variable, abs(exponent), functions)
        if factor is None:
            return []
        (over if exponent > 0.0 else under).append(factor)

    def chain(factors: list[list[int]]) -> list[int]:
        return [op.MUL] * (len(factors) - 1) + [symbol for factor in factors for symbol in factor]

    if not under:
        return chain(over)
    return [op.DIV, *(chain(over) or [CONSTANT]), *chain(under)]


def _products(points: np.ndarray, functions: np.ndarray, length: int, rows: np.ndarray) -> _Level:
    """Return power products, alone and times a function of another variable: the terms of many physical laws."""
    count = min(rows.size, _PRODUCT_VARIABLES)
    known = set(functions.tolist())
    names = [FIRST_VARIABLE + int(j) for j in rows[:count]]
    genes: list[list[int]] = []
    if {op.MUL, op.DIV} <= known:
        whole = product((-2.0, -1.0, 0.0, 1.0, 2.0), repeat=count)
        genes = [_product_gene(names, exponents, known, []) for exponents in whole]
        for argument in names if count > 1 else []:
            others = [name for name in names if name != argument]
            for exponents in product((-1.0, 0.0, 0.5, 1.0), repeat=count - 1):
                for function in known & {op.SIN, op.COS, op.EXP, op.LOG}:
                    genes.append(_product_gene(others, exponents, known, [function, argument]))
    head = length // 2
    genes = [gene for gene in genes if 0 < len(gene) <= length and all(ARITY[code] == 0 for code in gene[head:])]
    return _evaluated(genes, points, length)


def _evaluated(genes: list[list[int]], points: np.ndarray, length: int) -> _Level:
    """Return the genes as padded rows with their values, those that are finite."""
    codes = np.full((len(genes), length), CONSTANT)
    for row, gene in zip(codes, genes, strict=True):
        row[: len(gene)] = gene
    columns = _columns(codes, np.ascontiguousarray(points))
    finite = np.all(np.isfinite(columns), axis=1)
    return _Level(codes=codes[finite], columns=columns[finite])


def _columns(codes: np.ndarray, points: np.ndarray, derivative: int = -1) -> np.ndarray:
    """Return genes at points, or their derivatives by a variable, with constants of 1; shape (genes, points)."""
    genes, length = codes.shape
    columns, stack = np.empty((genes, points.shape[1])), np.empty((length // 2 + 2, points.shape[1]))
    for column, gene in zip(columns, codes, strict=True):
        column[:] = gene_values(gene, np.ones(length), points, derivative, stack)
    return columns


def with_derivatives(founders: Founders, points: np.ndarray, derivative: int) -> Founders:
    """Return the founders with their derivatives as columns, those that have finite ones.

    Args:
        founders: with values as columns.
        points: data at the screening points, shape (variables, points), the anchor last.
        derivative: variable of the derivative.
    """
    columns = _columns(founders.codes, points, derivative)
    finite = np.all(np.abs(columns) < _LARGEST_VALUE, axis=1)
    return Founders(
        codes=founders.codes[finite],
        values=founders.values[finite],
        cost=founders.cost[finite],
        columns=columns[finite],
    )


def unit_columns(founders: Founders, rows: np.ndarray, samples: Samples) -> np.ndarray:
    """Return the founders as weighted columns off the constant, of norm 1 (0 where they are constant)."""
    scale = samples.scale[rows]
    n = rows.shape[0]
    if samples.anchored:
        columns = (founders.columns[:, :n] - founders.columns[:, n:]) * scale
    else:
        columns = off(founders.columns * scale, unit_row(scale))
    size = np.sqrt(np.sum((founders.columns[:, :n] * scale) ** 2, axis=1))
    norm = np.sqrt(np.sum(columns**2, axis=1))
    keep = norm > 1e-7 * size
    return np.where(keep[:, None], columns / np.where(keep, norm, 1.0)[:, None], 0.0)


def unit_row(row: np.ndarray) -> np.ndarray:
    """Return a row divided by its norm, shape (1, n)."""
    return np.asarray(row / np.sqrt(np.sum(row**2)))[None, :]


def distinct_columns(columns: np.ndarray) -> np.ndarray:
    """Return the indices of unit columns that differ in more than sign and are not zero, in order."""
    alive = np.flatnonzero(np.any(columns != 0.0, axis=1))
    kept: np.ndarray = alive[_first_of_equals(np.ascontiguousarray(columns[alive]), up_to_sign=True)]
    return kept


def best_replacement(upright: np.ndarray, target: np.ndarray, others: np.ndarray) -> int:
    """Return the index of the founder that explains most of the target beside the other genes' columns.

    Of founders that explain as much, to round-off, the first is taken, which is the cheapest.

    Args:
        upright: unit columns of the founders, standing upright, shape (points, m).
        target: shape (points,), off the constant.
        others: columns of the genes that stay, shape (k, points), off the constant.
    """
    basis = orthonormal(others)
    rows = np.concatenate([basis, off(target[None, :].copy(), basis)])
    found = np.zeros((rows.shape[0], upright.shape[1]))
    for row, into in zip(rows, found, strict=True):
        add_moments(upright, row, 0, into)
    rest = 1.0 - np.sum(found[:-1] ** 2, axis=0)
    gain = np.where(rest > _DEPENDENT, found[-1] ** 2 / np.maximum(rest, _DEPENDENT), 0.0)
    return int(np.argmax(gain >= (1.0 - _EQUAL) * np.max(gain)))


@compiled
def add_moments(upright: np.ndarray, row: np.ndarray, start: int, moment: np.ndarray) -> None:
    """Add the inner products of a row, shape (n,), with columns of shape (n, m) to moment[start:], shape (m,)."""
    n, stop = upright.shape[0], moment.shape[0]
    for k in range(0, n - 3, 4):
        for j in range(start, stop):
            pair = row[k] * upright[k, j] + row[k + 1] * upright[k + 1, j]
            moment[j] += pair + (row[k + 2] * upright[k + 2, j] + row[k + 3] * upright[k + 3, j])
    for k in range(n - n % 4, n):
        for j in range(start, stop):
            moment[j] += row[k] * upright[k, j]


@compiled
def make_place(gains: np.ndarray, kept: np.ndarray, gain: float, equal: float) -> int:
    """Put a gain that beats the last one among those that are kept, and return its place, which is free in `kept`.

    Args:
        gains: kept, best first, shape (n,).
        kept: what they belong to, shape (n, members).
        gain: the new one.
        equal: relative difference that counts as none; the earlier of two equal ones stays before the other.
    """
    place: int = gains.shape[0] - 1
    while place > 0 and gain > gains[place - 1] * (1.0 + equal):
        gains[place] = gains[place - 1]
        kept[place] = kept[place - 1]
        place -= 1
    gains[place] = gain
    return place


@compiled
def best_pairs(columns: np.ndarray, moment: np.ndarray, cost: np.ndarray, per_size: int, largest: int) -> np.ndarray:
    """Return the best pairs of every total complexity, shape (largest + 1, per_size, 2), -1 where none.

    Of pairs that explain as much, to round-off, the first stays.

    Args:
        columns: unit columns, cheapest first, shape (m, points).
        moment: inner products with the target, shape (m,).
        cost: complexity of every column, shape (m,).
        per_size: how many pairs are kept for each complexity.
        largest: largest total complexity.
    """
    count = moment.shape[0]
    best = np.full((largest + 1, per_size), -1.0)
    pairs = np.full((largest + 1, per_size, 2), -1)
    upright = np.ascontiguousarray(columns.T)
    overlap = np.empty(count)
    for i in range(count):
        p = moment[i]
        stop = int(np.searchsorted(cost, largest - cost[i] + 1))  # columns come cheapest first
        overlap[:] = 0.0
        add_moments(upright, columns[i], i + 1, overlap[:stop])
        for j in range(i + 1, stop):
            total = cost[i] + cost[j]
            r = overlap[j]
            rest = 1.0 - r * r
            if rest < _DEPENDENT:
                continue
            q = moment[j]
            gain = (p * p + q * q - 2.0 * p * q * r) / rest
            if gain > best[total, per_size - 1] * (1.0 + _EQUAL):
                k = make_place(best[total], pairs[total], gain, _EQUAL)
                pairs[total, k, 0] = i
                pairs[total, k, 1] = j
    return pairs
