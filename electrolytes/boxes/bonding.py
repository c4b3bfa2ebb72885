"""Wiberg bond orders and atomic charges of an isolated molecule by GFN-xTB.

The order of a bond is the sum of squares of the density matrix between two atoms (K. B. Wiberg, Tetrahedron 24,
1083 (1968)); charges are Mulliken's.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ase import Atoms

#: pairs of atoms of a smaller order are not bonded
BONDED = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """Two bonded atoms."""

    atoms: tuple[int, int]  #: numbers of the atoms from 0
    elements: tuple[str, str]
    order: float  #: Wiberg's [1]
    length: float  #: [angstrom]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bonding:
    """What holds a molecule together."""

    method: str
    charges: tuple[float, ...]  #: of the atoms [e]
    bonds: tuple[Bond, ...]


def bonding(molecule: "Atoms", *, charge: int, method: str = "GFN2-xTB") -> Bonding:
    """Return bond orders and charges of a molecule without cell and of even number of electrons."""
    from ase.units import Bohr
    from tblite.interface import Calculator

    calculator = Calculator(method, molecule.numbers, molecule.positions / Bohr, charge=charge)
    calculator.set("verbosity", 0)
    result = calculator.singlepoint()
    orders: NDArray[np.float64] = np.asarray(result.get("bond-orders"))
    orders = orders.reshape(-1, len(molecule), len(molecule)).sum(axis=0)
    pairs = zip(*np.nonzero(np.triu(orders, 1) > BONDED), strict=True)
    symbols = molecule.get_chemical_symbols()
    bonds = tuple(
        Bond(
            atoms=(int(i), int(j)),
            elements=(symbols[i], symbols[j]),
            order=float(orders[i, j]),
            length=float(molecule.get_distance(i, j)),
        )
        for i, j in pairs
    )
    return Bonding(method=method, charges=tuple(map(float, result.get("charges"))), bonds=bonds)
