"""Numbers that only a wrong unit can give."""

import numpy as np
from scipy import constants

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats

#: more atoms than in any solid, diamond has 0.18 [1/angstrom^3]
_DENSEST = 0.5
#: between angstrom/ps and angstrom/fs lie six powers of ten of the temperature [K]
_COLDEST, _HOTTEST = 1e-2, 1e6


def check_density(atoms: int, cell: Floats, name: str) -> None:
    """Refuse a cell that holds more atoms than matter does: lengths are not in angstrom.

    Raises:
        InputError: with the density.
    """
    density = atoms / abs(float(np.linalg.det(cell)))
    if density > _DENSEST:
        raise InputError(
            f"{name}: {density:.3g} atoms per cubic angstrom is more than in any matter (0.2); lengths must be in "
            "angstrom, not nm"
        )


def check_speeds(velocities: Floats, masses: Floats, name: str) -> None:
    """Refuse velocities [angstrom/ps] of no temperature that atoms have.

    Raises:
        InputError: with the temperature.
    """
    energy = float(np.mean(masses[:, None] * velocities**2)) * constants.atomic_mass * 1e4
    temperature = energy / constants.k
    if temperature != 0 and not _COLDEST < temperature < _HOTTEST:
        raise InputError(
            f"{name}: velocities in angstrom/ps would mean {temperature:.3g} K; name the unit style of the run "
            "(metal or real)"
        )
