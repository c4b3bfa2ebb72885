"""Score chromosomes: linear gene weights by orthogonal projection.

A chromosome of genes g_1..g_G stands for eta = w_0 + sum_k w_k g_k(x), and eta = L^-1(y) with a fixed link L
(identity, reciprocal, logarithm, ...). With row weights s the weights w minimise |s (t - eta)|^2, t = L^-1(y).
They are never searched: modified Gram-Schmidt projects the target on the genes (Bjorck 1967), so a gene that adds
nothing to the ones before it is silent and costs nothing. With several data sets (groups of rows) every group has
weights of its own and the genes are shared. Anchored samples fix eta at one extra point, the last column of
`points`: there w_0 is not free and the genes count from their value at the anchor.

Where the derivative of the law is observed, eta' = sum_k w_k g_k'(x), the columns are derivatives of the genes and
w_0 does not show; such samples are anchored too.
"""

from typing import NamedTuple

import numpy as np

from ionspice.discovery.evolution.operators import CONSTANT, COST
from ionspice.discovery.evolution.stack_machine import (
    active_length,
    compiled,
    evaluate,
    inner_product,
)
from ionspice.discovery.evolution.units import NO_UNITS

#: a column whose part outside the earlier ones is smaller than this share of it is silent
_DEPENDENT = 1e-9


class Samples(NamedTuple):
    """Rows that a population is scored on (a NamedTuple, which compiled code can take)."""

    #: data, shape (variables, n), plus one last column for the anchor if `anchored`
    points: np.ndarray
    #: s (t - t_anchor) of the rows, shape (n,)
    target: np.ndarray
    #: row weights s, shape (n,)
    scale: np.ndarray
    #: first row of every group and, last, n; shape (groups + 1,)
    groups: np.ndarray
    #: whether eta is fixed at the anchor
    anchored: bool
    #: sum of squares that an error of 1 stands for
    total: float
    #: variable with respect to which the target is the law's derivative; negative for the law itself
    derivative: int = -1
    #: powers of the base units of every variable, shape (variables, bases); no bases where units are not known
    dimensions: np.ndarray = NO_UNITS


@compiled
def project(
    columns: np.ndarray, target: np.ndarray, start: int, stop: int, basis: np.ndarray, weights: np.ndarray
) -> float:
    """Project rows start:stop of the target on the columns; return the residual sum of squares.

    Args:
        columns: shape (k, n).
        target: shape (n,).
        start: first row.
        stop: row after the last.
        basis: out, shape (k, n), orthonormal rows in start:stop, zero where a column is silent.
        weights: out, shape (k,), coefficients of the columns, zero where silent.
    """
    count = columns.shape[0]
    triangle = np.zeros((count, count))
    moment = np.zeros(count)
    residual = target[start:stop].copy()
    for j in range(count):
        unit = basis[j, start:stop]
        unit[:] = columns[j, start:stop]
        square = inner_product(unit, unit)
        if square == 0.0:
            continue
        for i in range(j):
            if triangle[i, i] > 0.0:
                earlier = basis[i, start:stop]
                triangle[i, j] = inner_product(earlier, unit)
                _subtract(unit, triangle[i, j], earlier)
        norm = np.sqrt(inner_product(unit, unit))
        if norm > _DEPENDENT * np.sqrt(square):
            triangle[j, j] = norm
            for row in range(unit.shape[0]):
                unit[row] /= norm
            moment[j] = inner_product(unit, residual)
            _subtract(residual, moment[j], unit)
        else:
            unit[:] = 0.0
    _solve_triangle(triangle, moment, weights)
    return float(inner_product(residual, residual))


@compiled
def _solve_triangle(triangle: np.ndarray, moment: np.ndarray, weights: np.ndarray) -> None:
    """Solve triangle @ weights = moment by back substitution; rows of silent columns have a zero weight."""
    for j in range(moment.shape[0] - 1, -1, -1):
        weights[j] = 0.0
        if triangle[j, j] > 0.0:
            for i in range(j + 1, moment.shape[0]):
                moment[j] -= triangle[j, i] * weights[i]
            weights[j] = moment[j] / triangle[j, j]


@compiled
def _subtract(row: np.ndarray, factor: float, other: np.ndarray) -> None:
    for k in range(row.shape[0]):
        row[k] -= factor * other[k]


