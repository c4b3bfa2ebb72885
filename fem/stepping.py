"""The time loop: adaptive BDF2 over the legs of a drive.

At the beginning of a leg the formula starts again as BDF1, because the past lies on the other side of a kink. A step
whose estimated error exceeds the tolerance, or whose Newton iteration fails, is taken again from the saved state with
a smaller step; below a floor the run stops with the reason. Steps land on times that end a leg or want a picture; a
step that passes a potential or a current which ends its leg is shortened by the Illinois method until it ends there.
"""

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ionspice.core import RunError, bdf
from ionspice.core.drives.controls import Condition, CurrentBelow, Elapsed, PotentialReached
from ionspice.core.drives.legs import Drive, Leg, leg_behind
from ionspice.fem.controls import begin_control
from ionspice.fem.equilibrium import settle
from ionspice.fem.problem import FieldProblem
from ionspice.fem.settings import SolverSettings
from ionspice.fem.states import Counters, Past, Step, Yardstick

_LOGGER = logging.getLogger(__name__)
_FIRST_STEP = 2e-4  # of a ramp, at a tolerance of 1e-3
_FLOOR = 1e-10  # of a ramp,
_DEBYE_FLOOR = 1e-5  # and of the Debye time: a step below both is too small
_ON_TARGET = 1e-9  # of a leg: closer to a time than this is on it
_ON_LIMIT = 1e-6  # of the swing: closer to a potential than this is on it
_ON_CURRENT = 1e-3  # of a limit: closer to that current than this is on it
_MAX_LANDINGS = 30
_PREDICTED = 3  # past states of the prediction that tells the error
_ULPS = 100  # spacings of the present time
_ROUND_OFF = 1e-9  # of a step, in the difference of its ends


def start(problem: FieldProblem, potential: float = 0.0) -> Past:
    """Return the past of a run that starts at t = 0 from equilibrium at phi_m = `potential` [V]; collective.

    Raises:
        RunError: the equilibrium was not found.
    """
    problem.u.x.array[:] = 0.0
    problem.set_electrode_potential(0.0)
    if potential or problem.is_loaded:
        settle(problem, potential / problem.scales.potential)
    return Past([0.0], [potential], [problem.state()], [problem.stored_ions()])


def expected_duration(problem: FieldProblem, drive: Drive) -> float:
    """Return about how long a run will be [s]; collective."""
    charge = Yardstick.of(problem, drive, drive.legs[0]).charge * problem.scales.electrode_charge
    return math.fsum(leg.expected_duration(charge) for leg in drive.legs)


def march(
    problem: FieldProblem,
    drive: Drive,
    settings: SolverSettings,
    past: Past,
    counters: Counters | None = None,
) -> Iterator[Step]:
    """Yield every accepted step from the past's newest state to the end of the drive.

    The starting state itself is yielded first when it is the beginning of the drive.

    Raises:
        RunError: the step fell below its floor, or the potential passes the limit of a current at once; the last
            accepted state is in `past`.
    """
    counters = counters or Counters()
    legs = drive.legs
    first_marked = next((number for number, leg in enumerate(legs) if leg.marks), None)
    if past.times[0] == 0.0:
        yield Step(time=0.0, electrode_potential=past.potentials[0], order=0, ions=past.ions[0], past=past)
    while past.leg < len(legs):
        leg = legs[past.leg].begun_at(past.potentials[0], (past.times[0] - past.leg_begin) * problem.scales.time)
        if leg is None:
            past.begin_leg(leg_behind(drive, past.leg, past.potentials[0]))
            continue
        yardstick = Yardstick.of(problem, drive, leg)
        problem.set_scale(swing=yardstick.swing, ramp=yardstick.ramp)
        stepper = _LegStepper(problem, drive, leg, settings, past, counters, yardstick)
        yield from stepper.steps(has_half_charge=past.leg == first_marked)


@dataclass(frozen=True, slots=True)
class _Trial:
    """A step that was solved and may be accepted."""

    time: float  #: its end, dimensionless
    potential: float  #: phi_m there [V]
    error: float  #: estimated, over the tolerance; infinite if the equations could not be solved
    reacted: float = 0.0  #: charge that reactions have taken, dimensionless
    charge: float = math.nan  #: of the electrode, dimensionless, and
    current: float = math.nan  #: the current into it [A/m], where the leg ends with a current


