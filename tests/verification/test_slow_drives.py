"""Drives far slower than the double layer forms pass through equilibria, in a few hundred steps."""

import numpy as np
import pytest

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
