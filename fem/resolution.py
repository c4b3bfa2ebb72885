"""Whether a mesh can hold the double layers of an electrolyte.

The double layer at an electrode decays over the Debye length, that of ions with a correlation length over the length
that these give it. Where the electrode's potential compresses it, it decays over the screening length of the ions
that it has gathered, so the cells at the wall must be thinner; a mesh in the wrong unit (metres, micrometres,
angstrom) shows by its size or by this.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionspice.core.double_layer import bulk_screening_length, compressed_length
from ionspice.core.electrolyte import Electrolyte
from ionspice.fem.domain import Domain
from ionspice.fem.mpi import MPI, dolfinx
from ionspice.fem.surroundings import Surroundings
from ionspice.meshes import FINEST_SPACING, MESH_UNIT, groups

#: largest wall spacing in screening lengths, beyond which charges are wrong by a per cent or more
_LARGEST_SPACING = 0.5
_COMPRESSED = 0.9  # of the bulk's: a screening length below this is named beside it
_NANOMETRES = MESH_UNIT * 1e9


def resolution_warning(
    domain: Domain,
    electrolyte: Electrolyte,
    potentials: Sequence[float] = (),
    surroundings: Surroundings | None = None,
) -> str | None:
    """Return what is wrong with the mesh's resolution, with the numbers, or None; collective.

    Args:
        domain: the mesh.
        electrolyte: the ions, of the first reservoir where there are two.
        potentials: phi_m that the electrodes reach [V].
        surroundings: what else tells the potentials next to surfaces; by default there is nothing.
    """
    around = surroundings or Surroundings()

    def shortest(one: Electrolyte) -> float:
        return compressed_length(one, around.diffuse_potentials(one, potentials))

    electrolyte = min(around.electrolytes(electrolyte), key=shortest)
    bulk = bulk_screening_length(electrolyte) * 1e9
    name = f"the {'screening' if electrolyte.correlation_length > 0 else 'Debye'} length of {bulk:.3g} nm"
    extent = float(domain.whole.size.max()) * _NANOMETRES
    unit = "mesh coordinates have to be in nanometres"
    if extent < bulk:
        return f"the whole mesh is {extent:.3g} nm long, less than {name}; {unit}"
    length = shortest(electrolyte) * 1e9
    spacing, limit = wall_spacing(domain) * _NANOMETRES, _LARGEST_SPACING * length
    if spacing <= limit:
        return None
    layer = name
    if length < _COMPRESSED * bulk:
        reached = potentials or (0.0,)
        layer = (
            f"the double layer, whose screening length of {length:.3g} nm at phi_m from {min(reached):.3g} to "
            f"{max(reached):.3g} V is shorter than {name}"
        )
    return (
        f"cells at the electrode are up to {spacing:.3g} nm thick and do not resolve {layer}, so that charges may be "
        f"wrong by a per cent or more; {_remedy(limit, electrolyte)}, and mind that {unit}"
    )


def _remedy(limit: float, electrolyte: Electrolyte) -> str:
    """Return what helps where cells [nm] at the wall may be this thick at most."""
    thinner = (
        f"make the cells at the walls at most {limit:.2g} nm thick ([mesh] wall_spacing; without it a generated mesh "
        "fits)"
    )
    size = "give the ions a size ([electrolyte] ion_diameter), which bounds how many find room, or lower phi_m"
    remedies = [thinner] * (limit >= FINEST_SPACING * 1e9) + [size] * (not any(electrolyte.volumes))
    return ", or ".join(remedies or ["lower phi_m"])


def wall_spacing(domain: Domain) -> float:
    """Return the largest thickness of a cell with ions on electrode or walls, in mesh units; collective."""
    mesh, topology = domain.mesh, domain.mesh.topology
    charged = [groups.ELECTRODE, *filter(groups.is_wall, domain.boundaries)]
    cells, numbers = np.concatenate([domain.sides(name) for name in charged]).reshape(-1, 2).T
    solid = np.concatenate([domain.cell_tags.find(groups.region_number(name)) for name in domain.solids] or [[]])
    cells, numbers = (part[~np.isin(cells, solid)] for part in (cells, numbers))
    thickness = 0.0
    if len(cells):
        topology.create_connectivity(2, 1)
        sides = topology.connectivity(2, 1)
        facets = np.array([sides.links(c)[n] for c, n in zip(cells, numbers, strict=True)], dtype=np.int32)
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
