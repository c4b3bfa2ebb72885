r"""Equilibrium at a potential of the electrode, from which a drive may start.

Implicit Euler steps

    (M(u) - M(u_before))/h + T(u) + P(u) = 0

with a step h that is long against what settles: first through rising potentials, each a small change for Newton's
method, and shares of the fixed charges with them, then at the last one until no more ions move. Because the stored
ions are differenced, a sealed cell keeps its ions on the way.
"""

from collections.abc import Iterator

import numpy as np

from ionspice.core import RunError
from ionspice.fem.mpi import MPI
from ionspice.fem.problem import FieldProblem

_POTENTIAL_STEP = 2.0  # kT/e
_LEAST_POTENTIAL_STEP = 0.01
_STEP = 1e4  # h, in diffusion times over a nanometre
_LONGER = 10.0  # factor from step to step in the end
_SETTLED = 1e-10  # change of the stored ions, of all of them
_MOST_STEPS = 30
_SMALL = 1e-13  # residual, relative to currents and charges


def settle(problem: FieldProblem, potential: float) -> None:
    """Bring the uncharged bulk in problem.u to equilibrium at a potential and with all fixed charges; collective.

    Between two reservoirs that differ, and where reactions go on, it is the steady state.

    Args:
        problem: whose u is 0.
        potential: phi_m [kT/e].

    Raises:
        RunError: Newton's method does not converge.
    """
    span = problem.span(potential)
    least = _LEAST_POTENTIAL_STEP / span
    reached, step = 0.0, min(1.0, _POTENTIAL_STEP / span)
    while reached < 1:
        target = min(1.0, reached + step)
        before = problem.state()
        problem.set_scale(swing=span, ramp=_STEP)
        _load(problem, potential, target)
        if _euler(problem, before, _STEP):
            reached = target
            continue
        problem.u.x.array[:] = before
        _load(problem, potential, reached)
        step /= 2
        if step < least:
            raise RunError(
                f"no equilibrium was found beyond {reached:.3g} of the way to the potential and the fixed charges "
                f"that the drive starts with (about {span * problem.scales.potential:.3g} V at a surface); refine "
                "the mesh at the walls ([mesh] wall_spacing), or lower them"
            )
    for change in _relaxed(problem, span):
        if change <= _SETTLED:
            return


def _load(problem: FieldProblem, potential: float, share: float) -> None:
    """Set a share of a potential [kT/e], of the fixed charges and of the difference of two reservoirs."""
    problem.set_load(share)
    problem.set_electrode_potential(share * potential)


def _relaxed(problem: FieldProblem, span: float) -> Iterator[float]:
    """Yield the change of the stored ions in steps that grow, as a share of all ions."""
    length = _STEP
    for _ in range(_MOST_STEPS):
        length *= _LONGER
        before, ions = problem.state(), problem.stored_ions()
        problem.set_scale(swing=span, ramp=length, small=_SMALL)  # few co-ions are to be at rest too
        if not _euler(problem, before, length):
            problem.u.x.array[:] = before  # round-off is all that is left to move
            return
        change = np.array([np.abs(problem.stored_ions() - ions).sum(), np.abs(ions).sum()])
        moved, whole = problem.comm.allreduce(change, op=MPI.SUM)
        yield float(moved / whole)


def _euler(problem: FieldProblem, before: np.ndarray, length: float) -> bool:
    """Take a step from a state, starting from the guess in problem.u; return whether it was found."""
    guess = problem.state()
    problem.u.x.array[:] = before
    history = -problem.stored_ions() / length
    problem.u.x.array[:] = guess
    problem.newton.refresh()
    return problem.solve_step(1 / length, history).converged
