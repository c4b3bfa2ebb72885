"""Molecules by their bonds (atoms nearer than the sum of their covalent radii and a quarter), and their kinds."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ionspice.electrolytes.analysis.arrays import Flags, Floats, Integers, Names
from ionspice.electrolytes.analysis.elements import covalent_radii_of, formula_of
from ionspice.electrolytes.analysis.neighbours import greatest_distance, pairs_within
from ionspice.electrolytes.analysis.trajectory import Trajectory

#: longest bond over the sum of covalent radii; hydrogen bonds to Cl stay outside
_STRETCH = 1.25


def molecules_by_bonds(elements: Names, points: Floats, cell: Floats) -> Integers:
    """Return the number of the molecule of every atom, shape (atoms,), counted from 0 in the atoms' order.

    Args:
        elements: shape (atoms,).
        points: scaled positions, shape (atoms, 3).
        cell: rows a, b, c [angstrom].

    Raises:
        InputError: the cell is narrower than two bonds.
    """
    radii = covalent_radii_of(list(elements))
    reach = min(2 * _STRETCH * float(radii.max()), greatest_distance(cell))
    pairs, distances = pairs_within(reach, points, points, cell)
    bonded = distances < _STRETCH * (radii[pairs[:, 0]] + radii[pairs[:, 1]])
    rows, columns = pairs[bonded].T
    graph = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(elements),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def kinds_of_molecules(trajectory: Trajectory) -> dict[str, Flags]:
    """Return the atoms of every kind of molecule, shape (atoms,), by its formula, elements by the alphabet."""
    _, place = np.unique(trajectory.molecules, return_inverse=True)
    members = np.split(np.argsort(place, kind="stable"), np.cumsum(np.bincount(place))[:-1])
    formulas = np.array([formula_of(trajectory.elements[atoms].tolist()) for atoms in members])
    return {formula: formulas[place] == formula for formula in dict.fromkeys(formulas.tolist())}
