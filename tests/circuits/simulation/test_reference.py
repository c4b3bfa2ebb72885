from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import Waveform, solve_ladder, step, triangular
from ionspice.core import InputError
from tests.circuits.exact import cell_charging_time, ladder_modes, periodic_ladder_current


def test_transmission_line_meets_the_exact_periodic_voltammogram(make_circuit):
    line = make_circuit(slits=6, gamma=0.0, mouth=False)
    half_cycle, cycles = line.time_constant, 12
    drive = triangular(0.1, half_cycle, cycles)
    time = np.linspace(0, 0.999 * half_cycle, 40)
    solution = solve_ladder(line, drive, drive.duration - 2 * half_cycle + time)
    exact = periodic_ladder_current(6, 2.0, 1e-9, 0.1 / half_cycle, half_cycle, time)
    assert np.abs(solution.current - exact)[1:].max() < 1e-7 * np.abs(exact).max()


def test_one_cell_meets_the_exact_step_response(make_circuit):
    cell = make_circuit(slits=1, gamma=0.8, mouth=False)
    drive = step(0.1, 5 * 2e-9, rise=1e-16)
    charge = np.linspace(0.05, 0.95, 19) * 0.1e-9
    times = cell_charging_time(charge, resistance=2.0, capacitance=1e-9, voltage=0.1, gamma=0.8, charge_max=1e-10)
    solution = solve_ladder(cell, drive, times)
    assert solution.slit_charge[:, 0] == pytest.approx(charge, rel=1e-6)


def test_slow_charging_ends_at_equilibrium(make_circuit, make_curve):
    circuit = replace(make_circuit(slits=3), slit_curve=make_curve(3, amplitude=[1.0], centre=[0.0], width=[0.2]))
    hold = 40 * circuit.time_constant
    solution = solve_ladder(circuit, step(0.1, hold, rise=1e-9), [hold])
    assert solution.slit_charge[0] == pytest.approx([0.2e-9 * np.tanh(0.5)] * 3, rel=1e-8)
    assert abs(solution.current[0]) < 1e-8 * 0.1e-9 / circuit.time_constant


def test_modes_of_the_exact_ladder_hold_all_of_its_capacitance():
    capacitances, _ = ladder_modes(7, 2.0, 1e-9)
    assert capacitances.sum() == pytest.approx(7e-9, rel=1e-12)


def test_without_open_capacitance_both_resistors_are_in_series(make_circuit):
    joined = make_circuit(slits=1, gamma=0.0, resistance=3.0, mouth=False)
    split = make_circuit(slits=1, gamma=0.0, open_capacitance=0.0)
    drive = triangular(0.1, 5e-9)
    time = np.linspace(0, drive.duration, 30)
    assert solve_ladder(split, drive, time).current == pytest.approx(solve_ladder(joined, drive, time).current)


@pytest.mark.parametrize("time", [[0.0, 3e-9], [1e-9, 0.5e-9], []])
def test_sample_times_outside_the_drive_are_refused(make_circuit, time):
    drive = Waveform(time=np.array([0.0, 2e-9]), value=np.array([0.0, 0.1]))
    with pytest.raises(InputError, match="sample times"):
        solve_ladder(make_circuit(), drive, time)
