"""The same problem on any number of ranks gives the same observables, and a killed run goes on where it was."""

import meshio
import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.core.observables import VARIABLES, load_observables
from ionspice.fem import Electrolyte, SolverSettings, TriangularDrive, solve
from ionspice.meshes import convert_mesh, groups
from tests.fem.support import graded, mpiexec

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


SURROUNDED = """
import sys
from ionspice.fem import Electrolyte, Reaction, Solid, SolverSettings, Species
from ionspice.fem import Surface, Surroundings, TriangularDrive, solve
ions = (("Fe3+", 3, 20.0), ("Fe2+", 2, 5.0), ("K+", 1, 1000.0), ("Cl-", -1, 1070.0))
solve(
    sys.argv[1],
    electrolyte=Electrolyte(
        species=tuple(Species(name=n, valence=z, diffusivity=1e-9, concentration=c) for n, z, c in ions),
        ion_diameter=4e-10,
        excess="bmcsl",
        saturation=1.4e-8,
    ),
    surroundings=Surroundings(
        stern_layer=0.3e-9,
        surfaces=(Surface(name="wall_1", charge=-0.05), Surface(name="electrode", charge=0.02)),
        solids=(Solid(name="solid_1", relative_permittivity=4.0),),
        reactions=(Reaction(oxidised="Fe3+", reduced="Fe2+", rate_constant=1e-3),),
    ),
    drive=TriangularDrive(half_cycle=50e-9),
    settings=SolverSettings(tolerance=5e-3, steps_per_ramp=8),
    directory=sys.argv[2],
)
"""


@pytest.fixture
def coated(tmp_path):
    """Return a channel along x over a solid with a charged surface, between reservoir and electrode."""
    x, y = -graded(6.0, 0.2, 1.3)[::-1], np.concatenate([-np.linspace(1, 0.25, 4), graded(3.0, 0.2, 1.3)])
    points = np.array([[xi, yj, 0.0] for xi in x for yj in y])
    index, face = np.arange(len(points)).reshape(len(x), len(y)), int(np.argmin(np.abs(y)))
    quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], axis=-1).reshape(-1, 4)
    regions = np.where(points[quads][..., 1].mean(axis=1) < 0, groups.region_number("solid_1"), 1)
    sides = [("reservoir", index[0, face:]), ("mirror", index[0, : face + 1]), ("electrode", index[-1])]
    sides += [("mirror", index[:, 0]), ("mirror", index[:, -1]), ("wall_1", index[:, face])]
    lines = [np.stack([side[:-1], side[1:]], axis=-1) for _, side in sides]
    numbers = [np.full(len(line), groups.boundary_number(name)) for (name, _), line in zip(sides, lines, strict=True)]
    cells = [("quad", quads), ("line", np.concatenate(lines))]
    mesh = meshio.Mesh(points, cells, cell_data={"group": [regions, np.concatenate(numbers)]})
    meshio.write(tmp_path / "coated.vtu", mesh)
    convert_mesh(tmp_path / "coated.vtu", tmp_path / "coated.msh")
    return tmp_path / "coated.msh"


def test_ranks_agree_on_walls_solids_reactions_and_hard_spheres(coated, tmp_path):
    runs = []
    for ranks in (1, 2):
        done = mpiexec(ranks, SURROUNDED, coated, tmp_path / str(ranks))
        assert done.returncode == 0, done.stderr
        runs.append(load_observables(tmp_path / str(ranks) / "observables.nc"))
    for name in (
        "time",
        "electrode_charge",
        "open_species_ions",
        "faradaic_current",
        "electrode_current",
        "free_energy",
    ):
        one, two = (run[name].values for run in runs)
        assert np.abs(two - one).max() <= 1e-8 * np.abs(one).max(), name
