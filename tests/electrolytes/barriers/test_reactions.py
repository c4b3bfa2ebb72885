"""A proton between two fluorides beside a sodium ion: from the study file to barrier.json."""

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rdkit", reason="the extra atomistic is not installed")
pytest.importorskip("tblite", reason="the extra atomistic is not installed")
if find_spec("dpdispatcher") is None:  # importing it would write a log here
    pytest.skip("the extra atomistic is not installed", allow_module_level=True)
pytest.importorskip("packmol", reason="the extra atomistic is not installed")
from ase import Atoms
from ase.io import read

from ionspice.core import InputError, RunError
from ionspice.electrolytes.barriers.end_states import check_end_states, handed_over, packed_pair, pair_of
from ionspice.electrolytes.barriers.reactions import name_of
from ionspice.electrolytes.boxes.geometry import from_smiles
from ionspice.electrolytes.files import BARRIER
from ionspice.electrolytes.stages import run_liquid
from ionspice.electrolytes.study.barriers import BarrierSection
from ionspice.electrolytes.study.file import parse_liquid, read_liquid
from ionspice.electrolytes.study.teacher import TeacherSection

STUDY = """
[[molecules]]
name = "HF"
smiles = "F"
charge = 0

[[molecules]]
name = "fluoride"
smiles = "[F-]"
charge = -1

[[molecules]]
name = "Na"
smiles = "[Na+]"
charge = 1

[[compositions]]
name = "salt"
counts = { Na = 1, fluoride = 1 }
boxes = [{ density = "1 g/cm^3" }]

[teacher]
program = "ase"
calculator = "proton_teacher:TwoBonds"

[[barriers]]
name = "proton"
donor = "HF"
acceptor = "fluoride"
handed = [2]
leaves = 1
joins = 1
held = [1, 1]
gap = "2.1 angstrom"
around = { Na = 1 }
density = "0.1 g/cm^3"
images = 5
"""


#: Morse's potential of the proton with each fluoride, and how all others keep away from each other
TEACHER = """
import numpy as np
from ase.calculators.calculator import Calculator, all_changes

DEPTH, STIFFNESS, LENGTH, WALL = 3.0, 2.0, 0.93, 3.0

def bond(r):
    away = np.exp(-STIFFNESS * (r - LENGTH))
    return DEPTH * ((1 - away) ** 2 - 1), 2 * DEPTH * (1 - away) * away * STIFFNESS

def wall(r):
    return (WALL / r) ** 12, -12 * (WALL / r) ** 12 / r

class TwoBonds(Calculator):
    implemented_properties = ("energy", "forces")

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        energy, forces = 0.0, np.zeros((len(atoms), 3))
        for one in range(len(atoms)):
            for other in range(one):
                away = atoms.get_distance(one, other, mic=True, vector=True)
                r = np.linalg.norm(away)
                pair = {atoms.symbols[one], atoms.symbols[other]}
                value, slope = bond(r) if pair == {"H", "F"} else wall(r)
                energy += value
                forces[one] += slope * away / r
                forces[other] -= slope * away / r
        self.results = {"energy": energy, "forces": forces}
"""


def test_a_reaction_becomes_a_path_with_a_barrier(tmp_path, monkeypatch):
    (tmp_path / "proton_teacher.py").write_text(TEACHER)
    monkeypatch.syspath_prepend(tmp_path)
    run_liquid(parse_liquid(STUDY), tmp_path, stages=["molecules", "barrier"])
    (path,) = json.loads((tmp_path / BARRIER).read_text())["paths"]
    assert (path["by"], path["reaction"]) == ("proton_teacher:TwoBonds", "proton")
    assert path["converged"]
    assert path["residual_force"] < 0.05
    images = read(tmp_path / path["images"], index=":")
    fluorides = [image.get_distance(0, 2, mic=True) for image in images]
    assert np.allclose(fluorides, fluorides[0])  # they are held
    assert path["barrier"] == max(path["energies"]) == pytest.approx(_barrier_between(fluorides[0]), rel=0.01)
    assert path["reaction_energy"] == path["energies"][-1] == pytest.approx(0, abs=0.01)
    assert len(path["coordinate"]) == len(path["energies"]) == 5
    assert images[0].get_distance(0, 1, mic=True) == pytest.approx(images[-1].get_distance(1, 2, mic=True), abs=0.02)


