"""Electrostatic correlations of Bazant, Storey and Kornyshev: the linear plate in closed form.

(1 - l_c^2 lap) lap phi = kappa^2 phi has the decay rates m with l_c^2 m^4 - m^2 + kappa^2 = 0; with phi''' = 0 at the
plate the capacitance is eps kappa sqrt(1 + 2 delta)/(1 + delta), delta = kappa l_c (Phys. Rev. Lett. 106, 046102).
"""

from dataclasses import replace

import numpy as np
import pytest

from ionspice.fem import Electrolyte, Sampling, SolverSettings, StepDrive, TriangularDrive, solve
from ionspice.fem.domain import read_domain
from ionspice.fem.mpi import MPI
from ionspice.fem.problem import FieldProblem
from ionspice.fem.stepping import march, start
from ionspice.meshes import MeshGrading, SlitStack, write_mesh
from tests.fem.support import graded, imbalance

DURATION = 2e-6


@pytest.fixture
def plate(rectangle):
    def write(cell=0.01):
        x = -graded(16.0, cell, 1.05)[::-1]
        return rectangle(x, [0.0, 1.0], left="reservoir", right="electrode", bottom="mirror", top="mirror")

    return write


def charge(mesh, electrolyte, potential):
    run = solve(mesh, electrolyte=electrolyte, drive=StepDrive(amplitude=potential, duration=DURATION))
    return float(run.electrode_charge[-1]) / 1e-9, run


@pytest.mark.parametrize("delta", [0.3, 1.5])
def test_capacitance_of_a_plate_agrees_with_the_linear_solution(plate, delta):
    mean_field = Electrolyte()
    electrolyte = replace(mean_field, correlation_length=delta * mean_field.debye_length)
    exact = 1e-3 * electrolyte.permittivity / electrolyte.debye_length * np.sqrt(1 + 2 * delta) / (1 + delta)
    computed, run = charge(plate(), electrolyte, 1e-3)
    assert computed == pytest.approx(exact, rel=1e-3)
    assert float(run.open_charge[-1]) / 1e-9 == pytest.approx(-exact, rel=1e-3)


def test_a_vanishing_correlation_length_recovers_the_mean_field(plate):
    """1 - C/C_0 = delta^2/2 + O(delta^3): the distance falls with second order."""
    mean_field, mesh = Electrolyte(), plate()
    reference, _ = charge(mesh, mean_field, 1e-3)
    distances = []
    for delta in (0.2, 0.1, 0.05):
        electrolyte = replace(mean_field, correlation_length=delta * mean_field.debye_length)
        distances.append(1 - charge(mesh, electrolyte, 1e-3)[0] / reference)
    orders = np.log2(np.divide(distances[:-1], distances[1:]))
    assert orders == pytest.approx([2, 2], abs=0.25)
    assert orders[1] > orders[0]


@pytest.mark.parametrize(("delta", "overscreened"), [(0.2, False), (3.0, True)])
def test_charge_density_changes_sign_when_correlations_are_long(plate, delta, overscreened):
    """Decay rates are complex for delta > 1/2, so that counter-ions overscreen the plate."""
    mean_field = Electrolyte()
    electrolyte = replace(mean_field, correlation_length=delta * mean_field.debye_length)
    problem = FieldProblem(read_domain(plate(0.03), MPI.COMM_SELF), electrolyte)
    drive = StepDrive(amplitude=0.05, duration=DURATION)
    for _ in march(problem, drive, SolverSettings(tolerance=1e-2), start(problem)):
        pass
    ions = problem.stored_ions().reshape(-1, problem.components)
    net = ions[:, 0] - ions[:, 1]
    assert net.min() < 0
    assert (net.max() > 1e-2 * -net.min()) == overscreened


def test_charges_of_a_stack_balance_with_correlations(tmp_path, small_settings):
    electrolyte = Electrolyte(correlation_length=0.5e-9)
    write_mesh(tmp_path / "stack.msh", SlitStack(layers=3), MeshGrading(wall_spacing=0.15e-9, growth=1.4))
    drive = TriangularDrive(half_cycle=50e-9)
    cuts = Sampling(cuts=(-7e-9, -3e-9))
    run = solve(tmp_path / "stack.msh", electrolyte=electrolyte, drive=drive, settings=small_settings, sampling=cuts)
    flux = run.gap_flux.sum("part")
    assert float(np.abs(flux - run.trans_slit_current)[1:].max()) < 1e-8 * float(np.abs(flux).max())
    assert imbalance(run) < 1e-8
    ions = run.slit_charge.sum("slit") + run.open_charge
    assert float(np.abs(run.electrode_charge + ions).max()) < 2e-3 * float(np.abs(run.electrode_charge).max())
