import numpy as np
import pytest

from ionspice.circuits import run_netlist
from ionspice.circuits.ions import full_cell, half_cell, print_rails, rail_impedance, rail_spectrum, simulate_rails
from ionspice.circuits.model.waveform import Waveform
from ionspice.core import InputError
from tests.circuits.ions.ions_cases import DILUTE, SOLUTIONS, solution, stack

LIQUID = solution(correlation_length=0.5e-9, molar=3.0)


@pytest.mark.parametrize("bias", [0.0, 0.1, -0.3])
@pytest.mark.parametrize("ions", [*SOLUTIONS.values(), LIQUID, DILUTE], ids=[*SOLUTIONS, "correlations", "dilute"])
def test_ngspice_finds_the_impedance_of_the_linearised_rails(ions, bias):
    chain = half_cell(stack(), ions, layers=3, window=0.11, nodes=5)
    vectors = run_netlist(
        f"* spectrum\n{print_rails(chain)}Vel el 0 DC {bias} AC 1\nX1 el 0 RAILS\n.options reltol=1e-6 itl1=500\n"
        ".save i(vel)\n.ac dec 3 1e3 1e9\n.end\n"
    )
    found, frequency = -1 / vectors["vel#branch"], np.real(vectors["frequency"])
    assert np.abs(found / rail_impedance(chain, frequency, bias) - 1).max() < 1e-4


def test_the_impedance_is_that_of_a_small_sine():
    """The last of four periods of 1 mV in the rails of SciPy themselves."""
    chain = half_cell(stack(), solution(), layers=3, window=0.11, nodes=6)
    frequency, height = 5e6, 1e-3
    time = np.linspace(0, 4, 801) / frequency
    run = simulate_rails(
        chain, Waveform(time=time, value=height * np.sin(2 * np.pi * frequency * time)), tolerance=1e-6
    )
    last = np.linspace(3, 4, 401)[:-1] / frequency
    current = np.interp(last, run.time, run.current)
    amplitude = 2j * np.mean(current * np.exp(-2j * np.pi * frequency * last))
    assert abs(height / amplitude / rail_impedance(chain, np.array([frequency]))[0] - 1) < 0.01


def test_a_slow_change_charges_the_capacitance_of_equilibrium():
    chain = half_cell(stack(), solution(), layers=3, window=0.11, nodes=6)
    slow = rail_impedance(chain, np.array([1.0]))[0]
    faster = rail_impedance(chain, np.array([2.0]))[0]
    assert slow.imag == pytest.approx(2 * faster.imag, rel=1e-6)
    assert slow.imag < 0 < slow.real


def test_a_spectrum_goes_from_the_capacitance_of_all_slits_to_the_resistance_of_the_mouth():
    spectrum = rail_spectrum(half_cell(stack(), solution(), layers=4, window=0.11, nodes=6), bias=0.1)
    phase = np.degrees(np.arctan2(spectrum["impedance_imaginary"], spectrum["impedance_real"])).values
    assert phase[0] < -85
    assert phase[-1] > -30  # beyond, the electrolyte before the slits is a dielectric
    assert (spectrum["impedance_real"] > 0).all()
    assert spectrum.attrs["layers"] == 4
    assert spectrum["impedance_real"].attrs["units"] == "ohm m"


def test_a_sealed_cell_is_refused():
    with pytest.raises(InputError, match="half cell"):
        rail_impedance(full_cell(half_cell(stack(), solution(), layers=2, window=0.1, nodes=4)), np.array([1.0]))
