"""Least squares of a model to several experiments, from several starts, with weights that follow their own noise.

An experiment of n values with rms error s, of its scale, has the likelihood s^-n: the fit alternates between the
unknowns and the s of all experiments. Errors that follow each other count for less, n/tau values with the integrated
autocorrelation tau, so that intervals stay honest where a model misses the data by more than noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from scipy.optimize import least_squares

from ionspice.circuits.fitting.experiments import Device, Experiment
from ionspice.circuits.fitting.models import Coordinate, DeviceModel
from ionspice.circuits.model.charge import FloatArray

_FIRST_NOISE = 0.01  # rms of an experiment before its own is known
_LEAST_NOISE = 1e-5  # of an experiment that a model meets better than it is simulated
_ROUNDS = 2  # of new weights
_FIRST_TRIES, _TRIES = 6, 40  # evaluations from every start, and from the best
_POLISHED = 2  # starts that are followed to the end
_STEP = 1e-4  # of a coordinate, for derivatives
_MOST_STARTS = 6
_TOLERANCE = 1e-6  # of the cost and of the unknowns, between iterations


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is known of a coordinate beforehand."""

    name: str
    value: float
    #: standard error, of coordinates that are fitted by their logarithm relative to the value
    error: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """Where a fit ended."""

    #: by name of the coordinate, in its unit
    values: dict[str, float]
    #: of every experiment
    nuisances: tuple[FloatArray, ...]
    #: rms errors of the experiments, of their scales, 1
    errors: FloatArray
    #: integrated autocorrelation of the errors of every experiment, at least 1
    correlation: FloatArray
    #: derivatives of the weighted errors by the inner coordinates, shape (values, unknowns)
    jacobian: FloatArray
    #: half the sum of squares that was minimised
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """A model and experiments; vectors hold inner coordinates, then the nuisances of all experiments."""

    model: DeviceModel
    experiments: tuple[Experiment, ...]
    priors: tuple[Prior, ...] = ()

    @property
    def size(self) -> int:
        """Number of coordinates of the model."""
        return len(self.model.coordinates)

    def inner(self, values: dict[str, float], nuisances: Sequence[FloatArray] | None = None) -> FloatArray:
        """Return the vector of values, and of nuisances or their starts."""
        own = [_to_inner(c, values[c.name]) for c in self.model.coordinates]
        starts = [[n.start for n in one.nuisances] for one in self.experiments]
        return np.concatenate([own, *(starts if nuisances is None else nuisances)])

    def values(self, vector: FloatArray) -> dict[str, float]:
        """Return the values of the coordinates of a vector."""
        return {c.name: _from_inner(c, x) for c, x in zip(self.model.coordinates, vector.tolist(), strict=False)}

    def nuisances(self, vector: FloatArray) -> tuple[FloatArray, ...]:
        """Return the nuisances of every experiment."""
        counts = np.cumsum([self.size, *(len(one.nuisances) for one in self.experiments)])
        return tuple(vector[a:b] for a, b in pairwise(counts))

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Return the limits of vectors."""
        every = [(_to_inner(c, c.low), _to_inner(c, c.high)) for c in self.model.coordinates]
        every += [(n.low, n.high) for one in self.experiments for n in one.nuisances]
        low, high = np.array(every).T
        return low, high

    def misfits(self, vector: FloatArray) -> list[FloatArray]:
        """Return the errors of every experiment, of their scales."""
        device = self.model.device(self.values(vector))
        return [one.misfit(device, own) for one, own in zip(self.experiments, self.nuisances(vector), strict=True)]

    def prior_misfits(self, vector: FloatArray) -> FloatArray:
        """Return how far coordinates are from what was known, in standard errors."""
        places = {c.name: k for k, c in enumerate(self.model.coordinates)}
        return np.array(
            [
                (vector[places[p.name]] - _to_inner(self.model.coordinates[places[p.name]], p.value)) / p.error
                for p in self.priors
                if p.name in places
            ]
        )

    def derivatives(self, vector: FloatArray, noise: FloatArray) -> FloatArray:
        """Return the derivatives of the weighted errors, of all experiments and priors."""
        base = self.misfits(vector)
        known = self.prior_misfits(vector)
        lengths = np.cumsum([0, *(one.size for one in base)])
        jacobian = np.zeros((int(lengths[-1]) + known.size, vector.size))
        _, high = self.bounds()
        for k in range(self.size):
            moved, step = _moved(vector, k, _STEP, high)
            for place, one in enumerate(self.misfits(moved)):
                jacobian[lengths[place] : lengths[place + 1], k] = (one - base[place]) / step / noise[place]
            jacobian[lengths[-1] :, k] = (self.prior_misfits(moved) - known) / step
        device = self.model.device(self.values(vector))
        k = self.size
        for place, experiment in enumerate(self.experiments):
            for nuisance in experiment.nuisances:
                moved, step = _moved(vector, k, nuisance.step, high)
                changed = experiment.misfit(device, self.nuisances(moved)[place])
                jacobian[lengths[place] : lengths[place + 1], k] = (changed - base[place]) / step / noise[place]
                k += 1
        return jacobian

    def solve(self, start: FloatArray, noise: FloatArray, tries: int) -> tuple[float, FloatArray]:
        """Return the least cost from a start, and where."""
        low, high = self.bounds()
        room = 1e-9 * (high - low)
        found = least_squares(
            lambda x: self._weighted(x, noise),
            np.clip(start, low + room, high - room),
            jac=lambda x: self.derivatives(x, noise),
            bounds=(low, high),
            x_scale="jac",
            ftol=_TOLERANCE,
            xtol=_TOLERANCE,
            max_nfev=tries,
        )
        return float(found.cost), np.asarray(found.x)

    def _weighted(self, vector: FloatArray, noise: FloatArray) -> FloatArray:
        weighted = [one / s for one, s in zip(self.misfits(vector), noise, strict=True)]
        return np.concatenate([*weighted, self.prior_misfits(vector)])


def solve_problem(problem: Problem, coarse: Problem) -> Solution:
    """Fit a model from several starts.

    Args:
        problem: model and experiments.
        coarse: the same with less points and longer steps, by which the starts are tried.
    """
    noise = np.full(len(problem.experiments), _FIRST_NOISE)
    starts = [problem.inner(values) for values in _starts(problem.model.coordinates)]
    found = sorted((coarse.solve(start, noise, _FIRST_TRIES) for start in starts), key=lambda one: one[0])
    ends = [coarse.solve(vector, noise, _TRIES) for _, vector in found[:_POLISHED]]
    return refine(problem, min(ends, key=lambda one: one[0])[1])


def refine(problem: Problem, vector: FloatArray, rounds: int = _ROUNDS) -> Solution:
    """Fit on from a vector with weights of the experiments' own noise."""
    noise = _noise(problem.misfits(vector))
    cost = np.inf
    for _ in range(rounds):
        cost, vector = problem.solve(vector, noise, _TRIES)
        noise = _noise(problem.misfits(vector))
    misfits = problem.misfits(vector)
    correlation = np.array([autocorrelation(one) for one in misfits])
    return Solution(
        values=problem.values(vector),
        nuisances=problem.nuisances(vector),
        errors=np.array([float(np.sqrt(np.mean(one**2))) for one in misfits]),
        correlation=correlation,
        jacobian=problem.derivatives(vector, _noise(misfits)),
        cost=cost,
    )


