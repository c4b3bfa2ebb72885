r"""Excess terms of ions that take up room: mu_i = kT [ln c_i + mu_i^ex(c)] + z_i e phi.

Lattice (Borukhov, Andelman, Orland; Kilic, Bazant, Ajdari; unequal sizes as in `ionspice.core.crowding`): with
volumes v_i, sites of v_0, k_i = v_i/v_0 and Phi = sum v_i c_i

    f^ex = [(1 - Phi) ln(1 - Phi) + Phi]/v_0,    mu_i^ex = -k_i ln(1 - Phi)

Hard spheres of diameters d_i (Boublik, J. Chem. Phys. 53, 471 (1970); Mansoori, Carnahan, Starling, Leland, J. Chem.
Phys. 54, 1523 (1971)), which with one diameter are those of Carnahan and Starling: with xi_k = (pi/6) sum c_i d_i^k

    (pi/6) f^ex = -xi_0 ln(1 - xi_3) + 3 xi_1 xi_2/(1 - xi_3) + xi_2^3 A(xi_3),    mu_i^ex = df^ex/dc_i
    A(x) = ln(1 - x)/x^2 + 1/(x (1 - x)^2) = sum_j [j + 2 - 1/(j + 2)] x^j

A term knows its energy, its potentials and their slopes as functions of concentrations; `concentrations` inverts them
for given Boltzmann factors b_i = c_i exp(mu_i^ex) by Newton's method in ln c. Because the energy is convex its matrix
1 + (dmu^ex/dc) c has no eigenvalue below 1, and halved steps always lower the residual.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ionspice.core.errors import RunError

type Floats = NDArray[np.float64]

_SERIES = 0.05  # below it A and its slopes are summed,
_TERMS = 16  # with this many terms, to round-off
_CONVERGED = 1e-12  # residual in kT
_ROUND_OFF = 1e-3  # of a residual that no step lowers
_MOST_STEPS = 200
_MOST_HALVINGS = 60
_FULLEST = 1 - 1e-12
_LARGEST = 700.0  # exponent of a number
_LEAST = 1e-300
_START = 0.3  # of the room, taken by all species together at most


class Excess(Protocol):
    """An excess term; c has the shape (species, points), in units of one over a volume's unit."""

    @property
    def volumes(self) -> Floats:
        """Room that one ion takes, (species,); 0 for point ions."""
        ...

    def energy(self, c: Floats) -> Floats:
        """Return f^ex/kT, (points,)."""
        ...

    def potentials(self, c: Floats) -> Floats:
        """Return mu_i^ex/kT, (species, points)."""
        ...

    def slopes(self, c: Floats) -> Floats:
        """Return dmu_i^ex/dc_j/kT, (points, species, species)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Ions on a lattice, whose empty sites are the solvent."""

    volumes: Floats  #: v_i
    site: float  #: v_0

    def _free(self, c: Floats) -> Floats:
        return np.asarray(1 - self.volumes @ c)

    def energy(self, c: Floats) -> Floats:
        """Return f^ex/kT."""
        free = self._free(c)
        return np.asarray((free * np.log(free) + 1 - free) / self.site)

    def potentials(self, c: Floats) -> Floats:
        """Return mu_i^ex/kT."""
        return np.asarray(-np.log(self._free(c)) * (self.volumes / self.site)[:, None])

    def slopes(self, c: Floats) -> Floats:
        """Return dmu_i^ex/dc_j/kT."""
        return np.asarray(np.outer(self.volumes, self.volumes) / (self.site * self._free(c)[:, None, None]))


@dataclass(frozen=True, slots=True, eq=False)
class HardSpheres:
    """Hard spheres in a solvent without a size."""

    diameters: Floats  #: d_i

    @property
    def volumes(self) -> Floats:
        """Room that one ion takes."""
        return np.asarray(math.pi / 6 * self.diameters**3)

    def _weights(self) -> Floats:
        """Return (pi/6) d_i^k, (4, species)."""
        return np.asarray(math.pi / 6 * self.diameters ** np.arange(4.0)[:, None] * (self.diameters > 0))

    def energy(self, c: Floats) -> Floats:
        """Return f^ex/kT."""
        x0, x1, x2, x3 = self._weights() @ c
        shape = -x0 * np.log1p(-x3) + 3 * x1 * x2 / (1 - x3) + x2**3 * _shape(x3, 0)
        return np.asarray(6 / math.pi * shape)

    def potentials(self, c: Floats) -> Floats:
        """Return mu_i^ex/kT."""
        weights = self._weights()
        x0, x1, x2, x3 = weights @ c
        free = 1 - x3
        slopes = [
            -np.log(free),
            3 * x2 / free,
            3 * x1 / free + 3 * x2**2 * _shape(x3, 0),
            x0 / free + 3 * x1 * x2 / free**2 + x2**3 * _shape(x3, 1),
        ]
        return np.asarray(6 / math.pi * weights.T @ np.array(slopes))

    def slopes(self, c: Floats) -> Floats:
        """Return dmu_i^ex/dc_j/kT."""
        weights = self._weights()
        x0, x1, x2, x3 = weights @ c
        free = 1 - x3
        second = np.zeros((4, 4, c.shape[1]))
        second[0, 3] = 1 / free
        second[1, 2], second[1, 3] = 3 / free, 3 * x2 / free**2
        second[2, 2] = 6 * x2 * _shape(x3, 0)
        second[2, 3] = 3 * x1 / free**2 + 3 * x2**2 * _shape(x3, 1)
        second[3, 3] = x0 / free**2 + 6 * x1 * x2 / free**3 + x2**3 * _shape(x3, 2)
        for k in range(4):
            second[k + 1 :, k] = second[k, k + 1 :]
        return np.asarray(6 / math.pi * (weights.T @ np.moveaxis(second, 2, 0) @ weights))


