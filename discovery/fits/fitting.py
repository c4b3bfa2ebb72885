"""Fits of parametric forms: minimise |w (y - f(x; theta))|^2 or a robust loss of it, from several starts.

Linear constants are solved for; the others take Levenberg-Marquardt (MINPACK) with exact derivatives from sympy. A
robust loss is minimised by reweighting rows, started from the least absolute residuals, which outliers do not rule.
The covariance s^2 (J'J)^-1 comes from the singular values of the scaled Jacobian, which also tell constants that the
data cannot separate.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from ionspice.discovery.clock import TimeIsUpError
from ionspice.discovery.fits.misfit import Dataset, Misfit, predict, slopes
from ionspice.discovery.fits.projection import UNUSABLE, Projection, linear_constants, solve_linear
from ionspice.discovery.fits.starts import candidate_starts
from ionspice.discovery.forms.canonical import Form

_REWEIGHTINGS = 25
#: of the residual for each constant
_EVALUATIONS = 100
#: starts from the grid of inner constants that are followed to their minimum
_FOLLOWED = 2
#: relative gain for which a later start takes the place of an earlier one
_GAIN = 1e-6
#: residual sum of squares over that of the targets that is round-off
_EXACT = 1e-26


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


# What is not finite is compared as such; a form that leaves its domain is no news to the user.
@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def fit(
    form: Form,
    data: Dataset,
    start: np.ndarray | None = None,
    *,
    others: Iterable[np.ndarray] = (),
    grid: bool = False,
) -> Fit:
    """Fit the constants of a form.

    Args:
        form: the law.
        data: what it, or its derivative, is to describe.
        start: constants to start from; those of the form if None.
        others: further constants to start from, as of other data sets.
        grid: whether to start from a grid of inner constants, too.
    """
    misfit = Misfit(form=data.observed(form), data=data)
    theta = np.array(form.start if start is None else start, dtype=float)
    if theta.size and theta.size <= data.y.size:
        theta = _best(misfit, theta, [np.asarray(other, dtype=float) for other in others], grid=grid)
    residual = data.y - predict(misfit.form, theta, data.points)
    weights = data.row_weights(residual)
    covariance, rank = _covariance(slopes(misfit.form, theta, data.points) * weights, weights * residual)
    return Fit(values=theta, covariance=covariance, residual=residual, rank=rank)


def _best(misfit: Misfit, first: np.ndarray, others: list[np.ndarray], *, grid: bool) -> np.ndarray:
    """Return the lowest of the minima that the starts lead to; the earliest of equals."""
    if len(linear_constants(misfit.form)) == first.size:
        others, grid = [], False
    best = _minimised(misfit, first)
    value = misfit.value(best)
    exact = _EXACT * float(np.sum((misfit.data.weights * misfit.data.y) ** 2))
    if grid and value > exact:
        others = [*others, *candidate_starts(misfit, best if np.isfinite(value) else first, _FOLLOWED)]
    for start in others:
        if value <= exact:
            break
        found = _minimised(misfit, start)
        reached = misfit.value(found)
        if reached < value * (1.0 - _GAIN) or not np.isfinite(value):
            best, value = found, reached
    return best


def _minimised(misfit: Misfit, start: np.ndarray) -> np.ndarray:
    """Return the minimum that a start leads to."""
    solved = solve_linear(misfit, start)
    theta = min((solved, start), key=misfit.value)
    if misfit.data.loss is not None:
        return _reweighted(misfit, theta)
    return theta if len(linear_constants(misfit.form)) == start.size else _least_squares(misfit, theta)


def _least_squares(misfit: Misfit, start: np.ndarray) -> np.ndarray:
    """Return the minimum of squares by Levenberg-Marquardt over the inner constants."""
    from scipy.optimize import leastsq  # slow to import, and the evolution does without

    projection = Projection(misfit, start)
    try:
        if not np.all(np.abs(projection.residual(projection.inner_of(start))) < UNUSABLE):
            return start
        inner = leastsq(
            projection.residual,
            projection.inner_of(start),
            Dfun=projection.jacobian,
            col_deriv=True,
            full_output=True,  # says nothing where evaluations run out
            xtol=1e-13,
            ftol=1e-13,
            maxfev=_EVALUATIONS * (start.size + 1),
        )[0]
        if not np.all(np.isfinite(inner)):
            return start
        last = projection.constants(inner)
    except TimeIsUpError:
        last = projection.last
    solution = solve_linear(misfit, last)
    return min((solution, start), key=misfit.value)


def _reweighted(misfit: Misfit, start: np.ndarray) -> np.ndarray:
    """Return the constants that minimise a robust loss."""
    data, theta = misfit.data, start
    assert data.loss is not None
    for _ in range(_REWEIGHTINGS):
        residual = misfit.residual(theta)
        if not np.all(np.isfinite(residual)):
            break
        weights = data.weights * data.loss.factors(residual)
        squares = replace(misfit, data=replace(data, weights=weights, loss=None))
        last, theta = theta, _minimised(squares, theta)
        if np.allclose(theta, last, rtol=1e-7, atol=0.0):
            break
    return min((theta, start), key=misfit.value)


def _covariance(jacobian: np.ndarray, weighted_residual: np.ndarray) -> tuple[np.ndarray, int]:
    """Return s^2 (J'J)^-1, shape (parameters, parameters), and the rank of J'; J has shape (parameters, n)."""
    count, n = jacobian.shape
    if count == 0:
        return np.zeros((0, 0)), 0
    norms = np.sqrt(np.sum(jacobian**2, axis=1))
    if not np.all(np.isfinite(norms)):
        return np.full((count, count), np.inf), 0
    norms[norms == 0.0] = 1.0
    left, singular, _ = np.linalg.svd(jacobian / norms[:, None], full_matrices=False)
    rank = int(np.sum(singular > 1e-9 * singular[0])) if singular[0] > 0.0 else 0
    if rank < count or n <= count:
        return np.full((count, count), np.inf), rank
    variance = float(np.sum(weighted_residual**2)) / (n - count)
    scaled = left / singular
    covariance: np.ndarray = variance * (scaled @ scaled.T) / np.outer(norms, norms)
    return covariance, rank
