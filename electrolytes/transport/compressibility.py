"""How much a liquid gives way: its compressibility, from its volume or from the number of its ions.

kappa_T = <dV^2>/(kT <V>) at constant pressure,    S_NN(k = 0) = kappa_T n kT,  n being the density of all ions
"""

import math

import numpy as np
from scipy import constants

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats
from ionspice.electrolytes.analysis.estimate import IntervalEstimate, normal_estimate
from ionspice.electrolytes.transport.structure import StructureFactor

#: blocks that the error of a variance comes from
_BLOCKS = 10
_FEWEST_SHELLS = 4


def compressibility_of_volumes(volumes: Floats, temperature: float) -> IntervalEstimate:
    """Return kappa_T [1/Pa] from the volumes of a run at constant pressure, its error by a jackknife over blocks.

    Args:
        volumes: of the cell, evenly in time, shape (frames,) [angstrom^3].
        temperature: [K].

    Raises:
        InputError: there are too few, or the volume is constant.
    """
    if len(volumes) < 2 * _BLOCKS:
        raise InputError(f"{len(volumes)} volumes are too few for a compressibility; give at least {2 * _BLOCKS}")
    if not np.ptp(volumes) > 1e-9 * float(volumes.mean()):
        raise InputError("the volume is constant; take the compressibility from a run at constant pressure (NPT)")

    def compressibility(sample: Floats) -> float:
        return float(sample.var() / sample.mean() * 1e-30 / (constants.k * temperature))

    blocks = np.array_split(volumes, _BLOCKS)
    left_out = [compressibility(np.concatenate(blocks[:k] + blocks[k + 1 :])) for k in range(_BLOCKS)]
    error = math.sqrt((_BLOCKS - 1) * float(np.var(left_out)))
    return normal_estimate(compressibility(volumes), error, "1/Pa")


def number_fluctuation(structure: StructureFactor, *, largest: float) -> IntervalEstimate:
    """Return S_NN at k = 0 by a straight line in k^2 through the smallest wave numbers.

    Args:
        structure: S_NN.
        largest: wave number of the line [1/angstrom].

    Raises:
        InputError: too few wave numbers are left.
    """
    used = structure.below(largest)
    if len(used.values) < _FEWEST_SHELLS:
        raise InputError(
            f"{len(used.values)} wave numbers below {largest:.3g} 1/angstrom are too few for S_NN at 0 (at least "
            f"{_FEWEST_SHELLS}); use a larger box or a run at constant pressure"
        )
    rows = np.stack([np.ones(len(used.values)), used.wave_numbers**2], axis=1)
    fitted = used.values
    for _ in range(5):  # weights of the line itself, for those of the data are low where the data are
        weights = used.samples / np.clip(fitted, 0.1 * used.values.mean(), None) ** 2
        covariance = np.linalg.inv((rows * weights[:, None]).T @ rows)
        line = covariance @ (rows.T @ (weights * used.values))
        fitted = rows @ line
    freedom = max(1, len(used.values) - 2)
    spread = max(1.0, float(weights @ (used.values - fitted) ** 2) / freedom)
    return normal_estimate(float(line[0]), math.sqrt(covariance[0, 0] * spread), "1")


def reduced_compressibility(
    compressibility: IntervalEstimate, number_density: float, temperature: float
) -> IntervalEstimate:
    """Return kappa_T n kT [1].

    Args:
        compressibility: kappa_T [1/Pa].
        number_density: n of all ions [1/m^3].
        temperature: [K].
    """
    return compressibility.scaled(number_density * float(constants.k) * temperature, "1")
