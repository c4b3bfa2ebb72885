r"""Concentrations that no formula gives: solved for at every quadrature point, with their slopes.

    ln c_i + mu_i^ex(c) - mu_i^ex(bulk) = ln c_i0 + w_i - z_i phi,    dc_i = sum_j K_ij (dw_j - z_j dphi)

Forms hold c and K as coefficients on quadrature points, and the derivative of a form with respect to c follows by the
chain rule. `refresh` brings them up to date with the unknowns; whoever assembles calls it first.
"""

from functools import partial
from typing import Any

import basix.ufl
import numpy as np
import ufl
from numpy.typing import NDArray

from ionspice.core import RunError
from ionspice.core.excess import Excess, concentrations, sensitivities
from ionspice.fem.measures import VolumeRule
from ionspice.fem.mpi import dolfinx


class PointwiseIons:
    """c, K and the excess energy as functions on the quadrature points of a mesh; dimensionless."""

    def __init__(self, u: Any, excess: Excess, valence: Any, bulk: Any, rule: VolumeRule) -> None:
        self._u, self._excess = u, excess
        self._valence, self._bulk = np.array(valence, dtype=float), np.array(bulk, dtype=float)
        species, mesh = len(self._valence), u.function_space.mesh
        cell = mesh.basix_cell()
        element = partial(basix.ufl.quadrature_element, cell, points=rule.points, weights=rule.weights)
        spaces = [
            dolfinx.fem.functionspace(mesh, element(value_shape=shape))
            for shape in ((species,), (species, species), ())
        ]
        self.c, self.slopes, self.energy = (dolfinx.fem.Function(space) for space in spaces)
        self._basis = u.function_space.sub(0).collapse()[0].element.basix_element.tabulate(0, rule.points)[0, :, :, 0]
        self._cell_nodes = u.function_space.dofmap.list
        in_bulk = self._bulk[:, None]
        self._bulk_potentials = np.asarray(excess.potentials(in_bulk))
        self._bulk_energy = float(excess.energy(in_bulk)[0])
        self._state: NDArray[np.float64] | None = None

    def refresh(self) -> None:
        """Solve for the ions of the present unknowns; where there is no solution they are no numbers."""
        state = self._u.x.array
        if self._state is not None and np.array_equal(state, self._state):
            return
        species = len(self._valence)
        components = self._u.function_space.dofmap.index_map_bs
        at_nodes = state.reshape(-1, components)[self._cell_nodes]
        values = np.einsum("pb,cbk->kcp", self._basis, at_nodes).reshape(components, -1)
        forces = values[:species] - self._valence[:, None] * values[species]
        known = self._state is not None and bool(np.isfinite(self.c.x.array).all())
        guess = np.asarray(self.c.x.array, dtype=np.float64).reshape(-1, species).T if known else None
        log_boltzmann = np.log(self._bulk)[:, None] + self._bulk_potentials + forces
        try:
            c = concentrations(log_boltzmann, self._excess, guess)
        except RunError:
            c = np.full_like(log_boltzmann, np.nan)
        self.c.x.array[:] = c.T.ravel()
        self.slopes.x.array[:] = sensitivities(c, self._excess).ravel()
        excess = self._excess.energy(c) - self._bulk_energy
        self.energy.x.array[:] = excess - (self._bulk_potentials * (c - self._bulk[:, None])).sum(axis=0)
        self._state = state.copy()

    def derivative(self, components: int) -> Any:
        """Return dc/du, the UFL matrix (species, components)."""
        species = len(self._valence)

        def entry(i: int, k: int) -> Any:
            if k < species:
                return self.slopes[i, k]
            if k > species:
                return 0.0
            return -sum(float(z) * self.slopes[i, j] for j, z in enumerate(self._valence))

        return ufl.as_matrix([[entry(i, k) for k in range(components)] for i in range(species)])

    def gradient(self, i: int, forces: list[Any]) -> Any:
        """Return grad c_i of the forces grad w_j - z_j grad phi."""
        return sum(self.slopes[i, j] * force for j, force in enumerate(forces))
