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
from ionspice.meshes import read_mesh

_MOL_PER_LITRE = 1000.0  # mol/m^3


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


def write_vtu_fields(path: Path, problem: FieldProblem, mesh_path: Path) -> None:
    """Write the present state's fields on the vertices of the mesh file as .vtu; collective."""
    x, values = gather_nodes(problem, problem.state())
    if problem.comm.rank != 0:
        return
    import meshio

    mesh = read_mesh(mesh_path)
    cells = [(block.type, block.data) for block in mesh.cells if block.type in ("triangle", "quad")]
    at_vertices = values[match_nodes(x, mesh.points[:, :2])]
    with replacing(path) as temporary:
        meshio.write(temporary, meshio.Mesh(mesh.points, cells, point_data=physical_fields(problem, at_vertices)))


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
