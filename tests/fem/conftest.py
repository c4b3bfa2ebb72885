"""Meshes for the field solver's tests: a small stack, and rectangles with chosen boundaries."""

import meshio
import numpy as np
import pytest

from ionspice.fem import SolverSettings, TriangularDrive, solve
from ionspice.meshes import MeshGrading, SlitStack, convert_mesh, groups, write_mesh


@pytest.fixture(scope="session")
def small_mesh(tmp_path_factory):
    """Return a stack of three layers on a coarse mesh."""
    path = tmp_path_factory.mktemp("small") / "mesh.msh"
    write_mesh(path, SlitStack(layers=3), MeshGrading(wall_spacing=0.15e-9, growth=1.6))
    return path


@pytest.fixture(scope="session")
def small_drive():
    return TriangularDrive(half_cycle=200e-9)


@pytest.fixture(scope="session")
def small_settings():
    return SolverSettings(tolerance=2e-3, steps_per_ramp=20)


@pytest.fixture(scope="session")
def small_run(small_mesh, small_drive, small_settings):
    """Return the observables of the small stack over one cycle."""
    return solve(small_mesh, drive=small_drive, settings=small_settings)


@pytest.fixture
def rectangle(tmp_path):
    """Return a function that writes a mesh of one open rectangle."""

    def write(x, y, *, left, right, bottom, top):
        """Mesh the grid lines x and y [nm] with the named boundaries; return the path."""
        points = np.array([[xi, yj, 0.0] for xi in x for yj in y])
        index = np.arange(len(points)).reshape(len(x), len(y))
        quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], axis=-1).reshape(-1, 4)
        sides = [(left, index[0]), (right, index[-1]), (bottom, index[:, 0]), (top, index[:, -1])]
        lines = [np.stack([side[:-1], side[1:]], axis=-1) for _, side in sides]
        of_lines = [
            np.full(len(line), groups.boundary_number(name)) for (name, _), line in zip(sides, lines, strict=True)
        ]
        group = [np.ones(len(quads), dtype=int), np.concatenate(of_lines)]
        cells = [("quad", quads), ("line", np.concatenate(lines))]
        meshio.write(tmp_path / "rectangle.vtu", meshio.Mesh(points, cells, cell_data={"group": group}))
        convert_mesh(tmp_path / "rectangle.vtu", tmp_path / "rectangle.msh")
        return tmp_path / "rectangle.msh"

    return write
