"""Least-squares fits of parametric forms: minimise |w (y - f(x; theta))|^2.

A robust loss instead of the square is minimised by reweighting rows. Levenberg-Marquardt (MINPACK) takes exact
derivatives from sympy; the covariance s^2 (J'J)^-1 comes from the singular values of the scaled Jacobian, which also
tell constants that the data cannot separate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp

from ionspice.discovery.canonical import Form
from ionspice.discovery.losses import Loss

_REWEIGHTINGS = 25

type _Compiled = Callable[..., list[np.ndarray | float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A form with its best constants on one data set."""

    #: constants, shape (parameters,)
    values: np.ndarray
    #: covariance of the constants for independent errors, shape (parameters, parameters)
    covariance: np.ndarray
    #: y - f(x; theta), shape (n,)
    residual: np.ndarray
    #: number of constants that the data determine
    rank: int

    @property
    def sum_of_squares(self) -> float:
        """Residual sum of squares; inf where the form is not finite on the data."""
        total = float(np.dot(self.residual, self.residual))
        return total if np.isfinite(total) else np.inf


@lru_cache(maxsize=1024)
def _compile(
    expression: sp.Expr, variables: tuple[sp.Symbol, ...], parameters: tuple[sp.Symbol, ...]
) -> tuple[_Compiled, _Compiled]:
    function = sp.lambdify([*variables, *parameters], [expression], modules="numpy", cse=True)
    slopes = [sp.diff(expression, parameter) for parameter in parameters]
    return function, sp.lambdify([*variables, *parameters], slopes, modules="numpy", cse=True)


def predict(form: Form, values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Evaluate a form at points of shape (variables, n); NaN where it is not real."""
    function, _ = _compile(form.expression, form.variables, form.parameters)
    with np.errstate(all="ignore"):
        result = np.asarray(function(*points, *values)[0])
    if np.iscomplexobj(result):
        result = np.where(result.imag == 0.0, result.real, np.nan)
    return np.broadcast_to(result.astype(float), points.shape[1:]).copy()


def slopes(form: Form, values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Evaluate df/dtheta at the points, shape (parameters, n)."""
    _, derivative = _compile(form.expression, form.variables, form.parameters)
    result = np.empty((len(form.parameters), points.shape[1]))
    with np.errstate(all="ignore"):
        for row, values_of_row in zip(result, derivative(*points, *values), strict=True):
            row[:] = values_of_row
    return result


def fit(
    form: Form,
    points: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray | None = None,
    start: np.ndarray | None = None,
    loss: Loss | None = None,
) -> Fit:
    """Fit the constants of a form.

    Args:
        form: the law.
        points: data, shape (variables, n).
        y: targets, shape (n,).
        weights: row weights w, shape (n,); ones if None.
        start: constants to start from; those of the form if None.
        loss: robust loss of the weighted residuals; their squares if None.
    """
    w = np.ones_like(y) if weights is None else weights
    theta = np.array(form.start if start is None else start, dtype=float)
    if theta.size and theta.size <= y.size:
        theta = _minimise(form, points, y, w, theta)
        if loss is not None:
            theta = _reweighted(form, points, y, w, theta, loss)
    residual = y - predict(form, theta, points)
    if loss is not None:
        w = w * loss.factors(w * residual)
    jacobian = slopes(form, theta, points) * w
    covariance, rank = _covariance(jacobian, w * residual)
    return Fit(values=theta, covariance=covariance, residual=residual, rank=rank)


def _minimise(form: Form, points: np.ndarray, y: np.ndarray, w: np.ndarray, start: np.ndarray) -> np.ndarray:
    from scipy.optimize import leastsq  # slow to import, and the evolution does without

    def weighted_residual(theta: np.ndarray) -> np.ndarray:
        residual = w * (predict(form, theta, points) - y)
        return np.asarray(np.where(np.isfinite(residual), residual, 1e150 * np.max(w)))

    def jacobian(theta: np.ndarray) -> np.ndarray:
        return np.asarray(np.nan_to_num(w * slopes(form, theta, points), nan=0.0, posinf=0.0, neginf=0.0))

    first = weighted_residual(start)
    if not np.all(np.abs(first) < 1e100):
        return start
    solution = leastsq(
        weighted_residual, start, Dfun=jacobian, col_deriv=True, full_output=True, xtol=1e-13, ftol=1e-13, maxfev=100
    )[0]
    better = np.sum(weighted_residual(solution) ** 2) <= np.sum(first**2)
    chosen: np.ndarray = solution if better and np.all(np.isfinite(solution)) else start
    return chosen


def _reweighted(
    form: Form, points: np.ndarray, y: np.ndarray, w: np.ndarray, start: np.ndarray, loss: Loss
) -> np.ndarray:
    """Return the constants that minimise a robust loss, from those of least squares."""
    theta = start
    for _ in range(_REWEIGHTINGS):
        residual = w * (y - predict(form, theta, points))
        if not np.all(np.isfinite(residual)):
            break
        last, theta = theta, _minimise(form, points, y, w * loss.factors(residual), theta)
        if np.allclose(theta, last, rtol=1e-7, atol=0.0):
            break
    return theta


def _covariance(jacobian: np.ndarray, weighted_residual: np.ndarray) -> tuple[np.ndarray, int]:
    """Return s^2 (J'J)^-1, shape (parameters, parameters), and the rank of J'; J has shape (parameters, n)."""
    count, n = jacobian.shape
    if count == 0:
        return np.zeros((0, 0)), 0
    norms = np.linalg.norm(jacobian, axis=1)
    if not np.all(np.isfinite(norms)):
        return np.full((count, count), np.inf), 0
    norms[norms == 0.0] = 1.0
    left, singular, _ = np.linalg.svd(jacobian / norms[:, None], full_matrices=False)
    rank = int(np.sum(singular > 1e-9 * singular[0])) if singular[0] > 0.0 else 0
    if rank < count or n <= count:
        return np.full((count, count), np.inf), rank
    variance = float(np.dot(weighted_residual, weighted_residual)) / (n - count)
    scaled = left / singular
    covariance: np.ndarray = variance * (scaled @ scaled.T) / np.outer(norms, norms)
    return covariance, rank
