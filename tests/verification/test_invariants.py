"""What the discrete equations keep exactly, on a stack over a cycle, to 1e-8 of the peak.

For a nodal function psi that is 0 at the reservoir and 1 on the electrode, the equations tested with psi say that
conduction plus displacement current through the cut where psi rises is the electrode's current, and that the ions
behind it change by their flux. So all cuts carry the same current, at any step size.
"""

from collections import deque

import numpy as np
import pytest
import ufl

from ionspice.core import bdf
from ionspice.fem import Electrolyte, forms
from ionspice.fem.domain import read_domain
from ionspice.fem.mpi import MPI, dolfinx
from ionspice.fem.problem import FieldProblem, assemble_owned
from ionspice.fem.stepping import march, start


@pytest.fixture(scope="module")
def history(small_mesh, small_drive, small_settings):
    """Return (order, times, nodal vectors) per step: M_i, int J_i . grad v, int grad phi . grad v, all physical."""
    problem = FieldProblem(read_domain(small_mesh, MPI.COMM_SELF), Electrolyte())
    species, space = problem.species, problem.space
    test = ufl.TestFunction(space)
    tests = ufl.split(test)
    w, phi, c = problem.fields()
    k, dx = problem.coefficients, problem.dx
    flow = forms.transport(w, c, tests, k, dx) + ufl.inner(ufl.grad(phi), ufl.grad(tests[-1])) * dx
    form, vector = dolfinx.fem.form(flow), dolfinx.fem.petsc.create_vector(space)
    rows = []
    for step in march(problem, small_drive, small_settings, start(problem)):
        stored = step.ions.reshape(-1, species + 1)[:, :-1]
        flows = assemble_owned(vector, form).reshape(-1, species + 1)
        rows.append((step.order, step.time / problem.scales.time, stored, flows))
    return problem, rows


def cuts(problem):
    """Return psi for flat cuts at several distances and a round one, all in front of the stack."""
    x = problem.space.tabulate_dof_coordinates()
    left = problem.domain.whole.low[0]
    flat = [(x[:, 0] > left * part).astype(float) for part in (0.9, 0.5, 0.2, 0.01)]
    ramp = np.clip(1 - x[:, 0] / left, 0, 1)
    round_cut = (np.hypot(x[:, 0], x[:, 1]) < 0.7 * abs(left)) | (x[:, 0] > -1e-9)
    return np.array([*flat, ramp, round_cut.astype(float)])


def rates(rows, measure):
    """Return d(measure)/dt by the formula of each step; measure maps (stored, flows) to an array."""
    past, result = deque(maxlen=3), []
    for order, time, stored, flows in rows:
        past.appendleft((time, measure(stored, flows)))
        if order:
            weights = bdf.derivative_weights([t for t, _ in list(past)[: order + 1]])
            result.append(sum(a * v for a, (_, v) in zip(weights, past, strict=False)))
    return np.array(result)


def test_every_cut_carries_the_electrode_current(history, record_property):
    problem, rows = history
    psi = cuts(problem)
    valence = np.array([s.valence for s in problem.electrolyte.species])
    coupling = float(problem.coefficients.charge_coupling)
    electrode = np.zeros(psi.shape[1])
    electrode[problem.electrode_dofs // (problem.species + 1)] = 1.0
    charge = rates(rows, lambda m, f: electrode @ (f[:, -1] - coupling * m @ valence))
    displacement = rates(rows, lambda m, f: psi @ f[:, -1])
    conduction = np.array([psi @ (f[:, :-1] @ valence) for order, _, _, f in rows if order])
    total = displacement + coupling * conduction
    peak = np.abs(charge).max()
    assert np.abs(conduction).max() * coupling > 0.1 * peak
    error = np.abs(total - charge[:, None]).max() / peak
    record_property("error", float(error))
    assert error < 1e-8


def test_ions_behind_a_cut_change_by_their_flux(history, record_property):
    problem, rows = history
    psi = cuts(problem)
    change = rates(rows, lambda m, f: psi @ m)
    inflow = -np.array([psi @ f[:, :-1] for order, _, _, f in rows if order])
    error = np.abs(change - inflow).max() / np.abs(change).max()
    record_property("error", float(error))
    assert error < 1e-8
