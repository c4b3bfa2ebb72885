import numpy as np
import pytest

from ionspice.circuits import coarsened, section_sizes, simulate_coarse, solve_ladder, triangular
from ionspice.core import InputError


def true_error(circuit, drive, coarse):
    samples = np.linspace(0, drive.duration, 200)[1:-1]
    exact = solve_ladder(circuit, drive, samples, rtol=1e-9).current
    found = np.interp(samples, coarse.run["time"], coarse.run["electrode_current"])
    return np.abs(found - exact).max() / np.abs(exact).max()


@pytest.mark.parametrize("gamma", [0.0, 0.9])
@pytest.mark.parametrize("ramp", [1e-4, 1.0, 20.0])
def test_the_estimate_bounds_the_error_of_a_thousand_slits(make_circuit, gamma, ramp):
    circuit = make_circuit(slits=1000, gamma=gamma)
    drive = triangular(0.1, ramp * circuit.time_constant)
    coarse = simulate_coarse(circuit, drive)
    error = true_error(circuit, drive, coarse)
    assert error <= coarse.error
    assert error < 0.01


def test_the_estimate_bounds_the_error_for_a_law_of_the_local_charge(make_circuit):
    circuit = make_circuit(slits=1000, gamma=0.9, charge="local")
    drive = triangular(0.1, circuit.time_constant)
    coarse = simulate_coarse(circuit, drive)
    error = true_error(circuit, drive, coarse)
    assert error <= coarse.error
    assert error < 0.01


def test_ten_thousand_slits_are_right_within_one_percent(make_circuit):
    circuit = make_circuit(slits=10_000, gamma=0.6)
    drive = triangular(0.1, 0.05 * circuit.time_constant)
    coarse = simulate_coarse(circuit, drive)
    assert true_error(circuit, drive, coarse) <= min(coarse.error, 0.01)


@pytest.mark.parametrize("ramp", [1.0, 20.0])
def test_a_hundred_thousand_slits_come_with_a_small_estimate(make_circuit, ramp):
    circuit = make_circuit(slits=100_000, gamma=0.6)
    coarse = simulate_coarse(circuit, triangular(0.1, ramp * circuit.time_constant))
    assert coarse.error < 0.02
    assert coarse.run.attrs["solver"] == "ngspice"


@pytest.mark.parametrize(("slits", "sections"), [(1, 2), (50, 80), (81, 80), (1000, 80), (123_457, 60), (100, 99)])
def test_sections_hold_every_slit_and_grow_from_one(slits, sections):
    sizes = section_sizes(slits, sections)
    assert sizes.sum() == slits
    assert sizes[0] == 1
    assert sizes.min() == 1
    assert sizes.size <= sections


def test_sections_of_one_slit_are_the_ladder_itself(make_circuit):
    circuit = make_circuit(slits=7)
    same = coarsened(circuit, np.ones(7, dtype=int))
    assert same.resistance_zero == pytest.approx(circuit.resistance_zero)
    assert same.charge_max == pytest.approx(circuit.charge_max)


def test_coarsening_keeps_capacitance_and_charge(make_circuit):
    circuit = make_circuit(slits=10)
    coarse = coarsened(circuit, np.array([1, 2, 3, 4]))
    assert coarse.slit_capacitance.sum() == pytest.approx(circuit.slit_capacitance.sum())
    assert coarse.charge_max[0] == pytest.approx(circuit.charge_max[0])


def test_sections_that_do_not_fit_are_refused(make_circuit):
    with pytest.raises(InputError, match="do not fit"):
        coarsened(make_circuit(slits=5), np.array([1, 2]))
    with pytest.raises(InputError, match="sections = 1"):
        section_sizes(10, 1)
