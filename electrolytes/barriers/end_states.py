"""End states of a reaction in which one molecule hands a group of atoms to another.

Two anions repel each other, so in vacuum there is no end state from which they would not fly apart, and a potential
that was trained on the liquid knows nothing of charged pairs. In the liquid the cations hold them together. The pair
is therefore put into a small neutral box of the liquid's density, in contact, with one atom of each held where it is:
the path is then that of the handing-over alone, without the way on which the two find each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ionspice.core import InputError, RunError
from ionspice.electrolytes.analysis.arrays import Floats
from ionspice.electrolytes.boxes.packing import Ingredient, edge_of, pack
from ionspice.electrolytes.labels.snapshots import read_frames
from ionspice.electrolytes.study.barriers import BarrierSection

if TYPE_CHECKING:
    from ase import Atoms

#: angle at the acceptor's atom, between its held atom and the one that comes
_ANGLE = np.radians(120.0)
#: directions that are tried for the acceptor, around the axis and around itself
_TURNS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Numbers of atoms in a box whose first atoms are the donor's and the acceptor's."""

    handed: tuple[int, ...]  #: atoms that are handed over; the first one bonds
    leaves: int  #: atom that it bonds to before
    joins: int  #: and afterwards
    held: tuple[int, int]  #: atoms that stay where they are


def pair_of(section: BarrierSection, donor: "Atoms", acceptor: "Atoms") -> Pair:
    """Return the atoms that a section means.

    Raises:
        InputError: a number is larger than the molecule.
    """
    assert section.leaves is not None  # or the section would not be valid
    assert section.joins is not None
    assert section.held is not None
    for what, number, molecule in (
        ("handed", max(section.handed), donor),
        ("leaves", section.leaves, donor),
        ("held", section.held[0], donor),
        ("joins", section.joins, acceptor),
        ("held", section.held[1], acceptor),
    ):
        if number > len(molecule):
            raise InputError(
                f"[[barriers]] {section.name}: {what} names atom {number} of a molecule of {len(molecule)} atoms; "
                "give a smaller number"
            )
    shift = len(donor) - 1
    return Pair(
        handed=tuple(number - 1 for number in section.handed),
        leaves=section.leaves - 1,
        joins=section.joins + shift,
        held=(section.held[0] - 1, section.held[1] + shift),
    )


def packed_pair(section: BarrierSection, pair: Pair, geometries: Mapping[str, "Atoms"]) -> "Atoms":
    """Return a box with donor and acceptor in contact, before the handing-over, and others around them.

    Raises:
        RunError: no such box can be packed.
    """
    from ase.constraints import FixAtoms

    contact = _contact(geometries[section.donor], geometries[section.acceptor], pair, section.gap)
    ingredients = [
        Ingredient(name="pair", geometry=contact, count=1),
        *(Ingredient(name=name, geometry=geometries[name], count=count) for name, count in section.around.items()),
    ]
    assert section.density is not None  # or the section would not be valid
    box = pack(ingredients, edge=edge_of(ingredients, section.density), seed=section.seed)
    box.set_constraint(FixAtoms(list(pair.held)))
    return box


def handed_over(box: "Atoms", pair: Pair) -> "Atoms":
    """Return a box with the group at the acceptor: mirrored by the plane between the atoms that it bonds to."""
    other = box.copy()
    axis = box.get_distance(pair.leaves, pair.joins, mic=True, vector=True)
    middle = box.positions[pair.leaves] + axis / 2
    axis = axis / np.linalg.norm(axis)
    for atom in pair.handed:
        away = box.get_distance(pair.leaves, atom, mic=True, vector=True) + box.positions[pair.leaves] - middle
        other.positions[atom] = middle + away - 2 * (away @ axis) * axis
    return other


def check_end_states(start: "Atoms", end: "Atoms", pair: Pair) -> None:
    """Check that the group is where it belongs before and afterwards.

    Raises:
        RunError: it fell back, or went over by itself.
    """
    for state, near, far, when in (
        (start, pair.leaves, pair.joins, "before"),
        (end, pair.joins, pair.leaves, "after"),
    ):
        if not state.get_distance(pair.handed[0], near, mic=True) < state.get_distance(pair.handed[0], far, mic=True):
            raise RunError(
                f"{when} the handing-over the group does not stay where it belongs, so there is no barrier between; "
                "give a larger [[barriers]] gap, another seed, or end states as files"
            )


def read_end_states(section: BarrierSection) -> tuple["Atoms", "Atoms"]:
    """Return the end states of a section's files.

    Raises:
        InputError: one cannot be read, or they have other atoms or cells.
    """
    start, end = (read_frames(Path(path))[0] for path in (section.start, section.end))
    if list(start.symbols) != list(end.symbols) or not np.allclose(start.cell.array, end.cell.array):
        raise InputError(
            f"{section.end} has other atoms or another cell than {section.start}; give the same in order"
        )
    return start, end


def _contact(donor: "Atoms", acceptor: "Atoms", pair: Pair, gap: float) -> "Atoms":
    """Return donor and acceptor together: the acceptor's atom on the far side of the group from what it leaves."""
    centre = donor.positions[pair.handed[0]]
    axis = _unit(centre - donor.positions[pair.leaves])
    joins, held = pair.joins - len(donor), pair.held[1] - len(donor)
    local = acceptor.positions - acceptor.positions[joins]
    best, most = local, -1.0
    for turn in range(_TURNS):
        side = _turned(_across(axis), axis, 2 * np.pi * turn / _TURNS)
        direction = -np.cos(_ANGLE) * axis + np.sin(_ANGLE) * side
        aligned = local if joins == held else local @ _rotation(_unit(local[held]), direction).T
        for twist in range(_TURNS):
            placed = _turned(aligned, direction, 2 * np.pi * twist / _TURNS) + centre + gap * axis
            others = np.delete(placed, joins, axis=0)
            nearest = np.linalg.norm(others[:, None] - donor.positions[None], axis=-1).min(initial=np.inf)
            if nearest > most:
                best, most = placed, float(nearest)
    placed_acceptor = acceptor.copy()
    placed_acceptor.positions = best
    return donor + placed_acceptor


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector))


def _across(axis: Floats) -> Floats:
    """Return a unit vector at a right angle to another."""
    return _unit(np.cross(axis, np.eye(3)[np.argmin(np.abs(axis))]))


def _turned(vectors: Floats, axis: Floats, angle: float) -> Floats:
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_rotvec(angle * axis).apply(vectors))


def _rotation(first: Floats, second: Floats) -> Floats:
    """Return the rotation that takes a unit vector to another, shape (3, 3)."""
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.align_vectors(second[None], first[None])[0].as_matrix())
