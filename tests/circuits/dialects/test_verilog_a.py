"""Noise and temperature of the Verilog-A module, in VACASK."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.constants import Boltzmann

from ionspice.circuits import exact_impedance, print_device
from tests.circuits.dialects.simulators import compile_module, run_vacask


@pytest.mark.parametrize("celsius", [25.0, 60.0])
def test_noise_is_that_of_the_impedance(make_circuit, tmp_path, celsius):
    circuit, area, tc1 = make_circuit(slits=6, gamma=0.8), 1e-6, -0.01
    (tmp_path / "ncm_7.va").write_text(print_device(circuit, "verilog-a"))
    compile_module(tmp_path, "ncm_7.va")
    vectors = run_vacask(
        tmp_path,
        "load 'ncm_7.osdi'\nmodel device ncm7\nmodel isource isource\n"
        f"i1 (0 el) isource dc=0 mag=1\nx1 (el 0) device area={area} tc1={tc1}\n",
        f"options temp={celsius}\n  analysis noise1 noise out='el' in='i1' from=1e4 to=1e9 mode='dec' points=2",
        "noise1",
    )
    factor = 1 + tc1 * (celsius - 25)
    warm = replace(
        circuit, resistance_zero=circuit.resistance_zero * factor, open_resistance=circuit.open_resistance * factor
    )
    impedance = exact_impedance(warm, vectors["frequency"]) * circuit.strip_width / area
    expected = 4 * Boltzmann * (celsius + 273.15) * impedance.real
    assert np.abs(vectors["onoise"] / expected - 1).max() < 1e-6
