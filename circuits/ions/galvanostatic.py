"""Rails charged and discharged at constant current between two potentials.

The charge of the electrode is known at every time; each step searches the potential that gives it.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from ionspice.circuits.ions.evolution import RailPast, RailSolution, Row, Stepper, next_step, solution_of_rows
from ionspice.circuits.ions.rails import RailCircuit, RailState, evaluate
from ionspice.circuits.ions.solution import FloatArray
from ionspice.core import InputError, RunError
from ionspice.core.bdf import derivative_weights

#: first step and least one, of the time that the equilibrium charge takes
_FIRST_STEP, _FLOOR = 1e-4, 1e-9
_LONGEST_STEP = 0.02
#: of the charge between the limits
_CHARGE_TOLERANCE = 1e-7
_TRIES = 30
#: of the range of potentials: where a limit counts as reached
_LANDING = 1e-7
#: a half cycle that takes so many times the equilibrium charge does not end
_MOST = 20.0
#: of the potential in the first try, kT/e
_FIRST_CHANGE = 0.01

type _Found = tuple[RailState, FloatArray, float]  # state, w, potential


def simulate_rails_galvanostatic(
    circuit: RailCircuit, *, current: float, lower: float, upper: float, cycles: int = 1, tolerance: float = 2e-4
) -> RailSolution:
    """Charge an uncharged chain at `current` to `upper`, discharge it to `lower`, and so on.

    Args:
        circuit: the chain.
        current: magnitude into the electrode, A/m.
        lower: potential at which charging starts again, V, below `upper`.
        upper: potential at which discharging starts, V, above 0.
        cycles: number of full cycles.
        tolerance: local error of the ions of a step, as a share of the ions of an uncharged slit.

    Raises:
        InputError: values out of order.
        RunError: no convergence, or a limit is not reached.
    """
    if not (current > 0 and upper > 0 and lower < upper and cycles >= 1):
        raise InputError(f"current = {current}, lower = {lower}, upper = {upper}, cycles = {cycles}: out of order")
    runner = _Galvanostat(circuit, lower, upper, tolerance)
    w = np.zeros((circuit.nodes, circuit.solution.species))
    rows: list[Row] = [(0.0, evaluate(circuit, w, 0.0), w, current)]
    potentials = [0.0]
    for half in range(2 * cycles):
        rising = half % 2 == 0
        for row, u in runner.half_cycle(rows[-1], potentials[-1], current if rising else -current, rising=rising):
            rows.append(row)
            potentials.append(u)
    return solution_of_rows(rows, np.array(potentials) * circuit.solution.thermal_voltage)


class _Galvanostat:
    """Half cycles of one chain; potentials in kT/e."""

    def __init__(self, circuit: RailCircuit, lower: float, upper: float, tolerance: float) -> None:
        self._circuit, self._stepper = circuit, Stepper(circuit, tolerance)
        volt = circuit.solution.thermal_voltage
        self._lower, self._upper = lower / volt, upper / volt
        rest = np.zeros((circuit.nodes, circuit.solution.species))
        ends = [evaluate(circuit, rest, u).charge for u in (min(self._lower, 0.0), self._upper)]
        self._swing = abs(ends[1] - ends[0])
        self._close = _LANDING * (self._upper - self._lower)

    def half_cycle(self, start: Row, u: float, current: float, *, rising: bool) -> Iterator[tuple[Row, float]]:
        """Yield the steps from a state to the limit; currents in A/m."""
        span = self._swing / abs(current)
        limit, begin, charge = self._upper if rising else self._lower, start[0], start[1].charge
        past, known = RailPast([begin], [start[1]], [start[2]]), [u]
        wanted = _FIRST_STEP * span
        while True:
            time = past.times[0] + wanted
            at = partial(self._at, past, known, (begin, charge, current))
            found = at(time)
            error = np.inf if found is None else self._stepper.error(past, time, found[0])
            wanted = min(next_step(wanted, error, min(len(past.times), 2)), _LONGEST_STEP * span)
            if found is None or error > 1:
                if wanted < _FLOOR * span:
                    raise RunError(f"the rails did not converge at t = {time:g} s; raise the tolerance")
                continue
            over = (found[2] - limit) * (1 if rising else -1)
            if over > self._close:
                time, found = self._landing(at, (past.times[0], known[0]), (time, found[2]), limit)
                over = 0.0
            state, w, u = found
            yield (time, state, w, current), u
            if over >= -self._close:
                return
            if time - begin > _MOST * span:
                raise RunError(
                    f"{limit * self._circuit.solution.thermal_voltage:g} V is not reached at {current:g} A/m within "
                    f"{_MOST:g} times the time of the equilibrium charge; lower the current or the limit"
                )
            past.push(time, state, w)
            known.insert(0, u)

    def _landing(
        self, at: Callable[[float], _Found | None], low: tuple[float, float], high: tuple[float, float], limit: float
    ) -> tuple[float, _Found]:
        """Return time and state at which the potential is the limit, by regula falsi between (time, potential)."""
        (begin, under), (end, above) = ((time, u - limit) for time, u in (low, high))
        for _ in range(_TRIES):
            time = begin - under * (end - begin) / (above - under)
            found = at(time)
            if found is None:
                break
            miss = found[2] - limit
            if abs(miss) <= self._close:
                return time, found
            if miss * above > 0:
                end, above, under = time, miss, under / 2
            else:
                begin, under, above = time, miss, above / 2
        raise RunError(f"the rails did not turn at t = {high[0]:g} s; raise the tolerance")

    def _at(self, past: RailPast, known: list[float], line: tuple[float, float, float], time: float) -> _Found | None:
        """Return state, w and the potential that give the electrode its charge at a time; None if there is none.

        Args:
            past: accepted states.
            known: their potentials, newest first.
            line: time and charge at which the current began, and the current.
            time: s.
        """
        weights = np.array(derivative_weights([time, *past.times[:2]]))
        charge = line[1] + line[2] * (time - line[0])
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
                return *found, u
            if miss == missed or u == before:
                return None
            before, missed, u = u, miss, u - miss * (u - before) / (miss - missed)
        return None
