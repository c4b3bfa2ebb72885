"""Data of a fit and what it minimises: squares of w (y - f(x; theta)), or a robust loss of these residuals."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import sympy as sp

from ionspice.discovery.fits.losses import Loss
from ionspice.discovery.forms.canonical import Form
from ionspice.discovery.forms.numeric import numeric

#: what stands for x = 0 where a derivative has a limit there but no value
_BESIDE_ZERO = 1e-60

type _Compiled = Callable[..., list[np.ndarray | float]]


@lru_cache(maxsize=1024)
def _compile(
    expression: sp.Expr, variables: tuple[sp.Symbol, ...], parameters: tuple[sp.Symbol, ...]
) -> tuple[_Compiled, _Compiled]:
    function = numeric([*variables, *parameters], [expression], cse=True)
    derivatives = [sp.diff(expression, parameter) for parameter in parameters]
    return function, numeric([*variables, *parameters], derivatives, cse=True)


def predict(form: Form, values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Evaluate a form at points of shape (variables, n); NaN where it is not real."""
    function, _ = _compile(form.expression, form.variables, form.parameters)
    with np.errstate(all="ignore"):
        result = _real(np.asarray(function(*points, *values)[0]))
    return np.broadcast_to(result.astype(float), points.shape[1:]).copy()


def slopes(form: Form, values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Evaluate df/dtheta at the points, shape (parameters, n); at x = 0 its limit, as of x^c log x."""
    result = _slopes(form, values, points)
    lost = np.any(points == 0.0, axis=0) & ~np.all(np.isfinite(result), axis=0)
    if np.any(lost):
        beside = points[:, lost]
        result[:, lost] = _slopes(form, values, np.where(beside == 0.0, _BESIDE_ZERO, beside))
    return result


def _slopes(form: Form, values: np.ndarray, points: np.ndarray) -> np.ndarray:
    _, derivative = _compile(form.expression, form.variables, form.parameters)
    result = np.empty((len(form.parameters), points.shape[1]))
    with np.errstate(all="ignore"):
        for row, values_of_row in zip(result, derivative(*points, *values), strict=True):
            row[:] = _real(np.asarray(values_of_row))
    return result


def _real(values: np.ndarray) -> np.ndarray:
    """Return values with NaN where they are not real."""
    return np.where(values.imag == 0.0, values.real, np.nan) if np.iscomplexobj(values) else values


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One data set: the constants of a law are fitted to each apart."""

    #: variables, shape (variables, n)
    points: np.ndarray
    #: targets, shape (n,)
    y: np.ndarray
    #: row weights, shape (n,)
    weights: np.ndarray
    #: robust loss of weighted residuals; their squares if None
    loss: Loss | None = None
    #: variable with respect to which the targets are the law's derivative; None for the law itself
    derivative: int | None = None

    def observed(self, form: Form) -> Form:
        """Return what the targets show of a form: itself or its derivative, with the same parameters."""
        return observed_form(form, self.derivative)

    def squares(self, residual: np.ndarray) -> np.ndarray:
        """Return the squares of weighted residuals, shape (n,), or what stands for them in a robust loss."""
        return residual**2 if self.loss is None else self.loss.squares(residual)

    def row_weights(self, residual: np.ndarray) -> np.ndarray:
        """Return the weights of the rows, outliers weighted down, for y - f(x), both of shape (n,)."""
        return self.weights if self.loss is None else self.weights * self.loss.factors(self.weights * residual)

    @property
    def noise_variance(self) -> float:
        """Weighted variance of good rows about the law where a robust loss knows it, else 0."""
        return 0.0 if self.loss is None else self.loss.deviation**2

    @property
    def sum_about_mean(self) -> float:
        """Weighted sum of squares of the targets about their mean; a robust loss leaves outliers out."""
        if self.loss is not None:
            return self.loss.variance * self.y.size
        # a constant law explains nothing: of targets their mean, of derivatives zero
        middle = np.average(self.y, weights=self.weights**2) if self.derivative is None else 0.0
        return float(np.sum((self.weights * (self.y - middle)) ** 2))


def unweighted(points: np.ndarray, y: np.ndarray) -> Dataset:
    """Return a data set whose rows count alike; points of shape (variables, n), y of shape (n,)."""
    return Dataset(points=points, y=y, weights=np.ones(y.size))


@lru_cache(maxsize=1024)
def observed_form(form: Form, derivative: int | None) -> Form:
    """Return a form, or its derivative with respect to a variable, with the same parameters."""
    if derivative is None:
        return form
    return replace(form, expression=sp.diff(form.expression, form.variables[derivative]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A form beside the data that it is to describe."""

    #: what the targets show of a law
    form: Form
    data: Dataset

    def residual(self, theta: np.ndarray) -> np.ndarray:
        """Return the weighted residual, shape (n,)."""
        return np.asarray(self.data.weights * (self.data.y - predict(self.form, theta, self.data.points)))

    def value(self, theta: np.ndarray) -> float:
        """Return the sum of squares or of the loss; inf where the form is not finite on the data."""
        residual = self.residual(theta)
        with np.errstate(all="ignore"):
            total = float(np.sum(self.data.squares(residual)))
        return total if np.isfinite(total) else np.inf