def _shape(x: Floats, order: int) -> Floats:
    """Return A(x) or its first or second derivative."""
    if x.max(initial=0.0) < _SERIES:
        return _series(x, order)
    if not x.min() < _SERIES:
        return _closed(x, order)
    return np.where(x < _SERIES, _series(np.minimum(x, _SERIES), order), _closed(np.maximum(x, _SERIES), order))


def _series(x: Floats, order: int) -> Floats:
    powers = np.arange(order, _TERMS + order)
    weights = powers + 2 - 1 / (powers + 2)
    for k in range(order):
        weights = weights * (powers - k)
    return np.asarray(np.polynomial.polynomial.polyval(x, weights))


def _closed(x: Floats, order: int) -> Floats:
    free = 1 - x
    if order == 0:
        return np.asarray(np.log(free) / x**2 + 1 / (x * free**2))
    if order == 1:
        return np.asarray(-2 * np.log(free) / x**3 - 1 / (x**2 * free) - 1 / (x * free) ** 2 + 2 / (x * free**3))
    steep = 6 / (x * free**4) - 4 / (x**2 * free**3) + 2 / (x**3 * free**2) + 4 / (x**3 * free) - 1 / (x * free) ** 2
    return np.asarray(steep + 6 * np.log(free) / x**4)


def pressure(c: Floats, excess: Excess) -> Floats:
    """Return the osmotic pressure over kT, (points,)."""
    return np.asarray(c.sum(axis=0) + (c * excess.potentials(c)).sum(axis=0) - excess.energy(c))


def concentrations(log_boltzmann: Floats, excess: Excess, guess: Floats | None = None) -> Floats:
    """Return c_i of ln b_i, both (species, points), starting from a guess if there is one.

    Raises:
        RunError: Newton's method does not converge.
    """
    log_c = _dilute(log_boltzmann, excess.volumes) if guess is None else np.log(np.maximum(guess, _LEAST))
    left = np.arange(log_c.shape[1])
    for _ in range(_MOST_STEPS):
        residual = _residual(log_c[:, left], log_boltzmann[:, left], excess)
        unsolved = np.abs(residual).max(axis=0) > _CONVERGED * (1 + np.abs(log_boltzmann[:, left]).max(axis=0))
        left, residual = left[unsolved], residual[:, unsolved]
        if not len(left):
            break
        better = _improved(log_c[:, left], log_boltzmann[:, left], residual, excess)
        # Where almost no room is left, round-off of what is left bounds the residual.
        moved = (better != log_c[:, left]).any(axis=0) | (np.abs(residual).max(axis=0) > _ROUND_OFF)
        log_c[:, left] = better
        left = left[moved]
    if len(left):
        raise RunError(
            f"no concentrations were found at {len(left)} points, where ln b is {log_boltzmann[:, left].max():.4g} "
            "at most; lower the potential"
        )
    return np.asarray(np.exp(log_c))


def sensitivities(c: Floats, excess: Excess) -> Floats:
    """Return dc_i/d ln b_j, (points, species, species)."""
    matrix = np.eye(len(c)) + excess.slopes(c) * c.T[:, None, :]
    return np.asarray(c.T[:, :, None] * np.linalg.inv(matrix))


def _dilute(log_boltzmann: Floats, volumes: Floats) -> Floats:
    most = [math.log(_START / (len(volumes) * v)) if v > 0 else math.inf for v in volumes]
    return np.asarray(np.minimum(log_boltzmann, np.array(most)[:, None]))


def _residual(log_c: Floats, log_boltzmann: Floats, excess: Excess) -> Floats:
    return np.asarray(log_c + excess.potentials(np.exp(log_c)) - log_boltzmann)


def _improved(log_c: Floats, log_boltzmann: Floats, residual: Floats, excess: Excess) -> Floats:
    """Return Newton's step from ln c, halved where it would overfill the room or raise the residual."""
    c = np.exp(log_c)
    matrix = np.eye(len(c)) + excess.slopes(c) * c.T[:, None, :]
    step: Floats = -np.linalg.solve(matrix, residual.T[:, :, None])[:, :, 0].T
    share, size = np.ones(c.shape[1]), np.square(residual).sum(axis=0)
    found: Floats = log_c.copy()
    open_ = np.arange(c.shape[1])
    for _ in range(_MOST_HALVINGS):
        trial = log_c[:, open_] + share[open_] * step[:, open_]
        fits = excess.volumes @ np.exp(np.minimum(trial, _LARGEST)) < _FULLEST
        lower = np.zeros(len(open_), dtype=bool)
        at = open_[fits]
        new = np.square(_residual(trial[:, fits], log_boltzmann[:, at], excess)).sum(axis=0)
        lower[fits] = new <= (1 - 1e-4 * share[at]) * size[at]
        found[:, open_[lower]] = trial[:, lower]
        open_ = open_[~lower]
        if not len(open_):
            break
        share[open_] /= 2
    return found
