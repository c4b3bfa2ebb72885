import numpy as np
import pandas as pd
import pytest

ase = pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ase.io import write  # noqa: E402

from ionspice.electrolytes.boxes.build import write_box  # noqa: E402
from ionspice.electrolytes.environment.tools import lammps_version  # noqa: E402
from ionspice.electrolytes.files import LABELS, POTENTIAL_RECORD, TRAINED  # noqa: E402
from ionspice.electrolytes.potential.labels import divide, read_labelled  # noqa: E402
from ionspice.electrolytes.potential.radial_checks import compare_radial  # noqa: E402
from ionspice.electrolytes.potential.record import read_potential  # noqa: E402
from ionspice.electrolytes.potential.validate import ENERGIES, FORCES, TeacherRun, teacher_text, validate  # noqa: E402
from ionspice.electrolytes.potential.validation_record import read_validation, write_validation  # noqa: E402
from ionspice.electrolytes.study.analysis import AnalysisSection  # noqa: E402
from ionspice.electrolytes.study.file import parse_liquid  # noqa: E402
from ionspice.electrolytes.study.teacher import TeacherSection  # noqa: E402

STUDY = """
[[molecules]]
name = "Ag"
smiles = "[Ag]"
charge = 0

[[molecules]]
name = "Cu"
smiles = "[Cu]"
charge = 0

[[compositions]]
name = "alloy"
counts = { Ag = 8, Cu = 8 }
boxes = [{ density = "9 g/cm^3" }]

[[compositions]]
name = "silver"
counts = { Ag = 10, Cu = 6 }
boxes = [{ density = "9 g/cm^3" }]
held_out = true

[teacher]
program = "ase"
calculator = "ase.calculators.emt:EMT"

[exploration]
timestep = "2 fs"
chunk = "20 fs"
doubtful = "2 eV/angstrom"

[validation]
frames = 3
duration = "400 fs"
"""


def _gas(seed, count=20):
    generator = np.random.default_rng(seed)
    symbols = ["Na"] * 40 + ["Cl"] * 40
    return [
        ase.Atoms(symbols, positions=generator.uniform(0, 12, (80, 3)), cell=[12, 12, 12], pbc=True)
        for _ in range(count)
    ]


def test_radial_distributions_of_two_ideal_gases_are_one_and_differ_by_noise(tmp_path):
    found = compare_radial(_gas(1), _gas(2), AnalysisSection(), tmp_path, composition="gas")
    assert [one.pair for one in found] == ["Cl-Cl", "Cl-Na", "Na-Na"]
    table = pd.read_csv(tmp_path / found[0].file)
    assert table["r [angstrom]"].max() == pytest.approx(5.97)
    far = table[table["r [angstrom]"] > 3]
    assert far["g Cl-Na teacher [1]"].mean() == pytest.approx(1, abs=0.03)
    assert far["g Cl-Na potential [1]"].mean() == pytest.approx(1, abs=0.03)
    assert compare_radial(_gas(1), _gas(1), AnalysisSection(), tmp_path, composition="gas")[0].difference == 0


def test_only_pairs_that_are_wanted_and_there_are_compared(tmp_path):
    analysis = AnalysisSection(pairs=("Na-Cl", "C-H"))
    assert [one.pair for one in compare_radial(_gas(1, 2), _gas(2, 2), analysis, tmp_path, composition="gas")] == [
        "Na-Cl"
    ]


@pytest.mark.parametrize(
    ("teacher", "text"),
    [
        (TeacherSection(), "CP2K PBE-D3(BJ)/DZVP-MOLOPT-SR-GTH"),
        (TeacherSection(program="tblite"), "GFN1-xTB"),
        (TeacherSection(program="ase", calculator="ase.calculators.emt:EMT"), "ase.calculators.emt:EMT"),
    ],
)
def test_the_teacher_has_a_name(teacher, text):
    assert teacher_text(teacher) == text


def test_known_and_new_mixtures_are_compared_with_the_teacher(tiny_potential, alloy, tmp_path):
    if not lammps_version():
        pytest.skip("the potential's venv is not there; make atomistic makes it")
    potential = read_potential(tiny_potential / TRAINED / POTENTIAL_RECORD)
    held_out = divide(read_labelled(tiny_potential / LABELS, ("Cu", "Ag")), 0.15, seed=1).held_out
    box = alloy(40, 1)[0]
    box.symbols[np.flatnonzero(box.symbols == "Cu")[:2]] = "Ag"
    box.calc = None
    box.new_array("molecule", np.arange(len(box)))
    write_box(tmp_path / "silver.extxyz", box)
    write(tmp_path / "teacher.extxyz", alloy(41, 6))
    write(tmp_path / "bad.extxyz", ase.Atoms("Ag"))
    runs = [
        TeacherRun(composition="alloy", temperature=900, path=tmp_path / "teacher.extxyz"),
        TeacherRun(composition="bad", temperature=900, path=tmp_path / "bad.extxyz"),
    ]
    boxes = {"silver": (tmp_path / "silver.extxyz", 900.0), "none": (tmp_path / "none.extxyz", 900.0)}
    record = validate(parse_liquid(STUDY), potential, held_out, boxes, runs, tmp_path)
    known, new = record.compositions
    assert (known.name, known.trained, known.frames) == ("alloy", True, 8)
    assert known.force == pytest.approx(potential.record.errors["held_out"]["all"].force, rel=1e-3)
    assert (new.name, new.trained, new.frames) == ("silver", False, 3)
    assert new.teacher == "ase.calculators.emt:EMT"
    assert [one.pair for one in record.radial] == ["Ag-Ag", "Ag-Cu", "Cu-Cu"]
    assert record.missing.keys() == {"composition none", "radial distributions of bad"}
    forces = pd.read_csv(tmp_path / "validation" / FORCES)
    assert len(forces) == 11 * 48
    of_known = forces[forces["composition"] == "alloy"]
    errors = of_known["potential [eV/angstrom]"] - of_known["teacher [eV/angstrom]"]
    assert np.sqrt((errors**2).mean()) == pytest.approx(known.force, rel=1e-3)
    assert len(pd.read_csv(tmp_path / "validation" / ENERGIES)) == 11
    write_validation(tmp_path / "validation.json", record)
    assert read_validation(tmp_path / "validation.json") == record
