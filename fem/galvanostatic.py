r"""Constant-current charging and discharging: the electrode's charge is prescribed, its potential is found.

In every time step h the potential phi_m solves Q_e(phi_m) = Q_e,n + I h by the secant method around the solution of
the field equations at given phi_m. A step that would pass the potential limit is shortened (Illinois) until it ends
there; then the current turns its sign, and the formula starts again as BDF1 as at a corner of any drive.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ionspice.core import RunError
from ionspice.core.drives.current import GalvanostaticDrive
from ionspice.fem import bdf, forms
from ionspice.fem.mpi import MPI, dolfinx
from ionspice.fem.problem import FieldProblem
from ionspice.fem.settings import SolverSettings
from ionspice.fem.stepping import Counters, Past, Step

_ON_CURRENT = 1e-6  # error of the charge of a step, relative to I h
_ON_LIMIT = 1e-6  # distance from the limit, relative to the window
_MAX_SECANTS = 12
_MAX_LANDINGS = 30
_FLOOR = 1e-10  # of the expected ramp


def start_current(problem: FieldProblem) -> Past:
    """Return the past of a run that starts from the uncharged bulk at t = 0."""
    problem.u.x.array[:] = 0.0
    problem.set_electrode_potential(0.0)
    return Past([0.0], [problem.state()], [problem.stored_ions()], wanted_step=0.0)


def expected_ramp(problem: FieldProblem, drive: GalvanostaticDrive) -> float:
    """Return the time [s] in which the current would sweep the window of a dilute double layer; collective."""
    area = problem.electrode_extent() * problem.scales.electrode_charge / problem.scales.potential
    return area * drive.window / (drive.current * problem.electrolyte.debye_length / problem.scales.length)


class ElectrodeCharge:
    """Reads the electrode's charge, dimensionless, from the residual of Poisson's equation; collective."""

    def __init__(self, problem: FieldProblem) -> None:
        self._comm = problem.comm
        space = dolfinx.fem.functionspace(problem.domain.mesh, ("Lagrange", problem.degree))
        on_electrode = dolfinx.fem.Function(space)
        on_electrode.x.array[problem.electrode_dofs // problem.components] = 1.0
        _, phi, c = problem.fields()
        form = forms.poisson(phi, c, on_electrode, problem.coefficients, problem.dx, problem.smoothed_charge())
        self._form = dolfinx.fem.form(form)

    def read(self) -> float:
        """Return the charge of the present state."""
        return float(self._comm.allreduce(dolfinx.fem.assemble_scalar(self._form), op=MPI.SUM))


def march_current(
    problem: FieldProblem,
    drive: GalvanostaticDrive,
    settings: SolverSettings,
    past: Past,
    counters: Counters | None = None,
    *,
    turns: int = 0,
) -> Iterator[Step]:
    """Yield every accepted step; the counterpart of `stepping.march`.

    Args:
        problem: the field problem.
        drive: current and limits.
        settings: numerical choices; `steps_per_ramp` bounds the potential's change in a step.
        past: accepted states so far.
        counters: cost, counted up.
        turns: how often the current has turned before `past` (on a restart).

    Raises:
        RunError: no convergence, or the current is too large for the window.
    """
    galvanostat = _Galvanostat(problem, drive, settings, past, counters or Counters())
    if past.times[0] == 0.0:
        yield Step(0.0, 0.0, 0, past.ions[0], False, False, past)
    half_way = past.times[0] > 0.0
    while turns < 2 * drive.cycles:
        charging = turns % 2 == 0
        order, turned = galvanostat.advance(1.0 if charging else -1.0, drive.upper if charging else drive.lower)
        potential = galvanostat.potential * problem.scales.potential
        if turned:
            past.forget()
            turns += 1
        snapshot = not half_way and not turned and potential >= drive.upper / 2
        half_way |= snapshot
        yield Step(past.times[0] * problem.scales.time, potential, order, past.ions[0], turned, snapshot, past)


class _Galvanostat:
    """The present charge and potential and how they advance; dimensionless."""

    def __init__(
        self,
        problem: FieldProblem,
        drive: GalvanostaticDrive,
        settings: SolverSettings,
        past: Past,
        counters: Counters,
    ) -> None:
        self._problem, self._settings, self._past, self._counters = problem, settings, past, counters
        scales = problem.scales
        self._window = drive.window / scales.potential
        self._unit = scales.potential
        self._current = drive.current * scales.time / scales.electrode_charge
        debye_length = problem.electrolyte.debye_length / scales.length
        #: dQ/dphi_m: that of a dilute double layer to begin with
        self._capacitance = problem.electrode_extent() / debye_length
        self._ramp = expected_ramp(problem, drive) / scales.time
        self._debye_time = problem.electrolyte.debye_time / scales.time
        problem.set_scale(swing=self._window, ramp=self._ramp)
        self._turned = -np.inf  # when the current last turned
        self._reader = ElectrodeCharge(problem)
        problem.u.x.array[:] = past.states[0]
        self._charge = self._reader.read()
        self._potentials = [self._potential_of(state) for state in past.states]

    @property
    def potential(self) -> float:
        """phi_m of the newest state [kT/e]."""
        return self._potentials[0]

    def advance(self, sign: float, limit: float) -> tuple[int, bool]:
        """Take one accepted step at a current of this sign; return its order and whether it ended on the limit."""
        past, limit = self._past, limit / self._unit
        if past.since_corner == 0:
            past.wanted_step = min(self._debye_time, 1e-4 * self._ramp)
            self._turned = past.times[0]
            self._problem.newton.refresh()
        order = 1 if past.since_corner == 0 else 2
        while True:
            step = past.wanted_step
            error, potential = self._try(sign, step, order)
            if np.isfinite(error) and sign * (potential - limit) > _ON_LIMIT * self._window:
                step, error, potential = self._land(sign, limit, step, potential, order)
            if error <= 1.0:
                break
            self._counters.rejected += 1
            past.wanted_step = step * (min(bdf.step_ratio(error, order), 0.8) if np.isfinite(error) else 0.25)
            self._problem.newton.refresh()
            if past.wanted_step < _FLOOR * self._ramp:
                raise RunError(
                    f"the time step fell below {_FLOOR * self._ramp * self._problem.scales.time:.3g} s at phi_m = "
                    f"{self.potential * self._unit:.4g} V: refine the mesh at the walls or lower the current"
                )
        self._accept(step, potential, error, order)
        return order, abs(potential - limit) <= _ON_LIMIT * self._window

    def _accept(self, step: float, potential: float, error: float, order: int) -> None:
        past = self._past
        change = max(abs(potential - self.potential), 1e-12)
        past.push(past.times[0] + step, self._problem.state(), self._problem.stored_ions())
        past.since_corner += 1
        self._charge = self._reader.read()
        self._potentials = [potential, *self._potentials[:2]]
        self._counters.steps += 1
        largest = step * self._window / self._settings.steps_per_ramp / change
        past.wanted_step = min(step * bdf.step_ratio(error, order), largest)

    def _try(self, sign: float, step: float, order: int) -> tuple[float, float]:
        """Solve a step at constant current; return its error over the tolerance (infinite: failed) and phi_m."""
        past, problem = self._past, self._problem
        time = past.times[0] + step
        weights = bdf.derivative_weights([time, *past.times[:order]])
        history: NDArray[np.float64] = np.asarray(sum(w * m for w, m in zip(weights[1:], past.ions, strict=False)))
        known = past.times[: max(past.since_corner, 1)]
        extrapolation = bdf.extrapolation_weights(time, known)
        guess = np.asarray(sum(w * u for w, u in zip(extrapolation, past.states, strict=False)))
        potential = sum(w * v for w, v in zip(extrapolation, self._potentials, strict=False))
        problem.u.x.array[:] = guess
        target = self._charge + sign * self._current * step
        tolerance = _ON_CURRENT * self._current * step
        before: tuple[float, float] | None = None
        for _ in range(_MAX_SECANTS):
            problem.set_electrode_potential(potential)
            report = problem.solve_step(weights[0], history)
            self._counters.iterations += report.iterations
            if not report.converged:
                return float("inf"), potential
            excess = self._reader.read() - target
            if abs(excess) <= tolerance:
                break
            if before is not None and potential != before[0]:
                self._capacitance = (excess - before[1]) / (potential - before[0])
            before = (potential, excess)
            potential -= excess / self._capacitance
        else:
            return float("inf"), potential
        if past.since_corner < 2:
            return 0.0, potential
        distance = problem.root_mean_square(problem.u.x.array - guess)
        return bdf.error_factor(time, known) * distance / self._settings.tolerance, potential

    def _land(
        self, sign: float, limit: float, step: float, potential: float, order: int
    ) -> tuple[float, float, float]:
        """Shorten a step that passed the limit; return the step, its error and the potential at its end."""
        low, high = (0.0, self.potential - limit), (step, potential - limit)
        side = 0
        for _ in range(_MAX_LANDINGS):
            step = low[0] - low[1] * (high[0] - low[0]) / (high[1] - low[1])
            error, potential = self._try(sign, step, order)
            distance = potential - limit
            if not np.isfinite(error) or abs(distance) <= _ON_LIMIT * self._window:
                break
            # An end that stays loses half its weight, or the other would creep.
            if sign * distance > 0:
                high, low = (step, distance), (low[0], low[1] / (2 if side > 0 else 1))
                side = 1
            else:
                low, high = (step, distance), (high[0], high[1] / (2 if side < 0 else 1))
                side = -1
        if self._past.times[0] + step - self._turned < self._debye_time:
            raise RunError(
                f"the potential passes {limit * self._unit:.4g} V within a Debye time of the current's turn: the "
                "ohmic drop fills the window; lower the current or widen the limits"
            )
        return step, error, potential

    def _potential_of(self, state: NDArray[np.float64]) -> float:
        """Return phi_m of a state, which the ranks without electrode nodes do not hold."""
        here = state[self._problem.electrode_dofs]
        return float(self._problem.comm.allreduce(float(here.max()) if len(here) else -np.inf, op=MPI.MAX))
