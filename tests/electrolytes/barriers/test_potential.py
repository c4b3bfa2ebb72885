"""A vacancy of an alloy that an atom hops into: end states as files, a deep potential, its teacher on its images."""

import json
import shutil
from importlib.util import find_spec

import numpy as np
import pytest

pytest.importorskip("rdkit", reason="the extra atomistic is not installed")
if find_spec("dpdispatcher") is None:  # importing it would write a log here
    pytest.skip("the extra atomistic is not installed", allow_module_level=True)
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.io import read, write

from ionspice.core import InputError
from ionspice.electrolytes.files import BARRIER, POTENTIAL, TRAINED
from ionspice.electrolytes.stages import run_liquid
from ionspice.electrolytes.study.file import parse_liquid

STUDY = """
[[molecules]]
name = "Cu"
smiles = "[Cu]"
charge = 0

[[compositions]]
name = "copper"
counts = { Cu = 16 }
boxes = [{ edge = "8 angstrom" }]

[teacher]
program = "ase"
calculator = "ase.calculators.emt:EMT"

[[barriers]]
name = "hop"
start = "start.xyz"
end = "end.xyz"
images = 5
force = "0.1 eV/angstrom"
"""


@pytest.fixture
def study(tmp_path):
    """A vacancy in place of the first of 16 atoms, and of its neighbour."""
    metal = bulk("Cu", a=3.9, cubic=True) * (2, 2, 1)
    start, end = metal[1:], metal[1:]
    end.positions[0] = metal.positions[0]
    write(tmp_path / "start.xyz", start, format="extxyz")
    write(tmp_path / "end.xyz", end, format="extxyz")
    return parse_liquid(STUDY, folder=tmp_path)


def test_the_teacher_is_asked_on_the_images_of_the_potential(study, tiny_potential, tmp_path):
    shutil.copytree(tiny_potential / TRAINED, tmp_path / "liquid" / POTENTIAL)
    run_liquid(study, tmp_path / "liquid", stages=["molecules", "barrier"])
    own, asked = json.loads((tmp_path / "liquid" / BARRIER).read_text())["paths"]
    assert own["by"] == "potential"
    assert own["converged"]
    assert own["barrier"] > 0
    assert own["deviation"] > 0
    assert asked["by"] == "ase.calculators.emt:EMT on the images of the potential"
    assert asked["coordinate"] == pytest.approx(own["coordinate"])
    assert not asked["converged"]
    assert asked["deviation"] is None
    energies = []
    for image in read(tmp_path / "liquid" / own["images"], index=":"):
        image.calc = EMT()
        energies.append(image.get_potential_energy())
    assert np.allclose(asked["energies"], np.array(energies) - energies[0], atol=1e-4)


def test_a_teacher_makes_the_path_where_there_is_no_potential(study, tmp_path):
    run_liquid(study, tmp_path / "liquid", stages=["molecules", "barrier"])
    (path,) = json.loads((tmp_path / "liquid" / BARRIER).read_text())["paths"]
    assert path["converged"]
    assert path["reaction_energy"] == pytest.approx(0, abs=0.02)  # a vacancy is as good here as there
    assert 0.2 < path["barrier"] < 1.5


def test_end_states_of_other_atoms_are_refused(study, tmp_path):
    other = read(tmp_path / "end.xyz")
    other.symbols[3] = "Ag"
    write(tmp_path / "end.xyz", other, format="extxyz")
    with pytest.raises(InputError, match="other atoms or another cell"):
        run_liquid(study, tmp_path / "liquid", stages=["molecules", "barrier"])
