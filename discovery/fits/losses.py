"""Losses that grow slower than squares, so that outliers do not rule a fit.

With u = r/s a loss is s^2 rho(u^2):

    huber      rho(z) = z for z <= 1, else 2 sqrt(z) - 1       (Huber, Ann. Math. Stat. 35, 73, 1964)
    soft_l1    rho(z) = 2 (sqrt(1 + z) - 1)

Both are r^2 near zero, so everything that is counted in squares (errors, information criteria) keeps its meaning.
They are minimised by least squares with rows weighted by sqrt(rho'(u^2)), again and again.
"""

from dataclasses import dataclass

import numpy as np

from ionspice.discovery.evolution.gene_weights import combined, project

#: residual at which the loss turns from square to linear, in standard deviations of good rows: 95 % efficiency
_TURN = {"huber": 1.345, "soft_l1": 1.2}
_SMALLEST_TURN = 1e-9
_ABSOLUTE = 1e-3
_REWEIGHTINGS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A robust loss with its scale."""

    #: huber or soft_l1
    name: str
    #: weighted residual s at which the loss turns from square to linear
    scale: float
    #: weighted variance of the law's values: that of the targets without their outliers
    variance: float

    @property
    def deviation(self) -> float:
        """Standard deviation of the weighted residuals of good rows."""
        return self.scale / _TURN[self.name]

    def squares(self, residual: np.ndarray) -> np.ndarray:
        """Return what stands for the squares of weighted residuals, same shape."""
        size = np.abs(residual) / self.scale
        if self.name == "huber":
            rho = np.where(size <= 1.0, size**2, 2.0 * size - 1.0)
        else:
            rho = 2.0 * size**2 / (np.sqrt(1.0 + size**2) + 1.0)
        return np.asarray(self.scale**2 * rho)

    def factors(self, residual: np.ndarray) -> np.ndarray:
        """Return the factors on row weights whose least squares has the loss's gradient, same shape."""
        size = np.abs(residual) / self.scale
        if self.name == "huber":
            return np.asarray(1.0 / np.sqrt(np.maximum(size, 1.0)))
        return np.asarray((1.0 + size**2) ** -0.25)


def absolute_loss(y: np.ndarray, weights: np.ndarray) -> Loss:
    """Return a loss that is close to absolute residuals, for data of which no law is known yet."""
    deviation = float(np.median(np.abs(weights * (y - np.median(y)))))
    scale = max(_ABSOLUTE * deviation, float(np.finfo(float).tiny) ** 0.5)
    return Loss(name="huber", scale=scale, variance=deviation**2)


def loss_for(name: str, residual: np.ndarray, values: np.ndarray, weights: np.ndarray) -> Loss:
    """Return a loss with the scale of a residual's good rows.

    Args:
        name: huber or soft_l1.
        residual: weighted, of a fit that outliers do not rule, shape (n,).
        values: of that fit, shape (n,).
        weights: of the rows, shape (n,).
    """
    deviation = 1.4826 * float(np.median(np.abs(residual)))
    middle = np.average(values, weights=weights**2)
    variance = float(np.mean((weights * (values - middle)) ** 2))
    smallest = max(_SMALLEST_TURN * float(np.sqrt(variance)), float(np.finfo(float).tiny) ** 0.5)
    return Loss(name=name, scale=max(_TURN[name] * deviation, smallest), variance=variance)


def least_absolute_weights(columns: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the weights of the linear fit with the least sum of absolute residuals, shape (k,).

    Args:
        columns: shape (k, n).
        target: shape (n,).
    """
    basis, weights = np.empty_like(columns), np.empty(columns.shape[0])
    factors = np.ones_like(target)
    for _ in range(_REWEIGHTINGS):
        project(columns * factors, target * factors, 0, target.size, basis, weights)
        size = np.abs(target - combined(weights, columns))
        factors = 1.0 / np.sqrt(np.maximum(size, 1e-4 * size.mean() + 1e-300))
    return weights
