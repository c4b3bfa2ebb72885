import numpy as np
import pytest

pytest.importorskip("rdkit", reason="the extra atomistic is not installed")
pytest.importorskip("tblite", reason="the extra atomistic is not installed")
from ionspice.core import InputError
from ionspice.electrolytes.boxes.bonding import bonding
from ionspice.electrolytes.boxes.geometry import charge_of_smiles, from_smiles, from_xyz, relax


def test_a_chloroaluminate_is_a_tetrahedron():
    ion = relax(from_smiles("[Al-](Cl)(Cl)(Cl)Cl"), charge=-1)
    assert ion.get_chemical_symbols() == ["Al", "Cl", "Cl", "Cl", "Cl"]
    angles = [ion.get_angle(i, 0, j) for i in range(1, 5) for j in range(i + 1, 5)]
    assert np.allclose(angles, 109.47, atol=1)


def test_bridging_bonds_of_the_dimer_are_weaker_than_terminal_ones():
    ion = relax(from_smiles("Cl[Al-](Cl)(Cl)[Cl+][Al-](Cl)(Cl)Cl"), charge=-1)
    found = bonding(ion, charge=-1)
    assert sum(found.charges) == pytest.approx(-1, abs=1e-4)
    orders = sorted(bond.order for bond in found.bonds)
    assert len(orders) == 8
    assert orders[1] < 0.8 < 1.0 < orders[2]


def test_the_same_seed_gives_the_same_geometry():
    first, second = from_smiles("CCn1cc[n+](C)c1"), from_smiles("CCn1cc[n+](C)c1")
    assert len(first) == 19
    assert np.array_equal(first.positions, second.positions)


def test_a_text_that_is_no_smiles_is_named():
    with pytest.raises(InputError, match='smiles = "Al-Cl" is no SMILES'):
        from_smiles("Al-Cl")


def test_charges_are_read_from_smiles():
    assert [charge_of_smiles(text) for text in ("[K+]", "[Cl-]", "O", "Cl[Al-](Cl)(Cl)[Cl+][Al-](Cl)(Cl)Cl")] == [
        1,
        -1,
        0,
        -1,
    ]


def test_a_damaged_xyz_file_is_one_error(tmp_path):
    path = tmp_path / "ion.xyz"
    path.write_text("3\n\nAl 0 0\n")
    with pytest.raises(InputError, match=r"cannot read .*ion.xyz"):
        from_xyz(path)
