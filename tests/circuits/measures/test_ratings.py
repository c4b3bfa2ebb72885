"""Data of a part at rest against closed forms and the exact spectrum at low frequency."""

import numpy as np
import pytest

from ionspice.circuits import exact_impedance, rating
from ionspice.circuits.measures.ratings import slow_resistance
from ionspice.core import InputError


@pytest.mark.parametrize("potential", [0.0, 0.06])
def test_a_slow_current_meets_the_real_part_of_the_spectrum_at_its_low_end(circuit, potential):
    low = np.array([1e-4 / circuit.time_constant])
    expected = exact_impedance(circuit, low, potential).real[0]
    assert slow_resistance(circuit, potential) == pytest.approx(expected, rel=1e-5)


def test_a_line_of_many_gaps_has_a_third_of_its_resistance(make_circuit):
    circuit = make_circuit(slits=300, gamma=0.0, mouth=False)
    whole = circuit.resistance_zero.sum()
    assert slow_resistance(circuit, 0.0) == pytest.approx(whole / 3 * (1 + 1 / 300) * (1 + 0.5 / 300), rel=1e-9)


@pytest.mark.parametrize("series", [None, 3e-8])
def test_of_constant_capacitances_all_is_known(make_circuit, series):
    circuit = make_circuit(slits=6, gamma=0.0)
    cells = 1 if series is None else 2
    capacitance = (circuit.slit_capacitance.sum() + circuit.open_capacitance) / circuit.strip_width / cells
    part = rating(circuit, 2.7, series)
    assert part.capacitance == pytest.approx(capacitance, rel=1e-12)
    assert part.energy == pytest.approx(capacitance * 2.7**2 / 2, rel=1e-9)
    between = series or 0.0
    slow = between + cells * circuit.strip_width * slow_resistance(circuit, 0.0)
    assert part.slow_resistance == part.charged_resistance == pytest.approx(slow, rel=1e-12)
    assert part.fast_resistance == pytest.approx(between + cells * circuit.strip_width * circuit.open_resistance)


def test_the_energy_is_the_work_of_charging(circuit):
    part = rating(circuit, 0.1, 0.0)
    smaller = [rating(circuit, volts, 0.0) for volts in np.linspace(1e-3, 0.1, 100)]
    charge = np.array([one.capacitance * one.voltage for one in smaller])
    volts = np.array([one.voltage for one in smaller])
    work = np.trapezoid(np.append(0.0, volts), np.append(0.0, charge))
    assert part.energy == pytest.approx(work, rel=1e-3)


def test_a_device_is_its_area_times_as_much(make_circuit):
    part = rating(make_circuit(slits=6), 1.0, 0.0)
    device = part.of_area(2.0)
    assert device.capacitance == 2 * part.capacitance
    assert device.slow_resistance == part.slow_resistance / 2
    assert str(device).startswith(f"{device.capacitance:.4g} F and {device.energy:.4g} J at 1 V; series resistance")


@pytest.mark.parametrize("voltage", [0.0, -1.0, float("inf")])
def test_a_voltage_that_is_none_is_refused(make_circuit, voltage):
    with pytest.raises(InputError, match="must be positive"):
        rating(make_circuit(), voltage)
