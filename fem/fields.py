"""Fields for pictures: VTX (ADIOS2) for ParaView and one .vtu through meshio."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import constants

from ionspice.core import replacing
from ionspice.fem import forms
from ionspice.fem.mpi import dolfinx
from ionspice.fem.nodes import gather_nodes, match_nodes
from ionspice.fem.problem import FieldProblem

_MOL_PER_LITRE = 1000.0  # mol/m^3
_AROUND = [0, 1, 3, 2]  # corners of a quadrilateral from DOLFINx's order to one that goes around


def physical_fields(problem: FieldProblem, values: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return potential [V], concentrations and net-ion concentration [mol/L] at nodes.

    Args:
        problem: whose electrolyte counts.
        values: (nodes, components), dimensionless (w_i, phi, ...).
    """
    electrolyte = problem.electrolyte
    species = electrolyte.species
    w, phi = values[:, : len(species)].T, values[:, len(species)]
    k = forms.coefficients(electrolyte, problem.scales, float)
    c = np.column_stack(forms.concentrations(list(w), phi, k, exp=np.exp))
    molar = c * electrolyte.total_number_density / constants.N_A / _MOL_PER_LITRE
    fields = {
        "potential": phi * electrolyte.thermal_voltage,
        "net_ion_concentration": molar @ [s.valence for s in species],
    }
    return fields | {f"concentration_{s.name}": molar[:, i] for i, s in enumerate(species)}


def write_vtu_fields(path: Path, problem: FieldProblem) -> None:
    """Write the present state's fields on the vertices of the mesh as .vtu; collective."""
    x, values = gather_nodes(problem, problem.state())
    points, cells = _gather_mesh(problem.domain.mesh)
    if problem.comm.rank != 0:
        return
    import meshio

    fields = physical_fields(problem, values[match_nodes(x, points[:, :2])])
    kind = "quad" if cells.shape[1] == len(_AROUND) else "triangle"
    with replacing(path) as temporary:
        meshio.write(temporary, meshio.Mesh(points, [(kind, cells)], point_data=fields))


def _gather_mesh(mesh: Any) -> tuple[Any, Any]:
    """Return points and cells in the order of the mesh file on rank 0, None elsewhere; collective.

    Reading the file with meshio would take memory by the square of its regions: 8 GB for 1000 layers.
    """
    geometry, owned = mesh.geometry, mesh.topology.index_map(mesh.topology.dim).size_local
    names = geometry.input_global_indices
    own = (names, geometry.x, names[geometry.dofmaps[0][:owned]], mesh.topology.original_cell_index[:owned])
    pieces = mesh.comm.gather(own, root=0)
    if pieces is None:
        return None, None
    at, x, cells, order = (np.concatenate([piece[k] for piece in pieces]) for k in range(4))
    points = np.empty((at.max() + 1, 3))
    points[at] = x
    cells = cells[np.argsort(order)]
    return points, cells[:, _AROUND] if cells.shape[1] == len(_AROUND) else cells


def write_vtx_fields(path: Path, problem: FieldProblem, time: float) -> None:
    """Write the present state's fields as a VTX folder (.bp), complete or not at all; collective.

    Args:
        path: the .bp folder.
        problem: whose state is written.
        time: of the state [s].
    """
    if not dolfinx.has_adios2:
        return
    values = problem.state().reshape(-1, problem.components)
    functions = [_function(problem, name, field) for name, field in physical_fields(problem, values).items()]
    partial = path.with_name(f".{path.name}.partial")
    with dolfinx.io.VTXWriter(problem.comm, partial, functions) as writer:
        writer.write(time)
    problem.comm.Barrier()
    if problem.comm.rank == 0:
        shutil.rmtree(path, ignore_errors=True)
        partial.rename(path)


def _function(problem: FieldProblem, name: str, values: NDArray[np.float64]) -> Any:
    space = dolfinx.fem.functionspace(problem.domain.mesh, ("Lagrange", problem.degree))
    function = dolfinx.fem.Function(space, name=name)
    function.x.array[:] = values
    return function
