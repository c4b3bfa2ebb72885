r"""Evolution of a chain of rails in time: implicit, adaptive, conservative.

    (alpha n(w, u) + history)/h = sum of currents(w, u)

by the backward differentiation formula of order 2 with variable steps (order 1 after every corner of the drive).
What is differenced is the number of ions itself, so that currents and charges balance to the solver's tolerance at
any step size. The local error is that of the ions, by the
distance from their extrapolated past (Milne's device). Source: Hairer, Norsett, Wanner, Solving Ordinary
Differential Equations I, chapter III.5.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from ionspice.circuits.ions.rails import RailCircuit, RailState, evaluate, outflow_matrix, storage_matrix
from ionspice.circuits.ions.solution import FloatArray
from ionspice.circuits.model.waveform import Waveform
from ionspice.core import InputError, RunError
from ionspice.core.bdf import derivative_weights, extrapolation_weights

_FIRST_STEP = 1e-4  # of a piece of the drive
_FLOOR = 1e-9  # of a piece
#: change of the drive's slope, over its largest one, up to which a joint is no corner
_SMOOTH = 0.1
_NEWTON_LIMIT = 15
_NEWTON_TOLERANCE = 1e-8
_LONGEST_CHANGE = 4.0  # kT in one Newton step
_TRIES = 30  # to land on a limit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RailSolution:
    """States of a chain at the accepted times; per metre of depth."""

    #: s, shape (time,)
    time: FloatArray
    #: potential of the electrode, V, shape (time,)
    electrode: FloatArray
    #: current into the electrode, A/m, shape (time,)
    current: FloatArray
    #: charge of the electrode, C/m, shape (time,)
    charge: FloatArray
    #: n, 1/m, shape (time, nodes, species)
    ions: FloatArray
    #: w, kT, shape (time, nodes, species)
    potential: FloatArray
    #: J between nodes, 1/(m s), shape (time, nodes - 1, species)
    flow: FloatArray

    def current_at(self, time: FloatArray) -> FloatArray:
        """Return the current at times in s, A/m."""
        return np.asarray(np.interp(time, self.time, self.current))


@dataclass(frozen=True, slots=True, eq=False)
class RailStep:
    """An accepted state."""

    time: float  #: s
    state: RailState
    w: FloatArray  #: kT, shape (nodes, species)
    electrode: float  #: kT/e
    current: float  #: into the electrode, A/m


class RailPast:
    """Accepted states since the last corner, newest first; all but the last three are forgotten."""

    def __init__(self, last: RailStep) -> None:
        self.steps = [last]

    @property
    def times(self) -> list[float]:
        """When they were, s."""
        return [step.time for step in self.steps]

    @property
    def states(self) -> list[RailState]:
        """Their states."""
        return [step.state for step in self.steps]

    def push(self, step: RailStep) -> None:
        """Accept a state."""
        self.steps = [step, *self.steps[:2]]


@dataclass(frozen=True, slots=True)
class RailLimit:
    """What ends a piece of a drive."""

    excess: Callable[[RailStep], float]  #: rises through 0 where the piece ends
    slack: float  #: closer to 0 than this is on it


def simulate_rails(circuit: RailCircuit, drive: Waveform, *, tolerance: float = 2e-4) -> RailSolution:
    """Run an uncharged chain under a drive.

    Args:
        circuit: the chain.
        drive: potential of the electrode, V, 0 at time 0.
        tolerance: local error of the ions of a step, as a share of the ions of an uncharged slit.

    Raises:
        InputError: the drive does not start at 0 V.
        RunError: no convergence.
    """
    if drive.value[0] != 0:
        raise InputError(f"the drive starts at {drive.value[0]:g} V; an uncharged cell starts at 0 V")
    stepper = Stepper(circuit, tolerance)
    steps = [stepper.rest()]
    for begin, end in pairwise(_corners(drive)):
        past = RailPast(steps[-1])
        steps += stepper.march(past, stepper.at_potential(past, drive.at), float(end), span=float(end - begin))
    return solution_of_steps(circuit, steps)


def solution_of_steps(circuit: RailCircuit, steps: Sequence[RailStep]) -> RailSolution:
    """Return the states of accepted steps."""
    return RailSolution(
        time=np.array([step.time for step in steps]),
        electrode=np.array([step.electrode for step in steps]) * circuit.solution.thermal_voltage,
        current=np.array([step.current for step in steps]),
        charge=np.array([step.state.charge for step in steps]),
        ions=np.array([step.state.ions for step in steps]),
        potential=np.array([step.w for step in steps]),
        flow=np.array([step.state.current for step in steps]),
    )


class Stepper:
    """Steps of one chain."""

    def __init__(self, circuit: RailCircuit, tolerance: float) -> None:
        self._circuit, self._tolerance = circuit, tolerance
        rest = evaluate(circuit, np.zeros((circuit.nodes, circuit.solution.species)), 0.0)
        self._scale = float(np.median(rest.ions[int(circuit.reservoir) :].sum(axis=1)))

    def rest(self) -> RailStep:
        """Return the uncharged chain at time 0."""
        w = np.zeros((self._circuit.nodes, self._circuit.solution.species))
        return RailStep(0.0, evaluate(self._circuit, w, 0.0), w, 0.0, 0.0)

    def at_potential(
        self, past: RailPast, course: Callable[[float], ArrayLike]
    ) -> Callable[[float], RailStep | None]:
        """Return what solves a step that ends at a time, under a potential (V) of the time (s)."""

        def at(time: float) -> RailStep | None:
            weights = np.array(derivative_weights([time, *past.times[:2]]))
            u = float(np.asarray(course(time))) / self._circuit.solution.thermal_voltage
            found = self.solve(past, time, weights, u)
            if found is None:
                return None
            charges = [state.charge for state in (found[0], *past.states)][: weights.size]
            return RailStep(time, *found, u, float(weights @ charges))

        return at

    def march(
        self,
        past: RailPast,
        at: Callable[[float], RailStep | None],
        end: float,
        *,
        span: float,
        longest: float = math.inf,
        limits: Sequence[RailLimit] = (),
    ) -> Iterator[RailStep]:
        """Yield the steps of a piece of a drive, until a time or where a limit is reached.

        Args:
            past: the state at its beginning; takes up the steps.
            at: solves a step that ends at a time, or returns None.
            end: s, or infinity.
            span: about how long the piece is, s.
            longest: step, s.
            limits: the first one ends the piece.

        Raises:
            RunError: no convergence, or a limit is passed at once.
        """
        wanted = _FIRST_STEP * span
        while past.times[0] < end:
            step = _landing(min(wanted, longest), end - past.times[0])
            time = end if step == end - past.times[0] else past.times[0] + step
            found = at(time)
            error = np.inf if found is None else self.error(past, time, found.state)
            wanted = next_step(step, error, min(len(past.steps), 2))
            if found is None or error > 1:
                if wanted < _FLOOR * span:
                    raise RunError(f"the rails did not converge at t = {time:g} s; raise the tolerance")
                continue
            for limit in limits:
                found = _landed(past.steps[0], found, limit, at)
            past.push(found)
            yield found
            if any(limit.excess(found) >= -limit.slack for limit in limits):
                return

    def solve(
        self, past: RailPast, time: float, weights: FloatArray, u: float
    ) -> tuple[RailState, FloatArray] | None:
        """Return state and w at a time and a potential u (kT/e) of the electrode; None where Newton fails."""
        circuit = self._circuit
        fixed = int(circuit.reservoir)
        history = sum(x * s.ions for x, s in zip(weights[1:], past.states, strict=False))
        w, inside = _extrapolated(past, time), past.states[0].inside
        for _ in range(_NEWTON_LIMIT):
            try:
                state = evaluate(circuit, w, u, inside)
            except RunError:
                return None
            inside = state.inside
            change = _newton_change(circuit, state, weights[0], np.asarray(weights[0] * state.ions + history), fixed)
            size = float(np.abs(change).max())
            if not np.isfinite(size):
                return None
            w = w.copy()
            w[fixed:] += change * min(1.0, _LONGEST_CHANGE / max(size, 1e-300))
            if size < _NEWTON_TOLERANCE:
                return evaluate(circuit, w, u, inside), w
        return None

    def error(self, past: RailPast, time: float, state: RailState) -> float:
        """Return the local error over the tolerance."""
        known = past.times
        if len(known) < 2:
            return 0.5
        predicted = sum(x * s.ions for x, s in zip(extrapolation_weights(time, known), past.states, strict=True))
        factor = (time - known[0]) / (time - known[-1] + (time - known[0]))
        fixed = int(self._circuit.reservoir)
        return float(np.abs(state.ions - predicted)[fixed:].max() * factor / self._scale / self._tolerance)


def next_step(step: float, error: float, order: int) -> float:
    """Return the step to try after one with a local error, of the tolerance."""
    return step * float(np.clip(0.85 * max(error, 1e-9) ** (-1 / (order + 1)), 0.2, 2.0))


def _landed(last: RailStep, found: RailStep, limit: RailLimit, at: Callable[[float], RailStep | None]) -> RailStep:
    """Return the step, or where it passed a limit a shorter one that ends on it, by regula falsi."""
    low, high = limit.excess(last), limit.excess(found)
    if high <= limit.slack or not low < 0:  # nothing is known of the current before a leg's first step
        return found
    begin, end = last.time, found.time
    for _ in range(_TRIES):
        between = at(begin - low * (end - begin) / (high - low))
        if between is None:
            break
        miss = limit.excess(between)
        if abs(miss) <= limit.slack:
            return between
        # an end that stays loses half its weight, or the other would creep
        if miss > 0:
            end, high, low = between.time, miss, low / 2
        else:
            begin, low, high = between.time, miss, high / 2
    raise RunError(f"the rails did not turn at t = {found.time:g} s; lower the current or widen the limits")


def _newton_change(circuit: RailCircuit, state: RailState, rate: float, stored: FloatArray, fixed: int) -> FloatArray:
    """Return the Newton change of w of the free nodes, shape (nodes - fixed, species)."""
    residual = stored.copy()
    residual[:-1] += state.current
    residual[1:] -= state.current
    matrix = rate * storage_matrix(circuit, state) + outflow_matrix(circuit, state)
    right = residual[fixed:].ravel()
    square = matrix[fixed:, :, fixed:].reshape(right.size, -1)
    # Rows of rare ions are tiny: pivoting needs them at one scale.
    norm = np.abs(square).max(axis=1)
    return np.asarray(np.linalg.solve(square / norm[:, None], -right / norm)).reshape(-1, circuit.solution.species)


def _corners(drive: Waveform) -> FloatArray:
    """Return the times at which the drive's slope jumps; the joints of a curve's straight lines are none."""
    slope = np.diff(drive.value) / np.diff(drive.time)
    jumps = np.abs(np.diff(slope)) > _SMOOTH * np.abs(slope).max()
    return np.concatenate([drive.time[:1], drive.time[1:-1][jumps], drive.time[-1:]])


def _landing(wanted: float, left: float) -> float:
    """Return a step not much above the wanted one that ends at the corner or leaves room for another one."""
    return left if wanted > 0.999 * left else min(wanted, left / 2)


def _extrapolated(past: RailPast, time: float) -> FloatArray:
    if len(past.times) < 2:
        return past.steps[0].w.copy()
    weights = extrapolation_weights(time, past.times[:2])
    return np.asarray(sum(x * step.w for x, step in zip(weights, past.steps, strict=False)))
