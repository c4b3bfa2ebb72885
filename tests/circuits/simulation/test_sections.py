from dataclasses import replace

import numpy as np
import pytest

from ionspice.circuits import sectioned, simulate, solve_ladder, triangular
from ionspice.circuits.dialects.device import device_parameters
from ionspice.circuits.simulation.sections import TARGET
from ionspice.core import InputError


@pytest.fixture
def stack(make_circuit, make_curve):
    return replace(make_circuit(slits=600, gamma=0.8, charge="local"), slit_curve=make_curve(600))


@pytest.mark.parametrize("sections", [20, None])
def test_the_estimate_bounds_the_error_of_the_full_ladder(stack, sections):
    found = sectioned(stack, sections, 0.1)
    assert found.circuit.slits < stack.slits
    assert found.error <= TARGET or sections
    for half_cycle in np.geomspace(*found.half_cycles, 3):
        drive = triangular(0.1, half_cycle)
        times = np.linspace(0, drive.duration, 100)[1:-1]
        exact = solve_ladder(stack, drive, times, rtol=1e-8).current
        run = simulate(found.circuit, drive)
        current = np.interp(times, run["time"], run["electrode_current"])
        # 1e-3: of the simulation itself
        assert np.abs(current - exact).max() < (found.error + 1e-3) * np.abs(exact).max()


def test_a_coarse_part_has_the_parameters_of_the_stack(stack):
    coarse = sectioned(stack, 20, 0.1).circuit
    assert coarse.sheets == 601
    assert device_parameters(coarse) == pytest.approx(device_parameters(stack))
    passed = replace(stack, charge="passed", charge_max=1e-10 * np.arange(600, 0, -1.0))
    assert device_parameters(sectioned(passed, 20, 0.1).circuit) == pytest.approx(device_parameters(passed))


def test_a_short_ladder_is_its_own_and_without_error(make_circuit):
    circuit = make_circuit(slits=6)
    found = sectioned(circuit, None, 0.1)
    assert found.error == 0
    assert found.circuit.slits == 6


def test_an_amplitude_of_nothing_is_refused(make_circuit):
    with pytest.raises(InputError, match="amplitude of 0 V"):
        sectioned(make_circuit(), None, 0.0)
