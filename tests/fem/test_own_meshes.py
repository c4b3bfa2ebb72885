"""What a user's own mesh gives: the numbers of the generated one, whatever its cells."""

import numpy as np
import pytest

from ionspice.fem import SolverSettings, StepDrive, solve
from ionspice.meshes import convert_mesh, write_mesh
from tests.meshes.own.drawing import STACK, changed, draw


def charges(path):
    """Return the electrode's and the slits' charges [C/m] at the end of a step to equilibrium."""
    run = solve(path, drive=StepDrive(amplitude=0.05, duration=5e-7), settings=SolverSettings(tolerance=2e-3))
    return np.array([float(run.electrode_charge[-1]), *run.slit_charge.values[-1]])


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    path = tmp_path_factory.mktemp("generated") / "mesh.msh"
    write_mesh(path, STACK)
    return charges(path)


def mixed(parts):
    """Cut every third quadrilateral into triangles."""
    found = []
    for kind, nodes, numbers in parts:
        cut = (np.arange(len(nodes)) % 3 == 0) & (kind == "quad")
        found.append((kind, nodes[~cut], numbers[~cut]))
        for corners in ([0, 1, 2], [0, 2, 3]) if cut.any() else ():
            found.append(("triangle", nodes[cut][:, corners], numbers[cut]))
    return found


def clockwise(parts):
    return [(kind, nodes[:, ::-1], numbers) for kind, nodes, numbers in parts]


@pytest.mark.parametrize(("recombine", "cells"), [(False, None), (True, None), (False, clockwise), (True, mixed)])
def test_cells_of_any_kind_give_the_charges_of_the_generated_mesh(tmp_path, generated, recombine, cells):
    own = draw(tmp_path / "own.msh", size=0.1, recombine=recombine)
    if cells is not None:
        own = changed(own, tmp_path / "own.vtu", cells=cells)
    convert_mesh(own, tmp_path / "mesh.msh")
    assert charges(tmp_path / "mesh.msh") == pytest.approx(generated, rel=1e-2)
