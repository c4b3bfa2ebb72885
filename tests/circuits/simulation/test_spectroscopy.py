from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import (
    exact_impedance,
    scaled_curve,
    simulate_impedance,
    uniform_circuit,
    with_half_mouth,
    write_impedance_csv,
)
from ionspice.core import InputError
from tests.circuits.exact import ladder_impedance

NARROW = scaled_curve(
    np.tile([1.0, 0.6], (6, 1)),
    np.tile([0.05, 0.0], (6, 1)),
    np.tile([0.04, 0.2], (6, 1)),
    np.full(6, -0.08),
    np.full(6, 0.08),
)[1]


def complex_impedance(spectrum):
    return spectrum["impedance_real"].to_numpy() + 1j * spectrum["impedance_imaginary"].to_numpy()


def test_the_transmission_line_meets_the_exact_discrete_ladder(make_circuit):
    line = make_circuit(slits=20, gamma=0.0, mouth=False)
    spectrum = simulate_impedance(line)
    exact = ladder_impedance([2.0] * 20, [1e-9] * 20, spectrum["frequency"].to_numpy())
    assert np.abs(complex_impedance(spectrum) / exact - 1).max() < 1e-6


@pytest.mark.parametrize("bias", [0.0, 0.05, -0.1])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"charge": "stored"},
        {"charge": "local"},
        {"slit_curve": NARROW, "open_curve": NARROW.at([0])},
        {"slit_curve": NARROW, "donnan_slope": 0.3, "donnan_curve": NARROW.at([0]), "potential": "electric"},
    ],
    ids=["passed", "stored", "local", "nonlinear", "donnan"],
)
def test_resistors_are_charged_at_a_bias(make_circuit, bias, change):
    circuit = replace(make_circuit(slits=6, gamma=0.5), **change)
    spectrum = simulate_impedance(circuit, bias=bias)
    exact = exact_impedance(circuit, spectrum["frequency"].to_numpy(), bias)
    assert np.abs(complex_impedance(spectrum) / exact - 1).max() < 1e-6
    uncharged = exact_impedance(circuit, spectrum["frequency"].to_numpy())
    assert bias == 0 or np.abs(uncharged / exact - 1).max() > 0.01


def test_half_a_resistor_at_the_mouth_comes_close_to_de_levie():
    line = uniform_circuit(layers=21, resistance=2.0, gamma=0.0, slit_charge=1e-10, slit_capacitance=1e-9)
    frequency = np.geomspace(1e2, 3e6, 50)
    root = np.sqrt(2j * np.pi * frequency * 40.0 * 20e-9)
    de_levie = 40.0 / root / np.tanh(root)
    half, full = (np.abs(exact_impedance(c, frequency) / de_levie - 1).max() for c in (with_half_mouth(line), line))
    assert half < 0.005 < full


def test_impedance_py_reads_the_spectrum_and_finds_the_line(tmp_path):
    preprocessing = pytest.importorskip("impedance.preprocessing", reason="impedance.py is not installed")
    circuits = pytest.importorskip("impedance.models.circuits")
    line = with_half_mouth(
        uniform_circuit(layers=201, resistance=0.1, gamma=0.0, slit_charge=1e-10, slit_capacitance=1e-9)
    )
    write_impedance_csv(tmp_path / "eis.csv", simulate_impedance(line, low=1e2, high=1e6))
    frequency, impedance = preprocessing.readCSV(tmp_path / "eis.csv")
    fit = circuits.CustomCircuit("Wo1", initial_guess=[10.0, 1e-6])
    fit.fit(frequency, impedance)
    assert fit.parameters_ == pytest.approx([20.0, 20.0 * 200e-9], rel=2e-3)


@pytest.mark.parametrize("change", [{"low": 0.0}, {"low": 10.0, "high": 1.0}, {"points": 0}, {"bias": np.nan}])
def test_impossible_spectra_are_refused(make_circuit, change):
    with pytest.raises(InputError, match="not possible"):
        simulate_impedance(make_circuit(), **change)
