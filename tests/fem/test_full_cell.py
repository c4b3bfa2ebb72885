"""A sealed cell of two electrodes against two half cells, and against quadrature where no symmetry helps."""

import numpy as np
import pytest
from scipy import optimize

from ionspice.fem import Electrolyte, SolverSettings, StepDrive, TriangularDrive, solve
from ionspice.meshes import FullCell, MeshGrading, SlitStack, write_mesh
from tests.fem.support import graded
from tests.fem.test_crowding import plate_charge, salt


def test_two_half_cells_make_the_full_cell_of_a_symmetric_electrolyte(tmp_path):
    """To first order in the potential (salt, which a sealed cell cannot draw from a reservoir, is of second)."""
    half, grading = SlitStack(layers=2, open_length=5e-9), MeshGrading(wall_spacing=0.15e-9, growth=1.6)
    write_mesh(tmp_path / "half.msh", half, grading)
    write_mesh(tmp_path / "full.msh", FullCell(half=half), grading)
    drive = TriangularDrive(amplitude=1e-4, half_cycle=50e-9)
    settings = SolverSettings(tolerance=1e-5, steps_per_ramp=20)
    one = solve(tmp_path / "half.msh", drive=drive, settings=settings)
    both = solve(tmp_path / "full.msh", drive=drive, settings=settings)
    times = np.linspace(1e-9, 99e-9, 40)
    for name in ("electrode_charge", "slit_charge", "slit_potential", "electrode_current"):
        expected, computed = (run[name].interp(time=times).values for run in (one, both))
        assert np.abs(computed - expected).max() < 2e-3 * np.abs(expected).max(), name
    assert both.attrs["full_cell"] == 1


@pytest.fixture
def cell(rectangle):
    side = graded(200.0, 0.01, 1.1)
    x = np.concatenate([side, 400.0 - side[-2::-1]])
    return rectangle(x, [0.0, 1.0], left="counter", right="electrode", bottom="mirror", top="mirror")


def test_unequal_ions_split_the_cell_voltage_so_that_charges_balance(cell):
    """Both plates carry the same charge: q(u) + q(u - V_m) = 0 fixes the working electrode's share u of V_m."""
    electrolyte, potential = salt(0.45e-9, 0.75e-9), 0.2
    drive = StepDrive(amplitude=potential, duration=100e-6)
    run = solve(cell, electrolyte=electrolyte, drive=drive, settings=SolverSettings(tolerance=2e-3))
    share = optimize.brentq(
        lambda u: plate_charge(electrolyte, u) + plate_charge(electrolyte, u - 2 * potential), 0.05, 0.35, xtol=1e-6
    )
    assert abs(share - potential) > 0.005  # the electrolyte does break the symmetry
    assert float(run.electrode_charge[-1]) / 1e-9 == pytest.approx(plate_charge(electrolyte, share), rel=5e-3)
    ions = run.open_charge.values
    assert np.abs(ions).max() < 1e-9 * float(run.electrode_charge[-1])  # sealed: as many cations as anions
    energy = run.free_energy.values[1:]
    assert np.diff(energy).max() < 1e-9 * abs(energy[-1])


def test_a_sealed_cell_keeps_its_ions_through_a_cycle(tmp_path):
    half, grading = SlitStack(layers=2, open_length=3e-9), MeshGrading(wall_spacing=0.2e-9, growth=1.8)
    write_mesh(tmp_path / "full.msh", FullCell(half=half), grading)
    drive, settings = TriangularDrive(half_cycle=100e-9), SolverSettings(tolerance=5e-3, steps_per_ramp=10)
    run = solve(tmp_path / "full.msh", electrolyte=Electrolyte(), drive=drive, settings=settings)
    total = run.slit_charge.sum("slit") + run.open_charge
    assert float(np.abs(total).max()) < 1e-9 * float(np.abs(run.slit_charge).max())
