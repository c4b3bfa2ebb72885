"""`[electrolyte] file`: a parameter set of its own, with sources, that a case reads and may change."""

import math
import tomllib
from pathlib import Path

import pytest
from scipy import constants

from ionspice.core import InputError
from ionspice.fem import Electrolyte, Species
from ionspice.pipeline import Case, parse_case, read_case
from ionspice.pipeline.cases.electrolyte import ElectrolyteSection

EXAMPLES = Path(__file__).parents[3] / "examples/electrolytes"
SALT = """
temperature = { value = "310 K", standard_error = "0.5 K", source = "measured" }
relative_permittivity = { value = 74.2, standard_error = 0.1, source = "doi:10.6028/jres.056.001" }
ion_diameter = "0.5 nm"

[[species]]
name = "Na+"
valence = 1
diffusivity = { value = "1.8e-9 m^2/s", source = "chosen" }
concentration = "0.5 mol/L"

[[species]]
name = "Cl-"
valence = { value = -1 }
diffusivity = { value = "2.7e-9 m^2/s", standard_error = "0.1e-9 m^2/s", source = "simulated" }
concentration = { value = "0.5 mol/L", source = "chosen" }
"""
IONS = (
    Species(name="Na+", valence=1, diffusivity=1.8e-9, concentration=500.0),
    Species(name="Cl-", valence=-1, diffusivity=2.7e-9, concentration=500.0),
)
ELECTROLYTE = Electrolyte(temperature=310.0, relative_permittivity=74.2, ion_diameter=0.5e-9, species=IONS)


@pytest.fixture
def case_with(tmp_path):
    """Return a function that reads a case of [electrolyte] keys beside a file of its own text."""

    def read(keys: str = "", text: str = SALT) -> Case:
        (tmp_path / "salt.toml").write_text(text)
        (tmp_path / "case.toml").write_text(f'[electrolyte]\nfile = "salt.toml"\n{keys}')
        return read_case(tmp_path / "case.toml")

    return read


@pytest.mark.parametrize("heading", ["", "[electrolyte]\n"])
def test_values_are_plain_or_tables_with_error_and_source(case_with, heading):
    text = SALT.replace("[[species]]", "[[electrolyte.species]]") if heading else SALT
    assert case_with(text=heading + text).electrolyte.build() == ELECTROLYTE


def test_the_resolved_case_needs_no_file(case_with, tmp_path):
    case = case_with()
    (tmp_path / "salt.toml").unlink()
    assert parse_case(case.to_toml()) == case
    assert case.electrolyte.file == ""


def test_keys_beside_the_file_change_it(case_with):
    built = case_with('temperature = "350 K"\nsolvent_diameter = "0.45 nm"').electrolyte.build()
    assert (built.temperature, built.solvent_diameter) == (350.0, 0.45e-9)
    assert built.species == IONS


def test_ions_beside_the_file_change_those_of_the_same_name(case_with):
    both = '{name = "Na+", concentration = "1 mol/L"}, {name = "Cl-", concentration = "1 mol/L", diameter = "0.6 nm"}'
    sodium, chloride = case_with(f"species = [{both}]").electrolyte.build().species
    assert sodium == Species(name="Na+", valence=1, diffusivity=1.8e-9, concentration=1000.0)
    assert (chloride.concentration, chloride.diffusivity, chloride.diameter) == (1000.0, 2.7e-9, 0.6e-9)


def test_other_ions_beside_the_file_take_the_place_of_its_own(case_with):
    species = '{name = "K+", valence = 1}, {name = "Cl-", valence = -1}'
    built = case_with(f"species = [{species}]").electrolyte.build()
    assert built.species == Electrolyte().species
    assert built.temperature == 310.0


