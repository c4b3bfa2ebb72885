"""Whether a mesh can hold the double layers of an electrolyte.

The double layer at an electrode decays over the Debye length, so the cells at the wall must be thinner; a mesh in
the wrong unit (metres, micrometres, angstrom) shows by its size or by this.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionspice.core.electrolyte import Electrolyte
from ionspice.fem.domain import Domain
from ionspice.fem.mpi import MPI, dolfinx
from ionspice.meshes import MESH_UNIT, groups

#: largest wall spacing in Debye lengths, beyond which charges of the double layer are wrong by per cents
_LARGEST_SPACING = 0.5
_NANOMETRES = MESH_UNIT * 1e9


def resolution_warning(domain: Domain, electrolyte: Electrolyte) -> str | None:
    """Return what is wrong with the mesh's resolution, with the numbers, or None; collective."""
    debye_length = electrolyte.debye_length * 1e9
    extent = float(domain.whole.size.max()) * _NANOMETRES
    unit = "mesh coordinates have to be in nanometres"
    if extent < debye_length:
        return f"the whole mesh is {extent:.3g} nm long, less than the Debye length of {debye_length:.3g} nm; {unit}"
    spacing = wall_spacing(domain) * _NANOMETRES
    if spacing > _LARGEST_SPACING * debye_length:
        return (
            f"cells at the electrode are up to {spacing:.3g} nm thick and do not resolve the Debye length of "
            f"{debye_length:.3g} nm; refine the mesh at the walls ([mesh] wall_spacing), and mind that {unit}"
        )
    return None


def wall_spacing(domain: Domain) -> float:
    """Return the largest thickness of a cell on the electrode, in mesh units; collective."""
    mesh, facets = domain.mesh, domain.facet_tags.find(groups.BOUNDARY_NUMBERS[groups.ELECTRODE])
    topology = mesh.topology
    topology.create_connectivity(1, 2)
    cells = np.array([topology.connectivity(1, 2).links(facet)[0] for facet in facets], dtype=np.int32)
    thickness = 0.0
    if len(cells):
        ends = _corners(mesh, 1, facets)
        length = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
        corners = _corners(mesh, 2, cells)
        # A parallelogram's area is its base times its height, a triangle's half of that.
        base, side = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        area = np.abs(base[:, 0] * side[:, 1] - base[:, 1] * side[:, 0])
        thickness = float((area / length).max())
    return float(mesh.comm.allreduce(thickness, op=MPI.MAX))


def _corners(mesh: Any, dimension: int, entities: NDArray[np.int32]) -> NDArray[np.float64]:
    vertices = dolfinx.mesh.entities_to_geometry(mesh, dimension, entities)
    return np.asarray(mesh.geometry.x[vertices][..., :2])
