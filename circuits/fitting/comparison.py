"""Which model the measurements ask for: information criteria, and files that a model has not seen.

    AICc = sum_f n_f ln s_f^2 + 2 k + 2 k (k + 1)/(n - k - 1),   BIC = sum_f n_f ln s_f^2 + k ln n

with the rms errors s_f of the files, the numbers n_f of independent errors, their sum n, and k unknowns. The numbers
are those of the model that meets the data best, the same for all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.optimize import least_squares

from ionspice.circuits.fitting.experiments import Device, Experiment
from ionspice.circuits.fitting.free_law import FoundLaw, find_law
from ionspice.circuits.fitting.intervals import Certainty, certainty_of
from ionspice.circuits.fitting.least_squares import Prior, Problem, Solution, solve_problem
from ionspice.circuits.fitting.models import DeviceModel, bent_model, shaped_model
from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.shape import LINEAR

_CLEAR = 6.0  # difference of BIC that decides
_LEAST_ERROR = 1e-5
_ALIKE = 2.0  # difference of BIC that tells nothing
_ABSENT = 0.5  # a gamma that data without a sign of it may still allow
_POOR = 0.1  # rms error of a file that no model describes
_HELD_OUT_TRIES = 12

Need = Literal["yes", "no", "undecided"]
#: problem, solution, errors of files left out
_Fit = tuple[Problem, Solution, FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedModel:
    """A model, its fit, and how it stands among the others."""

    model: DeviceModel
    problem: Problem
    solution: Solution
    certainty: Certainty
    aicc: float
    bic: float
    #: rms error of every file that the fit of the others predicts, of its scale; empty where there is one file
    held_out: FloatArray

    @property
    def name(self) -> str:
        """Of the model."""
        return self.model.name

    @property
    def held_out_error(self) -> float:
        """Root mean square over the files that were left out, 1; NaN where there is one file."""
        return float(np.sqrt(np.mean(self.held_out**2))) if self.held_out.size else np.nan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """All models, the best one first."""

    models: tuple[FittedModel, ...]
    #: whether the device needs a resistance that depends on its charge
    charge_dependent: Need
    #: why, in words
    reason: str
    #: R(Q), where it is needed at all
    law: FoundLaw | None = None

    @property
    def best(self) -> FittedModel:
        """Of the least BIC."""
        return self.models[0]

    @property
    def misses(self) -> tuple[str, ...]:
        """Names of the files that the best model does not describe."""
        pairs = zip(self.best.problem.experiments, self.best.solution.errors, strict=True)
        return tuple(one.name for one, error in pairs if error > _POOR)

    @property
    def best_circuit(self) -> FittedModel:
        """The best of those that circuit.json can hold."""
        return next(one for one in self.models if one.model.has_circuit)


def compare_models(
    models: Sequence[DeviceModel],
    experiments: Sequence[Experiment],
    coarse: Sequence[Experiment],
    priors: tuple[Prior, ...] = (),
    *,
    hold_out: bool = True,
    advance: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Fit all models to all experiments and order them.

    Where resistances that follow the charge describe the data better, even if a straight law misses them, its
    parabola is tried too, and the law that discovery finds in the data (`free_law`).

    Args:
        models: what the device may be.
        experiments: the measurements.
        coarse: the same with fewer points, to find starts and to leave files out.
        priors: what is known of constants beforehand.
        hold_out: whether every file is also left out once.
        advance: is told the name of every model when its turn comes.
    """

    def fitted(model: DeviceModel) -> _Fit:
        advance(model.name)
        problem = Problem(model=model, experiments=tuple(experiments), priors=priors)
        quick = Problem(model=model, experiments=tuple(coarse), priors=priors)
        solution = solve_problem(problem, quick)
        return problem, solution, _held_out(quick, solution) if hold_out and len(experiments) > 1 else np.zeros(0)

    fits = [fitted(model) for model in models]
    found = _compared(fits)
    straight = found.best
    if straight.model.reading is None or not _gain(found.models, straight) > _CLEAR:
        return found
    fits.append(fitted(bent_model(straight.model)))
    advance("R(Q)")
    law = find_law(straight.problem, straight.solution)
    if law.shape is not None and law.shape != LINEAR:
        fits.append(fitted(shaped_model(straight.model, law.shape)))
    return replace(_compared(fits), law=law)


