"""How well a fit knows its constants: standard errors, 95 % intervals, correlation, and what it cannot tell apart.

With the derivatives J of the weighted errors the covariance is (J^T J)^-1. Intervals are Student's, of logarithms
where a constant is fitted by its logarithm, cut at the limits of the constant.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from ionspice.circuits.fitting.least_squares import Problem, Solution
from ionspice.circuits.model.charge import FloatArray

_WEAKEST = 1e-7  # least direction that counts, of the strongest
#: of the logarithm, or of the range of a share: wider intervals say nothing
_TELLING = {"logarithm": 1.5, "share": 0.5}
_INFLATED = 3.0  # error with unknown over error with known capacitance


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedConstant:
    """One constant of a model."""

    name: str
    unit: str
    value: float
    standard_error: float
    interval: tuple[float, float]  #: 95 %
    determined: bool  #: whether the interval is narrow enough to say something


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Certainty:
    """All constants of a model and how they hang together."""

    constants: tuple[FittedConstant, ...]
    #: of the constants, shape (constants, constants)
    correlation: FloatArray
    #: standard error of gamma over that with C(v) known, 1; NaN without gamma
    gamma_inflation: float

    def constant(self, name: str) -> FittedConstant | None:
        """Return a constant by its name, None if the model has no such."""
        return next((one for one in self.constants if one.name == name), None)


def certainty_of(problem: Problem, solution: Solution) -> Certainty:
    """Return errors, intervals and correlation of the constants of a fit."""
    count = effective_values(problem, solution)
    quantile = float(student.ppf(0.975, max(1.0, count - solution.jacobian.shape[1])))
    covariance = _covariance(solution.jacobian)[: problem.size, : problem.size]
    deviation = np.sqrt(np.diag(covariance))
    constants = []
    for k, coordinate in enumerate(problem.model.coordinates):
        value, error = solution.values[coordinate.name], float(deviation[k])
        if coordinate.scale is None:
            spread = float(np.exp(min(quantile * error, 50.0)))
            low, high, error = value / spread, value * spread, value * error
            determined = quantile * float(deviation[k]) < _TELLING["logarithm"]
        else:
            error *= coordinate.scale
            low, high = value - quantile * error, value + quantile * error
            determined = high - low < _TELLING["share"] * coordinate.scale
        constants.append(
            FittedConstant(
                name=coordinate.name,
                unit=coordinate.unit,
                value=value,
                standard_error=error,
                interval=(max(low, coordinate.low), min(high, coordinate.high)),
                determined=determined,
            )
        )
    size = np.where(deviation > 0, deviation, 1.0)
    return Certainty(
        constants=tuple(constants),
        correlation=covariance / np.outer(size, size),
        gamma_inflation=_inflation(problem, solution, deviation),
    )


def covariance_of(solution: Solution) -> FloatArray:
    """Return the covariance of all unknowns of a fit, inner coordinates first."""
    return _covariance(solution.jacobian)


def effective_values(problem: Problem, solution: Solution) -> float:
    """Return the number of independent errors of all experiments."""
    sizes = np.array([one.observed.size for one in problem.experiments])
    return float((sizes / solution.correlation).sum())


def gamma_verdict(certainty: Certainty) -> str:
    """Return in words whether the data tell gamma, and apart from C(v); empty for models without gamma."""
    gamma = certainty.constant("gamma")
    if gamma is None:
        return ""
    low, high = gamma.interval
    found = f"gamma = {gamma.value:.3g}, 95 % between {low:.3g} and {high:.3g}"
    inflation = certainty.gamma_inflation
    shared = f"its error would be {inflation:.2g} times smaller if C(v) were known"
    if not gamma.determined:
        reason = f"cannot be told from C(v): {shared}" if inflation > _INFLATED else "is not determined by these data"
        return f"gamma {reason} ({found}); add faster sweeps, larger currents or spectra at several bias potentials"
    return f"{found}; {shared}" if inflation > _INFLATED else found


def _inflation(problem: Problem, solution: Solution, deviation: FloatArray) -> float:
    names = [c.name for c in problem.model.coordinates]
    if "gamma" not in names:
        return np.nan
    capacitances = [k for k, name in enumerate(names) if name[0] == "C" and name[1:].isdigit()]
    kept = [k for k in range(solution.jacobian.shape[1]) if k not in capacitances]
    place = kept.index(names.index("gamma"))
    alone = float(np.sqrt(_covariance(solution.jacobian[:, kept])[place, place]))
    return float(deviation[names.index("gamma")]) / alone if alone > 0 else np.nan


def _covariance(jacobian: FloatArray) -> FloatArray:
    """Return (J^T J)^-1 with directions that J does not see made as uncertain as can be told."""
    size = np.linalg.norm(jacobian, axis=0)
    size[size == 0] = 1e-12
    _, strength, directions = np.linalg.svd(jacobian / size, full_matrices=False)
    strength = np.maximum(strength, _WEAKEST * strength.max())
    return np.asarray((directions.T / strength**2) @ directions / np.outer(size, size))
