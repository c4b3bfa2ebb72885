"""What refining costs and brings, and what an impossible step says."""

from dataclasses import replace

import numpy as np
import pytest

from ionspice.core import InputError, RunError
from ionspice.core.double_layer import surface_charge
from ionspice.fem import Electrolyte, SolverSettings, TableDrive, TriangularDrive, solve
from ionspice.fem.newton import LINEAR_SOLVERS
from ionspice.meshes import PlanarElectrode, write_mesh


def test_time_integration_is_of_second_order(small_mesh):
    """Fixed steps: the charge at half the ramp converges with order 2."""
    drive = TriangularDrive(half_cycle=200e-9)
    charges = []
    for steps in (20, 40, 80, 160):
        run = solve(small_mesh, drive=drive, settings=SolverSettings(tolerance=1.0, steps_per_ramp=steps))
        charges.append(float(run.passed_charge.sel(slit=1).interp(time=drive.half_cycle)))
    differences = np.abs(np.diff(charges))
    orders = np.log2(differences[:-1] / differences[1:])
    assert orders[-1] == pytest.approx(2, abs=0.3)


def test_a_steep_first_row_of_a_table_does_not_bind_the_steps_of_the_others(small_mesh):
    """A nanosecond's ramp, a microsecond's hold and a microsecond's ramp back: each leg takes its own steps."""
    drive = TableDrive(times=(0.0, 1e-9, 1e-6, 2e-6), potentials=(0.0, 0.11, 0.11, 0.0))
    run = solve(small_mesh, drive=drive)
    assert run.steps <= 400
    for corner in drive.corners:
        assert np.abs(run.time.values / corner - 1).min() < 1e-12


def test_a_hold_in_a_table_ends_in_equilibrium(tmp_path):
    write_mesh(tmp_path / "mesh.msh", PlanarElectrode())
    drive = TableDrive(times=(0.0, 1e-9, 1e-6, 2e-6), potentials=(0.0, 0.11, 0.11, 0.0))
    run = solve(tmp_path / "mesh.msh", drive=drive)
    held = run.electrode_charge.sel(time=1e-6, method="nearest") / run.strip_width
    assert float(held) == pytest.approx(surface_charge(Electrolyte(), 0.11), rel=5e-3)
    assert run.steps <= 400


@pytest.mark.parametrize("name", [name for name in LINEAR_SOLVERS if name != "mumps"])
def test_other_linear_solvers_give_the_same_answer(small_mesh, small_drive, small_settings, small_run, name):
    run = solve(small_mesh, drive=small_drive, settings=replace(small_settings, linear_solver=name))
    scale = np.abs(small_run.passed_charge.values).max()
    assert np.abs(run.passed_charge.values - small_run.passed_charge.values).max() < 1e-6 * scale


def test_an_unknown_linear_solver_is_refused(small_mesh):
    with pytest.raises(InputError, match="linear_solver = 'magic' is unknown; choose mumps"):
        solve(small_mesh, settings=SolverSettings(linear_solver="magic"))


@pytest.mark.parametrize(
    ("key", "value"), [("degree", 3), ("tolerance", 0.0), ("steps_per_ramp", 1), ("slit_mark", 2)]
)
def test_settings_out_of_range_are_refused(key, value):
    with pytest.raises(InputError, match=f"{key} = {value}"):
        SolverSettings(**{key: value})


def test_a_run_that_cannot_go_on_says_why_and_keeps_its_state(small_mesh, tmp_path):
    """An absurd window overflows the exponentials; the reason and the remedy are named."""
    drive = TriangularDrive(amplitude=1e7, half_cycle=1e-9)
    with pytest.raises(RunError, match=r"the time step fell below .* at t = .* refine the mesh") as failure:
        solve(small_mesh, drive=drive, directory=tmp_path)
    assert failure.value.exit_status == 1
    assert (tmp_path / "checkpoint.npz").exists()
    assert not (tmp_path / "observables.nc").exists()