class _LegStepper:
    """Takes the steps of one leg; times are dimensionless, potentials in V."""

    def __init__(
        self,
        problem: FieldProblem,
        drive: Drive,
        leg: Leg,
        settings: SolverSettings,
        past: Past,
        counters: Counters,
        yardstick: Yardstick,
    ) -> None:
        self._problem, self._drive, self._leg, self._settings = problem, drive, leg, settings
        self._past, self._counters, self._yardstick = past, counters, yardstick
        self._control = begin_control(problem, leg.control, settings, past, yardstick)
        self._end = past.leg_begin + leg.duration / problem.scales.time
        marks = (self._time_of(mark) for mark in leg.marks if isinstance(mark, Elapsed))
        self._targets = sorted({*marks, self._end})
        self._on_target = _ON_TARGET * yardstick.duration
        self._debye_time = problem.electrolyte.debye_time / problem.scales.time
        self._slack = _ON_LIMIT * yardstick.swing * problem.scales.potential  # V
        self._floor = min(_FLOOR * yardstick.ramp, _DEBYE_FLOOR * self._debye_time)
        #: of the past states, newest first, and the current of the newest one, where the leg ends with a current
        self._charges = self._past_charges() if leg.current_limits else []
        self._current = self._past_current()

    def steps(self, *, has_half_charge: bool) -> Iterator[Step]:
        """Yield the leg's accepted steps; its first picture is that of half charge if it has that one."""
        past, scales = self._past, self._problem.scales
        while not self._is_over():
            before = past.potentials[0]
            order = self._take_step()
            ends = self._is_over()
            marks = [] if ends else [mark for mark in self._leg.marks if self._is_on(mark, before)]
            if ends:
                self._begin_next()
            yield Step(
                time=past.times[0] * scales.time,
                electrode_potential=past.potentials[0],
                order=order,
                ions=past.ions[0],
                is_corner=ends,
                is_snapshot=bool(marks),
                is_half_charge=has_half_charge and self._leg.marks[0] in marks,
                past=past,
            )
            if ends:
                return
        self._begin_next()

    def _begin_next(self) -> None:
        past = self._past
        past.begin_leg(leg_behind(self._drive, past.leg, past.potentials[0]))

    def _is_over(self) -> bool:
        if self._past.times[0] >= self._end - self._on_target:
            return True
        if any(limit.excess(self._past.potentials[0]) >= -self._slack for limit in self._leg.limits):
            return True
        return any(limit.excess(self._current) >= -_ON_CURRENT * limit.current for limit in self._leg.current_limits)

    def _is_on(self, mark: Condition, before: float) -> bool:
        """Return whether the last step, from the potential before, has landed on a time or passed a potential."""
        if isinstance(mark, Elapsed):
            return self._past.times[0] == self._time_of(mark)
        return mark.excess(before) < 0 <= mark.excess(self._past.potentials[0])

    def _time_of(self, mark: Elapsed) -> float:
        return self._past.leg_begin + mark.time / self._problem.scales.time

    def _take_step(self) -> int:
        """Advance the past by one accepted step; return the order of its formula."""
        past = self._past
        order = 1 if past.since_corner == 0 else 2
        if past.since_corner == 0:
            past.wanted_step = self._first_step()
            self._problem.newton.refresh()
        target = next(t for t in self._targets if t > past.times[0] + self._on_target)
        while True:
            past.wanted_step = min(past.wanted_step, self._control.longest_step(past))
            trial = self._try(_end_of_step(past.times[0], past.wanted_step, target), order)
            limits: tuple[PotentialReached | CurrentBelow, ...] = (*self._leg.limits, *self._leg.current_limits)
            for limit in limits:
                trial = self._land(trial, limit, order)
            if trial.error <= 1.0:
                self._accept(trial, order)
                return order
            self._reject(trial, order)

    @property
    def _resolution(self) -> float:
        """The shortest step that the present time, as a number, still resolves."""
        return _ULPS * math.ulp(self._past.times[0])

    def _first_step(self) -> float:
        """Return the step at the beginning of a leg: small, and no longer than the double layer takes to form."""
        small = _FIRST_STEP * self._yardstick.ramp * math.sqrt(self._settings.tolerance / 1e-3)
        return max(min(small, self._debye_time), self._resolution)

    def _try(self, time: float, order: int, *, ends: bool = False) -> _Trial:
        """Solve one step, which may end the leg, starting from a polynomial through the past.

        The state at a corner is left out of it, for the potentials may jump there (the ions do not).
        """
        past, problem = self._past, self._problem
        here = past.times[: max(past.since_corner, 1)]
        known = here[:_PREDICTED]
        extrapolation = bdf.extrapolation_weights(time, here)
        predicted = _combined(bdf.extrapolation_weights(time, known), past.states)
        potential = sum(w * v for w, v in zip(extrapolation, past.potentials, strict=False))
        rate, *weights = bdf.derivative_weights([time, *past.times[:order]])
        reacted = math.fsum(w * q for w, q in zip(weights, past.reacted, strict=False))
        problem.u.x.array[:] = _combined(extrapolation, past.states)
        problem.to_round_off = ends or time >= self._end - self._on_target
        solved = self._control.solve(time, rate, _combined(weights, past.ions), potential, reacted)
        self._counters.iterations += solved.iterations
        if not solved.converged:
            return _Trial(time, solved.potential, math.inf)
        taken = problem.conducted_current()
        flow = ((taken - reacted) / rate, *self._flow([rate, *weights], taken))
        if past.since_corner < 2:  # too little on this side of the corner to compare with
            return _Trial(time, solved.potential, 0.0, *flow)
        distance = problem.root_mean_square(problem.u.x.array - predicted)
        error = bdf.error_factor(time, known) * distance / self._settings.tolerance
        return _Trial(time, solved.potential, error, *flow)

    def _flow(self, weights: list[float], taken: float) -> tuple[float, float]:
        """Return charge and current [A/m] of the electrode in problem.u, by the formula of the step.

        Args:
            weights: of the formula.
            taken: current that reactions take.
        """
        if not self._charges:
            return math.nan, math.nan
        scales, charge = self._problem.scales, self._problem.electrode_charge()
        rate = taken + math.fsum(w * q for w, q in zip(weights, (charge, *self._charges), strict=False))
        return charge, rate * scales.electrode_charge / scales.time

    def _past_charges(self) -> list[float]:
        problem, charges = self._problem, []
        for state in reversed(self._past.states[:_PREDICTED]):  # the newest last, so that it stays in problem.u
            problem.u.x.array[:] = state
            charges.append(problem.electrode_charge())
        return charges[::-1]

    def _past_current(self) -> float:
        order = min(self._past.since_corner, 2)
        if not self._charges or order == 0:
            return math.nan
        weights = bdf.derivative_weights(self._past.times[: order + 1])
        scales = self._problem.scales
        self._problem.u.x.array[:] = self._past.states[0]
        rate = self._problem.conducted_current()
        rate += math.fsum(w * q for w, q in zip(weights, self._charges, strict=False))
        return rate * scales.electrode_charge / scales.time

    def _land(self, trial: _Trial, limit: PotentialReached | CurrentBelow, order: int) -> _Trial:
        """Return the trial, or where it passed a limit a shorter one that ends on it or failed."""
        if isinstance(limit, PotentialReached):
            slack, before = self._slack, limit.excess(self._past.potentials[0])
        else:
            slack, before = _ON_CURRENT * limit.current, limit.excess(self._current)
        excess = _excess(limit, trial)
        if not math.isfinite(trial.error) or excess <= slack or math.isnan(before):
            return trial
        low, high, side = (self._past.times[0], before), (trial.time, excess), 0
        for _ in range(_MAX_LANDINGS):
            trial = self._try(low[0] - low[1] * (high[0] - low[0]) / (high[1] - low[1]), order, ends=True)
            excess = _excess(limit, trial)
            if not math.isfinite(trial.error) or abs(excess) <= slack:
                break
            # An end that stays loses half its weight, or the other would creep.
            if excess > 0:
                high, low, side = (trial.time, excess), (low[0], low[1] / (2 if side > 0 else 1)), 1
            else:
                low, high, side = (trial.time, excess), (high[0], high[1] / (2 if side < 0 else 1)), -1
        if isinstance(limit, PotentialReached) and trial.time - self._past.leg_begin < self._debye_time:
            raise RunError(
                f"the potential passes {limit.potential:.4g} V within a Debye time of the current's turn: the "
                "ohmic drop fills the window; lower the current or widen the limits"
            )
        return trial

    def _accept(self, trial: _Trial, order: int) -> None:
        past = self._past
        step = trial.time - past.times[0]
        past.push(trial.time, trial.potential, self._problem.state(), self._problem.stored_ions(), trial.reacted)
        self._charges = [trial.charge, *self._charges[:2]] if self._charges else []
        self._current = trial.current
        self._counters.steps += 1
        # A step cut short to land on a target says little about how long the next one may be.
        kept = past.wanted_step if step < past.wanted_step * (1 - _ROUND_OFF) else 0.0
        past.wanted_step = max(kept, step * bdf.step_ratio(trial.error, order))

    def _reject(self, trial: _Trial, order: int) -> None:
        past, problem = self._past, self._problem
        step = trial.time - past.times[0]
        self._counters.rejected += 1
        past.wanted_step = step * (min(bdf.step_ratio(trial.error, order), 0.8) if trial.error < math.inf else 0.25)
        _LOGGER.debug("step of %.3g rejected at t = %.6g (error %.3g)", step, past.times[0], trial.error)
        problem.newton.refresh()
        problem.u.x.array[:] = past.states[0]
        if past.wanted_step < max(self._floor, self._resolution):
            lower = "the current" if self._leg.prescribes_current else "the amplitude"
            raise RunError(
                f"the time step fell below {self._floor * problem.scales.time:.3g} s at "
                f"t = {past.times[0] * problem.scales.time:.6g} s (phi_m = "
                f"{past.potentials[0]:.4g} V): Newton's method does not converge there; "
                f"refine the mesh at the walls ([mesh] wall_spacing), raise [solver] tolerance, or lower {lower}"
            )


def _excess(limit: PotentialReached | CurrentBelow, trial: _Trial) -> float:
    return limit.excess(trial.potential if isinstance(limit, PotentialReached) else trial.current)


def _end_of_step(now: float, step: float, target: float) -> float:
    """Return the time to step to: on the target if it is near, half way if it is nearly so."""
    left = target - now
    if left <= 1.1 * step:
        return target
    return now + (left / 2 if left < 2 * step else step)


def _combined(weights: tuple[float, ...] | list[float], values: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the weighted sum of the newest values."""
    return np.asarray(sum(w * v for w, v in zip(weights, values, strict=False)))
