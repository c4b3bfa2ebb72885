"""The same problem on any number of ranks gives the same observables, and a killed run goes on where it was."""

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.core.observables import VARIABLES, load_observables
from ionspice.fem import Electrolyte, SolverSettings, TriangularDrive, solve
from tests.fem.support import mpiexec

RUN = """
import sys
from ionspice.fem import SolverSettings, TriangularDrive, solve
solve(
    sys.argv[1],
    drive=TriangularDrive(half_cycle=200e-9),
    settings=SolverSettings(tolerance=2e-3, steps_per_ramp=20, checkpoint_interval=float(sys.argv[3])),
    directory=sys.argv[2],
    restart=sys.argv[4] == "restart",
)
"""
# Ends the process as `kill -9` does, in the middle of the run and between two checkpoints.
KILLED = RUN.replace("    restart=", "    progress=kill,\n    restart=").replace(
    "solve(\n",
    "import os, signal\n"
    "def kill(elapsed, whole):\n"
    "    if elapsed > 0.6 * whole:\n"
    "        os.kill(os.getpid(), signal.SIGKILL)\n"
    "solve(\n",
    1,
)
TERMINATED = KILLED.replace("SIGKILL", "SIGTERM")


def assert_same(run, reference, relative):
    """Compare every observable against its own largest value."""
    np.testing.assert_allclose(run.time, reference.time, rtol=relative)
    for name in VARIABLES:
        scale = np.abs(reference[name].values).max()
        assert np.abs(run[name].values - reference[name].values).max() <= relative * scale, name


@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks_agree_to_one_part_in_hundred_million(small_mesh, small_run, tmp_path, ranks):
    done = mpiexec(ranks, RUN, small_mesh, tmp_path, 1e9, "fresh")
    assert done.returncode == 0, done.stderr
    run = load_observables(tmp_path / "observables.nc")
    assert run.attrs["ranks"] == ranks
    assert_same(run, small_run, 1e-8)


@pytest.mark.parametrize("end", [KILLED, TERMINATED])
def test_a_stopped_run_goes_on_with_another_number_of_ranks(small_mesh, small_run, tmp_path, end):
    stopped = mpiexec(2, end, small_mesh, tmp_path, 0.0, "fresh")
    assert stopped.returncode != 0
    assert (tmp_path / "checkpoint.npz").exists()
    assert not (tmp_path / "observables.nc").exists()
    half_charge = (tmp_path / "fields_half_charge.vtu").read_bytes()
    done = mpiexec(1, RUN, small_mesh, tmp_path, 1e9, "restart")
    assert done.returncode == 0, done.stderr
    assert_same(load_observables(tmp_path / "observables.nc"), small_run, 1e-6)
    assert not (tmp_path / "checkpoint.npz").exists()
    assert (tmp_path / "fields_half_charge.vtu").read_bytes() == half_charge  # not that of the discharge


def test_a_run_without_a_directory_heeds_sigterm(small_mesh, tmp_path):
    script = TERMINATED.replace("directory=sys.argv[2]", "directory=None")
    stopped = mpiexec(1, script, small_mesh, tmp_path, 1e9, "fresh")
    assert stopped.returncode != 0
    assert "stopped by SIGTERM" in stopped.stderr


@pytest.fixture
def stopped(small_mesh, tmp_path):
    """Return the folder of a run that was stopped by SIGTERM."""
    assert mpiexec(1, TERMINATED, small_mesh, tmp_path, 0.0, "fresh").returncode != 0
    return tmp_path


def test_the_checkpoint_of_another_case_is_refused(small_mesh, stopped):
    with pytest.raises(InputError, match="checkpoint of another mesh or case"):
        solve(small_mesh, electrolyte=Electrolyte(temperature=300.0), directory=stopped, restart=True)


def test_a_damaged_checkpoint_is_refused(small_mesh, stopped):
    content = (stopped / "checkpoint.npz").read_bytes()
    (stopped / "checkpoint.npz").write_bytes(content[: len(content) // 2])
    settings = SolverSettings(tolerance=2e-3, steps_per_ramp=20)
    with pytest.raises(InputError, match="damaged checkpoint"):
        solve(
            small_mesh, drive=TriangularDrive(half_cycle=200e-9), settings=settings, directory=stopped, restart=True
        )


def test_a_restart_without_checkpoint_is_refused(small_mesh, tmp_path):
    with pytest.raises(InputError, match="no checkpoint to go on from"):
        solve(small_mesh, directory=tmp_path, restart=True)


def test_the_mesh_of_another_program_is_refused_on_all_ranks(tmp_path):
    (tmp_path / "mesh.msh").write_text("nonsense")
    done = mpiexec(2, RUN, tmp_path / "mesh.msh", tmp_path, 1e9, "fresh")
    assert done.returncode != 0
    assert "not a gmsh file" in done.stderr
    assert not (tmp_path / "observables.nc").exists()
