import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
import ase

from ionspice.electrolytes.boxes.bonding import Bonding
from ionspice.electrolytes.boxes.molecules import Molecule, read_geometries, write_molecules


def test_molecules_keep_names_that_extended_xyz_takes_for_truth_values(tmp_path):
    bonding = Bonding(method="GFN2-xTB", charges=(0.0,), bonds=())
    names = ["F", "T", "Cl", "1"]
    write_molecules(
        tmp_path, [Molecule(name=name, charge=0, geometry=ase.Atoms("F"), bonding=bonding) for name in names]
    )
    assert list(read_geometries(tmp_path)) == names
