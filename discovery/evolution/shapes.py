"""Shapes: genes with inner constants over a grid of sizes and signs in the data's own scale.

A rate, an exponent or a centre enters a law in no linear way, so that no weight makes up for a wrong one: exp(x) says
nothing of exp(-19 x). Each shape is a prefix gene with values for its constants, ten thousand of which cost less than
a generation. Shapes compete after their constants have been tuned (`ionspice.discovery.evolution.shape_seeds`).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from ionspice.discovery.evolution import operators as op
from ionspice.discovery.evolution.gene_weights import gene_cost, gene_values
from ionspice.discovery.evolution.operators import ARITY, CONSTANT, FIRST_VARIABLE
from ionspice.discovery.evolution.units import NO_UNITS, have_units

_RATES = tuple(0.3 * 2.0**k for k in range(9))
_FEW_RATES = (0.5, 1.5, 5.0, 15.0, 45.0)
_ANGULAR = (1.0, 2.0, 3.0, 4.5, 6.5, 9.0, 12.0, 16.0, 21.0, 27.0, 34.0, 42.0, 52.0, 64.0)
_EXPONENTS = (-2.5, -1.5, -0.5, 0.3, 0.5, 0.7, 1.5, 2.5, 3.5)
_STRETCHES = (0.4, 0.6, 0.8, 1.5, 2.5)
_STEEPNESSES = (-2.5, -1.5, -0.7, 0.7, 1.5, 2.5, 4.0)
_PHASES = (0.0, 0.8, 1.6, 2.4)
_CENTRES = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85)
_BEYOND = (0.02, 0.07, 0.2, 0.6, 1.8, 5.0)
_NEAR = (0.004, 0.015, 0.05, 0.15, 0.4, 1.0, 2.5, 6.0)
#: variables that shapes are made of
_MOST_VARIABLES = 5
_MOST_SHAPES = 3000
_LARGEST_VALUE = 1e12
#: exp(6) is what constants may grow to when they are tuned; tanh takes over for what is further from 0
_LARGEST_EXPONENT = 6.0

type Gene = tuple[int, ...]
type Grid = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """Genes with constants from a grid and their values at the screening points."""

    #: prefix codes, padded with constants; shape (shapes, length)
    codes: np.ndarray
    #: constants beside the codes, same shape
    values: np.ndarray
    #: complexity, shape (shapes,)
    cost: np.ndarray
    #: number of the template that a shape belongs to, another one for the other sign, shape (shapes,)
    template: np.ndarray
    #: values, shape (shapes, points); the anchor, if any, is the last point
    columns: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    """A gene and what each of its constants may be, in the order of the gene."""

    gene: Gene
    grids: tuple[Grid, ...]


def _both(sizes: Grid) -> Grid:
    return tuple(sign * size for size in sizes for sign in (1.0, -1.0))


def _scaled(sizes: Grid, scale: float) -> Grid:
    return tuple(size / scale for size in sizes)


class _Argument:
    """A simple expression u of the variables, with the scales that constants beside it have."""

    def __init__(self, gene: Gene, column: np.ndarray) -> None:
        self.gene = gene
        self.low, self.high = float(column.min()), float(column.max())
        self.width = self.high - self.low
        self.largest = max(abs(self.low), abs(self.high))

    @property
    def varies(self) -> bool:
        return self.width > 1e-9 * self.largest and 0.0 < self.largest < np.inf

    def times(self) -> Gene:
        """Return the gene of c u."""
        return (op.MUL, CONSTANT, *self.gene)

    def beside(self) -> Iterator[tuple[Gene, Grid]]:
        """Yield the genes of c + u and c - u with values of c that keep them above zero."""
        shares = _NEAR if self.low >= 0.0 else _BEYOND
        yield (op.ADD, CONSTANT, *self.gene), tuple(max(-self.low, 0.0) + share * self.width for share in shares)
        yield (op.SUB, CONSTANT, *self.gene), tuple(self.high + share * self.width for share in _BEYOND)

    def less(self) -> Gene:
        """Return the gene of u - c."""
        return (op.SUB, *self.gene, CONSTANT)


def _arguments(points: np.ndarray, used: Sequence[int]) -> tuple[list[_Argument], list[_Argument]]:
    """Return the variables, and their inverses, squares, roots, products and ratios."""
    rows = used[:_MOST_VARIABLES]
    names = [FIRST_VARIABLE + j for j in rows]
    with np.errstate(all="ignore"):
        plain = [_Argument((name,), points[j]) for j, name in zip(rows, names, strict=True)]
        other: list[tuple[Gene, np.ndarray]] = []
        for j, name in enumerate(names):
            x = points[rows[j]]
            other += [
                ((op.DIV, CONSTANT, name), 1.0 / x),
                ((op.SQUARE, name), x**2),
                ((op.SQRT, name), np.sqrt(x)),
            ]
            for k in range(j + 1, len(names)):
                other += [
                    ((op.MUL, name, names[k]), x * points[rows[k]]),
                    ((op.DIV, name, names[k]), x / points[rows[k]]),
                    ((op.DIV, names[k], name), points[rows[k]] / x),
                ]
        derived = [_Argument(gene, column) for gene, column in other if np.all(np.isfinite(column))]
    return [u for u in plain if u.varies], [u for u in derived if u.varies]


def _of_argument(u: _Argument) -> Iterator[_Template]:
    """Yield shapes with one constant of any argument: exp(c u), log(c + u), sqrt(c + u), 1/(c + u), u/(c + u)."""
    # a plain inverse c/u needs no second constant
    inverse = u.gene[:2] == (op.DIV, CONSTANT)
    scaled = u.gene if inverse else u.times()
    rates = _both(_scaled(_RATES, u.width))
    yield _Template(gene=(op.EXP, *scaled), grids=(rates,))
    if inverse:
        return
    for beside, sizes in u.beside():
        yield _Template(gene=(op.LOG, *beside), grids=(sizes,))
        yield _Template(gene=(op.SQRT, *beside), grids=(sizes,))
        yield _Template(gene=(op.INV, *beside), grids=(sizes,))
        yield _Template(gene=(op.DIV, *u.gene, *beside), grids=(sizes,))


def _of_variable(x: _Argument) -> Iterator[_Template]:
    """Yield the other shapes with one constant: odd functions, waves, powers, x exp(c x)."""
    odd = _scaled(_RATES, x.largest)
    for code in (op.TANH, op.SINH, op.ASINH, op.ERF, op.COSH):
        yield _Template(gene=(code, *x.times()), grids=(odd,))
    yield _Template(gene=(op.INV, op.COSH, *x.times()), grids=(odd,))
    for code in (op.SIN, op.COS):
        yield _Template(gene=(code, *x.times()), grids=(_scaled(_ANGULAR, x.width),))
    yield _Template(gene=(op.MUL, *x.gene, op.EXP, *x.times()), grids=(_both(_scaled(_RATES, x.width)),))
    for beside, sizes in x.beside():
        yield _Template(gene=(op.MUL, *x.gene, op.LOG, *beside), grids=(sizes,))
    yield _Template(gene=(op.POW, *x.gene, CONSTANT), grids=(_EXPONENTS,))


def _of_two_constants(x: _Argument) -> Iterator[_Template]:
    """Yield shapes with two constants: stretched and shifted exponentials, Hill, logistic, peaks, damped waves."""
    centres = tuple(x.low + share * x.width for share in _CENTRES)
    outside = tuple(x.low - share * x.width for share in _BEYOND) + tuple(
        x.high + share * x.width for share in _BEYOND
    )
    few, power = _scaled(_FEW_RATES, x.width), (op.POW, *x.gene, CONSTANT)
    scale = x.largest
    yield _Template(gene=(op.EXP, op.MUL, CONSTANT, *power), grids=(_both(_scaled(_FEW_RATES, scale)), _STRETCHES))
    for steepness in _STEEPNESSES:
        half = tuple(float(np.float64(share * scale) ** steepness) for share in (0.1, 0.3, 0.8))
        yield _Template(gene=(op.INV, op.ADD, CONSTANT, *power), grids=(half, (steepness,)))
    yield _Template(
        gene=(op.EXP, op.DIV, CONSTANT, *x.less()),
        grids=(_both(tuple(share * x.width for share in (0.1, 0.5, 2.0, 8.0))), outside),
    )
    for rate, centre in product(_both(few), centres):
        if abs(rate * centre) < _LARGEST_EXPONENT:
            grids = ((math.exp(rate * centre),), (rate,))
            yield _Template(gene=(op.INV, op.ADD, CONSTANT, op.EXP, *x.times()), grids=grids)
    yield _Template(gene=(op.TANH, op.MUL, CONSTANT, *x.less()), grids=(few, centres))
    tight = tuple(-((rate / x.width) ** 2) for rate in (1.0, 2.5, 6.0, 15.0))
    yield _Template(gene=(op.EXP, op.MUL, CONSTANT, op.SQUARE, *x.less()), grids=(tight, centres))
    yield _Template(gene=(op.SIN, op.ADD, CONSTANT, *x.times()), grids=(_PHASES, _scaled(_ANGULAR, x.width)))
    for wave in (op.SIN, op.COS):
        damped = (op.MUL, op.EXP, *x.times(), wave, *x.times())
        yield _Template(gene=damped, grids=(_both((*few[:4],)), _scaled(_ANGULAR, x.width)))
    for beside, sizes in x.beside():
        yield _Template(gene=(op.POW, *beside, CONSTANT), grids=(sizes, _EXPONENTS))


def _of_one_variable(x: _Argument, derived: Sequence[_Argument]) -> Iterator[_Template]:
    """Yield powers of the variable times functions of it, its root and its inverse, and shapes of three constants."""
    rates = _scaled(_RATES, x.width)
    saturating = (op.INV, op.ADD, CONSTANT, op.EXP, *x.times())
    inner = [_Template(gene=saturating, grids=((-1.0,), _both(rates)))]
    roots = [u for u in derived if u.gene[0] == op.SQRT]
    inner += [_Template(gene=(op.TANH, *u.times()), grids=(_scaled(_RATES, u.largest),)) for u in roots]
    for u in (x, *derived):
        is_inverse = u.gene[:2] == (op.DIV, CONSTANT)
        gene = (op.EXP, *(u.gene if is_inverse else u.times()))
        inner.append(_Template(gene=gene, grids=(_both(_scaled(_RATES, u.width)),)))
    for wave in (op.SIN, op.COS):
        yield _Template(gene=(op.MUL, *x.gene, wave, *x.times()), grids=(_scaled(_ANGULAR, x.width),))
    yield inner[0]
    square, root = (op.SQUARE, *x.gene), (op.SQRT, *x.gene)
    for one in inner:
        for factor in (x.gene, root, square, (op.MUL, *x.gene, *square)):
            yield _Template(gene=(op.MUL, *factor, *one.gene), grids=one.grids)
        for divisor in (x.gene, root, square):
            yield _Template(gene=(op.DIV, *one.gene, *divisor), grids=one.grids)
    centres = tuple(x.low + share * x.width for share in _CENTRES)
    widths = tuple((share * x.width) ** 2 for share in (0.03, 0.1, 0.3))
    yield _Template(gene=(op.INV, op.ADD, CONSTANT, op.SQUARE, *x.less()), grids=(widths, centres))
    yield from _of_three_constants(x)


def _of_three_constants(x: _Argument) -> Iterator[_Template]:
    """Yield damped waves with a phase and (c + x^a)^b, alone and times the variable."""
    few = _scaled(_FEW_RATES, x.width)
    ringing = (op.MUL, op.EXP, *x.times(), op.SIN, op.ADD, CONSTANT, *x.times())
    yield _Template(gene=ringing, grids=(_both(few[:3]), _PHASES[::2], _scaled(_ANGULAR, x.width)))
    if x.low < 0.0:
        return
    bent = (op.POW, op.ADD, CONSTANT, op.POW, *x.gene, CONSTANT, CONSTANT)
    for power, outer in product((0.6, 1.5, 2.5), (-1.4, -0.6, 0.6)):
        half = tuple((share * x.largest) ** power for share in (0.05, 0.2, 0.6))
        for gene in (bent, (op.MUL, *x.gene, *bent)):
            yield _Template(gene=gene, grids=(half, (power,), (outer,)))


def _templates(points: np.ndarray, used: Sequence[int]) -> Iterator[_Template]:
    """Yield the shapes of all variables, then products of those of one variable with another variable."""
    plain, derived = _arguments(points, used)
    for u in (*plain, *derived):
        yield from _of_argument(u)
    simple = {x.gene: list(_of_variable(x)) for x in plain}
    for templates in simple.values():
        yield from templates
    for x in plain:
        yield from _of_two_constants(x)
    if len(plain) == 1:
        yield from _of_one_variable(plain[0], derived)
    for other in plain:
        for x in plain:
            if x is not other:
                for template in (*_of_argument(x), *simple[x.gene]):
                    yield _Template(gene=(op.MUL, *other.gene, *template.gene), grids=template.grids)


def _written(template: _Template, functions: set[int], length: int) -> np.ndarray | None:
    """Return a template's gene as a padded row of codes; None where the alphabet or the gene's head lacks room."""
    gene = template.gene
    operators = {code for code in gene if ARITY[code] > 0}
    fits = len(gene) <= length and all(ARITY[code] == 0 for code in gene[length // 2 :])
    if not (operators <= functions and fits):
        return None
    row = np.full(length, CONSTANT)
    row[: len(gene)] = gene
    return row


def grid_shapes(
    points: np.ndarray, functions: np.ndarray, length: int, derivative: int = -1, used: Sequence[int] | None = None,
    dimensions: np.ndarray = NO_UNITS,
) -> Shapes:  # fmt: skip
    """Return the shapes that are finite at points, with constants over their grids.

    Args:
        points: data at the screening points, the anchor last if there is one; shape (variables, points).
        functions: codes of the operators.
        length: row length of the genes.
        derivative: variable of an observed derivative, negative for none.
        used: rows of the points that the shapes are made of; all if None.
        dimensions: powers of the base units of every row of the points, shape (variables, bases).
    """
    known = {int(code) for code in functions}
    # an inverse with a constant above it would have two constants for one
    known |= {op.INV} if op.DIV in known else set()
    codes, values, numbers = [], [], []
    number_of: dict[Gene, int] = {}
    for template in _templates(points, range(points.shape[0]) if used is None else used):
        number = number_of.setdefault(template.gene, len(number_of))
        row = _written(template, known, length)
        if row is None or not have_units(row[None, None, :], dimensions)[0]:
            continue
        places = np.flatnonzero(np.array(template.gene) == CONSTANT)
        for constants in product(*template.grids):
            one = np.ones(length)
            one[places] = constants
            codes.append(row)
            values.append(one)
            numbers.append(2 * number + int(np.prod(np.sign(constants)) < 0.0))
        if len(codes) > _MOST_SHAPES:
            break
    return _finite(codes, values, numbers, np.ascontiguousarray(points), derivative, length)


def _finite(
    codes: list[np.ndarray], values: list[np.ndarray], numbers: list[int], points: np.ndarray, derivative: int,
    length: int,
) -> Shapes:  # fmt: skip
    columns, stack = np.empty((len(codes), points.shape[1])), np.empty((length // 2 + 2, points.shape[1]))
    for column, gene, constants in zip(columns, codes, values, strict=True):
        column[:] = gene_values(gene, constants, points, derivative, stack)
    kept = np.flatnonzero(np.all(np.abs(columns) < _LARGEST_VALUE, axis=1))
    shape = (len(codes), length)
    all_codes = np.array(codes, dtype=np.int64).reshape(shape)[kept]
    return Shapes(
        codes=all_codes,
        values=np.array(values).reshape(shape)[kept],
        cost=np.array([gene_cost(gene) for gene in all_codes], dtype=np.int64),
        template=np.array(numbers, dtype=np.int64)[kept],
        columns=columns[kept],
    )
