import shutil

import numpy as np
import pytest

from ionspice.circuits import transmission_line
from ionspice.pipeline.devices import read_device
from ionspice.pipeline.impedance import impedance


def ladder_impedance(circuit, frequency, resistances):
    """Return Z of the half cell by folding the ladder from its closed end (capacitances at zero bias)."""
    omega = 2j * np.pi * frequency
    admittance = np.zeros_like(omega)
    for resistance, capacitance in zip(resistances[::-1], circuit.slit_capacitance[::-1], strict=True):
        admittance = admittance + omega * capacitance
        admittance = 1 / (1 / admittance + resistance)
    admittance = admittance + omega * circuit.open_capacitance
    return 1 / admittance + circuit.open_resistance


@pytest.fixture(scope="module")
def circuit(run_folder):
    return read_device(run_folder, layers=8, terms=0)


def test_the_uncharged_circuit_is_the_discrete_ladder(circuit):
    spectrum = impedance(circuit, 0.0)
    found = spectrum["impedance_real"].values + 1j * spectrum["impedance_imag"].values
    exact = ladder_impedance(circuit, spectrum["frequency"].values, circuit.resistance_zero)
    np.testing.assert_allclose(found, exact, rtol=1e-6)


def test_a_bias_changes_the_ncm_and_not_the_transmission_line(circuit):
    line = transmission_line(circuit)
    free, biased = (impedance(line, bias)["impedance_real"].values for bias in (0.0, 0.1))
    np.testing.assert_allclose(biased, free, rtol=1e-6)
    free, biased = (impedance(circuit, bias)["impedance_real"].values for bias in (0.0, 0.1))
    assert biased[0] < 0.95 * free[0]


def test_the_band_shows_both_plateaus(circuit):
    spectrum = impedance(circuit, 0.0)
    real = spectrum["impedance_real"].values
    assert real[-1] == pytest.approx(circuit.open_resistance, rel=0.05)
    assert real[0] == pytest.approx(real[3], rel=1e-3)
    assert spectrum["impedance_imag"].values[0] < 0


def test_the_command_writes_a_table_for_the_electrode_area(ionspice, run_folder, tiny_case, tmp_path):
    folder = shutil.copytree(run_folder, tmp_path / "run")
    result = ionspice("eis", folder, "--layers", 8)
    assert result.returncode == 0, result.stderr
    frequency, real, imag = np.loadtxt(folder / "impedance_8.csv", delimiter=",").T
    whole = read_device(run_folder, layers=8, terms=tiny_case.circuit.capacitance_terms)
    scale = whole.strip_width / tiny_case.circuit.area
    exact = ladder_impedance(whole, frequency, whole.resistance_zero) * scale
    np.testing.assert_allclose(real + 1j * imag, exact, rtol=1e-6)


def test_a_bias_that_is_no_number_is_refused(ionspice, run_folder):
    result = ionspice("eis", run_folder, "--bias", "nan")
    assert result.returncode == 2
    assert "bias = nan" in result.stderr
