"""Repulsion of bare cores at distances of which no label tells, as a table for DeePMD-kit.

    E(r) = Z_i Z_j e^2/(4 pi eps0 r) phi(r/a), a = 0.8854 a0/(Z_i^0.23 + Z_j^0.23)

J. F. Ziegler, J. P. Biersack, U. Littmark, The Stopping and Range of Ions in Solids (1985). The energy of an atom is
switched from the network's to the table's as its nearest neighbour comes nearer than any pair of the labels ever
was (H. Wang et al., Appl. Phys. Lett. 114, 244101 (2019)), so labels are untouched, and whoever loads the model has
the core with it: LAMMPS's hybrid/overlay with pair_style zbl would do the same there, and nowhere else. The switch
knows the nearest neighbour of any element: it keeps atoms from falling into each other, and no weak potential from
being wrong at 1.5 angstrom between chlorines.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ionspice.core import replacing

_E2 = 14.399645  # e^2/(4 pi eps0) [eV angstrom]
_LENGTH = 0.46850  # 0.8854 a0 [angstrom]
_AMPLITUDES = (0.18175, 0.50986, 0.28022, 0.02817)
_RATES = (3.19980, 0.94229, 0.40290, 0.20162)
#: spacing of the table [angstrom]
_SPACING = 0.005
#: where the switch is at its ends, in shares of the least distance of the labels
_WHOLLY, _NOT_YET = 0.55, 0.85
#: how sharply the nearest neighbour is told from others [angstrom]
_ALPHA = 0.1


def core_energy(first: int, second: int, distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the energy [eV] of two cores of atomic numbers Z at distances [angstrom] above 0."""
    x = distance * (first**0.23 + second**0.23) / _LENGTH
    screening = sum(amplitude * np.exp(-rate * x) for amplitude, rate in zip(_AMPLITUDES, _RATES, strict=True))
    return np.asarray(_E2 * first * second / distance * screening)


def write_core_table(path: Path, numbers: Sequence[int], cutoff: float) -> None:
    """Write the table of all pairs of elements.

    Args:
        path: the file.
        numbers: atomic numbers in the order of the potential's types.
        cutoff: radius at which energies have faded [angstrom].
    """
    distance = np.asarray(np.arange(1, round(cutoff / _SPACING) + 1) * _SPACING, dtype=np.float64)
    x = np.clip(2 * distance / cutoff - 1, 0, 1)
    fading = 1 - x**3 * (10 - 15 * x + 6 * x**2)  # from 1 at half the cutoff, with two smooth derivatives
    columns = [
        core_energy(first, second, distance) * fading
        for row, first in enumerate(numbers)
        for second in list(numbers)[row:]
    ]
    with replacing(path) as temporary:
        np.savetxt(temporary, np.column_stack([distance, *columns]), fmt="%.10g")


def core_keys(table: str, least_distance: float) -> dict[str, float | str]:
    """Return the keys of DeePMD-kit's model section.

    Args:
        table: path of the table, from where training runs.
        least_distance: of any pair in the labels [angstrom].
    """
    return {
        "use_srtab": table,
        "smin_alpha": _ALPHA,
        "sw_rmin": round(_WHOLLY * least_distance, 4),
        "sw_rmax": round(_NOT_YET * least_distance, 4),
    }
