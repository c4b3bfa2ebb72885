"""Drives far slower than the double layer forms pass through equilibria, in a few hundred steps."""

import numpy as np
import pytest

from ionspice.core.drives import parse_protocol
from ionspice.fem import Electrolyte, GalvanostaticDrive, SineDrive, StepDrive, TriangularDrive, solve
from ionspice.meshes import MeshGrading, PlanarElectrode, write_mesh
from tests.fem.test_equilibrium_plate import exact_charge

WIDTH = 1e-9  # m
DRIVES = {
    "10 V/s": TriangularDrive(half_cycle=11e-3),
    "50 mV/s": TriangularDrive(half_cycle=2.2),
    "0.1 mV/s": TriangularDrive(half_cycle=1.1e3),
    "step of 1 s": StepDrive(amplitude=0.11, duration=1.0),
    "0.1 Hz": SineDrive(amplitude=0.11, frequency=0.1),
    "1 mA/m^2": GalvanostaticDrive(current=1e-3 * WIDTH, upper=0.11),
}


@pytest.fixture(scope="module")
def plate(tmp_path_factory):
    path = tmp_path_factory.mktemp("plate") / "mesh.msh"
    write_mesh(path, PlanarElectrode(strip_width=WIDTH), MeshGrading(wall_spacing=0.02e-9, growth=1.1))
    return path


@pytest.mark.parametrize("name", DRIVES)
def test_slow_drives_pass_through_equilibria(plate, name):
    run = solve(plate, drive=DRIVES[name])
    assert run.sizes["time"] <= 400
    potential, charge = run.electrode_potential.values, run.electrode_charge.values
    late = (np.abs(potential) > 0.02) & (run.time.values > 1e-3 * float(run.time[-1]))
    expected = [np.sign(v) * exact_charge(Electrolyte(), abs(v)) * WIDTH for v in potential[late]]
    assert late.sum() > 20
    np.testing.assert_allclose(charge[late], expected, rtol=5e-3)


@pytest.mark.parametrize("rate", [1e-4, 1.0])
def test_a_stack_is_charged_slowly_as_at_equilibrium(small_mesh, small_settings, rate):
    run = solve(small_mesh, drive=TriangularDrive(half_cycle=0.11 / rate), settings=small_settings)
    rest = solve(small_mesh, drive=parse_protocol(["Start at 0.11 V", "Rest for 1 ps"]), settings=small_settings)
    assert run.sizes["time"] <= 400
    peak = int(run.electrode_potential.values.argmax())
    assert float(run.electrode_charge[peak]) == pytest.approx(float(rest.electrode_charge[0]), rel=1e-3)
    assert abs(float(run.electrode_charge[-1])) < 1e-3 * float(rest.electrode_charge[0])
