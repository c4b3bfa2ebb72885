"""What a fit minimises: squares of weighted residuals w (y - f(x; theta)), or a robust loss of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp

from ionspice.discovery.fits.losses import Loss
from ionspice.discovery.forms.canonical import Form

type _Compiled = Callable[..., list[np.ndarray | float]]


@lru_cache(maxsize=1024)
def _compile(
    expression: sp.Expr, variables: tuple[sp.Symbol, ...], parameters: tuple[sp.Symbol, ...]
) -> tuple[_Compiled, _Compiled]:
    function = sp.lambdify([*variables, *parameters], [expression], modules="numpy", cse=True)
    derivatives = [sp.diff(expression, parameter) for parameter in parameters]
    return function, sp.lambdify([*variables, *parameters], derivatives, modules="numpy", cse=True)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A form beside the data that it is to describe."""

    form: Form
    #: data, shape (variables, n)
    points: np.ndarray
    #: targets, shape (n,)
    y: np.ndarray
    #: row weights, shape (n,)
    weights: np.ndarray
    #: robust loss of the weighted residuals; their squares if None
    loss: Loss | None = None

    def residual(self, theta: np.ndarray) -> np.ndarray:
        """Return the weighted residual, shape (n,)."""
        return np.asarray(self.weights * (self.y - predict(self.form, theta, self.points)))

    def value(self, theta: np.ndarray) -> float:
        """Return the sum of squares or of the loss; inf where the form is not finite on the data."""
        residual = self.residual(theta)
        with np.errstate(all="ignore"):
            total = float(np.sum(residual**2 if self.loss is None else self.loss.squares(residual)))
        return total if np.isfinite(total) else np.inf
