"""Circuits follow every drive of the case file."""

import numpy as np
import pytest

from ionspice.circuits import perturbed, simulate_galvanostatic, uniform_circuit
from ionspice.circuits.simulation.driving import current_bands, drive_circuits
from ionspice.core import InputError
from ionspice.pipeline import parse_case

CIRCUIT = uniform_circuit(layers=3, resistance=2.0, gamma=0.5, slit_charge=1e-10, slit_capacitance=1e-9)
STEP = 'kind = "step"\namplitude = "0.1 V"\nduration = "100 ns"'
CURRENT = 'kind = "current"\ncurrent = "1 mA/m"\nupper = "0.1 V"\ncycles = 2'


def drive(text):
    return parse_case(f"[drive]\n{text}").drive.build()


@pytest.mark.parametrize(
    "text",
    [
        STEP,
        'kind = "sine"\namplitude = "0.1 V"\nfrequency = "10 MHz"',
        'amplitude = "0.1 V"\nlower = "-0.05 V"\nhalf_cycle = "50 ns"',
    ],
)
def test_the_circuit_is_driven_as_the_field_is(text):
    run = drive_circuits({"NCM": CIRCUIT}, drive(text))
    inside = run.time.values[run.time.values > 1e-8 * 100e-9][:-1]  # at its start a step has a flank
    exact = [drive(text).potential(time) for time in inside]
    np.testing.assert_allclose(run.electrode_potential.sel(time=inside), exact, atol=3e-5)
    assert float(run.time[-1]) == pytest.approx(100e-9)


def test_at_constant_current_every_model_has_its_own_potential_and_turns():
    slow = uniform_circuit(layers=3, resistance=4.0, gamma=0.0, slit_charge=1e-10, slit_capacitance=1e-9)
    run = drive_circuits({"NCM": CIRCUIT, "TLM": slow}, drive(CURRENT))
    for model, circuit in (("NCM", CIRCUIT), ("TLM", slow)):
        alone = simulate_galvanostatic(circuit, current=1e-3, lower=0.0, upper=0.1, cycles=2)
        np.testing.assert_allclose(run.turning_time.sel(model=model), alone.attrs["turning_times"], rtol=1e-9)
        own = run.electrode_potential.sel(model=model).dropna("time")
        assert float(own.max()) == pytest.approx(0.1, abs=2e-3)
        np.testing.assert_allclose(own.interp(time=alone.time[:-1]), alone.electrode_potential[:-1], atol=1e-6)
    first = run.turning_time.isel(turn=0)
    assert first.sel(model="NCM") != pytest.approx(float(first.sel(model="TLM")), rel=1e-3)


def test_bands_widen_with_the_errors_and_hold_the_current():
    run = drive_circuits({"NCM": CIRCUIT}, drive(STEP))
    time, widths = run.time.values, []
    for error in (0.01, 0.05):
        drawn = perturbed(CIRCUIT, np.random.default_rng(1), 40, resistance=error)
        band = current_bands({"NCM": drawn}, drive(STEP), time).sel(model="NCM")
        low, high = band.electrode_current_low, band.electrode_current_high
        widths.append(float((high - low).mean("time")))
        late = (run.time > 1e-9) & (run.time < 10e-9)
        inside = (low <= run.electrode_current.sel(model="NCM")) & (run.electrode_current.sel(model="NCM") <= high)
        assert inside.where(late, drop=True).mean() > 0.9
    assert widths[1] / widths[0] == pytest.approx(5, rel=0.1)


def test_a_constant_current_has_no_band_of_the_current():
    with pytest.raises(InputError, match="--samples"):
        current_bands({"NCM": [CIRCUIT]}, drive(CURRENT), np.array([0.0, 1e-9]))
