import re
from pathlib import Path

import pytest

from ionspice.core import InputError
from ionspice.electrolytes.study.file import parse_liquid, read_liquid

EXAMPLES = Path(__file__).parents[3] / "examples"


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize("name", ["emim_alcl4", "licl_kcl"])
def test_a_resolved_example_gives_the_same_study_back(name):
    study = read_liquid(EXAMPLES / name / "liquid.toml")
    assert parse_liquid(study.to_toml()) == study


def test_the_example_has_the_boxes_of_the_reference_study():
    study = read_liquid(EXAMPLES / "emim_alcl4" / "liquid.toml")
    sizes = {"EMIm": 19, "AlCl4": 5, "Al2Cl7": 9}

    def atoms(composition):
        return sum(n * sizes[name] for name, n in composition.molecules(sizes, study.charges).items())

    table = {one.name: (atoms(one), [box.density for box in one.boxes]) for one in study.compositions[:5]}
    assert table == {
        "x1.0": (408, [1.09, 1.28, 1.44]),
        "x1.3": (376, [1.21, 1.34, 1.52]),
        "x1.5": (364, [1.17, 1.36, 1.52]),
        "x1.7": (376, [1.27, 1.38, 1.55]),
        "x2.0": (364, [1.30, 1.41, 1.56]),
    }
    large = {one.name: (atoms(one), one.boxes[0].edge) for one in study.production.compositions}
    assert large == {
        "x1.00": (10320, 55.0),
        "x1.30": (10080, 55.0),
        "x1.50": (9880, 57.0),
        "x1.75": (10260, 57.0),
        "x2.00": (10360, 57.0),
    }
    assert [one.name for one in study.compositions if one.held_out] == ["x1.6"]


def test_a_ratio_becomes_whole_formula_units_near_the_number_of_atoms_wanted():
    study = read_liquid(EXAMPLES / "licl_kcl" / "liquid.toml")
    counts = study.composition("eutectic").molecules({"Li": 1, "K": 1, "Cl": 1}, study.charges)
    assert counts == {"Li": 117, "K": 83, "Cl": 200}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('smiles = "[Na+]"', "smilse = 1", r"number 1 smilse is an unknown key; did you mean smiles\?"),
        ('smiles = "[Na+]"', 'smiles = "[Na+]"\nxyz = "na.xyz"', "names no file"),
        ("charge = 1", 'charge = "1"', r"\[\[molecules\]\] number 1 charge = \"1\" must be a whole number"),
        ('"1.2 g/cm^3"', "1.2", r"\[\[compositions\]\] number 1 boxes number 1 density = 1.2 has no unit"),
        ('"1.2 g/cm^3"', '"1.2 nm"', "is not a density"),
        ('density = "1.2 g/cm^3"', 'temperatures = ["300 K"]', "a box needs density or edge"),
        ("Na = 2", "Na = 3", r"composition small has the charge \+1 e"),
        ("Na = 2", "Na = 2, K = 1", "has 'K', which is none of"),
        ("counts = { Na = 2, Cl = 2 }", "counts = { Na = 0 }", "has no molecules"),
        ("counts = { Na = 2, Cl = 2 }", "ratio = { Na = 1, Cl = 1 }", "ratio and atoms go together"),
        ('name = "Cl"', 'name = "Na"', "molecule 'Na' is there 2 times"),
        ('program = "tblite"', 'program = "tblite"\ncutoff = "400 Ry"', "cutoff has no effect"),
        ('program = "tblite"', 'program = "cp2k"\nbasis = "SZV-MOLOPT-SR-GTH"', "allow_minimal_basis = true"),
        ('program = "tblite"', 'program = "ase"', 'needs calculator = "module:Class"'),
        ('program = "tblite"', 'program = "vasp"', "is not a choice"),
        ("[frames]", '[frames]\ncompositions = ["large"]', "has 'large', which is none of"),
        ("[frames]", '[frames]\nfile = "frames.xyz"', "names no file"),
        ("[frames]", "[frame]", "is an unknown section; did you mean frames"),
    ],
)
def test_a_mistake_is_one_line_with_place_and_remedy(liquid_text, tmp_path, old, new, words):
    with pytest.raises(InputError, match=words) as error:
        parse_liquid(changed(liquid_text, old, new), source="liquid.toml", folder=tmp_path)
    lines = str(error.value).splitlines()
    assert len(lines) == 1
    assert re.match(r"liquid.toml: .*[;:]", lines[0])


def test_every_mistake_has_a_line_of_its_own(liquid_text):
    text = changed(changed(liquid_text, '"1.2 g/cm^3"', '"-1 g/cm^3"'), "frames = 2", "frames = 0")
    with pytest.raises(InputError) as error:
        parse_liquid(text, source="liquid.toml")
    assert len(str(error.value).splitlines()) == 2


def test_a_minimal_basis_needs_an_explicit_word(liquid_text):
    word = 'program = "cp2k"\nbasis = "SZV-MOLOPT-SR-GTH"\nallow_minimal_basis = true'
    assert parse_liquid(changed(liquid_text, 'program = "tblite"', word)).teacher.build().basis == "SZV-MOLOPT-SR-GTH"


def test_steps_on_the_way_to_convergence_do_not_make_another_level_of_theory(liquid_text):
    plain = parse_liquid(changed(liquid_text, 'program = "tblite"', 'program = "cp2k"')).teacher
    patient = parse_liquid(changed(liquid_text, 'program = "tblite"', 'program = "cp2k"\nscf_restarts = 99')).teacher
    assert patient.settings() == plain.settings()
    assert plain.settings()["cutoff"] == "400 Ry"
