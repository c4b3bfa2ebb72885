"""Equilibrium of a slit with overlapping double layers: first integral, and no gradient of mu left."""

import numpy as np
import pytest

from ionspice.fem import Electrolyte, SolverSettings, StepDrive
from ionspice.fem.nodes import gather_nodes
from ionspice.meshes import MeshGrading, SlitStack, write_mesh
from tests.verification import exact
from tests.verification.support import electrode_charges, run_to_end

HEIGHT, INSIDE = 1.0, 3.5  # nm
STACK = SlitStack(layers=2, slit=1e-9, sheet_length=10e-9, edge_gap=2e-9, open_length=2e-9)


@pytest.fixture(scope="module")
def charged(tmp_path_factory):
    """Return a function that charges one slit until nothing moves."""
    mesh = tmp_path_factory.mktemp("slit") / "mesh.msh"
    write_mesh(mesh, STACK, MeshGrading(wall_spacing=0.05e-9, growth=1.5))

    def charge(electrolyte, potential):
        drive = StepDrive(amplitude=potential, duration=1e-6)
        return run_to_end(mesh, electrolyte, drive, SolverSettings(degree=2, tolerance=0.05, steps_per_ramp=10))

    return charge


@pytest.mark.parametrize(("potential", "ion_diameter"), [(0.11, 0.60e-9), (0.2, 0.60e-9), (0.11, 0.9e-9)])
def test_potential_and_charge_agree_to_a_tenth_of_a_percent(charged, potential, ion_diameter):
    electrolyte = Electrolyte(ion_diameter=ion_diameter)
    problem = charged(electrolyte, potential)
    middle = exact.middle_potential(electrolyte, potential, HEIGHT / 2 * 1e-9)
    x, values = gather_nodes(problem, problem.state())
    # Eight Debye lengths from the gap the slit does not feel it.
    on_axis = (abs(x[:, 0] - STACK.sheet_thickness * 1e9 - HEIGHT / 2) < 1e-6) & (x[:, 1] > INSIDE)
    assert values[on_axis, -1] * electrolyte.thermal_voltage == pytest.approx(middle, rel=1e-3)
    expected = electrolyte.permittivity * exact.field_at_wall(electrolyte, potential, middle)
    position, charge = electrode_charges(problem)
    on_last = abs(position[:, 0] - problem.domain.whole.high[0]) < 1e-6
    assert charge[on_last & (position[:, 1] > INSIDE)] == pytest.approx(expected, rel=1e-3)


def test_electrochemical_potentials_are_level_in_equilibrium(charged):
    problem = charged(Electrolyte(), 0.11)
    _, values = gather_nodes(problem, problem.state())
    assert np.abs(values[:, :-1]).max() < 1e-9
