import numpy as np
import pytest

from ionspice.circuits import Waveform, step, triangular
from ionspice.core import InputError


def test_triangle_turns_at_every_half_cycle():
    drive = triangular(0.11, 2.0, cycles=2)
    assert drive.at([0, 1, 2, 3, 4, 6, 8]) == pytest.approx([0, 0.055, 0.11, 0.055, 0, 0.11, 0])
    assert drive.duration == 8.0


def test_step_holds_its_value():
    assert step(0.2, 5.0, rise=0.1).at([0.05, 0.1, 5.0]) == pytest.approx([0.1, 0.2, 0.2])


@pytest.mark.parametrize(
    ("time", "value", "told"),
    [
        ([0.0, 2.0, 1.0], [0.0, 1.0, 0.0], "increase"),
        ([1.0, 2.0], [0.0, 1.0], "start at 0"),
        ([0.0], [0.0], "two or more"),
        ([0.0, np.nan], [0.0, 1.0], "not finite"),
    ],
)
def test_bad_corners_are_refused(time, value, told):
    with pytest.raises(InputError, match=told):
        Waveform(time=np.array(time), value=np.array(value))


@pytest.mark.parametrize(("half_cycle", "cycles", "told"), [(0.0, 1, "half_cycle"), (1.0, 0, "cycles")])
def test_bad_triangles_are_refused(half_cycle, cycles, told):
    with pytest.raises(InputError, match=told):
        triangular(0.1, half_cycle, cycles)
