"""The ions of a frame: clusters of bonded atoms, their formal charges and centres of mass.

Only atoms of elements that share a molecule of the liquid bond: Al with Cl, C with H and N, but no ions of a molten
salt, however near. Only the charges of the liquid's own molecules are given. Those of other clusters, which reactions
make, follow where charges of elements that fit all molecules settle them: AlCl4- and Al2Cl7- are Al of +3 and Cl of
-1, so AlCl3 is neutral and Al3Cl10 an anion. The same charges of elements serve a collective dipole that must not
jump in a reaction.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats, Integers, Names
from ionspice.electrolytes.analysis.elements import formula_of
from ionspice.electrolytes.analysis.molecules import kinds_of_molecules, molecules_by_bonds
from ionspice.electrolytes.analysis.trajectory import Trajectory

_TOLERANCE = 1e-6  # of charges and of their coefficients, which are of the order of 1


@dataclass(frozen=True, slots=True, kw_only=True)
class IonFrame:
    """The ions of one frame."""

    points: Floats  #: centres of mass in edges of the cell, shape (ions, 3) [1]
    charges: Floats  #: formal charges z, shape (ions,) [e]


class FormalCharges:
    """Charges of molecules, and what follows from them for elements and for other clusters."""

    def __init__(self, molecules: Mapping[str, tuple[Mapping[str, int], int]]) -> None:
        """Solve for the charges of elements.

        Args:
            molecules: numbers of atoms by element, and the charge [e], by formula; may be empty.
        """
        self.molecules = {formula: charge for formula, (_, charge) in molecules.items()}
        self._elements = sorted({element for counts, _ in molecules.values() for element in counts})
        counted = [[counts.get(element, 0) for element in self._elements] for counts, _ in molecules.values()]
        rows = np.array(counted, dtype=np.float64).reshape(len(molecules), len(self._elements))
        wanted = np.array([charge for _, charge in molecules.values()], dtype=np.float64)
        inverse = np.linalg.pinv(rows)
        self._solution = inverse @ wanted
        self._known = inverse @ rows
        #: elements that bond with each other: those that share a molecule, directly or through others
        self.bonding = _bonding([set(counts) for counts, _ in molecules.values() if sum(counts.values()) > 1])
        #: whether charges of elements give every molecule its charge
        self.consistent = bool(np.abs(rows @ self._solution - wanted).max(initial=0.0) < _TOLERANCE)

    def of_atoms(self, elements: Names) -> Floats:
        """Return formal charges of atoms, shape (atoms,) [e], that add up to those of their molecules.

        Raises:
            InputError: no charges of elements do.
        """
        if not self.consistent:
            raise InputError(
                f"no charges of the elements {', '.join(self._elements)} give all of {', '.join(self.molecules)} "
                "their charge; give the charges of atoms"
            )
        table = dict(zip(self._elements, self._solution.tolist(), strict=True))
        return np.array([table.get(element, 0.0) for element in elements.tolist()])

    def of_cluster(self, counts: Mapping[str, int]) -> int | None:
        """Return the charge [e] of atoms that hang together, None where nothing settles it."""
        formula = formula_of(list(Counter(counts).elements()))
        if formula in self.molecules:
            return self.molecules[formula]
        if not self.consistent or not set(counts) <= set(self._elements):
            return None
        row = np.array([counts.get(element, 0) for element in self._elements], dtype=np.float64)
        charge = float(row @ self._solution)
        settled = np.abs(row @ self._known - row).max() < _TOLERANCE
        return round(charge) if settled and abs(charge - round(charge)) < _TOLERANCE else None


def _bonding(molecules: Iterable[set[str]]) -> list[set[str]]:
    groups: list[set[str]] = []
    for elements in molecules:
        touched = [group for group in groups if group & elements]
        groups = [group for group in groups if not group & elements]
        groups.append(elements.union(*touched))
    return groups


def clusters(elements: Names, points: Floats, cell: Floats, charges: FormalCharges) -> Integers:
    """Return the number of the cluster of every atom, shape (atoms,).

    Args:
        elements: shape (atoms,).
        points: positions in edges of the cell, shape (atoms, 3).
        cell: rows a, b, c [angstrom].
        charges: of the liquid's molecules, which say what bonds.
    """
    labels = np.arange(len(elements))
    for group in charges.bonding:
        atoms = np.flatnonzero(np.isin(elements, list(group)))
        if atoms.size:
            own = molecules_by_bonds(elements[atoms], points[atoms], cell)
            # the first atom of a cluster lends it its number
            _, first = np.unique(own, return_index=True)
            labels[atoms] = atoms[first][own]
    _, numbers = np.unique(labels, return_inverse=True)
    return np.asarray(numbers, dtype=np.int64)


def with_molecules(trajectory: Trajectory, charges: FormalCharges) -> Trajectory:
    """Return a trajectory whose molecules are those of the liquid: the file's own, or clusters of the first frame.

    Of a liquid whose molecules nobody named they are the file's own.
    """
    if not charges.molecules or set(kinds_of_molecules(trajectory)) <= set(charges.molecules):
        return trajectory
    points = trajectory.scaled_positions[0]
    return replace(trajectory, molecules=clusters(trajectory.elements, points, trajectory.cells[0], charges))


def formal_charges(charges: Mapping[str, int]) -> FormalCharges:
    """Return the charges of molecules that formulas such as AlCl4 and their charges [e] describe.

    Raises:
        InputError: a formula is none, or two ways to write one have different charges.
    """
    from ase.formula import Formula

    molecules: dict[str, tuple[Mapping[str, int], int]] = {}
    for text, charge in charges.items():
        try:
            counts = Formula(text).count()
        except ValueError as error:
            raise InputError(f"{text!r} is no formula: {error}; write it like C6H11N2 or AlCl4") from error
        formula = formula_of(list(Counter(counts).elements()))
        if molecules.get(formula, (counts, charge))[1] != charge:
            raise InputError(
                f"{formula} has the charges {molecules[formula][1]:+d} and {charge:+d}; molecules of one formula "
                "must have one charge, because they are told apart by their atoms"
            )
        molecules[formula] = (counts, charge)
    return FormalCharges(molecules)


def ions_in_time(trajectory: Trajectory, charges: FormalCharges, *, every: int = 1) -> Iterator[IonFrame]:
    """Yield the ions of every frame whose clusters all have a known charge; neutral ones are left out.

    Args:
        trajectory: its frames.
        charges: of molecules.
        every: use one frame of so many.
    """
    points = trajectory.scaled_positions
    for frame in range(0, len(trajectory.times), every):
        labels = clusters(trajectory.elements, points[frame], trajectory.cells[frame], charges)
        z = _cluster_charges(labels, trajectory.elements, charges)
        if z is None or abs(z.sum()) > _TOLERANCE or not z.any():
            continue
        centres = centres_in_cell(points[frame], trajectory.masses, labels)
        yield IonFrame(points=centres[z != 0], charges=z[z != 0])


def _cluster_charges(labels: Integers, elements: Names, charges: FormalCharges) -> Floats | None:
    names, kind = np.unique(elements, return_inverse=True)
    counts = np.zeros((int(labels.max()) + 1, len(names)), dtype=np.int64)
    np.add.at(counts, (labels, kind), 1)
    kinds, place = np.unique(counts, axis=0, return_inverse=True)
    table = [
        charges.of_cluster({str(name): int(n) for name, n in zip(names, row, strict=True) if n}) for row in kinds
    ]
    known = [charge for charge in table if charge is not None]
    return np.array(known, dtype=np.float64)[place.ravel()] if len(known) == len(table) else None


def centres_in_cell(points: Floats, masses: Floats, labels: Integers) -> Floats:
    """Return centres of mass of clusters that may lie across the faces of the cell, shape (clusters, 3) [1].

    Every atom is taken in its image nearest to the cluster's mean direction on the circle that a periodic axis is, so
    a cluster must be shorter than the cell.

    Args:
        points: of atoms in edges of the cell, shape (atoms, 3).
        masses: shape (atoms,).
        labels: number of the cluster of every atom, shape (atoms,).
    """
    total = np.bincount(labels, weights=masses)
    middles = np.empty((len(total), 3))
    for axis in range(3):
        turns = np.exp(2j * np.pi * points[:, axis])
        mean = np.bincount(labels, masses * turns.real) + 1j * np.bincount(labels, masses * turns.imag)
        middle = np.angle(mean) / (2 * np.pi)
        away = points[:, axis] - middle[labels]
        middles[:, axis] = middle + np.bincount(labels, masses * (away - np.round(away))) / total
    return middles
