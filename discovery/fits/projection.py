"""Variable projection: fits over the inner constants alone, the linear ones solved for.

Constants in which a form is linear follow from the others by one linear solve. With P the projector off their columns
the residual is r = P w (y - f_0) and, in Kaufman's form (BIT 15, 49, 1975), dr/dc = -P w df/dc. Fewer constants are
iterated, and long valleys between inner and linear ones are gone (Golub and Pereyra, SIAM J. Numer. Anal. 10, 413,
1973).
"""

from functools import lru_cache

import numpy as np
import sympy as sp

from ionspice.discovery.clock import check_time
from ionspice.discovery.evolution.gene_weights import combined, off, project
from ionspice.discovery.fits.losses import least_absolute_weights
from ionspice.discovery.fits.misfit import Misfit, slopes
from ionspice.discovery.forms.canonical import Form

#: weighted residual that stands for a law that is not finite
UNUSABLE = 1e100
_REFINEMENTS = 2


@lru_cache(maxsize=1024)
def linear_constants(form: Form) -> tuple[int, ...]:
    """Return the indices of constants in which a form is linear, all of them together."""
    chosen: list[int] = []
    for index, symbol in enumerate(form.parameters):
        slope = sp.diff(form.expression, symbol)
        if not slope.free_symbols & {symbol, *(form.parameters[k] for k in chosen)}:
            chosen.append(index)
    return tuple(chosen)


def solve_linear(misfit: Misfit, theta: np.ndarray) -> np.ndarray:
    """Return constants with the linear ones at the minimum of squares, or of absolute residuals for a robust loss."""
    linear = list(linear_constants(misfit.form))
    solved = theta.copy()
    if not linear:
        return solved
    solved[linear] = 0.0
    columns = np.ascontiguousarray(slopes(misfit.form, solved, misfit.data.points)[linear] * misfit.data.weights)
    target = misfit.residual(solved)
    if not (np.all(np.isfinite(columns)) and np.all(np.isfinite(target))):
        return theta.copy()
    if misfit.data.loss is not None:
        solved[linear] = least_absolute_weights(columns, target)
        return solved
    basis, weights = np.empty_like(columns), np.empty(len(linear))
    for _ in range(_REFINEMENTS):
        project(columns, target, 0, target.size, basis, weights)
        solved[linear] += weights
        target = misfit.residual(solved)
        if not np.all(np.isfinite(target)):
            return theta.copy()
    return solved


class Projection:
    """Residual and Jacobian of a form over its inner constants, for an optimiser."""

    def __init__(self, misfit: Misfit, start: np.ndarray) -> None:
        self._misfit = misfit
        self._linear = list(linear_constants(misfit.form))
        self._inner = [k for k in range(start.size) if k not in self._linear]
        self._theta = start.copy()
        shape = (len(self._linear), misfit.data.y.size)
        self._columns, self._basis = np.empty(shape), np.empty(shape)

    @property
    def last(self) -> np.ndarray:
        """All constants as they were looked at last."""
        return self._theta.copy()

    def inner_of(self, theta: np.ndarray) -> np.ndarray:
        """Return the inner constants of all constants."""
        return np.asarray(theta[self._inner])

    def constants(self, inner: np.ndarray) -> np.ndarray:
        """Return all constants, the linear ones solved for."""
        self.residual(inner)
        return self._theta.copy()

    def residual(self, inner: np.ndarray) -> np.ndarray:
        """Return w (f - y), shape (n,); huge where the form is not finite.

        Raises:
            TimeIsUpError: the time of the search is over.
        """
        check_time()
        misfit, weights = self._misfit, np.zeros(len(self._linear))
        self._theta[self._inner] = inner
        self._theta[self._linear] = 0.0
        target = misfit.residual(self._theta)
        self._columns[:] = slopes(misfit.form, self._theta, misfit.data.points)[self._linear] * misfit.data.weights
        if not (np.all(np.isfinite(target)) and np.all(np.isfinite(self._columns))):
            return np.full(target.size, 1e50 * UNUSABLE * np.max(misfit.data.weights))
        project(self._columns, target, 0, target.size, self._basis, weights)
        self._theta[self._linear] = weights
        return np.asarray(combined(weights, self._columns) - target)

    def jacobian(self, inner: np.ndarray) -> np.ndarray:
        """Return d residual/d inner, shape (inner, n)."""
        self.residual(inner)
        data = self._misfit.data
        rows = slopes(self._misfit.form, self._theta, data.points)[self._inner] * data.weights
        rows[~np.isfinite(rows)] = 0.0
        return np.asarray(off(rows, self._basis))
