"""Rails under any drive of legs: potentials, currents and rests, ended by times or by what the cell does.

Under a given current the charge of the electrode is known at every time; each step searches the potential that gives
it. Under a potential that jumps, the jump is a short ramp.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ionspice.circuits.ions.evolution import (
    RailLimit,
    RailPast,
    RailSolution,
    RailStep,
    Stepper,
    solution_of_steps,
)
from ionspice.circuits.ions.rails import RailCircuit, evaluate
from ionspice.core import RunError
from ionspice.core.bdf import derivative_weights
from ionspice.core.drives import ConstantCurrent, CurrentBelow, Drive, Leg, PotentialReached, potential_range
from ionspice.core.drives.following import follow

#: of what a leg at constant current takes at most
_LONGEST_STEP = 0.02
#: of the charge over the drive's range of potentials
_CHARGE_TOLERANCE = 1e-7
_TRIES = 30
#: where a limit counts as reached: of the range of potentials, and of the current
_ON_POTENTIAL, _ON_CURRENT = 1e-7, 1e-4
#: a leg that takes so many times the equilibrium charge does not end
_MOST = 20.0
#: of the potential in the first try, kT/e
_FIRST_CHANGE = 0.01
#: of a leg: ramp of a jump
_FLANK = 1e-6
#: potential in one step towards the equilibrium of a start, kT/e, and such a step in diffusion times of the chain
_SETTLING_CHANGE, _SETTLING_STEP = 2.0, 1e6


def simulate_rail_legs(circuit: RailCircuit, drive: Drive, *, tolerance: float = 2e-4) -> RailSolution:
    """Run a chain from equilibrium under a drive.

    Args:
        circuit: the chain.
        drive: any legs.
        tolerance: local error of the ions of a step, as a share of the ions of an uncharged slit.

    Raises:
        RunError: no convergence, or a limit is not reached.
    """
    runner = _LegRunner(circuit, drive, tolerance)
    pieces = follow(drive, runner.equilibrium(drive.start), runner.run)
    return solution_of_steps(circuit, [step for piece in pieces for step in piece.steps])


@dataclass(frozen=True, slots=True)
class _RailPiece:
    """Steps of a leg."""

    steps: list[RailStep]
    last: RailStep  #: the state at its end
    volt: float  #: kT/e [V]

    @property
    def potential(self) -> float:
        """Potential of the electrode at the end, V."""
        return self.last.electrode * self.volt

    @property
    def stored(self) -> NDArray[np.float64]:
        """Ions of all nodes, 1/m."""
        return np.array([step.state.ions.ravel() for step in self.steps or [self.last]])


class _LegRunner:
    """Runs legs of one chain."""

    def __init__(self, circuit: RailCircuit, drive: Drive, tolerance: float) -> None:
        self._circuit, self._stepper = circuit, Stepper(circuit, tolerance)
        self._volt = circuit.solution.thermal_voltage
        ends = potential_range(drive)
        rest = np.zeros((circuit.nodes, circuit.solution.species))
        low, high = (evaluate(circuit, rest, end / self._volt).charge for end in ends)
        self._swing = abs(high - low)
        self._on_potential = _ON_POTENTIAL * (ends[1] - ends[0])

    def equilibrium(self, potential: float) -> _RailPiece:
        """Return the chain at rest at a potential, V; one without a bulk keeps its ions on the way."""
        circuit, step, u = self._circuit, self._stepper.rest(), potential / self._volt
        if u and circuit.reservoir:
            step = RailStep(0.0, evaluate(circuit, step.w, u), step.w, u, 0.0)
        elif u:
            length = circuit.strip_width * circuit.nodes
            pause = _SETTLING_STEP * length**2 / circuit.solution.diffusivity.min()
            count = math.ceil(abs(u) / _SETTLING_CHANGE)
            for part in (*range(1, count + 1), count):
                found = self._stepper.solve(
                    RailPast(step), pause, np.array([1 / pause, -1 / pause]), u * part / count
                )
                if found is None:
                    raise RunError(f"the rails found no equilibrium at {potential:g} V; start at a smaller potential")
                step = RailStep(0.0, *found, u * part / count, 0.0)
        return _RailPiece([step], step, self._volt)

    def run(self, leg: Leg, before: _RailPiece) -> _RailPiece:
        """Return the steps of a leg."""
        last, control = before.last, leg.control
        limits = [*map(self._limit, leg.limits), *map(self._limit, leg.current_limits)]
        if any(limit.excess(last) >= -limit.slack for limit in limits[: len(leg.limits)]):
            return _RailPiece([], last, self._volt)
        if isinstance(control, ConstantCurrent):
            steps = self._at_current(leg, control.current, last, limits)
        else:
            steps = self._at_potential(leg, control.potential, last, limits)
        return _RailPiece(steps, steps[-1], self._volt)

    def _at_potential(
        self, leg: Leg, course: Callable[[float], float], last: RailStep, limits: list[RailLimit]
    ) -> list[RailStep]:
        begin, steps = last.time, [last]
        flank = begin + _FLANK * leg.duration
        start, first = last.electrode * self._volt, course(flank - begin)
        if abs(course(0.0) - start) > self._on_potential:
            past = RailPast(last)
            ramp = self._stepper.at_potential(past, partial(np.interp, xp=[begin, flank], fp=[start, first]))
            steps += self._stepper.march(past, ramp, flank, span=flank - begin)
        # the current before the leg or on the flank says nothing of the leg's own
        past = RailPast(replace(steps[-1], current=math.nan))
        at = self._stepper.at_potential(past, lambda time: course(time - begin))
        span = min([leg.duration, *(self._swing / limit.current for limit in leg.current_limits)])
        steps += self._stepper.march(past, at, begin + leg.duration, span=span, limits=limits)
        return steps[1:]

    def _at_current(self, leg: Leg, current: float, last: RailStep, limits: list[RailLimit]) -> list[RailStep]:
        span = min(leg.duration, self._swing / abs(current) if current else math.inf)
        end = last.time + (leg.duration if math.isfinite(leg.duration) else _MOST * span)
        past = RailPast(last)
        at = partial(self._charged, past, (last.time, last.state.charge, current))
        steps = list(self._stepper.march(past, at, end, span=span, longest=_LONGEST_STEP * span, limits=limits))
        if steps[-1].time == end and math.isinf(leg.duration):
            raise RunError(
                f"{leg.limits[0].potential:g} V is not reached at {current:g} A/m within {_MOST:g} times the time of "
                "the equilibrium charge; lower the current or the limit"
            )
        return steps

    def _charged(self, past: RailPast, line: tuple[float, float, float], time: float) -> RailStep | None:
        """Return the step that gives the electrode its charge at a time; None if there is none.

        Args:
            past: accepted steps.
            line: time and charge at which the current began, and the current.
            time: s.
        """
        weights = np.array(derivative_weights([time, *past.times[:2]]))
        charge = line[1] + line[2] * (time - line[0])
        known = [step.electrode for step in past.steps]
        before, u = known[0], known[0] + _FIRST_CHANGE
        if len(known) > 1 and known[0] != known[1]:
            u = known[0] + (known[0] - known[1]) / (past.times[0] - past.times[1]) * (time - past.times[0])
        missed = past.states[0].charge - charge
        for _ in range(_TRIES):
            found = self._stepper.solve(past, time, weights, u)
            if found is None:
                return None
            miss = found[0].charge - charge
            if abs(miss) <= _CHARGE_TOLERANCE * self._swing:
                return RailStep(time, *found, u, line[2])
            if miss == missed or u == before:
                return None
            before, missed, u = u, miss, u - miss * (u - before) / (miss - missed)
        return None

    def _limit(self, end: PotentialReached | CurrentBelow) -> RailLimit:
        if isinstance(end, PotentialReached):
            return RailLimit(lambda step: end.excess(step.electrode * self._volt), self._on_potential)
        return RailLimit(lambda step: end.excess(step.current), _ON_CURRENT * end.current)
