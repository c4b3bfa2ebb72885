import numpy as np
import pytest

ase = pytest.importorskip("ase", reason="the extra atomistic is not installed")

from ionspice.electrolytes.potential.selection import candidates, choose  # noqa: E402
from ionspice.electrolytes.study.potential import ExplorationSection  # noqa: E402


def _frame(place, deviation=0.1):
    """A frame of one atom on a line; its cell is 10 angstrom wide."""
    frame = ase.Atoms("Na", positions=[[place, 0, 0]], cell=[10, 10, 10], pbc=True)
    frame.info["deviation"] = deviation
    return frame


def _places(frames):
    return [float(frame.positions[0, 0]) for frame in frames]


def test_trusted_and_broken_frames_and_those_without_a_number_teach_nothing():
    frames = [_frame(0, deviation) for deviation in (0.01, 0.07, 0.2, 5.0, np.nan)]
    found = candidates(frames, ExplorationSection(trusted=0.05, doubtful=0.15))
    assert [frame.info["deviation"] for frame in found] == [0.07, 0.2]


def test_the_most_doubtful_frame_is_chosen_first_and_then_the_furthest():
    run = [_frame(0, 0.1), _frame(1, 0.3), _frame(2, 0.1), _frame(4, 0.1)]
    assert _places(choose([run], 3)) == [1, 4, 0]


def test_frames_that_repeat_each_other_are_taken_once_also_across_the_boundary():
    run = [_frame(0.0), _frame(0.01), _frame(9.99), _frame(5.0)]
    assert _places(choose([run], 10)) == [0, 5]


def test_every_run_has_its_turn():
    runs = [[_frame(place) for place in (0, 1, 2, 3)], [_frame(7)], []]
    assert _places(choose(runs, 3)) == [0, 7, 3]
    assert choose([], 5) == []
