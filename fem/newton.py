"""Newton's method by PETSc's SNES on forms assembled by DOLFINx.

The Jacobian's factors are kept while they still contract the residual well: near the solution most of a step's
cost is the factorisation, and the residual alone decides what the solution is.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionspice.core import InputError
from ionspice.fem.mpi import PETSc, dolfinx

#: PETSc options by the name that the case file uses
LINEAR_SOLVERS: dict[str, dict[str, str | int | float]] = {
    "mumps": {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps"},
    "superlu_dist": {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "superlu_dist"},
    "gamg": {
        "ksp_type": "fgmres",
        "ksp_rtol": 1e-8,
        "ksp_max_it": 600,
        "ksp_gmres_restart": 200,
        "pc_type": "composite",
        "pc_composite_type": "multiplicative",
        "pc_composite_pcs": "gamg,bjacobi",
        "sub_1_sub_pc_type": "ilu",
    },
}
_MAX_ITERATIONS = 25
_POOR_CONTRACTION = 0.1


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

    def __init__(self, residual: Any, jacobian: Any, u: Any, bcs: list[Any], *, linear_solver: str) -> None:
        if linear_solver not in LINEAR_SOLVERS:
            raise InputError(f"linear_solver = {linear_solver!r} is unknown; choose {', '.join(LINEAR_SOLVERS)}")
        petsc = dolfinx.fem.petsc
        self.u = u
        self.history = petsc.create_vector(u.function_space)  #: h
        self.residual_form = dolfinx.fem.form(residual)
        self._jacobian_form = dolfinx.fem.form(jacobian)
        self._bcs = bcs
        self._fixed = _owned_dofs(bcs)
        self._matrix = petsc.create_matrix(self._jacobian_form)
        self._vector = self.history.duplicate()
        self._x = self.history.duplicate()
        self._factor_is_old = True
        self._previous_norm = 0.0
        self.factorisations = 0
        self.snes = PETSc.SNES().create(u.function_space.mesh.comm)
        self.snes.setFunction(self._assemble_residual, self._vector)
        self.snes.setJacobian(self._assemble_jacobian, self._matrix)
        self._set_options(LINEAR_SOLVERS[linear_solver])

    def _set_options(self, linear: dict[str, str | int | float]) -> None:
        prefix = f"ionspice_{id(self)}_"
        options: Any = PETSc.Options()
        own = {"snes_type": "newtonls", "snes_linesearch_type": "basic", "snes_max_it": _MAX_ITERATIONS}
        for key, value in (own | linear).items():
            options[prefix + key] = value
        self.snes.setOptionsPrefix(prefix)
        self.snes.setFromOptions()

    def refresh(self) -> None:
        """Ask for new factors at the next iteration, as after a change of the equations."""
        self._factor_is_old = True

    def solve(self, *, absolute_tolerance: float) -> NewtonReport:
        """Solve from the present u; u is changed even when the solve fails."""
        self.snes.setTolerances(rtol=0.0, atol=absolute_tolerance, stol=0.0)
        self.u.x.petsc_vec.copy(self._x)
        self.snes.solve(None, self._x)
        self._store(self._x)
        reason: Any = self.snes.getConvergedReason()
        return NewtonReport(reason > 0, self.snes.getIterationNumber(), reason)

    def _store(self, x: Any) -> None:
        x.copy(self.u.x.petsc_vec)
        self.u.x.scatter_forward()

    def _assemble_residual(self, _snes: Any, x: Any, f: Any) -> None:
        self._store(x)
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
        reuse = not (self._factor_is_old or stalled)
        snes.getKSP().getPC().setReusePreconditioner(reuse)
        if reuse:
            return
        matrix.zeroEntries()
        assemble: Any = dolfinx.fem.petsc.assemble_matrix  # dispatches on its first argument
        assemble(matrix, self._jacobian_form, bcs=self._bcs)
        matrix.assemble()
        self._factor_is_old = False
        self.factorisations += 1

    def destroy(self) -> None:
        """Free the PETSc objects now rather than at the end of the process."""
        for item in (self.snes, self._matrix, self._vector, self._x, self.history):
            item.destroy()


def _owned_dofs(bcs: list[Any]) -> NDArray[np.int32]:
    owned = []
    for bc in bcs:
        dofs, ghosts_start = bc.dof_indices()
        owned.append(dofs[:ghosts_start])
    return np.concatenate(owned) if owned else np.empty(0, dtype=np.int32)
