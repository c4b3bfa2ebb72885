"""Bonds between centres and ligands in time, such as Al-Cl: made below one distance, broken above another.

Between the two a bond stays what it was, so that a vibration makes no event. A persistence filter then takes only
changes that last.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Flags, Integers, Names
from ionspice.electrolytes.analysis.neighbours import pairs_within
from ionspice.electrolytes.analysis.trajectory import Trajectory


@dataclass(frozen=True, slots=True, kw_only=True)
class BondHistory:
    """Which pairs of a centre and a ligand are bonded, frame by frame; pairs that never are do not appear."""

    interval: float  #: from frame to frame [ps]
    elements: Names  #: of all atoms of the trajectory, shape (atoms,)
    centres: Integers  #: places of the centres among the atoms, shape (centres,)
    ligands: Integers  #: likewise, shape (ligands,)
    pairs: Integers  #: places of centre and ligand among the atoms, shape (pairs, 2)
    bonded: Flags  #: shape (frames, pairs)

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.bonded)

    @property
    def duration(self) -> float:
        """Time that the frames stand for, each for one interval [ps]."""
        return self.frames * self.interval


def bond_history(trajectory: Trajectory, centre: Flags, ligand: Flags, *, made: float, broken: float) -> BondHistory:
    """Follow the bonds of a trajectory.

    Args:
        trajectory: its frames.
        centre: atoms, shape (atoms,).
        ligand: other atoms, shape (atoms,).
        made: a pair bonds when it comes nearer than this [angstrom].
        broken: and parts when it goes further than this [angstrom].

    Raises:
        InputError: the distances are not in order, or the groups share atoms.
    """
    if not 0 < made <= broken:
        raise InputError(f"made = {made:g} must be above 0 and at most broken = {broken:g} angstrom")
    if (centre & ligand).any():
        raise InputError("an atom is centre and ligand at once; give two groups, such as Al and Cl")
    centres, ligands = np.flatnonzero(centre), np.flatnonzero(ligand)
    keys, near, inside = [], [], []
    for points, cell in zip(trajectory.scaled_positions, trajectory.cells, strict=True):
        found, distances = pairs_within(broken, points[centres], points[ligands], cell)
        key = found[:, 0] * len(ligands) + found[:, 1]
        keys.append(key)
        inside.append(distances < made)
        near.append(len(key))
    all_keys = np.concatenate(keys)
    known, place = np.unique(all_keys, return_inverse=True)
    states = np.zeros((len(trajectory.times), len(known)), dtype=np.int8)
    states[np.repeat(np.arange(len(near)), near), place] = 1 + np.concatenate(inside)
    bonded = _with_memory(states)
    used = bonded.any(axis=0)
    return BondHistory(
        interval=trajectory.interval if len(trajectory.times) > 1 else 1.0,
        elements=trajectory.elements,
        centres=centres,
        ligands=ligands,
        pairs=np.stack([centres[known // len(ligands)], ligands[known % len(ligands)]], axis=1)[used],
        bonded=bonded[:, used],
    )


def _with_memory(states: NDArray[np.int8]) -> Flags:
    """Return bonds from states 2 (near), 1 (between), 0 (far); what starts in between is bonded."""
    bonded = np.empty(states.shape, dtype=bool)
    last = states[0] > 0
    for row, state in zip(bonded, states, strict=True):
        last = np.where(state == 1, last, state == 2)
        row[:] = last
    return bonded


def lasting(history: BondHistory, persistence: float) -> BondHistory:
    """Return the history without changes that do not last.

    A pair changes at the frame from which on it is in the new state for the persistence [ps] without a break. A state
    that the end of the trajectory cuts off before that is no change.
    """
    needed = max(1, math.ceil(persistence / history.interval - 1e-9))
    bonded = history.bonded.copy()
    changing = np.flatnonzero((bonded[1:] != bonded[:-1]).any(axis=0))
    for pair in changing:
        bonded[:, pair] = _debounced(bonded[:, pair], needed)
    used = bonded.any(axis=0)
    return replace(history, pairs=history.pairs[used], bonded=bonded[:, used])


def _debounced(series: Flags, needed: int) -> Flags:
    starts = np.concatenate([[0], 1 + np.flatnonzero(series[1:] != series[:-1])])
    lengths = np.diff(np.concatenate([starts, [len(series)]]))
    long = lengths >= needed
    if not long.any():
        return np.full(len(series), series.mean() >= 0.5)
    result = np.empty(len(series), dtype=bool)
    # whatever comes before the first long run counts as that run
    result[:] = series[starts[long][0]]
    for start in starts[long]:
        result[start:] = series[start]
    return result


def coordination_numbers(history: BondHistory) -> Integers:
    """Return how many ligands every centre has, shape (frames, centres)."""
    place = np.searchsorted(history.centres, history.pairs[:, 0])
    counts = np.zeros((history.frames, len(history.centres)), dtype=np.int64)
    for pair, centre in enumerate(place):
        counts[:, centre] += history.bonded[:, pair]
    return counts
