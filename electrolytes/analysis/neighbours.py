"""Pairs of near atoms in a periodic cell of any shape, by MDAnalysis's cell lists."""

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats, Integers, Points


def box_of(cell: Floats) -> Points:
    """Return lengths [angstrom] and angles [degrees] of a cell, as MDAnalysis wants them, shape (6,)."""
    lengths = np.linalg.norm(cell, axis=1)
    a, b, c = cell / lengths[:, None]
    angles = np.degrees(np.arccos(np.clip([b @ c, a @ c, a @ b], -1, 1)))
    return np.concatenate([lengths, angles]).astype(np.float32)


def in_box(points: Floats, box: Points) -> Points:
    """Return scaled positions, shape (atoms, 3), folded, in angstrom in a cell turned so that a is along x."""
    from MDAnalysis.lib.mdamath import triclinic_vectors

    return ((points % 1.0) @ np.asarray(triclinic_vectors(box), dtype=np.float64)).astype(np.float32)


def greatest_distance(cell: Floats) -> float:
    """Return the greatest distance [angstrom] at which a pair is met once: half the narrowest width of the cell."""
    across = np.cross(np.roll(cell, -1, axis=0), np.roll(cell, -2, axis=0))
    return float((abs(np.linalg.det(cell)) / np.linalg.norm(across, axis=1)).min() / 2)


def check_cutoff(cutoff: float, cell: Floats) -> None:
    """Refuse a cutoff at which an atom would meet two images of another.

    Raises:
        InputError: it is above half the width of the cell, or not above 0.
    """
    limit = greatest_distance(cell)
    if not 0 < cutoff <= limit * (1 + 1e-6):
        raise InputError(
            f"cutoff = {cutoff:g} angstrom must be above 0 and at most half the width of the cell, {limit:.2f} "
            "angstrom; give a smaller one or a larger box"
        )


def pairs_within(cutoff: float, first: Floats, second: Floats, cell: Floats) -> tuple[Integers, Floats]:
    """Return pairs nearer than a cutoff, shape (pairs, 2), and their distances [angstrom].

    Args:
        cutoff: [angstrom].
        first: scaled positions, shape (atoms, 3).
        second: likewise; an atom that is in both meets itself at distance 0.
        cell: rows a, b, c [angstrom].

    Raises:
        InputError: the cutoff is above half the width of the cell.
    """
    from MDAnalysis.lib.distances import capped_distance

    check_cutoff(cutoff, cell)
    box = box_of(cell)
    pairs, distances = capped_distance(in_box(first, box), in_box(second, box), cutoff, box=box)
    return pairs.astype(np.int64).reshape(-1, 2), np.asarray(distances, dtype=np.float64)
