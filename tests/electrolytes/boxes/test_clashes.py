import numpy as np
import pytest

ase = pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ionspice.electrolytes.boxes.clashes import shortest_contact, whole_molecules  # noqa: E402


def test_contacts_are_seen_through_the_boundary_and_not_within_a_molecule():
    box = ase.Atoms("H4", positions=[[0.2, 5, 5], [1.0, 5, 5], [9.5, 5, 5], [8.7, 5, 5]], cell=[10] * 3, pbc=True)
    assert shortest_contact(box, [0, 0, 1, 1]) == pytest.approx(0.7)
    assert shortest_contact(box[:2], [0, 0]) == 4.0


def test_the_image_of_a_molecule_is_another_molecule():
    box = ase.Atoms("H2", positions=[[0.5, 5, 5], [9.0, 5, 5]], cell=[10] * 3, pbc=True)
    assert shortest_contact(box, [0, 0]) == pytest.approx(1.5)


def test_a_long_molecule_across_the_boundary_becomes_whole():
    chain = np.array([[1.3 * n, 2.0, 2.0] for n in range(6)])  # 6.5 angstrom in a cell of 9
    box = ase.Atoms("C6", positions=chain + np.array([4.0, 0.0, 8.0]), cell=[9] * 3, pbc=True)
    box.wrap()
    whole = whole_molecules(box, np.zeros(6, dtype=int))
    steps = np.diff(whole.positions, axis=0)
    assert np.allclose(steps, [1.3, 0, 0])
    assert np.allclose(np.mod(whole.positions - box.positions + 1e-9, 9), 1e-9, atol=1e-6)
