import numpy as np
import pytest

from ionspice.circuits import line_current, solve_ladder, triangular
from ionspice.core import InputError
from tests.circuits.exact import periodic_ladder_current


@pytest.mark.parametrize("opening", [{}, {"open_resistance": 0.0}, {"open_capacitance": 0.0}])
def test_the_closed_form_agrees_with_the_integrated_ladder(make_circuit, opening):
    line = make_circuit(slits=7, gamma=0.0, **opening)
    drive = triangular(0.1, 0.7 * line.time_constant, 2)
    time = (np.arange(200) + 0.5) / 200 * drive.duration
    reference = solve_ladder(line, drive, time).current
    assert line_current(line, drive, time) == pytest.approx(reference, abs=1e-6 * np.abs(reference).max())


def test_many_cycles_end_in_the_periodic_current(make_circuit):
    line = make_circuit(slits=7, gamma=0.0, mouth=False)
    half, cycles = 0.5 * line.time_constant, 30
    inside = np.linspace(0.01, 0.99, 50) * half
    current = line_current(line, triangular(0.1, half, cycles), 2 * (cycles - 1) * half + inside)
    expected = periodic_ladder_current(7, 2.0, 1e-9, 0.1 / half, half, inside)
    assert current == pytest.approx(expected, rel=1e-9)


def test_a_nonlinear_circuit_and_times_outside_the_drive_are_refused(make_circuit):
    drive = triangular(0.1, 1e-7)
    with pytest.raises(InputError, match="not linear"):
        line_current(make_circuit(gamma=0.5), drive, [1e-8])
    with pytest.raises(InputError, match="within"):
        line_current(make_circuit(gamma=0.0), drive, [3e-7])
