from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import solve_ladder, triangular
from ionspice.circuits.simulation.implicit import graded_times, implicit_currents


@pytest.mark.parametrize("charge", ["passed", "stored", "local"])
def test_currents_come_near_scipys(make_circuit, make_curve, charge):
    circuit = replace(
        make_circuit(slits=6, gamma=0.8, charge=charge),
        slit_curve=make_curve(6, odd=False, low=-0.02, high=0.08),
        donnan_slope=0.3,
        donnan_curve=make_curve(amplitude=(1.0, 0.0)),
    )
    drive = triangular(0.1, circuit.time_constant)
    time = np.unique(np.concatenate([graded_times(drive), np.linspace(0, drive.duration, 4001)]))
    current = implicit_currents(circuit, drive, time)
    middle = (time[1:] + time[:-1]) / 2
    exact = solve_ladder(circuit, drive, middle).current
    assert np.abs(current - exact).max() < 5e-3 * np.abs(exact).max()


def test_a_slow_ramp_charges_all_capacitors(make_circuit):
    circuit = make_circuit(slits=6, gamma=0.8)
    drive = triangular(0.1, 1e6 * circuit.time_constant)
    current = implicit_currents(circuit, drive, graded_times(drive))
    expected = (circuit.slit_capacitance.sum() + circuit.open_capacitance) * 0.1 / drive.time[1]
    assert np.abs(current).max() == pytest.approx(expected, rel=1e-6)
