"""The time loop: adaptive BDF2 that lands on every corner of the drive.

After a corner the formula starts again as BDF1, because the past lies on the other side of a kink. A step whose
estimated error exceeds the tolerance, or whose Newton iteration fails, is taken again from the saved state with a
smaller step; below a floor the run stops with the reason.
"""

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ionspice.core import RunError
from ionspice.core.drives.potential import Drive
from ionspice.fem import bdf
from ionspice.fem.mpi import MPI
from ionspice.fem.problem import FieldProblem
from ionspice.fem.settings import SolverSettings

_LOGGER = logging.getLogger(__name__)
_FIRST_STEP = 2e-4  # of a ramp, at a tolerance of 1e-3
_FLOOR = 1e-10  # of a ramp
_ON_TARGET = 1e-9  # of a ramp: closer to a corner than this is on it


@dataclass(slots=True)
class Past:
    """The accepted states that the next step builds on, newest first (at most three)."""

    times: list[float]  #: dimensionless
    states: list[NDArray[np.float64]]  #: u, this rank's unknowns with ghosts
    ions: list[NDArray[np.float64]]  #: M(u), owned unknowns
    wanted_step: float  #: dimensionless step that the error control asks for
    since_corner: int = 0  #: steps taken since the last corner

    def push(self, time: float, state: NDArray[np.float64], ions: NDArray[np.float64]) -> None:
        """Put a new state in front and drop what is older than three."""
        self.times = [time, *self.times[:2]]
        self.states = [state, *self.states[:2]]
        self.ions = [ions, *self.ions[:2]]

    def forget(self) -> None:
        """Keep the newest state only, as at a corner."""
        del self.times[1:], self.states[1:], self.ions[1:]
        self.since_corner = 0


@dataclass(frozen=True, slots=True)
class Step:
    """An accepted step; the problem's u holds its state until the next one is asked for."""

    time: float  #: [s]
    electrode_potential: float  #: [V]
    order: int  #: of the BDF formula, 0 at the start
    ions: NDArray[np.float64]  #: M(u), owned unknowns
    is_corner: bool  #: the drive's slope jumps here
    is_snapshot: bool  #: a picture is wanted here
    past: Past = field(repr=False)  #: what a checkpoint has to keep


@dataclass(slots=True)
class Counters:
    """What the run has cost."""

    steps: int = 0
    rejected: int = 0
    iterations: int = 0


