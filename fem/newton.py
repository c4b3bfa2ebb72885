"""Newton's method by PETSc's SNES on forms assembled by DOLFINx.

Solve F(x) = 0 by x <- x - H F(x), H about the inverse of the Jacobian. Factorising costs as much as seven iterations,
so the factors serve over iterations and time steps while they still contract the residual, and Broyden's rank-one
updates make up for their age: with the last step p and y = H F at its end,

    H <- (1 + q p^T) H,    q = y / (p.p - p.y).

What the rows of an ion are proportional to, its concentration at their nodes, changes most as factors age. So a
residual is multiplied by the ratio of the concentrations of then and now before old factors see it.

The residual alone decides what the solution is. Source: Kelley, Solving Nonlinear Equations with Newton's Method
(SIAM, 2003), chapter 4.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionspice.core import InputError
from ionspice.fem.mpi import PETSc, dolfinx

#: PETSc options by the name that the case file uses
LINEAR_SOLVERS: dict[str, dict[str, str | int | float]] = {
    "mumps": {
        "ksp_type": "preonly",
        "pc_type": "lu",
        "pc_factor_mat_solver_type": "mumps",
        "mat_mumps_icntl_7": 2,  # approximate minimum fill: half of METIS' time on these long thin meshes
        "mat_mumps_icntl_8": 0,  # no scaling: the equations come scaled
        "mat_mumps_icntl_14": 50,  # room for pivots that are put off, in per cent
    },
    # Exact subdomains: within a time step a correction travels only so far. It solves to 1e-3, because updates with
    # old factors contract no better.
    "schwarz": {
        "ksp_type": "fgmres",
        "ksp_rtol": 1e-3,
        "ksp_max_it": 600,
        "ksp_gmres_restart": 200,
        "pc_type": "asm",
        "pc_asm_overlap": 3,
        "sub_pc_type": "lu",
        "sub_pc_factor_mat_solver_type": "mumps",
    },
}
_MAX_ITERATIONS = 25  # with full updates
_MAX_CAPPED = 150  # with updates that were cut: a jump of 3 V is 30 of them
_POOR_CONTRACTION = 0.4
_MANY_ITERATIONS = 4  # a solve this long is followed by new factors, which cost as much as seven of them
_LARGEST_UPDATE = 4.0  # kT: beyond, exponentials of the update are far from linear
_ROUND_OFF_UPDATE = 1e-9  # kT: an update this small that no longer lowers the residual is round-off,
_ROUND_OFF_RESIDUAL = 1e3  # of the tolerance: and so is what new factors leave of a residual this small
_MAX_BROYDEN_UPDATES = 20
_LARGEST_RATIO = 2.0  # of a row's sizes: where more is between them, scaling says nothing


@dataclass(frozen=True, slots=True)
class NewtonReport:
    """How a solve went."""

    converged: bool
    iterations: int
    reason: int  #: SNES converged reason


class NewtonSolver:
    """Solve F(u) + h = 0, with F a form, h a vector and Dirichlet values already set in u.

    The residual of a Dirichlet unknown is 0 and its row of the Jacobian the identity, so that it stays as set.
    """

    def __init__(
        self,
        residual: Any,
        jacobian: Any,
        u: Any,
        bcs: list[Any],
        *,
        linear_solver: str,
        refresh: Callable[[], None] = lambda: None,
        row_sizes: Callable[[], NDArray[np.float64]] | None = None,
        line_search: bool = False,
    ) -> None:
        """Compile the forms; `refresh` is called before they are assembled at another u.

        With a line search every step has new factors and is shortened where it would raise the residual.

        Args:
            row_sizes: returns positive numbers to which the rows of the Jacobian are about proportional as u changes,
                one for each owned unknown; None where nothing is known.
        """
        if linear_solver not in LINEAR_SOLVERS:
            raise InputError(f"linear_solver = {linear_solver!r} is unknown; choose {', '.join(LINEAR_SOLVERS)}")
        petsc = dolfinx.fem.petsc
        self.u = u
        self._refresh = refresh
        self.row_sizes = row_sizes
        self._factored_sizes: NDArray[np.float64] | None = None  #: row_sizes of the factors
        self.history = petsc.create_vector(u.function_space)  #: h
        self.residual_form = dolfinx.fem.form(residual)
        self.jacobian_form = dolfinx.fem.form(jacobian)
        self._bcs = bcs
        self._fixed = _owned_dofs(bcs)
        self.is_fixed = _mask(bcs, len(u.x.array))  #: by Dirichlet conditions, ghosts included
        # blocks of whole nodes take half of the time to fill
        self.matrix = petsc.create_matrix(self.jacobian_form, kind="baij")
        self._vector = self.history.duplicate()
        self._x = self.history.duplicate()
        self._factors_are_old = True
        self._factors_are_fresh = False
        self._largest_update = 0.0
        self._capped = 0  #: iterations whose update was cut
        self._previous_norm = 0.0
        self._absolute_tolerance = 0.0
        self._polish = False
        self._line_search = "bt" if line_search else "basic"
        self.keep_factors = (
            not line_search
        )  #: False: Newton's method as in the books, with new factors in every iteration
        self.linear_iterations = 0  #: over all solves
        self.linear_solves = 0
        self.factorisations = 0  #: how often the Jacobian was factorised
        self._broyden = _BroydenUpdates()
        self.snes = PETSc.SNES().create(u.function_space.mesh.comm)
        self.snes.setFunction(self._assemble_residual, self._vector)
        self.snes.setJacobian(self._assemble_jacobian, self.matrix)
        self._linear_solver = linear_solver

    def _configure(self) -> None:
        """Set the options; only when they will be used, for PETSc warns of those that never were."""
        prefix = f"ionspice_{id(self)}_"
        options: Any = PETSc.Options()
        own = {
            "snes_type": "newtonls",
            "snes_linesearch_type": self._line_search,
            "snes_max_it": _MAX_ITERATIONS + _MAX_CAPPED,
        }
        for key, value in (own | LINEAR_SOLVERS[self._linear_solver]).items():
            options[prefix + key] = value
        self.snes.setOptionsPrefix(prefix)
        self.snes.setFromOptions()
        self.snes.setLineSearchPreCheck(self._correct_update)
        self.snes.getKSP().setPreSolve(self._scale_residual)
        self.snes.setConvergenceTest(self._judge)

    def refresh(self) -> None:
        """Ask for new factors at the next iteration, as after a change of the equations."""
        self._factors_are_old = True

    def solve(self, *, absolute_tolerance: float, polish: bool = False) -> NewtonReport:
        """Solve from the present u; u is changed even when the solve fails.

        Args:
            absolute_tolerance: of the residual's norm.
            polish: add an iteration with new factors, which leaves only round-off.
        """
        if self.snes.getType() is None:
            self._configure()
        self._absolute_tolerance = absolute_tolerance
        self._polish = polish
        self._broyden.forget_last_step()
        self._capped = 0
        self.u.x.petsc_vec.copy(self._x)
        self.snes.solve(None, self._x)
        self._store(self._x)
        reason: Any = self.snes.getConvergedReason()
        iterations = self.snes.getIterationNumber()
        self.linear_solves += iterations
        self.linear_iterations += self.snes.getLinearSolveIterations()
        if reason < 0:
            # MUMPS does not factorise again once it failed, unless it starts from the analysis.
            self.snes.getKSP().getPC().reset()
        if reason < 0 or (iterations >= _MANY_ITERATIONS and not self._factors_are_fresh):
            self.refresh()
        return NewtonReport(reason > 0, iterations, reason)

    def _store(self, x: Any) -> None:
        x.copy(self.u.x.petsc_vec)
        self.u.x.scatter_forward()

    def _assemble_residual(self, _snes: Any, x: Any, f: Any) -> None:
        self._store(x)
        self._refresh()
        with f.localForm() as local:
            local.set(0.0)
        dolfinx.fem.petsc.assemble_vector(f, self.residual_form)
        f.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        f.axpy(1.0, self.history)
        f.array_w[self._fixed] = 0.0

    def _assemble_jacobian(self, snes: Any, _x: Any, matrix: Any, _preconditioner: Any) -> None:
        norm = snes.getFunctionNorm()
        stalled = snes.getIterationNumber() > 0 and norm > _POOR_CONTRACTION * self._previous_norm
        self._previous_norm = norm
        self._factors_are_fresh = self._factors_are_old or stalled or not self.keep_factors
        snes.getKSP().getPC().setReusePreconditioner(not self._factors_are_fresh)
        if not self._factors_are_fresh:
            return
        matrix.zeroEntries()
        assemble: Any = dolfinx.fem.petsc.assemble_matrix  # dispatches on its first argument
        assemble(matrix, self.jacobian_form, bcs=self._bcs)
        matrix.assemble()
        self._factors_are_old = False
        self._broyden.clear()
        self.factorisations += 1
        self._factored_sizes = self.row_sizes() if self.row_sizes and self.keep_factors else None

    def _scale_residual(self, _ksp: Any, residual: Any, _x: Any) -> None:
        """Make a residual fit for factors of other row sizes, in place; SNES computes it anew after the update.

        Far from the solution, where updates are cut, it would tear the balance of the ions' charges apart.
        """
        if self.row_sizes is None or self._factored_sizes is None or self._factors_are_fresh or self._capped:
            return
        ratio = self._factored_sizes / self.row_sizes()
        residual.array_w[:] *= np.clip(ratio, 1 / _LARGEST_RATIO, _LARGEST_RATIO)

    def _correct_update(self, _x: Any, update: Any) -> None:
        """Improve the update by the past ones and keep it within what exponentials bear, in place."""
        self._broyden.improve(update)
        largest = update.norm(PETSc.NormType.NORM_INFINITY)
        self._largest_update = largest
        if largest > _LARGEST_UPDATE:
            update.scale(_LARGEST_UPDATE / largest)
            self._capped += 1
            self._broyden.forget_last_step()
            self._factors_are_old = True

    def _judge(self, snes: Any, iteration: int, norms: tuple[float, float, float]) -> Any:
        reasons, norm = PETSc.SNES.ConvergedReason, norms[2]
        if not np.isfinite(norm):
            return reasons.DIVERGED_FUNCTION_DOMAIN
        if norm <= self._absolute_tolerance:
            if not self._polish:
                return reasons.CONVERGED_FNORM_ABS
            self._polish = False
            self._factors_are_old = True
            return reasons.CONVERGED_ITERATING
        if iteration > 0 and self._is_round_off(norm):
            return reasons.CONVERGED_SNORM_RELATIVE
        if self._capped > _MAX_CAPPED:
            return reasons.DIVERGED_MAX_IT
        return reasons.DIVERGED_MAX_IT if iteration - self._capped >= _MAX_ITERATIONS else reasons.CONVERGED_ITERATING

    def _is_round_off(self, norm: float) -> bool:
        """Tell whether new factors bring the residual no lower although it is small."""
        stagnant = self._factors_are_fresh and norm > 0.5 * self._previous_norm
        small = self._largest_update < _ROUND_OFF_UPDATE or norm < _ROUND_OFF_RESIDUAL * self._absolute_tolerance
        return stagnant and small

    def destroy(self) -> None:
        """Free the PETSc objects now rather than at the end of the process."""
        self._broyden.clear()
        for item in (self.snes, self.matrix, self._vector, self._x, self.history):
            item.destroy()


class _BroydenUpdates:
    """Rank-one updates (1 + q p^T) of an approximate inverse, oldest first."""

    def __init__(self) -> None:
        self._pairs: list[tuple[Any, Any]] = []
        self._last: Any = None

    def clear(self) -> None:
        """Drop all updates, as with new factors."""
        for pair in self._pairs:
            for vector in pair:
                vector.destroy()
        self._pairs = []
        self.forget_last_step()

    def forget_last_step(self) -> None:
        """Learn nothing from the step taken last."""
        if self._last is not None:
            self._last.destroy()
            self._last = None

    def improve(self, y: Any) -> None:
        """Replace y = J0^-1 F by H F and learn from what the last step has left of the residual."""
        for p, q in self._pairs:
            y.axpy(p.dot(y), q)
        if self._last is not None:
            self._learn(y)
        self._last = y.copy()

    def _learn(self, y: Any) -> None:
        p, self._last = self._last, None
        length, overlap = p.dot(p), p.dot(y)
        if len(self._pairs) == _MAX_BROYDEN_UPDATES or abs(overlap) > 0.5 * length:
            p.destroy()
            return
        q = y.copy()
        q.scale(1 / (length - overlap))
        self._pairs.append((p, q))
        y.axpy(overlap, q)


def _mask(bcs: list[Any], size: int) -> NDArray[np.bool_]:
    mask = np.zeros(size, dtype=bool)
    for bc in bcs:
        mask[bc.dof_indices()[0]] = True
    return mask


def _owned_dofs(bcs: list[Any]) -> NDArray[np.int32]:
    owned = []
    for bc in bcs:
        dofs, ghosts_start = bc.dof_indices()
        owned.append(dofs[:ghosts_start])
    return np.concatenate(owned) if owned else np.empty(0, dtype=np.int32)
