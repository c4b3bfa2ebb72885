r"""Potentiostat and galvanostat: what sets phi_m in a time step.

A potentiostat knows phi_m at the end of the step. A galvanostat looks for the phi_m with

    Q_e(phi_m) = Q_e(leg's beginning) + I (t - leg's beginning)

by the secant method around the solution of the field equations at given phi_m. Because the charge counts from the
beginning of the leg, what is left of a step's error does not add up; at I = 0, the open circuit, the charge stays.
Charge that reactions take from the electrode, or ions from a second reservoir, counts with Q_e, integrated by the
formula of the steps.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ionspice.core.drives.controls import ConstantCurrent, Control, Ramp
from ionspice.fem.problem import FieldProblem
from ionspice.fem.settings import SolverSettings
from ionspice.fem.states import Past, Yardstick

_ON_CURRENT = 1e-6  # error of the charge of a step, relative to I h
_ON_CHARGE = 1e-10  # and relative to the charge over the drive's swing, where Newton's method leaves off;
_STALLED = 1e-9  # one that no longer falls may be this large
_MAX_SECANTS = 12
_LEAST_CHANGE = 1e-14  # V: a change of phi_m below this bounds no step


@dataclass(frozen=True, slots=True)
class Solved:
    """How the equations of a step were solved; problem.u holds the solution."""

    converged: bool
    iterations: int  #: of Newton's method
    potential: float  #: phi_m at the end of the step [V]


class ElectrodeControl(Protocol):
    """What sets phi_m [V] in the steps of one leg; all other numbers are dimensionless."""

    def longest_step(self, past: Past) -> float:
        """Return the longest step that resolves the leg."""
        ...

    def solve(
        self, time: float, rate: float, history: NDArray[np.float64], potential: float, reacted: float
    ) -> Solved:
        """Solve the equations of a step, starting from the guess in problem.u.

        Args:
            time: end of the step.
            rate: weight of the stored ions, see `FieldProblem.solve_step`.
            history: past stored ions, weighted.
            potential: extrapolated phi_m [V].
            reacted: past charges that reactions have taken, weighted as the ions.
        """
        ...


def begin_control(
    problem: FieldProblem, control: Control, settings: SolverSettings, past: Past, yardstick: Yardstick
) -> ElectrodeControl:
    """Return what sets phi_m in the leg that the past is in; collective."""
    if isinstance(control, ConstantCurrent):
        return Galvanostat(problem, control.current, settings, past, yardstick)
    is_flat = isinstance(control, Ramp) and control.start == control.stop
    longest_step = math.inf if is_flat else yardstick.ramp / settings.steps_per_ramp
    return Potentiostat(problem, control.potential, past.leg_begin, longest_step)


class Potentiostat:
    """phi_m follows a function of the time in the leg [s -> V]."""

    def __init__(
        self, problem: FieldProblem, course: Callable[[float], float], begin: float, longest_step: float
    ) -> None:
        self._problem, self._course, self._begin, self._longest_step = problem, course, begin, longest_step

    def longest_step(self, past: Past) -> float:
        """Return the step in which the leg's slope takes phi_m through a share of the swing."""
        del past
        return self._longest_step

    def solve(
        self, time: float, rate: float, history: NDArray[np.float64], potential: float, reacted: float
    ) -> Solved:
        """Solve the equations at the potential of the course."""
        del reacted
        scales = self._problem.scales
        potential = self._course((time - self._begin) * scales.time)
        self._set_potential(potential / scales.potential)
        report = self._problem.solve_step(rate, history)
        return Solved(report.converged, report.iterations, potential)

    def _set_potential(self, value: float) -> None:
        """Set phi_m [kT/e] in the guess without a change of its concentrations: ions do not jump when phi_m does."""
        problem = self._problem
        u, at_electrode = problem.u.x.array, problem.electrode_dofs
        before = u[at_electrode]
        problem.set_electrode_potential(value)
        jump = u[at_electrode] - before
        for i, species in enumerate(problem.electrolyte.species):
            dofs = at_electrode - problem.species + i
            free = ~problem.newton.is_fixed[dofs]
            u[dofs[free]] += species.valence * jump[free]


class Galvanostat:
    """phi_m is found for which the electrode holds the charge that a constant current [A/m] has brought."""

    def __init__(
        self, problem: FieldProblem, current: float, settings: SolverSettings, past: Past, yardstick: Yardstick
    ) -> None:
        self._problem, self._begin = problem, past.leg_begin
        self._current = current * problem.scales.time / problem.scales.electrode_charge
        self._swing_per_step = yardstick.swing * problem.scales.potential / settings.steps_per_ramp
        self._charge_scale = yardstick.charge
        #: dQ_e/dphi_m [1/V]: that of a dilute double layer to begin with
        self._capacitance = yardstick.charge / (yardstick.swing * problem.scales.potential)
        problem.u.x.array[:] = past.states[0]
        self._charge = problem.electrode_charge() + past.reacted[0] - self._current * (past.times[0] - self._begin)

    def longest_step(self, past: Past) -> float:
        """Return the step in which phi_m, at its latest slope, changes by a share of the drive's swing."""
        if past.since_corner == 0:
            return float("inf")
        change = abs(past.potentials[0] - past.potentials[1])
        return (past.times[0] - past.times[1]) * self._swing_per_step / max(change, _LEAST_CHANGE)

    def solve(
        self, time: float, rate: float, history: NDArray[np.float64], potential: float, reacted: float
    ) -> Solved:
        """Solve the equations and find the potential at which the charge that has come is right."""
        problem, iterations = self._problem, 0
        target = self._charge + self._current * (time - self._begin)
        tolerance = max(_ON_CURRENT * abs(self._current) / rate, _ON_CHARGE * self._charge_scale)
        before: tuple[float, float] | None = None
        for _ in range(_MAX_SECANTS):
            problem.set_electrode_potential(potential / problem.scales.potential)
            report = problem.solve_step(rate, history)
            iterations += report.iterations
            if not report.converged:
                break
            excess = problem.electrode_charge() + (problem.conducted_current() - reacted) / rate - target
            stalled = before is not None and abs(excess) > 0.5 * abs(before[1])
            if abs(excess) <= (_STALLED * self._charge_scale if stalled else tolerance):
                return Solved(True, iterations, potential)
            if before is not None and (excess - before[1]) * (potential - before[0]) > 0:
                self._capacitance = (excess - before[1]) / (potential - before[0])
            before = (potential, excess)
            potential -= excess / self._capacitance
        return Solved(False, iterations, potential)