def start(problem: FieldProblem, drive: Drive) -> Past:
    """Return the past of a run that starts from the uncharged bulk at t = 0."""
    problem.u.x.array[:] = 0.0
    problem.set_electrode_potential(drive.potential(0.0) / problem.scales.potential)
    return Past([0.0], [problem.state()], [problem.stored_ions()], wanted_step=0.0)


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
        RunError: the step fell below its floor; the last accepted state is in `past`.
    """
    counters = counters or Counters()
    unit = problem.scales.time
    corners = [t / unit for t in drive.corners]
    targets = sorted({*corners, *(t / unit for t in drive.snapshots)})
    ramp = corners[0]
    problem.set_scale(swing=drive.swing / problem.scales.potential, ramp=ramp)
    if past.times[0] == 0.0:
        yield Step(0.0, drive.potential(0.0), 0, past.ions[0], False, False, past)
    while past.times[0] < corners[-1] - _ON_TARGET * ramp:
        if past.since_corner == 0:
            past.wanted_step = _first_step(problem, settings, ramp)
            problem.newton.refresh()
        target = next(t for t in targets if t > past.times[0] + _ON_TARGET * ramp)
        order = _take_step(problem, drive, settings, past, target, ramp, counters)
        on_target = past.times[0] == target
        is_corner = on_target and target in corners
        if is_corner:
            past.forget()
        time = past.times[0] * unit
        yield Step(time, drive.potential(time), order, past.ions[0], is_corner, on_target and not is_corner, past)


def _take_step(
    problem: FieldProblem,
    drive: Drive,
    settings: SolverSettings,
    past: Past,
    target: float,
    ramp: float,
    counters: Counters,
) -> int:
    """Advance the past by one accepted step; return the order of its formula."""
    order = 1 if past.since_corner == 0 else 2
    while True:
        past.wanted_step = min(past.wanted_step, ramp / settings.steps_per_ramp)
        time = _end_of_step(past.times[0], past.wanted_step, target)
        step = time - past.times[0]
        if past.wanted_step < _FLOOR * ramp:
            _raise_floor(problem, drive, past, ramp)
        error = _try_step(problem, drive, past, time, order, counters) / settings.tolerance
        if error <= 1.0:
            break
        counters.rejected += 1
        past.wanted_step = step * (min(bdf.step_ratio(error, order), 0.8) if np.isfinite(error) else 0.25)
        _LOGGER.debug("step of %.3g rejected at t = %.6g (error %.3g)", step, past.times[0], error)
        problem.newton.refresh()
        problem.u.x.array[:] = past.states[0]
    counters.steps += 1
    past.push(time, problem.state(), problem.stored_ions())
    past.since_corner += 1
    # A step cut short to land on a target says little about how long the next one may be.
    past.wanted_step = max(past.wanted_step if step < past.wanted_step else 0.0, step * bdf.step_ratio(error, order))
    return order


def _end_of_step(now: float, step: float, target: float) -> float:
    """Return the time to step to: on the target if it is near, half way if it is nearly so."""
    left = target - now
    if left <= 1.1 * step:
        return target
    return now + (left / 2 if left < 2 * step else step)


def _try_step(problem: FieldProblem, drive: Drive, past: Past, time: float, order: int, counters: Counters) -> float:
    """Solve one step; return its estimated error [kT], infinite if Newton's method failed."""
    weights = bdf.derivative_weights([time, *past.times[:order]])
    history = sum(w * m for w, m in zip(weights[1:], past.ions, strict=False))
    guess = _extrapolate(past, time)
    problem.u.x.array[:] = guess
    _set_potential(problem, drive.potential(time * problem.scales.time) / problem.scales.potential)
    report = problem.solve_step(weights[0], np.asarray(history))
    counters.iterations += report.iterations
    if not report.converged:
        return float("inf")
    since_corner = past.times[: past.since_corner]
    if len(since_corner) < 2:  # too little on this side of the corner to compare with
        return 0.0
    distance = _root_mean_square(problem, problem.u.x.array - guess)
    return float(bdf.error_factor(time, since_corner) * distance)


def _set_potential(problem: FieldProblem, value: float) -> None:
    """Set phi_m [kT/e] in the guess without a change of its concentrations: ions do not jump when phi_m does."""
    u, at_electrode = problem.u.x.array, problem.electrode_dofs
    before = u[at_electrode]
    problem.set_electrode_potential(value)
    jump = u[at_electrode] - before
    for i, species in enumerate(problem.electrolyte.species):
        dofs = at_electrode - problem.species + i
        free = ~problem.newton.is_fixed[dofs]
        u[dofs[free]] += species.valence * jump[free]


def _extrapolate(past: Past, time: float) -> NDArray[np.float64]:
    """Extrapolate u; the state at a corner is left out, for the potentials may jump there (the ions do not)."""
    times = past.times[: max(past.since_corner, 1)]
    weights = bdf.extrapolation_weights(time, times)
    return np.asarray(sum(w * u for w, u in zip(weights, past.states, strict=False)))


def _first_step(problem: FieldProblem, settings: SolverSettings, ramp: float) -> float:
    """Return the step after a corner: small against the ramp, and no longer than the double layer takes to form."""
    small = _FIRST_STEP * ramp * math.sqrt(settings.tolerance / 1e-3)
    return min(small, problem.electrolyte.debye_time / problem.scales.time)


def _root_mean_square(problem: FieldProblem, values: NDArray[np.float64]) -> float:
    owned = values[: problem.owned]
    total = problem.comm.allreduce(float(owned @ owned), op=MPI.SUM)
    return float(np.sqrt(total / problem.unknowns))


def _raise_floor(problem: FieldProblem, drive: Drive, past: Past, ramp: float) -> None:
    problem.u.x.array[:] = past.states[0]
    time = past.times[0] * problem.scales.time
    raise RunError(
        f"the time step fell below {_FLOOR * ramp * problem.scales.time:.3g} s at t = {time:.6g} s "
        f"(phi_m = {drive.potential(time):.4g} V): Newton's method does not converge there; refine the mesh at the "
        "walls ([mesh] wall_spacing), raise [solver] tolerance, or lower the amplitude"
    )
