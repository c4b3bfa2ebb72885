from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import scaled_curve, simulate_galvanostatic
from ionspice.core import InputError, RunError


def test_a_single_linear_cell_charges_in_its_exact_time(make_circuit):
    cell = make_circuit(slits=1, gamma=0.0, mouth=False)
    current = 0.01
    run = simulate_galvanostatic(cell, current=current, lower=0.0, upper=0.1)
    resistance, capacitance = 2.0, 1e-9
    up = capacitance * (0.1 - current * resistance) / current
    down = capacitance * (0.1 - 2 * current * resistance) / current
    assert run.attrs["turning_times"] == pytest.approx([up, up + down], rel=1e-3)


def test_charge_is_current_times_time(make_circuit):
    run = simulate_galvanostatic(make_circuit(mouth=False), current=5e-4, lower=0.0, upper=0.1, cycles=2)
    passed = run["electrode_current"].cumulative_integrate("time")
    stored = -run["passed_charge"].isel(slit=0)
    assert np.abs(passed - stored).max() < 1e-3 * float(stored.max())


def test_the_potential_stays_between_its_limits(make_circuit):
    run = simulate_galvanostatic(make_circuit(), current=5e-4, lower=0.02, upper=0.1, cycles=2)
    potential, turning = run["electrode_potential"], run.attrs["turning_times"]
    assert len(turning) == 4
    assert float(potential.max()) == pytest.approx(0.1, abs=2e-4)
    assert float(potential.sel(time=slice(turning[0], None)).min()) == pytest.approx(0.02, abs=2e-4)


def test_an_ohmic_drop_beyond_the_limit_is_told(make_circuit):
    with pytest.raises(RunError, match=r"lower the current|did not reach"):
        simulate_galvanostatic(make_circuit(mouth=False), current=1.0, lower=0.0, upper=0.1)


def test_a_discharge_whose_ohmic_drop_passes_its_limit_at_once_takes_no_time(make_circuit):
    cell = make_circuit(slits=1, gamma=0.0, mouth=False)
    run = simulate_galvanostatic(cell, current=0.03, lower=0.0, upper=0.1)  # it falls by 2 x 2 ohm m x 0.03 A/m
    up, down = run.attrs["turning_times"]
    assert up == down == pytest.approx(1e-9 * (0.1 - 0.06) / 0.03, rel=1e-3)
    assert float(run["electrode_potential"][-1]) == pytest.approx(0.1, abs=1e-3)


@pytest.mark.parametrize("change", [{"current": 0.0}, {"lower": 0.2}, {"upper": -0.1}, {"cycles": 0}])
def test_values_out_of_order_are_refused(make_circuit, change):
    with pytest.raises(InputError, match="not possible"):
        simulate_galvanostatic(make_circuit(), **({"current": 1e-3, "lower": 0.0, "upper": 0.1} | change))


def test_the_current_flows_whoever_solves_slits_that_hardly_charge(make_circuit):
    """Curves of slits that the run hardly reached: ngspice stops at some of them with "Timestep too small"."""
    rows = [np.tile(values, (11, 1)) for values in ((1500.0, 1000.0), (-0.03, 0.42), (0.0065, 0.095))]
    curve = scaled_curve(*rows, np.zeros(11), np.full(11, 0.02775), odd=False)[1]
    circuit = replace(make_circuit(slits=11, gamma=0.0), slit_curve=curve)
    run = simulate_galvanostatic(circuit, current=0.1, lower=0.0, upper=0.8)
    up = run.sel(time=slice(0, run.attrs["turning_times"][0]))
    assert float(up["electrode_potential"][-1]) == pytest.approx(0.8, rel=1e-3)
    passed = up["electrode_current"].integrate("time")
    stored = float(up["slit_charge"].isel(time=-1).sum())
    mouth = make_circuit().open_capacitance * (0.8 - 0.1 * make_circuit().open_resistance)
    assert -stored + mouth == pytest.approx(float(passed), rel=5e-3)
