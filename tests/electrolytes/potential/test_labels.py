import numpy as np
import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ase.io import write

from ionspice.core import InputError
from ionspice.electrolytes.potential.labels import composition_of, divide, read_labelled, trajectory_of

SALT = ("Na", "Cl")


def test_whole_trajectories_are_held_out_of_every_composition(labelled):
    frames = [
        labelled(f"{number}", composition)
        for composition, trajectories in (("a", 10), ("b", 4), ("c", 1))
        for number in range(trajectories)
        for _ in range(3)
    ]
    division = divide(frames, 0.2, seed=1)
    apart = {trajectory_of(frame) for frame in division.held_out}
    assert not apart & {trajectory_of(frame) for frame in division.training}
    assert len(division.training) + len(division.held_out) == len(frames)
    numbers = {name: sum(one.startswith(name) for one in apart) for name in "abc"}
    assert 1 <= numbers["a"] < 10
    assert 1 <= numbers["b"] < 4
    assert numbers["c"] == 0
    again = divide(frames, 0.2, seed=1)
    assert [trajectory_of(frame) for frame in again.held_out] == [trajectory_of(frame) for frame in division.held_out]
    assert {trajectory_of(frame) for frame in divide(frames, 0.2, seed=5).held_out} != apart


def test_more_labels_leave_those_that_are_there_where_they_are(labelled):
    frames = [labelled(f"{number}") for number in range(400)]
    before, after = divide(frames[:200], 0.2, seed=3), divide(frames, 0.2, seed=3)
    apart = {trajectory_of(frame) for frame in after.held_out}
    assert {trajectory_of(frame) for frame in before.held_out} == apart & {trajectory_of(f) for f in frames[:200]}
    assert len(apart) == pytest.approx(80, abs=24)  # three standard deviations


def test_a_composition_that_is_never_trained_on_is_held_out_whole(labelled):
    frames = [labelled(f"{number}", name) for name in "ab" for number in range(3)]
    division = divide(frames, 0, seed=1, unseen=["b"])
    assert {composition_of(frame) for frame in division.training} == {"a"}
    assert len(division.held_out) == 3
    with pytest.raises(InputError, match="label others too"):
        divide(frames[3:], 0, seed=1, unseen=["b"])


def test_labels_of_one_trajectory_are_told_so(labelled):
    frames = [labelled() for _ in range(5)]
    with pytest.raises(InputError, match="one trajectory each"):
        divide(frames, 0.15, seed=1)
    assert len(divide(frames, 0, seed=1).training) == 5
    for frame in frames:
        del frame.info["trajectory"]  # as anybody's file
    with pytest.raises(InputError, match="one trajectory each"):
        divide(frames, 0.15, seed=1)


def test_labels_come_back_as_they_were_written(labelled, tmp_path):
    write(tmp_path / "labels.extxyz", [labelled("0"), labelled("1", stress=np.arange(6.0))])
    first, second = read_labelled(tmp_path / "labels.extxyz", SALT)
    assert first.get_potential_energy() == -8
    assert np.allclose(second.get_stress(), np.arange(6.0))


def _with_nan(frame):
    frame.calc.results["forces"][2, 1] = np.nan
    return frame


def _without_forces(frame):
    del frame.calc.results["forces"]
    return frame


def _without_cell(frame):
    frame.cell[:] = 0
    frame.pbc = False
    return frame


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_with_nan, "frame 6 has forces that are not finite"),
        (_without_forces, "frame 6 has no forces"),
        (_without_cell, "frame 6 is not periodic"),
        (lambda frame: frame.symbols.__setitem__(0, "K") or frame, "frame 6 has K, but the liquid has Na, Cl only"),
    ],
)
def test_a_bad_label_is_one_error(labelled, tmp_path, spoil, said):
    write(tmp_path / "labels.extxyz", [*(labelled() for _ in range(5)), spoil(labelled())])
    with pytest.raises(InputError, match=said):
        read_labelled(tmp_path / "labels.extxyz", SALT)


def test_labels_of_two_levels_of_theory_are_refused(labelled, tmp_path):
    energies = [-8.0, -8.1, -8.05, -8.0, -7.9, -40.0]
    write(tmp_path / "labels.extxyz", [labelled(energy=energy) for energy in energies])
    with pytest.raises(InputError, match=r"frame 6 is .* not of one level of theory"):
        read_labelled(tmp_path / "labels.extxyz", SALT)


def test_a_file_without_labels_is_refused(tmp_path):
    (tmp_path / "labels.extxyz").write_text("")
    with pytest.raises(InputError, match="cannot read"):
        read_labelled(tmp_path / "labels.extxyz", SALT)
    with pytest.raises(InputError, match="ionspice electrolyte label"):
        read_labelled(tmp_path / "none.extxyz", SALT)