def _noise(misfits: Sequence[FloatArray]) -> FloatArray:
    """Return the weights' noise of every experiment: rms times the root of the autocorrelation."""
    return np.array([max(float(np.sqrt(np.mean(one**2) * autocorrelation(one))), _LEAST_NOISE) for one in misfits])


def autocorrelation(errors: FloatArray) -> float:
    """Return the integrated autocorrelation of errors, over lags up to the first that is not positive; at least 1."""
    centred = errors - errors.mean()
    power = float(centred @ centred)
    if power == 0 or errors.size < 4:
        return 1.0
    total = 1.0
    for lag in range(1, errors.size // 2):
        share = float(centred[:-lag] @ centred[lag:]) / power
        if share < 2 / np.sqrt(errors.size):
            break
        total += 2 * share
    return max(1.0, total)


def device_of(model: DeviceModel, solution: Solution) -> Device:
    """Return the device that a fit found."""
    return model.device(solution.values)


def _starts(coordinates: tuple[Coordinate, ...]) -> list[dict[str, float]]:
    names = [c.name for c in coordinates]
    every = [dict(zip(names, row, strict=True)) for row in product(*(c.starts for c in coordinates))]
    return every[:_MOST_STARTS]


def _moved(vector: FloatArray, place: int, step: float, high: FloatArray) -> tuple[FloatArray, float]:
    """Return a vector with one entry changed within its limits, and by how much."""
    change = step if vector[place] + step <= high[place] else -step
    moved = vector.copy()
    moved[place] += change
    return moved, change


def _to_inner(coordinate: Coordinate, value: float) -> float:
    return float(np.log(value)) if coordinate.scale is None else value / coordinate.scale


def _from_inner(coordinate: Coordinate, value: float) -> float:
    return float(np.exp(value)) if coordinate.scale is None else value * coordinate.scale
