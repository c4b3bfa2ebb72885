"""Runs whose fields, not only observables, are looked at."""

import ufl
from numpy.typing import NDArray

from ionspice.fem import forms
from ionspice.fem.domain import read_domain
from ionspice.fem.mpi import MPI, dolfinx
from ionspice.fem.problem import FieldProblem, assemble_owned
from ionspice.fem.stepping import march, start
from ionspice.meshes import groups


def run_to_end(mesh_path, electrolyte, drive, settings) -> FieldProblem:
    """Return the problem in the state that a drive leaves it in (serial)."""
    problem = FieldProblem(read_domain(mesh_path, MPI.COMM_SELF), electrolyte, degree=settings.degree)
    for _ in march(problem, drive, settings, start(problem)):
        pass
    return problem


def poisson_residual(problem: FieldProblem) -> NDArray:
    """Return int grad phi . grad v - rho v for every node's v; on electrode nodes their charge (dimensionless)."""
    _, phi, c = problem.fields()
    space = dolfinx.fem.functionspace(problem.domain.mesh, ("Lagrange", problem.degree))
    form = forms.poisson(phi, c, ufl.TestFunction(space), problem.coefficients, problem.dx)
    return assemble_owned(dolfinx.fem.petsc.create_vector(space), dolfinx.fem.form(form))


def electrode_charges(problem: FieldProblem) -> tuple[NDArray, NDArray]:
    """Return the position (nodes, 2) [nm] and the charge per area [C/m^2] of every electrode node."""
    nodes = problem.electrode_dofs // (problem.species + 1)
    space = dolfinx.fem.functionspace(problem.domain.mesh, ("Lagrange", problem.degree))
    ds = ufl.Measure("ds", problem.domain.mesh, subdomain_data=problem.domain.facet_tags)
    form = dolfinx.fem.form(ufl.TestFunction(space) * ds(groups.BOUNDARY_NUMBERS[groups.ELECTRODE]))
    length = assemble_owned(dolfinx.fem.petsc.create_vector(space), form)[nodes] * problem.scales.length
    charge = poisson_residual(problem)[nodes] * problem.scales.electrode_charge
    return problem.space.tabulate_dof_coordinates()[nodes, :2], charge / length