def test_a_file_works_from_python(tmp_path):
    (tmp_path / "salt.toml").write_text(SALT)
    section = ElectrolyteSection(file=str(tmp_path / "salt.toml"), temperature=350.0)
    assert section.build() == Electrolyte(
        temperature=350.0, relative_permittivity=74.2, ion_diameter=0.5e-9, species=IONS
    )


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ('"310 K"', '"310 s"', ["[electrolyte] temperature", '"310 s"', "is not a temperature"]),
        ('"310 K"', '"-1 K"', ['[electrolyte] temperature = "-1 K"', "greater than 0", "larger"]),
        ('"0.5 K"', '"0.5 nm"', ["[electrolyte] temperature standard_error", "is not a temperature"]),
        ('"0.5 K"', '"-0.5 K"', ['temperature standard_error = "-0.5 K"', "at least 0"]),
        ("standard_error = 0.1", 'standard_error = "x"', ["relative_permittivity standard_error", "another kind"]),
        ('"measured"', '""', ["[electrolyte] temperature source", "give a DOI"]),
        ('source = "measured"', 'sauce = "x"', ["temperature has the unknown key sauce", "write { value"]),
        ('value = "310 K", ', "", ["[electrolyte] temperature has no value", "write { value"]),
        ("ion_diameter", "ion_diametre", ["[electrolyte] ion_diametre", "unknown key", "did you mean ion_diameter?"]),
        ('"1.8e-9 m^2/s"', '"1.8e-9"', ["[[electrolyte.species]] number 1 diffusivity", "has no unit"]),
        ('"0.1e-9 m^2/s"', '"1 s"', ["[[electrolyte.species]] number 2 diffusivity standard_error"]),
        ("value = -1", "value = -2", ["sum z c = -500 mol/m^3", "neutral"]),
        ("\ntemperature", '\nfile = "other.toml"\ntemperature', ["file = 'other.toml' names another file"]),
        ("\ntemperature", "\ntemperature temperature", ["not valid TOML", "correct"]),
    ],
)
def test_a_mistake_names_both_files_key_value_limit_and_remedy(case_with, tmp_path, old, new, parts):
    assert old in SALT
    with pytest.raises(InputError) as caught:
        case_with(text=SALT.replace(old, new, 1))
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'case.toml'}: [electrolyte] {tmp_path / 'salt.toml'}: ")
    assert "\n" not in message
    assert [part for part in parts if part not in message] == []


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.toml: cannot read the electrolyte: No such file"):
        parse_case('[electrolyte]\nfile = "none.toml"', folder=tmp_path)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_published_set_reads_and_gives_a_source_beside_every_number(path):
    electrolyte = ElectrolyteSection(file=str(path)).build()
    assert 0 < electrolyte.packing_fraction < 1
    values = tomllib.loads(path.read_text())
    numbers = [values, *values.pop("species")]
    assert len(numbers) == 3
    for table in numbers:
        for key, value in table.items():
            assert key in ("name", "valence") or value["source"], key


def test_the_ionic_liquid_of_the_examples_is_read_with_its_case():
    case = read_case(EXAMPLES.parent / "emim_alcl4/slits.toml")
    liquid = case.electrolyte.build()
    assert [(ion.name, ion.valence, ion.concentration) for ion in liquid.species] == [
        ("EMIm+", 1, 4300),
        ("AlCl4-", -1, 4300),
    ]
    # Nernst and Einstein [mS/cm]
    mobility = sum(ion.number_density * ion.diffusivity for ion in liquid.species) / liquid.thermal_voltage
    assert mobility * 1.602176634e-19 * 10 == pytest.approx(25.7, rel=0.01)
    # cells for the screening length of its correlations, 0.23 nm, not for the Debye length, 0.058 nm
    assert case.grading.wall_spacing == 0.05e-9


def test_diffusion_follows_arrhenius_from_the_temperature_of_its_values(case_with):
    warm = SALT.replace('"310 K"', '"330 K"').replace("relative", 'reference_temperature = "310 K"\nrelative', 1)
    warm = warm.replace("valence = 1", 'valence = 1\nactivation_energy = { value = "16 kJ/mol", source = "chosen" }')
    sodium, chloride = case_with(text=warm).electrolyte.build().species
    assert sodium.diffusivity == pytest.approx(1.8e-9 * math.exp(16e3 / constants.R * (1 / 310 - 1 / 330)), rel=1e-14)
    assert chloride.diffusivity == 2.7e-9


def test_an_activation_energy_needs_the_temperature_of_the_diffusivity(case_with):
    with pytest.raises(InputError, match="reference_temperature"):
        case_with(text=SALT.replace("valence = 1", 'valence = 1\nactivation_energy = "16 kJ/mol"'))
