"""Currents through cuts and profiles across slits."""

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.core.observables import load_observables
from ionspice.fem import Sampling, SolverSettings, StepDrive, solve
from tests.fem.support import mpiexec

CUTS = (-7e-9, -2.1e-9, 0.17e-9, 1.09e-9, 2.5e-9)  # two in the open, a gap's and a slit's mid-plane, and any


@pytest.fixture(scope="module")
def sampled(small_mesh, small_drive, small_settings):
    sampling = Sampling(cuts=CUTS, profile_slits=(2, 1))
    return solve(small_mesh, drive=small_drive, settings=small_settings, sampling=sampling)


@pytest.fixture(scope="module")
def total(sampled):
    return (sampled.cut_flux.sum("part") + sampled.cut_displacement_current)[1:]


def test_conduction_and_displacement_make_the_electrode_current_on_every_open_cut(sampled, total):
    peak = float(np.abs(sampled.electrode_current[1:]).max())
    for cut in range(2):
        assert np.abs(total[:, cut] + sampled.electrode_current[1:]).max() < 1e-8 * peak
    # The share of displacement is not negligible, or the test would say nothing about it.
    assert float(np.abs(sampled.cut_displacement_current).max()) > 1e-4 * peak


def test_less_current_crosses_deeper_cuts(total):
    """Each sheet in front takes up its share, and the closed last sheet all that is left."""
    peaks = np.abs(total).max("time").values
    assert (np.diff(peaks[1:]) < 0).all()


def test_a_cut_through_a_gap_conducts_what_the_gap_conducts(sampled):
    difference = sampled.cut_flux[:, 2] - sampled.gap_flux.sel(slit=1)
    assert float(np.abs(difference).max()) < 1e-9 * float(np.abs(sampled.gap_flux).max())


def test_profiles_agree_with_the_mark_and_with_the_walls(sampled):
    assert list(sampled.profile_slit.values) == [2, 1]
    middle = sampled.profile_potential[:, :, 20]
    np.testing.assert_allclose(middle[:, 0], sampled.slit_potential.sel(slit=2), rtol=1e-12, atol=1e-15)
    for wall in (0, -1):
        np.testing.assert_allclose(sampled.profile_potential[:, 0, wall], sampled.electrode_potential, atol=1e-12)
    assert sampled.profile_position[0, -1].item() == pytest.approx(1.5e-9)
    net = sampled.profile_concentration.sel(species="K+") - sampled.profile_concentration.sel(species="Cl-")
    np.testing.assert_allclose(net, sampled.profile_net_ions, atol=1e-12)
    charged = sampled.profile_net_ions.sel(time=sampled.charging_end, method="nearest")
    assert (charged < 0).all()  # anions, most of them at the walls
    assert (charged[:, 0] < charged[:, 20]).all()


def test_without_sampling_nothing_is_added(small_run, sampled):
    assert "cut_flux" not in small_run
    np.testing.assert_array_equal(small_run.electrode_charge, sampled.electrode_charge)


RUN = """
import sys
from ionspice.fem.mpi import MPI
from ionspice.fem import Sampling, SolverSettings, StepDrive, solve
from ionspice.core.observables import write_observables
run = solve(
    sys.argv[1], drive=StepDrive(amplitude=0.1, duration=1e-9),
    settings=SolverSettings(tolerance=1.0, steps_per_ramp=2),
    sampling=Sampling(cuts=(-7e-9, 1.09e-9), profile_slits=(2, 1)),
)
if MPI.COMM_WORLD.rank == 0:
    write_observables(sys.argv[2], run)
"""


def test_ranks_agree_on_cuts_and_profiles(small_mesh, tmp_path):
    done = mpiexec(2, RUN, small_mesh, tmp_path / "two.nc")
    assert done.returncode == 0, done.stderr
    two = load_observables(tmp_path / "two.nc")
    one = solve(
        small_mesh,
        drive=StepDrive(amplitude=0.1, duration=1e-9),
        settings=SolverSettings(tolerance=1.0, steps_per_ramp=2),
        sampling=Sampling(cuts=(-7e-9, 1.09e-9), profile_slits=(2, 1)),
    )
    for name in ("cut_flux", "cut_electric_flux", "profile_potential", "profile_concentration"):
        scale = float(np.abs(one[name]).max())
        assert float(np.abs(two[name] - one[name]).max()) < 1e-8 * scale, name


@pytest.mark.parametrize(
    ("sampling", "message"),
    [
        (Sampling(cuts=(-1.0,)), r"cut at x = -1 m lies outside the mesh \(-1e-08 m to "),
        (Sampling(profile_slits=(9,)), "slit 9 does not exist; the mesh has 2"),
    ],
)
def test_samples_outside_the_mesh_are_refused(small_mesh, sampling, message):
    with pytest.raises(InputError, match=message):
        solve(small_mesh, sampling=sampling)
