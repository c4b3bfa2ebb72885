"""Orders of convergence on manufactured solutions of the full nonlinear system.

Space: the source is the strong form, written in concentrations (flux = diffusion + migration + steric, as in the
paper) and not in the entropy variables that the solver uses, so that the change of variables is checked as well.
Time: the source is the semi-discrete residual of a prescribed motion of the nodal values, so that no error in
space covers that in time.
"""

from itertools import pairwise

import numpy as np
import pytest
import ufl

from ionspice.core import bdf
from ionspice.fem import Electrolyte, Species, forms
from ionspice.fem.domain import read_domain
from ionspice.fem.mpi import MPI, dolfinx
from ionspice.fem.newton import NewtonSolver
from ionspice.fem.problem import FieldProblem, assemble_owned

SIZE = 1.0  # nm
SPECIES = (
    Species(name="Mg2+", valence=2, diffusivity=0.7e-9, concentration=500.0),
    Species(name="Cl-", valence=-1, diffusivity=2.0e-9, concentration=1000.0),
)
RATE = 3.0  # alpha/h


def square_problem(rectangle, cells, degree):
    lines = np.linspace(0, SIZE, cells + 1)
    mesh = rectangle(lines, lines, left="reservoir", right="electrode", bottom="mirror", top="mirror")
    electrolyte = Electrolyte(species=SPECIES, ion_diameter=0.7e-9)
    return FieldProblem(read_domain(mesh, MPI.COMM_SELF), electrolyte, degree=degree)


def residual(problem, test, rate):
    w, phi, c = problem.fields()
    k, dx, tests = problem.coefficients, problem.dx, ufl.split(test)
    stored = rate * forms.mass(w, c, tests, k, dx)
    return stored + forms.transport(w, c, tests, k, dx) + forms.poisson(phi, c, tests[-1], k, dx)


def boundary_condition(problem):
    """Fix every unknown of the boundary at what u holds there."""
    mesh = problem.domain.mesh
    mesh.topology.create_connectivity(1, 2)
    facets = dolfinx.mesh.exterior_facet_indices(mesh.topology)
    dofs = dolfinx.fem.locate_dofs_topological(problem.space, 1, facets)
    return dolfinx.fem.dirichletbc(problem.u, dofs)


def solve_with(problem, form, history=None):
    newton = NewtonSolver(
        form, ufl.derivative(form, problem.u), problem.u, [boundary_condition(problem)], linear_solver="mumps"
    )
    if history is not None:
        newton.history.array_w[:] = history
    report = newton.solve(absolute_tolerance=1e-12)
    newton.destroy()
    assert report.converged


def exact_fields(x):
    """Return (w_1, w_2, phi); phi spans 5 kT/e, so that crowding matters."""
    return [
        0.5 * ufl.sin(2 * x[0] + x[1]),
        -0.4 * ufl.cos(x[0] - 2 * x[1]),
        2.5 * ufl.sin(1.5 * x[0]) * ufl.cos(2 * x[1]) + x[0],
    ]


def strong_source(problem, exact):
    """Return rate c_i + div J_i and -lap phi - coupling rho of the exact fields, in concentrations."""
    k, nu = problem.coefficients, problem.electrolyte.packing_fraction
    w, phi = exact[:-1], exact[-1]
    c = forms.concentrations(w, phi, k)
    crowding = ufl.grad(nu * sum(c)) / (1 - nu * sum(c))
    sources = []
    for ci, z, d in zip(c, k.valence, k.diffusivity, strict=True):
        flux = -d * (ufl.grad(ci) + z * ci * ufl.grad(phi) + ci * crowding)
        sources.append(RATE * ci + ufl.div(flux))
    charge = sum(z * ci for z, ci in zip(k.valence, c, strict=True))
    return [*sources, -ufl.div(ufl.grad(phi)) - k.charge_coupling * charge]


def space_error(rectangle, cells, degree):
    """Return the L2 error of all unknowns together."""
    problem = square_problem(rectangle, cells, degree)
    mesh = problem.domain.mesh
    exact = exact_fields(ufl.SpatialCoordinate(mesh))
    points = problem.space.element.interpolation_points
    problem.u.interpolate(dolfinx.fem.Expression(ufl.as_vector(exact), points))
    test = ufl.TestFunction(problem.space)
    fine = ufl.dx(mesh, metadata={"quadrature_degree": 8})
    source = ufl.inner(ufl.as_vector(strong_source(problem, exact)), test) * fine
    solve_with(problem, residual(problem, test, RATE) - source)
    difference = problem.u - ufl.as_vector(exact)
    return np.sqrt(dolfinx.fem.assemble_scalar(dolfinx.fem.form(ufl.inner(difference, difference) * fine)))


@pytest.mark.parametrize("degree", [1, 2])
def test_space_converges_with_one_order_more_than_the_degree(rectangle, degree):
    errors = [space_error(rectangle, cells, degree) for cells in (8, 16, 32)]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    assert orders == pytest.approx(degree + 1, abs=0.1)


def time_error(rectangle, steps):
    """Return the error of the nodal values at the end of a motion, over steps that alternate by 1 : 1.5."""
    problem = square_problem(rectangle, 4, 1)
    x = problem.space.tabulate_dof_coordinates()
    shapes = np.column_stack([np.sin(2 * x[:, 0] + x[:, 1]), np.cos(x[:, 0] - x[:, 1]), np.sin(2 * x[:, 0])])

    def motion(t):
        return np.ravel(shapes * [np.sin(3 * t), np.cos(2 * t) - 1, t**2 + t])

    def velocity(t):
        return np.ravel(shapes * [3 * np.cos(3 * t), -2 * np.sin(2 * t), 2 * t + 1])

    test = ufl.TestFunction(problem.space)
    direction = dolfinx.fem.Function(problem.space)
    w, _, c = problem.fields()
    mass = forms.mass(w, c, ufl.split(test), problem.coefficients, problem.dx)
    motion_form = dolfinx.fem.form(ufl.derivative(mass, problem.u, direction) + residual(problem, test, 0.0))
    vector = problem.newton.history.duplicate()
    rate = dolfinx.fem.Constant(problem.domain.mesh, 0.0)
    times = np.concatenate([[0.0], np.cumsum(np.tile([1.0, 1.5], steps // 2)) / (1.25 * steps)])
    stored, last = [], motion(0.0)
    for n, time in enumerate(times):
        problem.u.x.array[:], direction.x.array[:] = motion(time), velocity(time)
        if n >= 2:
            source = assemble_owned(vector, motion_form)
            rate.value, *old = bdf.derivative_weights(times[n - 2 : n + 1][::-1])
            problem.u.x.array[:] = np.where(on_boundary(problem), motion(time), last)
            history = old[0] * stored[-1] + old[1] * stored[-2] - source
            solve_with(problem, residual(problem, test, rate), history)
        last = problem.state()
        stored.append(problem.stored_ions())
    return float(np.abs(last - motion(times[-1])).max())


def on_boundary(problem):
    mask = np.zeros(len(problem.u.x.array), dtype=bool)
    mask[boundary_condition(problem).dof_indices()[0]] = True
    return mask


def test_time_converges_with_second_order_on_uneven_steps(rectangle):
    errors = [time_error(rectangle, steps) for steps in (16, 32, 64)]
    orders = [np.log2(coarse / fine) for coarse, fine in pairwise(errors)]
    assert orders == pytest.approx([2, 2], abs=0.1)
