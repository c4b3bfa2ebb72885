import numpy as np
import pytest
from scipy.constants import R as GAS_CONSTANT

from ionspice.circuits.fitting.arrhenius import arrhenius
from ionspice.core import InputError

ENERGY = 18e3  # J/mol
TEMPERATURES = np.array([263.15, 283.15, 298.15, 333.15])


def resistance(temperature):
    return 2.0 * np.exp(ENERGY / GAS_CONSTANT * (1 / temperature - 1 / 298.15))


def test_an_exact_law_is_found_with_its_slopes():
    found = arrhenius(TEMPERATURES, resistance(TEMPERATURES), [0.01] * 4, 298.15)
    assert found.energy == pytest.approx(ENERGY)
    assert found.resistance == pytest.approx(2.0)
    assert found.residual == pytest.approx(0.0, abs=1e-12)
    first, second = found.coefficients
    near = 298.15 + np.array([-0.1, 0.0, 0.1])
    low, middle, high = resistance(near) / 2.0
    assert first == pytest.approx((high - low) / 0.2, rel=1e-4)
    assert second == pytest.approx((high - 2 * middle + low) / 0.01 / 2, rel=1e-4)


def test_the_interval_holds_the_energy_in_95_of_100_trials():
    generator = np.random.default_rng(5)
    error = np.array([0.05, 0.02, 0.02, 0.05])
    inside = 0
    for _ in range(1000):
        noisy = resistance(TEMPERATURES) * np.exp(error * generator.standard_normal(4))
        low, high = arrhenius(TEMPERATURES, noisy, error.tolist(), 298.15).energy_interval
        inside += low < ENERGY < high
    assert 930 <= inside <= 995


def test_two_temperatures_have_the_error_of_their_fits():
    pair = TEMPERATURES[[0, 3]]
    found = arrhenius(pair, resistance(pair), [0.03, 0.04], 298.15)
    assert found.energy_error == pytest.approx(0.05 * GAS_CONSTANT / (1 / pair[0] - 1 / pair[1]))
    assert np.isnan(arrhenius(pair, resistance(pair), [None, 0.04], 298.15).energy_error)


@pytest.mark.parametrize(
    ("temperatures", "told"),
    [([298.15], "add others"), ([298.15, 298.2], "add others"), ([298.15, -1.0], "positive")],
)
def test_temperatures_that_tell_nothing_are_refused(temperatures, told):
    with pytest.raises(InputError, match=told):
        arrhenius(temperatures, [1.0] * len(temperatures), [0.01] * len(temperatures), 298.15)
