"""What an instrument did is told from what it recorded."""

import numpy as np

from ionspice.circuits import triangular
from ionspice.circuits.fitting.legs import current_legs, sweeps_of


def test_the_corners_of_noisy_sweeps_are_found() -> None:
    drive = triangular(0.8, 10.0, cycles=2, start=-0.2)
    time = np.linspace(0.0, 40.0, 500)
    potential = drive.at(time) + 0.005 * np.random.default_rng(0).normal(size=time.size)
    found = sweeps_of(time, potential)
    assert found.straight
    np.testing.assert_allclose(found.time, drive.time, atol=0.05)
    np.testing.assert_allclose(found.potential, drive.value, atol=5e-3)


def test_a_potential_that_is_held_stays_as_recorded() -> None:
    time = np.linspace(0.0, 30.0, 301)
    potential = np.interp(time, [0, 10, 20, 30], [0, 1, 1, 0])
    assert not sweeps_of(time, potential).straight


def test_legs_of_a_noisy_current_with_a_rest_are_found() -> None:
    time = np.linspace(0.0, 30.0, 301)
    current = np.select([time <= 10, time <= 20], [2e-3, 0.0], -1e-3)
    noisy = current + 1e-5 * np.random.default_rng(0).normal(size=time.size)
    found = current_legs(time, noisy)
    np.testing.assert_allclose(found.current, [2e-3, 0.0, -1e-3], atol=5e-6)
    np.testing.assert_allclose(found.last, [10.0, 20.0], atol=1e-9)
    np.testing.assert_allclose(found.first, [10.1, 20.1], atol=1e-9)
