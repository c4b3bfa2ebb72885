r"""The second reservoir as a boundary of the field problem.

Its unknowns are given: w_i = ln(c_i2/c_i0) + excess + z_i phi_2. What flows from it is read from the discrete
transport with the test function psi that is 1 on its nodes and 0 on all others,

    N_i = -int J_i . grad psi,    Q = int D . grad psi,    D = eps grad phi,

so that ions behind any cut, those nodes left out, change by the flux through the cut and N_i exactly, and conduction
and displacement current together are the same through every cut.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import ufl
from numpy.typing import NDArray

from ionspice.core.reservoirs import SecondReservoir, reservoir_potentials
from ionspice.fem import forms
from ionspice.fem.mpi import MPI, dolfinx
from ionspice.meshes import groups

if TYPE_CHECKING:
    from ionspice.fem.problem import FieldProblem


class FarReservoir:
    """Sets the unknowns of `reservoir_2` and measures what flows from it; dimensionless."""

    def __init__(self, problem: "FieldProblem", reservoir: SecondReservoir) -> None:
        self._problem = problem
        self.driven = reservoir.driven
        self._fixed = reservoir.potential / problem.scales.potential
        self._first, self._second = problem.electrolyte, reservoir.electrolyte(problem.electrolyte)
        self.differs = reservoir.differs(problem.electrolyte)
        #: positions in u by component, phi the last one
        self.dofs = [problem.block_dofs_on(groups.SECOND_RESERVOIR, i) for i in range(problem.species + 1)]
        self._valence = [s.valence for s in self._first.species]
        self.set_load(1.0)

    def set_load(self, share: float) -> None:
        """Let a share of the difference of the reservoirs act, of which the drive is no part."""
        self._share = share
        self._potentials = reservoir_potentials(self._first, self._second, share)

    def impose(self, driven_potential: float) -> None:
        """Set the unknowns, of a potential [kT/e] where the drive gives it."""
        phi = driven_potential if self.driven else self._share * self._fixed
        u = self._problem.u.x.array
        for dofs, w, z in zip(self.dofs, self._potentials, self._valence, strict=False):
            u[dofs] = w + z * phi
        u[self.dofs[-1]] = phi

    @property
    def span(self) -> float:
        """Largest difference of the reservoirs, the drive left out [kT]."""
        whole = reservoir_potentials(self._first, self._second)
        return float(max(np.abs(whole).max(), abs(self._fixed)))

    def fluxes(self) -> NDArray[np.float64]:
        """Return N_i, (species,), in units of the ions over time; collective."""
        self._problem.refresh_ions()
        own = np.array([dolfinx.fem.assemble_scalar(form) for form in self._flux_forms])
        return np.asarray(self._problem.comm.allreduce(own, op=MPI.SUM))

    def current(self) -> float:
        """Return sum z_i N_i; collective."""
        return float(self.fluxes() @ np.array(self._valence))

    @cached_property
    def step(self) -> Any:
        """The function psi."""
        problem = self._problem
        space = dolfinx.fem.functionspace(problem.domain.mesh, ("Lagrange", problem.degree))
        psi = dolfinx.fem.Function(space)
        psi.x.array[self.dofs[-1] // problem.components] = 1.0
        return psi

    @cached_property
    def _flux_forms(self) -> list[Any]:
        problem = self._problem
        (w, _, c), k = problem.fields(), problem.coefficients
        behind = groups.SECOND_OPEN if groups.SECOND_OPEN in problem.domain.boxes else groups.OPEN
        dx, slope = problem.dx((groups.region_number(behind),)), ufl.grad(self.step)
        return [
            dolfinx.fem.form(d * ci * ufl.inner(ufl.grad(wi), slope) * dx)
            for d, ci, wi in zip(k.diffusivity, forms.carriers(c, k), w, strict=True)
        ]
