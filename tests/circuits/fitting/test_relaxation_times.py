"""Against closed forms: relaxations, a blocked transmission line."""

import numpy as np
import pytest

from ionspice.circuits.fitting.relaxation_times import relaxation_times
from ionspice.circuits.measurements.records import Spectrum

FREQUENCY = np.geomspace(1e4, 1e-3, 71)
S = 2j * np.pi * FREQUENCY


def found_of(impedance, noise=0.0):
    generator = np.random.default_rng(1)
    errors = generator.normal(size=S.size) + 1j * generator.normal(size=S.size)
    impedance = impedance + noise * np.abs(impedance) * errors / np.sqrt(2)
    return relaxation_times(Spectrum(name="made", frequency=FREQUENCY, impedance=impedance))


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_two_relaxations_are_two_peaks(noise):
    found = found_of(2.0 + 5 / (1 + S * 10.0) + 3 / (1 + S * 1e-2), noise)
    slow, fast = found.peaks[:2]
    assert (slow.time, fast.time) == (pytest.approx(10.0, rel=0.05), pytest.approx(1e-2, rel=0.05))
    assert (slow.resistance, fast.resistance) == (pytest.approx(5, rel=0.05), pytest.approx(3, rel=0.05))
    assert found.series_resistance == pytest.approx(2.0, rel=0.05)
    assert found.error < max(1e-3, 1.2 * noise)


def test_a_blocked_line_has_its_slowest_relaxation_at_a_tenth_of_its_time():
    line, capacitance = 40.0, 1.0
    root = np.sqrt(S * line * capacitance)
    found = found_of(2.0 + line / (root * np.tanh(root)))
    assert found.peaks[0].time == pytest.approx(line * capacitance / np.pi**2, rel=0.1)
    assert found.peaks[0].resistance == pytest.approx(2 * line / np.pi**2, rel=0.1)
    spacing = np.log(found.time[1] / found.time[0])
    assert found.density.sum() * spacing == pytest.approx(line / 3, rel=0.02)
    assert found.capacitance == pytest.approx(capacitance, rel=0.01)


def test_a_device_that_conducts_at_rest_has_no_series_capacitance():
    found = found_of(1.0 + 10 / (1 + S * 1.0))
    assert found.capacitance > 1e3
    assert found.peaks[0].resistance == pytest.approx(10, rel=0.02)
