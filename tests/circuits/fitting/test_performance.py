"""Capacitance over rate and energy over power, against closed forms of a capacitor behind a resistance."""

import numpy as np
import pytest

from ionspice.circuits.fitting.constant_phase import ConstantPhaseDevice
from ionspice.circuits.fitting.performance import (
    measured_ragone,
    measured_rates,
    modelled_ragone,
    modelled_rates,
)
from ionspice.circuits.measurements.records import ChargeDischarge, Voltammogram

#: 2 F behind 1 ohm, nearly
CAPACITOR = ConstantPhaseDevice(resistance=1.0, coefficient=2.0, exponent=0.9999)


def test_a_slow_loop_has_the_whole_capacitance() -> None:
    (slow,) = modelled_rates(CAPACITOR, (0.0, 1.0), [1e-3])
    assert slow.capacitance == pytest.approx(2.0, rel=0.01)


def test_energy_and_power_are_those_of_a_capacitor_behind_its_jump() -> None:
    (point,) = modelled_ragone(CAPACITOR, (0.0, 1.0), [0.1])
    # charged to 0.9 V behind the resistance, discharged from 0.8 V at the terminal
    assert point.energy == pytest.approx(2.0 * 0.8**2 / 2, rel=0.01)
    assert point.power == pytest.approx(0.1 * 0.4, rel=0.01)


def test_measured_capacitance_and_energy() -> None:
    time = np.linspace(0.0, 20.0, 4001)
    potential = np.interp(time, [0, 10, 20], [0, 1, 0])
    current = np.where(time <= 10, 0.2, -0.2)
    (rate,) = measured_rates([Voltammogram(name="cv", time=time, potential=potential, current=current)])
    assert (rate.rate, rate.capacitance) == pytest.approx((0.1, 2.0), rel=1e-3)
    (point,) = measured_ragone([ChargeDischarge(name="gcd", time=time, potential=potential, current=current)])
    assert point.energy == pytest.approx(1.0, rel=0.01)
    assert point.power == pytest.approx(0.1, rel=0.01)