def _compared(fits: Sequence[_Fit]) -> Comparison:
    sizes = np.array([one.observed.size for one in fits[0][0].experiments])
    best = min(fits, key=lambda fit: float(sizes @ np.log(np.maximum(fit[1].errors, _LEAST_ERROR))))
    numbers = sizes / best[1].correlation
    ranked = sorted((_ranked(*fit, numbers) for fit in fits), key=lambda one: one.bic)
    need, reason = _need(ranked)
    return Comparison(models=tuple(ranked), charge_dependent=need, reason=reason)


def _ranked(problem: Problem, solution: Solution, held_out: FloatArray, numbers: FloatArray) -> FittedModel:
    likelihood = float(numbers @ np.log(np.maximum(solution.errors, _LEAST_ERROR) ** 2))
    unknowns, total = solution.jacobian.shape[1] + numbers.size, float(numbers.sum())
    freedom = max(total - unknowns - 1, 1.0)
    return FittedModel(
        model=problem.model,
        problem=problem,
        solution=solution,
        certainty=certainty_of(problem, solution),
        aicc=likelihood + 2 * unknowns + 2 * unknowns * (unknowns + 1) / freedom,
        bic=likelihood + unknowns * float(np.log(total)),
        held_out=held_out,
    )


def _gain(models: Sequence[FittedModel], nano: FittedModel) -> float:
    """Return by how much the BIC of a nano-circuitry model is below that of the best other circuit."""
    plain = next((one for one in models if one.model.reading is None and one.model.has_circuit), None)
    return -np.inf if plain is None else plain.bic - nano.bic


def _need(ranked: Sequence[FittedModel]) -> tuple[Need, str]:
    """Return whether the charge-dependent resistance is needed, and why."""
    readings = [one for one in ranked if one.model.reading is not None]
    nano = readings[0] if readings else None
    plain = next((one for one in ranked if one.model.reading is None and one.model.has_circuit), None)
    if nano is None or plain is None:
        return "undecided", "only one kind of model was fitted"
    gain = plain.bic - nano.bic
    words = f"BIC of {nano.name} is {abs(gain):.3g} {'below' if gain > 0 else 'above'} that of {plain.name}"
    if nano.held_out.size:
        words += (
            f"; files left out are predicted to {100 * nano.held_out_error:.2g} % and "
            f"{100 * plain.held_out_error:.2g} %"
        )
    alike = [one.name for one in readings[1:] if one.bic - nano.bic < _ALIKE]
    if alike:
        words += f"; {', '.join(alike)} describes the data as well"
    gamma, line = (nano.certainty.constant(name) for name in ("gamma", "Rline"))
    assert gamma is not None  # every nano-circuitry model has both
    assert line is not None
    told = gamma.determined and line.determined and gamma.interval[0] > 0
    if gain > _CLEAR and told and not nano.held_out_error > plain.held_out_error:
        return "yes", words
    absent = gain <= 0 and gamma.interval[1] < _ABSENT
    return ("no" if absent else "undecided"), words


def _held_out(problem: Problem, solution: Solution) -> FloatArray:
    """Return the rms error of every experiment by the fit of all others, from the fit of all on."""
    noise = np.maximum(solution.errors * np.sqrt(solution.correlation), _LEAST_ERROR)
    errors = []
    for place, left_out in enumerate(problem.experiments):
        kept = [k for k in range(len(problem.experiments)) if k != place]
        rest = Problem(
            model=problem.model, experiments=tuple(problem.experiments[k] for k in kept), priors=problem.priors
        )
        start = rest.inner(solution.values, [solution.nuisances[k] for k in kept])
        _, vector = rest.solve(start, noise[kept], _HELD_OUT_TRIES)
        device = problem.model.device(rest.values(vector))
        errors.append(_own_error(left_out, device, solution.nuisances[place]))
    return np.array(errors)


def _own_error(experiment: Experiment, device: Device, nuisances: FloatArray) -> float:
    """Return the rms error of an experiment with its own nuisances fitted."""
    found = nuisances
    if nuisances.size:
        low, high = (np.array([getattr(n, end) for n in experiment.nuisances]) for end in ("low", "high"))
        room = 1e-6 * (high - low)
        start = np.clip(nuisances, low + room, high - room)
        steps = np.array([n.step for n in experiment.nuisances])
        found = least_squares(
            lambda x: experiment.misfit(device, x),
            start,
            bounds=(low, high),
            x_scale=high - low,
            diff_step=steps / np.maximum(np.abs(start), steps),
            max_nfev=_HELD_OUT_TRIES,
        ).x
    return float(np.sqrt(np.mean(experiment.misfit(device, found) ** 2)))
