r"""Evolution of a chain of rails in time: implicit, adaptive, conservative.

    (alpha n(w, u) + history)/h = sum of currents(w, u)

by the backward differentiation formula of order 2 with variable steps (order 1 after every corner of the drive).
What is differenced is the number of ions itself, so that currents and charges balance to the solver's tolerance at
any step size. The local error is that of the ions, by the
distance from their extrapolated past (Milne's device). Source: Hairer, Norsett, Wanner, Solving Ordinary
Differential Equations I, chapter III.5.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

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


type Row = tuple[float, RailState, FloatArray, float]  # time, state, w, electrode current


@dataclass(slots=True)
class RailPast:
    """Accepted states, newest first, since the last corner."""

    times: list[float]
    states: list[RailState]
    w: list[FloatArray]

    def push(self, time: float, state: RailState, w: FloatArray) -> None:
        """Accept a state, and forget all but the last three."""
        self.times = [time, *self.times[:2]]
        self.states = [state, *self.states[:2]]
        self.w = [w, *self.w[:2]]


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
    w = np.zeros((circuit.nodes, circuit.solution.species))
    past = RailPast([0.0], [evaluate(circuit, w, 0.0)], [w])
    rows: list[Row] = [(0.0, past.states[0], w, 0.0)]
    for begin, end in pairwise(_corners(drive)):
        past = RailPast(past.times[:1], past.states[:1], past.w[:1])
        rows += stepper.piece(past, drive, float(begin), float(end))
    return solution_of_rows(rows, drive.at(np.array([row[0] for row in rows])))


def solution_of_rows(rows: Sequence[Row], electrode: FloatArray) -> RailSolution:
    """Return the states of accepted steps; `electrode` are their potentials, V, shape (time,)."""
    return RailSolution(
        time=np.array([row[0] for row in rows]),
        electrode=electrode,
        current=np.array([row[3] for row in rows]),
        charge=np.array([row[1].charge for row in rows]),
        ions=np.array([row[1].ions for row in rows]),
        potential=np.array([row[2] for row in rows]),
        flow=np.array([row[1].current for row in rows]),
    )


class Stepper:
    """Steps of one chain."""

    def __init__(self, circuit: RailCircuit, tolerance: float) -> None:
        self._circuit, self._tolerance = circuit, tolerance
        rest = evaluate(circuit, np.zeros((circuit.nodes, circuit.solution.species)), 0.0)
        self._scale = float(np.median(rest.ions[int(circuit.reservoir) :].sum(axis=1)))

    def piece(self, past: RailPast, drive: Waveform, begin: float, end: float) -> Iterator[Row]:
        """Yield the steps from one corner of the drive to the next."""
        span, wanted = end - begin, _FIRST_STEP * (end - begin)
        while past.times[0] < end:
            step = _landing(wanted, end - past.times[0])
            time = end if step == end - past.times[0] else past.times[0] + step
            weights = np.array(derivative_weights([time, *past.times[:2]]))
            found = self.solve(past, time, weights, float(drive.at(time)) / self._circuit.solution.thermal_voltage)
            error = np.inf if found is None else self.error(past, time, found[0])
            wanted = next_step(step, error, len(weights) - 1)
            if found is None or error > 1:
                if wanted < _FLOOR * span:
                    raise RunError(f"the rails did not converge at t = {time:g} s; raise the tolerance")
                continue
            state, w = found
            charges = [s.charge for s in [state, *past.states][: len(weights)]]
            yield time, state, w, float(np.dot(weights, charges))
            past.push(time, state, w)

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
        return past.w[0].copy()
    weights = extrapolation_weights(time, past.times[:2])
    return np.asarray(sum(x * w for x, w in zip(weights, past.w, strict=False)))
