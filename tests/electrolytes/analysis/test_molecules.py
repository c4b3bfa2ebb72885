import numpy as np
import pytest

pytest.importorskip("ase", reason="needs the extra atomistic")
pytest.importorskip("MDAnalysis", reason="needs the extra atomistic")

from ionspice.electrolytes.analysis.molecules import kinds_of_molecules, molecules_by_bonds
from ionspice.electrolytes.analysis.trajectory import Trajectory

TETRAHEDRON = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)


def test_ions_are_told_apart_through_the_faces_of_the_cell():
    """AlCl4- across a corner of the cell, Al2Cl7- with a bent bridge, and a Cl- that touches no one."""
    lone = np.vstack([[0, 0, 0], 2.13 * TETRAHEDRON])
    bridge = np.array([[0, 0, 0], [1.9, 1.3, 0], [-1.9, 1.3, 0]]) + 7.0
    ends = [[3.9, 0.8, 0], [1.7, 2.5, 1.7], [1.7, 2.5, -1.7], [-3.9, 0.8, 0], [-1.7, 2.5, 1.7], [-1.7, 2.5, -1.7]]
    positions = np.vstack([lone, bridge, np.array(ends) + 7.0, [[7.0, 2.0, 7.0]]])
    elements = np.array(["Al", "Cl", "Cl", "Cl", "Cl", "Cl", "Al", "Al"] + 6 * ["Cl"] + ["Cl"])
    cell = 14.0 * np.eye(3)
    molecules = molecules_by_bonds(elements, positions / 14.0, cell)
    assert molecules.tolist() == [0] * 5 + [1] * 9 + [2]
    trajectory = Trajectory(
        times=np.zeros(1),
        positions=positions[None],
        cells=cell[None],
        elements=elements,
        masses=np.ones(15),
        molecules=molecules,
    )
    kinds = kinds_of_molecules(trajectory)
    assert {formula: int(atoms.sum()) for formula, atoms in kinds.items()} == {"AlCl4": 5, "Al2Cl7": 9, "Cl": 1}
