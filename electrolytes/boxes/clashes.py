"""Distances between molecules of a periodic box."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from ase import Atoms


def shortest_contact(box: "Atoms", molecule: ArrayLike, *, within: float = 4.0) -> float:
    """Return the shortest distance between atoms of different molecules under the box's periodicity.

    An atom and its own image, or atoms of a molecule and of its image, count too: images are other molecules.

    Args:
        box: atoms and cell, molecules in one piece.
        molecule: number of the molecule of every atom, shape (atoms,).
        within: largest distance looked for [angstrom].

    Returns:
        The distance [angstrom]; `within` where no two molecules are nearer.
    """
    from ase.neighborlist import neighbor_list

    number = np.asarray(molecule)
    if len(number) != len(box):
        raise ValueError(f"{len(number)} molecule numbers for {len(box)} atoms")
    first, second, distance, shift = neighbor_list("ijdS", box, within)
    between = (number[first] != number[second]) | shift.any(axis=1)
    return float(min(distance[between], default=within))


def whole_molecules(box: "Atoms", molecule: ArrayLike) -> "Atoms":
    """Return a box with every molecule in one piece.

    From its first atom on, each atom of a molecule is placed at the image nearest to the atom of its molecule that is
    nearest: right while bonds are shorter than half the cell, however long the molecule is.

    Args:
        box: atoms and cell.
        molecule: number of the molecule of every atom, shape (atoms,).
    """
    number = np.asarray(molecule)
    whole = box.copy()
    for one in np.unique(number):
        atoms = np.flatnonzero(number == one)
        whole.positions[atoms] = _in_one_piece(box[atoms])
    return whole


def _in_one_piece(molecule: "Atoms") -> NDArray[np.float64]:
    """Return positions [angstrom] along the shortest tree of bonds, shape (atoms, 3)."""
    vectors = molecule.get_all_distances(mic=True, vector=True)
    lengths = np.linalg.norm(vectors, axis=-1)
    positions = np.array(molecule.positions)
    near, link = lengths[0].copy(), np.zeros(len(molecule), dtype=int)
    near[0] = np.inf
    for _ in range(len(molecule) - 1):  # Prim
        atom = int(np.argmin(near))
        positions[atom] = positions[link[atom]] + vectors[link[atom], atom]
        near[atom] = np.inf
        nearer = lengths[atom] < near
        open_ = np.isfinite(near)
        link[nearer & open_], near[nearer & open_] = atom, lengths[atom][nearer & open_]
    return positions
