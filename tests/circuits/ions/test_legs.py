"""Rails under legs: what is given is kept, limits are landed on, and the potential returns the current."""

import numpy as np
import pytest

from ionspice.circuits.ions.evolution import simulate_rails
from ionspice.circuits.ions.legs import simulate_rail_legs
from ionspice.circuits.ions.stack import full_cell, half_cell
from ionspice.circuits.model.waveform import Waveform
from ionspice.core.drives import GalvanostaticDrive, parse_protocol
from tests.circuits.ions.ions_cases import SOLUTIONS, stack

CURRENT, UPPER, TOLERANCE = 0.05, 0.15, 1e-3


def chain(*, sealed=False):
    half = half_cell(stack(), SOLUTIONS["equal sizes"], layers=2, window=UPPER, nodes=6)
    return full_cell(half) if sealed else half


def protocol(*steps, sealed=False):
    return simulate_rail_legs(chain(sealed=sealed), parse_protocol(steps), tolerance=TOLERANCE)


@pytest.fixture(scope="module")
def cycle():
    drive = GalvanostaticDrive(current=CURRENT, lower=0.02, upper=UPPER)
    return simulate_rail_legs(chain(), drive, tolerance=TOLERANCE)


def test_the_charge_grows_with_time_and_the_potential_turns_at_its_limits(cycle):
    turn = int(cycle.electrode.argmax())
    np.testing.assert_allclose(
        cycle.charge[: turn + 1], CURRENT * cycle.time[: turn + 1], atol=1e-6 * cycle.charge.max()
    )
    assert cycle.electrode[turn] == pytest.approx(UPPER, abs=1e-6)
    assert cycle.electrode[-1] == pytest.approx(0.02, abs=1e-6)
    assert set(np.sign(cycle.current[1 : turn + 1])) == {1.0}
    assert set(np.sign(cycle.current[turn + 1 :])) == {-1.0}


def test_the_potential_returns_the_charge(cycle):
    drive = Waveform(time=cycle.time, value=np.concatenate([[0.0], cycle.electrode[1:]]))
    again = simulate_rails(chain(), drive, tolerance=1e-3)
    charge = np.interp(cycle.time, again.time, again.charge)
    np.testing.assert_allclose(charge, cycle.charge, atol=2e-3 * cycle.charge.max())


def test_sweeps_and_holds_give_what_the_same_straight_lines_give():
    run = protocol("Sweep to 0.1 V at 0.2 V/us", "Hold for 300 ns", "Sweep to 0 V at 0.2 V/us")
    times = np.array([0.0, 500e-9, 800e-9, 1300e-9])
    known = simulate_rails(chain(), Waveform(time=times, value=np.array([0, 0.1, 0.1, 0])), tolerance=TOLERANCE)
    grid = np.linspace(0.0, times[-1], 500)
    charges = (np.interp(grid, one.time, one.charge) for one in (run, known))
    np.testing.assert_allclose(*charges, atol=1e-3 * known.charge.max())


def test_a_hold_ends_at_its_current_and_a_rest_keeps_the_charge():
    run = protocol("Sweep to 0.1 V at 1 V/us", "Hold for 1 ms or until 5 mA/m", "Rest for 200 ns")
    resting = np.flatnonzero(run.current == 0)[1:]  # the first is the uncharged cell
    held = resting[0] - 1
    assert run.current[held] == pytest.approx(5e-3, rel=1e-3)
    assert run.time[-1] - run.time[held] == pytest.approx(200e-9)
    np.testing.assert_allclose(run.charge[resting], run.charge[held], rtol=1e-6)
    assert np.ptp(run.electrode[resting]) > 0  # what the slits hold evens out


def test_a_jump_of_the_potential_reaches_the_equilibrium_there():
    run, rest = protocol("Hold at 0.1 V for 100 us"), protocol("Start at 0.1 V", "Hold for 1 us")
    assert run.charge[-1] == pytest.approx(rest.charge[0], rel=1e-5)
    np.testing.assert_allclose(rest.current, 0.0, atol=1e-6 * run.current.max())


def test_a_sealed_cell_that_starts_charged_is_at_rest_and_keeps_its_ions():
    run = protocol("Start at 0.1 V", "Hold for 1 us", sealed=True)
    uncharged = protocol("Sweep to 1 mV at 1 V/us", sealed=True)
    np.testing.assert_allclose(run.charge, run.charge[0], rtol=1e-5)
    np.testing.assert_allclose(run.ions[0].sum(axis=0), uncharged.ions[0].sum(axis=0), rtol=1e-8)


def test_cycles_end_when_they_are_periodic():
    cycle = "Charge at 0.05 A/m until 0.1 V", "Discharge at 0.05 A/m until 0 V"
    run = protocol(*cycle, "Repeat until periodic within 1 %", "Hold at 0.05 V for 1 ns")
    turns = np.flatnonzero(np.diff(np.sign(run.current[1:])))
    assert 3 <= turns.size < 20
    assert run.electrode[-1] == pytest.approx(0.05)
