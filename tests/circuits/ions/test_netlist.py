import numpy as np
import pytest

from ionspice.circuits.ions.evolution import simulate_rails
from ionspice.circuits.ions.netlist import print_rails
from ionspice.circuits.ions.spice import simulate_rails_in_ngspice
from ionspice.circuits.ions.stack import full_cell, half_cell
from ionspice.circuits.model.waveform import step, triangular
from ionspice.core import InputError
from tests.circuits.ions.ions_cases import SOLUTIONS, solution, stack

DRIVES = {"triangle": triangular(0.11, 750e-9), "far": triangular(1.0, 3e-6), "step": step(0.2, 1e-6, rise=1e-9)}


def relative_rms(chain, drive):
    """Return the rms difference of both simulators' currents over the peak behind the first 2 % of the run."""
    spice, scipy = simulate_rails_in_ngspice(chain, drive), simulate_rails(chain, drive, tolerance=1e-4)
    time = np.linspace(0.02 * drive.duration, drive.duration, 500)
    reference = np.interp(time, scipy.time, scipy.current)
    return np.sqrt(np.mean((np.interp(time, spice.time, spice.current) - reference) ** 2)) / np.abs(reference).max()


@pytest.mark.parametrize("drive", DRIVES)
def test_ngspice_finds_the_current_of_scipy(drive):
    chain = half_cell(stack(), solution(), layers=4, window=1.0, nodes=6)
    assert relative_rms(chain, DRIVES[drive]) < 3e-3


@pytest.mark.parametrize("name", ["point ions", "unequal sizes", "2:1", "three species"])
def test_ngspice_knows_every_solution(name):
    chain = half_cell(stack(), SOLUTIONS[name], layers=3, window=0.11, stern_layer=0.2e-9, nodes=5)
    assert relative_rms(chain, DRIVES["triangle"]) < 3e-3


def test_ngspice_runs_a_full_cell():
    half = half_cell(stack(), solution(), layers=3, window=0.11, nodes=5)
    assert relative_rms(full_cell(half), DRIVES["triangle"]) < 3e-3


def test_area_multiplies_the_port_only():
    chain = half_cell(stack(), solution(), layers=2, window=0.11, nodes=4)
    small, large = (print_rails(chain, area=area).splitlines() for area in (1e-6, 1e-4))
    assert [line for line in small if "Fport" not in line] == [line for line in large if "Fport" not in line]


def test_correlations_are_refused():
    chain = half_cell(stack(), solution(correlation_length=0.5e-9), layers=2, window=0.11, nodes=4)
    with pytest.raises(InputError, match="SciPy"):
        print_rails(chain)
