"""Tune a chromosome's inner constants by Levenberg-Marquardt with variable projection.

The gene weights w depend on the inner constants c through the projection, so only c is iterated. With P the
projector off the gene columns, the residual is r = P t and, in Kaufman's form (BIT 15, 49, 1975), its derivative is
dr/dc_k = -P (d g/d c_k) w. One step solves (J'J + lambda diag J'J) dc = -J'r.
"""

import numpy as np

from ionspice.discovery.evolution.gene_weights import Samples, fill_column, fill_columns, gene_values, project
from ionspice.discovery.evolution.operators import CONSTANT
from ionspice.discovery.evolution.stack_machine import active_length, compiled, evaluate, inner_product

#: constants beyond this only fit noise, as the frequency of a sine far above the sampling
_LARGEST = 1e3


@compiled
def constant_positions(codes: np.ndarray) -> np.ndarray:
    """Return (gene, position) of every active constant of a chromosome, shape (constants, 2)."""
    found = np.empty((codes.size, 2), dtype=np.int64)
    count = 0
    for g in range(codes.shape[0]):
        for position in range(active_length(codes[g], 0)):
            if codes[g, position] == CONSTANT:
                found[count, 0] = g
                found[count, 1] = position
                count += 1
    return found[:count]


@compiled
def residual_and_slope(
    codes: np.ndarray, values: np.ndarray, samples: Samples, places: np.ndarray, slope: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return the residual sum of squares and the residual, shape (n,); fill slope with dr/dc, (constants, n)."""
    genes, length = codes.shape
    n = samples.target.shape[0]
    stack = np.empty((length // 2 + 2, samples.points.shape[1]))
    tangent = np.empty_like(stack)
    columns = np.empty((genes + 1, n))
    basis = np.empty((genes + 1, n))
    group_count = samples.groups.shape[0] - 1
    weights = np.empty((group_count, genes + 1))
    residual = samples.target.copy()
    if not fill_columns(codes, values, samples, stack, columns):
        return np.inf, residual
    total = 0.0
    for k in range(group_count):
        start, stop = samples.groups[k], samples.groups[k + 1]
        total += project(columns, samples.target, start, stop, basis, weights[k])
        for g in range(genes + 1):
            residual[start:stop] -= weights[k, g] * columns[g, start:stop]
    for c in range(slope.shape[0]):
        g = places[c, 0]
        if samples.derivative < 0:
            evaluate(codes[g], values[g], samples.points, stack, tangent, places[c, 1])
            row = tangent[0]
        else:
            row = _change_of_derivative(codes[g], values[g], samples, places[c, 1], stack)
        if not fill_column(row, samples, slope[c]):
            slope[c, :] = 0.0
        for k in range(group_count):
            start, stop = samples.groups[k], samples.groups[k + 1]
            slope[c, start:stop] *= -weights[k, g + 1]
            for j in range(genes + 1):
                part = inner_product(basis[j, start:stop], slope[c, start:stop])
                slope[c, start:stop] -= part * basis[j, start:stop]
    return total, residual


@compiled
def _change_of_derivative(
    gene: np.ndarray, values: np.ndarray, samples: Samples, position: int, stack: np.ndarray
) -> np.ndarray:
    """Return d(dg/dx)/dc by central differences: mixed second derivatives are not worth a third stack."""
    step = 1e-5 * max(abs(values[position]), 0.1)
    varied = values.copy()
    varied[position] = values[position] + step
    above = gene_values(gene, varied, samples.points, samples.derivative, stack).copy()
    varied[position] = values[position] - step
    below = gene_values(gene, varied, samples.points, samples.derivative, stack)
    change: np.ndarray = (above - below) / (2.0 * step)
    return change


@compiled
def tune(codes: np.ndarray, values: np.ndarray, samples: Samples, iterations: int) -> float:
    """Improve the constants of one chromosome in place; return its error (residual over total).

    Args:
        codes: shape (genes, length).
        values: constants, same shape, changed in place; never to worse ones.
        samples: the data.
        iterations: largest number of Levenberg-Marquardt steps.
    """
    places = constant_positions(codes)
    count = places.shape[0]
    slope = np.zeros((count, samples.target.shape[0]))
    best, residual = residual_and_slope(codes, values, samples, places, slope)
    if count == 0 or not np.isfinite(best):
        return best / samples.total
    damping = 1e-3
    trial_slope = np.zeros_like(slope)
    trial = values.copy()
    for _ in range(iterations):
        step = _damped_step(slope, residual, damping)
        if not np.any(step != 0.0):
            break
        for c in range(count):
            trial[places[c, 0], places[c, 1]] = values[places[c, 0], places[c, 1]] - step[c]
        if np.max(np.abs(trial)) > _LARGEST:
            damping *= 10.0
            continue
        total, trial_residual = residual_and_slope(codes, trial, samples, places, trial_slope)
        if total < best:
            converged = best - total < 1e-9 * best
            best = total
            values[:, :] = trial
            residual = trial_residual
            slope, trial_slope = trial_slope, slope
            damping = max(damping * 0.1, 1e-12)
            if converged or best < 1e-28 * samples.total:
                break
        else:
            damping *= 10.0
            if damping > 1e8:
                break
    return best / samples.total


@compiled
def _damped_step(slope: np.ndarray, residual: np.ndarray, damping: float) -> np.ndarray:
    """Solve (J'J + damping diag J'J) step = J'r, shape (constants,); zero where there is no way down."""
    count = slope.shape[0]
    normal, gradient = np.empty((count, count)), np.empty(count)
    for c in range(count):
        gradient[c] = inner_product(slope[c], residual)
        for other in range(c + 1):
            normal[c, other] = inner_product(slope[c], slope[other])
            normal[other, c] = normal[c, other]
        normal[c, c] += damping * normal[c, c] + 1e-30
    if not np.all(np.isfinite(normal)) or np.max(np.abs(gradient)) == 0.0:
        return np.zeros(count)
    return solve_positive(normal, gradient)


@compiled
def solve_positive(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve a small symmetric positive system by Cholesky; directions without curvature stay at rest."""
    count = right.shape[0]
    factor = np.zeros((count, count))
    solution = right.copy()
    for i in range(count):
        for j in range(i + 1):
            rest = matrix[i, j]
            for k in range(j):
                rest -= factor[i, k] * factor[j, k]
            if i == j:
                factor[i, i] = np.sqrt(rest) if rest > 1e-14 * matrix[i, i] else np.inf
            else:
                factor[i, j] = rest / factor[j, j]
    for i in range(count):
        for k in range(i):
            solution[i] -= factor[i, k] * solution[k]
        solution[i] /= factor[i, i]
    for i in range(count - 1, -1, -1):
        for k in range(i + 1, count):
            solution[i] -= factor[k, i] * solution[k]
        solution[i] /= factor[i, i]
    return solution
