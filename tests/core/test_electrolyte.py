import pytest

from ionspice.core import InputError
from ionspice.fem import Electrolyte, Species


def ion(valence, concentration=1000.0):
    return Species(name=f"z{valence}", valence=valence, diffusivity=1e-9, concentration=concentration)


def test_default_electrolyte_has_the_documented_scales():
    kcl = Electrolyte()
    assert kcl.debye_length == pytest.approx(0.304e-9, rel=2e-3)
    assert kcl.debye_time == pytest.approx(46e-12, rel=1e-2)
    assert kcl.packing_fraction == pytest.approx(0.26, rel=2e-3)
    assert kcl.thermal_voltage == pytest.approx(25.69e-3, rel=1e-3)


def test_divalent_salt_screens_by_its_ionic_strength():
    monovalent = Electrolyte(ion_diameter=0.0)
    divalent = Electrolyte(ion_diameter=0.0, species=(ion(2), ion(-2)))
    assert divalent.debye_length == pytest.approx(monovalent.debye_length / 2)


def test_a_charged_bulk_is_refused():
    with pytest.raises(InputError, match=r"bulk charge sum z c = 1000 mol/m\^3 must be 0"):
        Electrolyte(species=(ion(2), ion(-1)))


def test_a_full_bulk_is_refused_with_its_packing_fraction():
    with pytest.raises(InputError, match=r"packing fraction nu = sum a\^3 c0 = 1\.2.* must be below 1"):
        Electrolyte(ion_diameter=1e-9)


@pytest.mark.parametrize(("key", "value"), [("diffusivity", 0.0), ("concentration", -1.0)])
def test_impossible_ions_are_refused(key, value):
    good = {"name": "K+", "valence": 1, "diffusivity": 2e-9, "concentration": 1000.0}
    with pytest.raises(InputError, match=f"species K\\+: {key}"):
        Species(**{**good, key: value})


def test_neutral_solutes_alone_are_no_electrolyte():
    sugar = Species(name="sugar", valence=0, diffusivity=5e-10, concentration=100.0)
    with pytest.raises(InputError, match="none with a charge; give at least one cation and one anion"):
        Electrolyte(species=(sugar,))
    salt = Electrolyte()
    sweet = Electrolyte(species=(*salt.species, sugar))
    assert sweet.debye_length == pytest.approx(salt.debye_length, rel=1e-12)
    assert sweet.packing_fraction == pytest.approx(salt.packing_fraction * 2100 / 2000, rel=1e-12)
