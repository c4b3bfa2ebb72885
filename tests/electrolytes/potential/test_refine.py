import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ase.io import read

from ionspice.core import RunError
from ionspice.electrolytes.environment.tools import lammps_version
from ionspice.electrolytes.files import LABEL_STORE, LABELS, POTENTIAL_RECORD, REFINING, TRAINED
from ionspice.electrolytes.potential import refine as module
from ionspice.electrolytes.potential.labels import divide, read_labelled
from ionspice.electrolytes.potential.record import read_potential
from ionspice.electrolytes.potential.refine import hold_out_runs, refine
from ionspice.electrolytes.potential.refining_record import (
    CurvePoint,
    ExploringRun,
    RefiningRecord,
    RefiningRound,
    read_refining,
    round_text,
    write_refining,
)
from ionspice.electrolytes.study.file import parse_liquid

STUDY = """
[[molecules]]
name = "Ag"
smiles = "[Ag]"
charge = 0

[[molecules]]
name = "Cu"
smiles = "[Cu]"
charge = 0

[[compositions]]
name = "alloy"
counts = { Ag = 8, Cu = 8 }
boxes = [{ density = "9 g/cm^3" }]

[teacher]
program = "ase"
calculator = "ase.calculators.emt:EMT"

[potential]
cutoff = "4.5 angstrom"
embedding = [6, 12]
fitting = [16, 16]
models = 2
tuning_rate = 0.002
final_learning_rate = 1e-4

[exploration]
rounds = 1
temperatures = ["1500 K", "2500 K"]
timestep = "2 fs"
duration = "600 fs"
chunk = "20 fs"
trusted = "0.01 eV/angstrom"
doubtful = "2 eV/angstrom"
frames = 24
steps = 400
"""


def test_a_round_lowers_the_error_on_the_potentials_own_frames(tiny_potential, tmp_path):
    if not lammps_version():
        pytest.skip("the potential's venv is not there; make atomistic makes it")
    study = parse_liquid(STUDY)
    potential = read_potential(tiny_potential / TRAINED / POTENTIAL_RECORD)
    division = divide(read_labelled(tiny_potential / LABELS, ("Cu", "Ag")), 0.15, seed=1)
    starts = {"alloy": division.training}
    (state,) = refine(study, potential, division, starts, tmp_path)
    done = state.round
    assert done.labelled == done.selected == 24
    assert 0 < done.deviation < done.true_error
    assert done.ratio == pytest.approx(done.true_error / done.deviation)
    assert done.after.new < 0.95 * done.before.new  # 0.74 to 0.81; float32 and threads differ from run to run
    assert done.after.old < 1.3 * done.before.old
    assert len(state.division.training) + len(state.division.held_out) == 64 + 24
    assert state.potential.record.training.frames == len(state.division.training)
    assert len(read(tmp_path / REFINING / "round-1" / LABELS, index=":")) == 64 + 24
    assert any("held out" in line for line in round_text(done))

    # a run that was killed behind the labels does not explore or label again
    (tmp_path / REFINING / "round-1" / "round.json").unlink()
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / LABEL_STORE).rglob("label.extxyz")}
    (again,) = refine(study, potential, division, {}, tmp_path)
    assert again.round.labelled == 24
    assert times == {path: path.stat().st_mtime_ns for path in (tmp_path / LABEL_STORE).rglob("label.extxyz")}
    assert [model.sha256 for model in again.potential.record.models] == [
        model.sha256 for model in state.potential.record.models
    ]


@pytest.mark.slow
def test_a_long_round_halves_the_error_on_the_potentials_own_frames_and_spoils_no_old_ones(tiny_potential, tmp_path):
    """Runs far hotter than what was learnt, 900 K, of which one is held out: 2500 K, between others.

    Errors of 0.359 and 0.071 eV/angstrom became 0.181 and 0.041: a factor of 1.99, and of 1.74 after half the steps.
    """
    if not lammps_version():
        pytest.skip("the potential's venv is not there; make atomistic makes it")
    text = (
        STUDY.replace('["1500 K", "2500 K"]', '["1500 K", "2000 K", "2500 K", "3000 K"]')
        .replace('duration = "600 fs"', 'duration = "1000 fs"')
        .replace("frames = 24", "frames = 60\nseed = 3")
        .replace("steps = 400", "steps = 3000")
        .replace("tuning_rate = 0.002", "tuning_rate = 0.005")
    )
    potential = read_potential(tiny_potential / TRAINED / POTENTIAL_RECORD)
    division = divide(read_labelled(tiny_potential / LABELS, ("Cu", "Ag")), 0.15, seed=1)
    (state,) = refine(parse_liquid(text), potential, division, {"alloy": division.training}, tmp_path)
    before, after = state.round.before, state.round.after
    assert after.new < 0.55 * before.new
    assert after.old < 1.1 * before.old


def test_whole_runs_are_held_out(labelled):
    frames = [labelled(f"round-1/{number}") for number in range(5) for _ in range(2)]
    division = hold_out_runs(frames, 0.15, seed=1)
    assert len(division.held_out) == 2
    assert len({frame.info["trajectory"] for frame in division.held_out}) == 1
    assert not hold_out_runs(frames[:2], 0.15, seed=1).held_out
    assert not hold_out_runs(frames, 0, seed=1).held_out


def _explored(reason: str) -> RefiningRound:
    run = ExploringRun(composition="alloy", temperature=900, length=0.05, reason=reason)
    return RefiningRound(round=1, runs=(run,), candidates=0, selected=0, labelled=0, refused=0)


def test_runs_that_stop_before_they_teach_are_told_and_those_that_end_in_trust_are_the_end():
    with pytest.raises(RunError, match=r"alloy at 900 K was stopped after 0\.05 ps: the energy fell"):
        module._check_trust(_explored("the energy fell"))
    module._check_trust(_explored(""))


def test_the_record_comes_back(tmp_path):
    record = RefiningRecord(
        rounds=(_explored(""),), learning_curve=(CurvePoint(frames=10, energy=1e-3, force=0.1),), start=("abc",)
    )
    write_refining(tmp_path / "refining.json", record)
    assert read_refining(tmp_path / "refining.json") == record
