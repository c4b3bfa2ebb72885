import numpy as np
import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ase import Atoms
from ase.io import read

from ionspice.core import InputError
from ionspice.electrolytes.analysis.readers.lammps_data import read_data_file
from ionspice.electrolytes.lammps.box import write_box_data


@pytest.fixture
def waters():
    """Two molecules in a skewed cell, of which one lies across a face."""
    one = np.array([[0.0, 0.0, 0.0], [0.96, 0.0, 0.0], [-0.24, 0.93, 0.0]])
    positions = np.concatenate([one + 0.2, one + 4.0])
    return Atoms("OHHOHH", positions=positions, cell=[[8, 0, 0], [1, 8, 0], [0.5, -1, 8]], pbc=True)


def test_types_are_in_the_order_of_the_potential_and_masses_those_of_the_elements(waters, tmp_path):
    waters.set_masses([16, 4, 4] * 2)  # as a sampler may have made them
    write_box_data(tmp_path / "box.data", waters, ["Cl", "H", "O"])
    data = read_data_file(tmp_path / "box.data")
    assert [data.types[atom] for atom in range(1, 7)] == [3, 2, 2, 3, 2, 2]
    assert data.masses == pytest.approx({1: 35.45, 2: 1.008, 3: 15.999})


def test_molecules_are_those_of_the_box_or_of_its_bonds(waters, tmp_path):
    write_box_data(tmp_path / "bonds.data", waters, ["O", "H"])
    assert list(read_data_file(tmp_path / "bonds.data").molecules.values()) == [1, 1, 1, 2, 2, 2]
    waters.new_array("molecule", np.array([1, 1, 0, 0, 0, 0]))
    write_box_data(tmp_path / "given.data", waters, ["O", "H"])
    assert list(read_data_file(tmp_path / "given.data").molecules.values()) == [2, 2, 1, 1, 1, 1]


def test_a_skewed_cell_keeps_its_distances(waters, tmp_path):
    write_box_data(tmp_path / "box.data", waters, ["O", "H"])
    found = read(tmp_path / "box.data", format="lammps-data", atom_style="full")
    assert found.get_volume() == pytest.approx(waters.get_volume())
    assert np.allclose(found.get_all_distances(mic=True), waters.get_all_distances(mic=True))


def test_a_box_that_is_not_periodic_is_refused(waters, tmp_path):
    waters.pbc = False
    with pytest.raises(InputError, match="periodic in three directions"):
        write_box_data(tmp_path / "box.data", waters, ["O", "H"])
