from dataclasses import replace

import numpy as np
import pytest
import sympy

from ionspice.circuits import Waveform, X, passivity, simulate, solve_ladder


def test_the_linear_law_is_proved_positive(make_circuit):
    found = passivity(make_circuit(slits=5, gamma=0.4), 0.1)
    assert found.by_law
    assert found.lowest == pytest.approx(0.6, abs=1e-12)
    assert "proved" in str(found)


def test_a_larger_window_needs_the_floor(make_circuit):
    found = passivity(make_circuit(slits=5, gamma=0.4), -0.3)
    assert found.reach == pytest.approx(3.0)
    assert not found.by_law
    assert "rmin" in str(found)


def test_the_bound_holds_between_the_ends_of_the_range(make_circuit):
    humped = 4 * X - 3 * X**2
    circuit = replace(make_circuit(slits=2, gamma=0.7), shape=(humped, humped))
    found = passivity(circuit, 0.1)
    assert found.lowest == pytest.approx(1 - 0.7 * 4 / 3, abs=0.02)
    assert found.lowest <= 1 - 0.7 * 4 / 3


def test_a_law_is_not_read_near_its_pole(make_circuit):
    shape = X / (2 - X)
    circuit = replace(make_circuit(slits=2, gamma=0.5), shape=(shape, shape))
    assert passivity(circuit, 0.1).by_law
    assert passivity(circuit, 0.25).lowest == pytest.approx(1 - 0.5 * 3, abs=0.05)  # s(1.5), where reading ends


def test_other_functions_are_bounded_too(make_circuit):
    shape = sympy.tanh(2 * X) / sympy.tanh(2)
    circuit = replace(make_circuit(slits=1, gamma=0.9), shape=(shape,))
    assert passivity(circuit, 0.1).lowest == pytest.approx(0.1, abs=0.02)


def test_charge_is_proved_to_grow_at_every_voltage(make_circuit, make_curve):
    curve = make_curve(5, amplitude=(1.0, 0.2), width=(0.02, 0.05), low=-0.3, high=0.3)
    found = passivity(replace(make_circuit(slits=5), slit_curve=curve), 0.1)
    true = curve.slope(np.linspace(-0.4, 0.4, 2001)[:, None] * np.ones(5)).min()
    assert 0.5 * true < found.least_slope <= true
    assert found.stores
    assert "dq/du" in str(found)


def test_a_donnan_potential_that_outruns_its_slit_stores_nothing(make_circuit, make_curve):
    steep = make_curve(amplitude=(1.0,), centre=(0.08,), width=(0.03,))
    circuit = replace(make_circuit(slits=5), potential="electric", donnan_slope=-0.5, donnan_curve=steep)
    assert not passivity(circuit, 0.1).stores
    assert passivity(replace(circuit, donnan_slope=0.5), 0.1).stores


def loss(time, potential, current):
    """Return the energy that a cycle of a drive takes, and that part of it that flows at all."""
    power = potential * current
    return np.trapezoid(power, time), np.trapezoid(np.abs(power), time)


@pytest.mark.parametrize("odd", [True, False])
@pytest.mark.parametrize("reach", [1.0, 10.0, -10.0])
def test_no_cycle_gives_more_energy_than_it_took_up_to_ten_times_the_window(make_circuit, make_curve, odd, reach):
    """From the uncharged state and back to it, so that nothing is stored at the end."""
    curve = {"odd": odd, "low": -0.11 if odd else 0.0}
    circuit = replace(
        make_circuit(slits=2, gamma=0.8),
        slit_curve=make_curve(2, **curve),
        open_curve=make_curve(**curve),
        donnan_slope=0.3,
        donnan_curve=make_curve(**curve),
        potential="electric",
    )
    peak, piece = 0.11 * reach, circuit.time_constant
    drive = Waveform(
        time=np.array([0, 1, 1.5, 2, 3, 4, 30]) * piece, value=peak * np.array([0.0, 1.0, 0.6, 1.0, -1.0, 0.0, 0.0])
    )
    run = simulate(circuit, drive)
    time = np.linspace(0, drive.duration, 4001)[1:]
    exact = solve_ladder(circuit, drive, time, rtol=1e-8)
    for taken, moved in (
        loss(time, drive.at(time), exact.current),
        loss(run["time"].to_numpy(), run["electrode_potential"].to_numpy(), run["electrode_current"].to_numpy()),
    ):
        assert taken > 1e-3 * moved
