import re

import numpy as np
import pytest

from ionspice.circuits.ions.evolution import simulate_rails
from ionspice.circuits.ions.netlist import print_rails
from ionspice.circuits.ions.spice import rail_bench, simulate_rails_in_ngspice
from ionspice.circuits.ions.stack import full_cell, half_cell
from ionspice.circuits.model.waveform import Waveform, step, triangular
from ionspice.circuits.simulation.ngspice import run_netlist
from ionspice.core import InputError
from tests.circuits.ions.ions_cases import DILUTE, SOLUTIONS, solution, stack

DRIVES = {"triangle": triangular(0.11, 750e-9), "far": triangular(1.0, 3e-6), "step": step(0.2, 1e-6, rise=1e-9)}


def relative_rms(chain, drive):
    """Return the rms difference of both simulators' currents over the peak behind the first 2 % of the run."""
    run = simulate_rails_in_ngspice(chain, drive)
    return rms_error(chain, drive, run.time, run.current)


def rms_error(chain, drive, time, current):
    """Return the same of a current that is known."""
    scipy = simulate_rails(chain, drive, tolerance=1e-4)
    samples = np.linspace(0.02 * drive.duration, drive.duration, 500)
    reference = np.interp(samples, scipy.time, scipy.current)
    return np.sqrt(np.mean((np.interp(samples, time, current) - reference) ** 2)) / np.abs(reference).max()


@pytest.mark.parametrize("drive", DRIVES)
def test_ngspice_finds_the_current_of_scipy(drive):
    chain = half_cell(stack(), solution(), layers=4, window=1.0, nodes=6)
    assert relative_rms(chain, DRIVES[drive]) < 3e-3


@pytest.mark.parametrize("name", ["point ions", "unequal sizes", "2:1", "three species"])
def test_ngspice_knows_every_solution(name):
    chain = half_cell(stack(), SOLUTIONS[name], layers=3, window=0.11, stern_layer=0.2e-9, nodes=5)
    assert relative_rms(chain, DRIVES["triangle"]) < 3e-3


@pytest.mark.parametrize("drive", DRIVES)
def test_ngspice_knows_double_layers_that_reach_the_bulk(drive):
    """A part of the current is displacement current there."""
    chain = half_cell(stack(), DILUTE, layers=3, window=1.0, nodes=5)
    assert relative_rms(chain, DRIVES[drive]) < 3e-3


@pytest.mark.parametrize("ions", [solution(), DILUTE], ids=["1 mol/L", "2 mmol/L"])
def test_ngspice_runs_a_full_cell(ions):
    half = half_cell(stack(), ions, layers=3, window=0.11, nodes=5)
    assert relative_rms(full_cell(half), DRIVES["triangle"]) < 3e-3


def test_vacask_has_no_displacement_current():
    chain = half_cell(stack(), DILUTE, layers=2, window=0.11, nodes=4)
    with pytest.raises(InputError, match="Debye lengths long"):
        print_rails(chain, dialect="vacask")
    assert "dis" not in print_rails(half_cell(stack(), solution(), layers=2, window=0.11, nodes=4), dialect="vacask")


def test_area_multiplies_the_port_only():
    chain = half_cell(stack(), solution(), layers=2, window=0.11, nodes=4)
    small, large = (print_rails(chain, area=area).splitlines() for area in (1e-6, 1e-4))
    assert small[1:] == large[1:]
    assert (small[0], large[0]) == (".subckt RAILS EL BULK area=1e-06", ".subckt RAILS EL BULK area=0.0001")


def test_the_port_takes_no_other_names():
    chain = half_cell(stack(), solution(), layers=2, window=0.11, nodes=4)
    with pytest.raises(InputError, match="no name"):
        print_rails(chain, "two words")
    with pytest.raises(InputError, match="area"):
        print_rails(chain, area=-1.0)


@pytest.mark.parametrize("stern_layer", [0.0, 0.2e-9])
def test_ngspice_knows_correlations(stern_layer):
    liquid = solution(correlation_length=0.5e-9, molar=3.0)
    chain = half_cell(stack(), liquid, layers=3, window=0.3, nodes=5, stern_layer=stern_layer)
    assert relative_rms(chain, triangular(0.3, 750e-9)) < 3e-3


def test_a_transient_may_begin_without_an_operating_point():
    chain, drive = half_cell(stack(), solution(), layers=3, window=0.11, nodes=5), DRIVES["triangle"]
    bench = re.sub(r"^(\.tran .*)$", r"\1 uic", rail_bench(chain, drive), flags=re.MULTILINE)
    vectors = run_netlist(bench, drive.duration)
    assert rms_error(chain, drive, vectors["time"], -vectors["vel#branch"]) < 3e-3


@pytest.mark.parametrize("current", [0.02, 0.005])
def test_a_constant_current_makes_the_potential_that_gives_it(current):
    """SciPy's rails follow potentials only: that of ngspice must give them the current of ngspice."""
    chain, end = half_cell(stack(), solution(), layers=3, window=0.3, nodes=5), 0.012 / current * 1e-6
    vectors = run_netlist(
        f"* constant current\n{print_rails(chain)}Iel 0 el pwl(0 0 {end / 1000!r} {current} {end!r} {current})\n"
        f"Rel el 0 1e9\nX1 el 0 RAILS\n.options reltol=1e-4 chgtol=1e-18 itl4=50\n.save v(el)\n"
        f".tran {end / 400!r} {end!r} 0 {end / 400!r}\n.end\n",
        end,
    )
    chosen = np.flatnonzero(np.diff(vectors["time"], prepend=-1.0) > 1e-12 * end)
    potential = Waveform(time=vectors["time"][chosen], value=vectors["el"][chosen])
    assert potential.value[-1] > 0.1
    found = simulate_rails(chain, potential, tolerance=1e-3)
    samples = np.linspace(0.02 * end, end, 300)
    assert np.interp(samples, found.time, found.current) == pytest.approx(current, rel=0.01)


@pytest.mark.parametrize("ions", [SOLUTIONS["equal sizes"], SOLUTIONS["unequal sizes"], SOLUTIONS["2:1"], DILUTE])
@pytest.mark.parametrize("sign", [1, -1])
def test_no_closed_cycle_gives_energy_at_ten_times_the_window(ions, sign):
    """From the uncharged state back to it."""
    chain = half_cell(stack(), ions, layers=2, window=0.11, nodes=5)
    potential = sign * 1.1 * np.array([0, 1, 0.6, 1, -1, 0, 0])
    drive = Waveform(time=np.array([0, 1, 1.5, 2, 3, 4, 10]) * 1e-6, value=potential)
    run = simulate_rails_in_ngspice(chain, drive)
    power = drive.at(run.time) * run.current
    assert abs(np.trapezoid(run.current, run.time)) < 1e-3 * np.trapezoid(np.abs(run.current), run.time)
    assert np.trapezoid(power, run.time) > 0.01 * np.trapezoid(np.abs(power), run.time)
