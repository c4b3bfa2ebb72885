r"""The size of ions: from the compressibility of the liquid to the packing fraction of the field model's lattice.

    p = -(n kT/nu) ln(1 - nu),   nu = a^3 n,   so that   kappa_T n kT = 1 - nu   and   a = (nu/n)^(1/3)

n is the number density of all ions, a their one size; the pressure is that of the lattice of `core.crowding`.
"""

from ionspice.core import InputError
from ionspice.electrolytes.analysis.estimate import IntervalEstimate, normal_estimate


def packing_fraction(reduced: IntervalEstimate) -> IntervalEstimate:
    """Return nu = 1 - kappa_T n kT.

    Raises:
        InputError: the liquid is not stiffer than an ideal gas, or not stable.
    """
    if not 0 < reduced.value < 1:
        raise InputError(
            f"kappa_T n kT = {reduced.value:.3g} must be between 0 and 1 (an ideal gas); the run is too short or no "
            "liquid: give ion_diameter in [transfer]"
        )
    return normal_estimate(1 - reduced.value, reduced.standard_error, "1")


def ion_diameter(packing: IntervalEstimate, number_density: float) -> IntervalEstimate:
    """Return a = (nu/n)^(1/3) [m].

    Args:
        packing: nu.
        number_density: n of all ions [1/m^3].
    """
    size = (packing.value / number_density) ** (1 / 3)
    return normal_estimate(size, size / 3 * packing.standard_error / packing.value, "m")
