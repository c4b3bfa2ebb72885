import pytest
from scipy import constants

from ionspice.core import InputError
from ionspice.electrolytes.analysis.estimate import normal_estimate
from ionspice.electrolytes.transfer.ion_size import ion_diameter, packing_fraction


def test_size_of_the_ions_of_an_ionic_liquid():
    """4.6 mol/L of pairs and a compressibility of 4e-10/Pa: 0.564 nm would be full."""
    n = 2 * 4600 * constants.N_A
    reduced = normal_estimate(4e-10 * n * constants.k * 300, 1e-3, "1")
    packing = packing_fraction(reduced)
    size = ion_diameter(packing, n)
    assert packing.value == pytest.approx(0.9908, abs=1e-4)
    assert size.value == pytest.approx(0.5635e-9, rel=1e-3)
    assert size.standard_error == pytest.approx(size.value / 3 * 1e-3 / packing.value)


def test_the_lattice_has_this_compressibility():
    """n dp/dn of p = -(n kT/nu) ln(1 - nu) by differences."""
    import math

    volume, n, step = 1.5e-28, 5e27, 1e21
    pressure = [-math.log1p(-volume * (n + side * step)) / volume for side in (-1, 1)]
    stiffness = n * (pressure[1] - pressure[0]) / (2 * step)
    assert 1 / stiffness * n == pytest.approx(1 - volume * n, rel=1e-6)


@pytest.mark.parametrize("share", [-0.1, 0.0, 1.2])
def test_what_is_no_liquid_is_refused(share):
    with pytest.raises(InputError, match="give ion_diameter"):
        packing_fraction(normal_estimate(share, 0.1, "1"))
