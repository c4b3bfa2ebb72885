"""Rails at constant current: charge grows with time, and the potential it gives returns the current."""

import numpy as np
import pytest

from ionspice.circuits.ions.evolution import simulate_rails
from ionspice.circuits.ions.galvanostatic import simulate_rails_galvanostatic
from ionspice.circuits.ions.stack import half_cell
from ionspice.circuits.model.waveform import Waveform
from ionspice.core import InputError, RunError
from tests.circuits.ions.ions_cases import SOLUTIONS, stack

CURRENT, UPPER = 0.05, 0.15


def chain():
    return half_cell(stack(), SOLUTIONS["equal sizes"], layers=2, window=UPPER, nodes=6)


@pytest.fixture(scope="module")
def cycle():
    return simulate_rails_galvanostatic(chain(), current=CURRENT, lower=0.02, upper=UPPER, tolerance=1e-3)


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


def test_limits_out_of_order_are_refused():
    with pytest.raises(InputError, match="out of order"):
        simulate_rails_galvanostatic(chain(), current=CURRENT, lower=0.2, upper=0.1)


def test_a_current_that_needs_no_time_at_all_is_an_error():
    with pytest.raises((RunError, InputError)):
        simulate_rails_galvanostatic(chain(), current=-1.0, lower=0.0, upper=0.1)