@compiled
def combined(weights: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the weighted sum of columns of shape (k, n), shape (n,)."""
    total = np.zeros(columns.shape[1])
    for k in range(columns.shape[0]):
        _subtract(total, -weights[k], columns[k])
    return total


@compiled
def off(rows: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Take the part in an orthonormal basis, shape (k, n), away from rows, shape (m, n), in place; return them."""
    for m in range(rows.shape[0]):
        for k in range(basis.shape[0]):
            _subtract(rows[m], inner_product(basis[k], rows[m]), basis[k])
    return rows


@compiled
def orthonormal(rows: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis of rows, shape (m, n): one row each, zero where it adds nothing."""
    basis = rows.copy()
    for m in range(basis.shape[0]):
        size = np.sqrt(inner_product(rows[m], rows[m]))
        for _ in range(2):  # once more, for rows that almost depend on earlier ones
            off(basis[m : m + 1], basis[:m])
        norm = np.sqrt(inner_product(basis[m], basis[m]))
        basis[m] = basis[m] / norm if norm > _DEPENDENT * size else np.zeros(basis.shape[1])
    return basis


@compiled
def moments(rows: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the inner products of rows, shape (m, n), with a target, shape (m,)."""
    result = np.empty(rows.shape[0])
    for m in range(rows.shape[0]):
        result[m] = inner_product(rows[m], target)
    return result


@compiled
def gene_values(
    gene: np.ndarray, values: np.ndarray, points: np.ndarray, derivative: int, stack: np.ndarray
) -> np.ndarray:
    """Return a gene at the points, or its derivative, which counts as 0 at the last point, the anchor.

    Args:
        gene: symbol codes, shape (length,).
        values: constants beside them, shape (length,).
        points: shape (variables, n).
        derivative: variable of the derivative, negative for none.
        stack: work space of `evaluate`; the result may be its first row.
    """
    if derivative < 0:
        evaluate(gene, values, points, stack)
        row: np.ndarray = stack[0]
        return row
    tangent = np.empty_like(stack)
    evaluate(gene, values, points, stack, tangent, -1, derivative)
    slope: np.ndarray = tangent[0]
    slope[-1] = 0.0 if np.isfinite(stack[0, -1]) else np.nan
    return slope


@compiled
def fill_column(row: np.ndarray, samples: Samples, column: np.ndarray) -> bool:
    """Turn a gene's values at the points into a weighted column; return whether it is finite."""
    n = samples.target.shape[0]
    level = row[n] if samples.anchored else 0.0
    for k in range(n):
        column[k] = (row[k] - level) * samples.scale[k]
    return bool(np.isfinite(inner_product(column, column)))


@compiled
def fill_columns(
    codes: np.ndarray, values: np.ndarray, samples: Samples, stack: np.ndarray, columns: np.ndarray
) -> bool:
    """Evaluate the genes of one chromosome into columns[1:], and the constant into columns[0]."""
    if samples.anchored:
        columns[0, :] = 0.0
    else:
        columns[0, :] = samples.scale
    for g in range(codes.shape[0]):
        if codes[g, 0] == CONSTANT:
            columns[g + 1, :] = 0.0
            continue
        row = gene_values(codes[g], values[g], samples.points, samples.derivative, stack)
        if not fill_column(row, samples, columns[g + 1]):
            return False
    return True


@compiled
def gene_cost(gene: np.ndarray) -> int:
    """Return the summed prices of a gene's active symbols."""
    cost = 0
    for position in range(active_length(gene, 0)):
        cost += COST[gene[position]]
    return cost


@compiled
def score(codes: np.ndarray, values: np.ndarray, samples: Samples, errors: np.ndarray, sizes: np.ndarray) -> None:
    """Score a population.

    Args:
        codes: shape (population, genes, length).
        values: constants, same shape.
        samples: the data.
        errors: out, shape (population,), residual over total sum of squares; inf where not finite.
        sizes: out, shape (population,), complexity without silent genes.
    """
    population, genes, length = codes.shape
    n = samples.target.shape[0]
    stack = np.empty((length // 2 + 2, samples.points.shape[1]))
    columns = np.empty((genes + 1, n))
    basis = np.empty((genes + 1, n))
    weights = np.empty(genes + 1)
    used = np.empty(genes + 1)
    for p in range(population):
        errors[p] = np.inf
        sizes[p] = 1
        if not fill_columns(codes[p], values[p], samples, stack, columns):
            continue
        residual = 0.0
        used[:] = 0.0
        for k in range(samples.groups.shape[0] - 1):
            residual += project(columns, samples.target, samples.groups[k], samples.groups[k + 1], basis, weights)
            used += np.abs(weights)
        if np.isfinite(residual):
            errors[p] = residual / samples.total
        for g in range(genes):
            if used[g + 1] > 0.0:
                sizes[p] += gene_cost(codes[p, g]) + 1
