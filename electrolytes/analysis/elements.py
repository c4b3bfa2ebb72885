"""Names and masses of the elements, from ASE's tables."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats

#: how far a mass in a file may lie from that of its element [u]; deuterium as H does not pass
_TOLERANCE = 0.5


def masses_of(elements: Sequence[str]) -> Floats:
    """Return the masses [u] of elements.

    Raises:
        InputError: a symbol that no element has.
    """
    from ase.data import atomic_masses, atomic_numbers

    for symbol in dict.fromkeys(elements):
        if symbol not in atomic_numbers or symbol == "X":
            raise InputError(f"{symbol!r} is no chemical element; give symbols such as Al and Cl, one per atom type")
    return np.array([atomic_masses[atomic_numbers[symbol]] for symbol in elements], dtype=float)


def element_of(mass: float) -> str:
    """Return the element whose mass [u] is nearest.

    Raises:
        InputError: none is within half a unit.
    """
    from ase.data import atomic_masses, chemical_symbols

    nearest = 1 + int(np.argmin(np.abs(np.asarray(atomic_masses[1:95]) - mass)))
    if not abs(atomic_masses[nearest] - mass) < _TOLERANCE:
        raise InputError(f"no element has the mass {mass} u; give masses in atomic units (grams per mole)")
    return str(chemical_symbols[nearest])


def same_element(symbol: str, mass: float) -> bool:
    """Tell whether a mass [u] is that of an element."""
    return abs(float(masses_of([symbol])[0]) - mass) < _TOLERANCE


def covalent_radii_of(elements: Sequence[str]) -> Floats:
    """Return covalent radii [angstrom] of elements (Cordero et al., doi:10.1039/b801115j)."""
    from ase.data import atomic_numbers, covalent_radii

    return np.array([covalent_radii[atomic_numbers[symbol]] for symbol in elements], dtype=float)


def formula_of(elements: Sequence[str], *, first: Sequence[str] = ()) -> str:
    """Return a formula such as Al2Cl7.

    Args:
        elements: of the atoms, in any order.
        first: elements that come first; the others follow by the alphabet.
    """
    counts = Counter(elements)
    order = [symbol for symbol in first if symbol in counts] + sorted(set(counts) - set(first))
    return "".join(f"{symbol}{counts[symbol] if counts[symbol] > 1 else ''}" for symbol in order)
