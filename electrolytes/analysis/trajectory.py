"""A trajectory as every analysis takes it: unwrapped, free of drift, evenly spaced, with an element per atom."""

from dataclasses import dataclass, replace

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Flags, Floats, Integers, Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """Frames at even intervals.

    Positions go through the faces of the cell without a jump and belong to the cell of their own frame, from whose
    corner they are measured: folded back into it they are what the engine had.

    Raises:
        InputError: arrays that do not fit each other, or a cell without volume.
    """

    times: Floats  #: shape (frames,) [ps]
    positions: Floats  #: shape (frames, atoms, 3) [angstrom]
    cells: Floats  #: shape (frames, 3, 3), rows a, b, c [angstrom]
    velocities: Floats | None = None  #: shape (frames, atoms, 3) [angstrom/ps]
    elements: Names  #: shape (atoms,)
    masses: Floats  #: shape (atoms,) [u]
    molecules: Integers  #: shape (atoms,), the number of the molecule that an atom belongs to

    def __post_init__(self) -> None:
        """Check shapes and cells."""
        frames, atoms = len(self.times), len(self.elements)
        wanted = {"positions": (frames, atoms, 3), "cells": (frames, 3, 3), "masses": (atoms,), "molecules": (atoms,)}
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise InputError(
                    f"trajectory: {name} has the shape {getattr(self, name).shape} instead of {shape} for {frames} "
                    f"frames of {atoms} atoms; give one entry per frame and atom"
                )
        if self.velocities is not None and self.velocities.shape != self.positions.shape:
            raise InputError(
                f"trajectory: velocities has the shape {self.velocities.shape}, positions {self.positions.shape}; "
                "give a velocity for every position or none"
            )
        if not np.all(np.abs(np.linalg.det(self.cells)) > 0):
            raise InputError("trajectory: a cell has no volume; give three edges that span a box [angstrom]")

    @property
    def interval(self) -> float:
        """Time from frame to frame [ps].

        Raises:
            InputError: there is but one frame.
        """
        if len(self.times) < 2:
            raise InputError("the trajectory has 1 frame; motion needs at least 2")
        return float((self.times[-1] - self.times[0]) / (len(self.times) - 1))

    @property
    def volume(self) -> float:
        """Mean volume of the cell [angstrom^3]."""
        return float(np.mean(np.abs(np.linalg.det(self.cells))))

    @property
    def scaled_positions(self) -> Floats:
        """Positions in edges of their own frame's cell, shape (frames, atoms, 3) [1]."""
        return scaled(self.positions, self.cells)

    def of(self, *elements: str) -> Flags:
        """Return which atoms are of the elements, shape (atoms,).

        Raises:
            InputError: there is none.
        """
        chosen: Flags = np.isin(self.elements, elements)
        if not chosen.any():
            raise InputError(
                f"no atom is {' or '.join(elements)}; the trajectory has {', '.join(sorted(set(self.elements)))}"
            )
        return chosen


def scaled(positions: Floats, cells: Floats) -> Floats:
    """Return positions [angstrom], shape (frames, atoms, 3), in edges of the cells, shape (frames, 3, 3)."""
    result: Floats = positions @ np.linalg.inv(cells)
    return result


def without_drift(trajectory: Trajectory) -> Trajectory:
    """Return a trajectory whose centre of mass rests where it was in the first frame.

    The centre is that of the scaled positions, so that a breathing cell adds nothing to it.
    """
    weights = trajectory.masses / trajectory.masses.sum()
    points = trajectory.scaled_positions
    centre = np.einsum("n,tnk->tk", weights, points)
    points -= (centre - centre[0])[:, None]
    velocities = trajectory.velocities
    if velocities is not None:
        velocities = velocities - np.einsum("n,tnk->tk", weights, velocities)[:, None]
    return replace(trajectory, positions=points @ trajectory.cells, velocities=velocities)


def diffusive_positions(trajectory: Trajectory) -> Floats:
    """Return positions [angstrom] whose displacements are the atoms' own, shape (frames, atoms, 3).

    Where the cell breathes (NPT), the positions of the record breathe with it, the more the further an atom has
    gone, which is no diffusion. Here the scaled positions stand in the mean cell. In a rigid cell nothing changes.
    Kulke and Vermaas, J. Chem. Theory Comput. 18, 6161 (2022), doi:10.1021/acs.jctc.2c00327, describe the error.
    """
    result: Floats = trajectory.scaled_positions @ trajectory.cells.mean(axis=0)
    return result


def centres_of_mass(positions: Floats, masses: Floats, molecules: Integers) -> tuple[Floats, Integers]:
    """Return paths of the centres of mass, shape (frames, molecules, 3), and the molecules' numbers in their order.

    An atom that stands in another image than the rest of its molecule shifts the path by a constant, so these serve
    for displacements.

    Args:
        positions: unwrapped, shape (frames, atoms, 3).
        masses: shape (atoms,).
        molecules: shape (atoms,).
    """
    numbers, place = np.unique(molecules, return_inverse=True)
    total = np.bincount(place, weights=masses)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(len(numbers)))
    centres = np.add.reduceat(positions[:, order] * masses[order, None], starts, axis=1)
    return centres / total[None, :, None], numbers