def _barrier_between(distance: float) -> float:
    """Return the barrier on the line between two fluorides."""
    places = np.linspace(0.5, distance - 0.5, 20_001)
    energies = sum(3.0 * ((1 - np.exp(-2.0 * (r - 0.93))) ** 2 - 1) for r in (places, distance - places))
    return float(energies[10_000] - energies.min())


def section(**changes):
    return parse_liquid(STUDY).barriers[0].model_copy(update=changes)


GEOMETRIES = {
    "HF": Atoms("FH", positions=[[0, 0, 0], [0.93, 0, 0]]),
    "fluoride": Atoms("F", positions=[[5, 5, 5]]),
    "Na": Atoms("Na", positions=[[0, 0, 0]]),
}


def test_the_group_is_mirrored_from_donor_to_acceptor():
    pair = pair_of(section(), GEOMETRIES["HF"], GEOMETRIES["fluoride"])
    box = packed_pair(section(), pair, GEOMETRIES)
    after = handed_over(box, pair)
    assert box.get_distance(1, 0, mic=True) == pytest.approx(0.93, abs=1e-4)
    assert box.get_distance(1, 2, mic=True) == pytest.approx(2.1, abs=1e-4)
    assert after.get_distance(1, 2, mic=True) == pytest.approx(0.93, abs=1e-4)
    check_end_states(box, after, pair)
    with pytest.raises(RunError, match="after the handing-over the group does not stay"):
        check_end_states(box, box, pair)


def test_the_example_puts_two_anions_in_contact_amid_cations():
    study = read_liquid(Path(__file__).parents[3] / "examples/emim_alcl4/liquid.toml")
    geometries = {one.name: from_smiles(one.smiles) for one in study.molecules}
    (reaction,) = study.barriers
    pair = pair_of(reaction, geometries[reaction.donor], geometries[reaction.acceptor])
    before = packed_pair(reaction, pair, geometries)
    after = handed_over(before, pair)
    assert before.get_chemical_formula() == "C12H22Al3Cl11N4"
    for box, near, far in ((before, pair.leaves, pair.joins), (after, pair.joins, pair.leaves)):
        assert box.symbols[[near, far]].get_chemical_formula() == "Cl2"
        assert {box.symbols[atom] for atom in pair.held} == {"Al"}
        assert box.get_distance(pair.handed[0], near, mic=True) < 2.6
        assert box.get_distance(pair.handed[0], far, mic=True) == pytest.approx(3.5, abs=0.01)


def test_an_atom_that_a_molecule_does_not_have_is_refused():
    with pytest.raises(InputError, match="leaves names atom 4 of a molecule of 2 atoms"):
        pair_of(section(leaves=4), GEOMETRIES["HF"], GEOMETRIES["fluoride"])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("around = { Na = 1 }", "", r"proton has the charge -1 e"),
        ('donor = "HF"', 'donor = "HCl"', "has 'HCl', which is none of"),
        ("leaves = 1\n", "", "proton needs leaves too"),
        ("images = 5", "images = 2", "images"),
    ],
)
def test_a_mistake_in_a_reaction_is_one_line(old, new, words):
    with pytest.raises(InputError, match=words):
        parse_liquid(STUDY.replace(old, new, 1))


def test_end_states_as_files_go_together(tmp_path):
    with pytest.raises(ValueError, match="start and end go together"):
        BarrierSection(name="files", start="a.xyz")
    with pytest.raises(ValueError, match="donor has no effect with start and end"):
        BarrierSection(name="files", start="a.xyz", end="b.xyz", donor="HF")


def test_levels_of_theory_have_names():
    assert name_of(TeacherSection()) == "CP2K PBE-D3(BJ)/DZVP-MOLOPT-SR-GTH"
    assert name_of(TeacherSection(program="tblite")) == "GFN1-xTB"
