"""Training on real tools: two models of molten Ag-Cu, labelled by effective medium theory."""

import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("ase", reason="the extra atomistic is not installed")
from ase.io import write

from ionspice.core import InputError, RunError
from ionspice.electrolytes.files import LABELS, POTENTIAL_RECORD, TRAINED, TRAINING
from ionspice.electrolytes.potential.calculator import DeepPotential
from ionspice.electrolytes.potential.labels import divide, read_labelled
from ionspice.electrolytes.potential.learn import learn
from ionspice.electrolytes.potential.record import read_potential
from ionspice.electrolytes.potential.trainer import newest_checkpoint
from ionspice.electrolytes.potential.training import read_curve
from ionspice.electrolytes.study.jobs import JobsSection
from tests.electrolytes.waiting import until, works_in


@pytest.fixture(scope="module")
def potential(tiny_potential):
    return read_potential(tiny_potential / TRAINED / POTENTIAL_RECORD)


@pytest.fixture(scope="module")
def opened(potential):
    with DeepPotential(potential.models) as opened:
        yield opened


def test_a_potential_learns_more_than_the_size_of_the_forces(potential):
    for block, frames in (("training", 56), ("held_out", 8)):
        errors = potential.record.errors[block]
        assert errors["all"] == errors["alloy"]
        assert errors["all"].frames == frames
        assert errors["all"].force < 0.5 * errors["all"].force_size
        assert errors["all"].energy < 0.02
        assert 0 < errors["all"].deviation < errors["all"].force_size


def test_the_record_says_what_the_models_have_seen(potential):
    window = potential.window
    assert (window.frames, window.trajectories, window.compositions) == (56, 7, {"alloy": 56})
    assert window.temperature == (900, 900)
    assert window.density[0] == pytest.approx(9.23, abs=0.05)
    assert potential.type_map == ("Cu", "Ag")
    assert potential.record.program.startswith("DeePMD-kit 3.")
    assert len({model.seed for model in potential.record.models}) == 2


def test_forces_and_stresses_are_the_slopes_of_the_energy(opened, alloy):
    frame = alloy(30, 1)[0]
    frame.calc = opened.calculator()
    forces, stress = frame.get_forces(), frame.get_stress(voigt=False)
    step = 2e-3
    ahead, behind, wide, narrow = (frame.copy() for _ in range(4))
    ahead.positions[3, 1] += step
    behind.positions[3, 1] -= step
    wide.set_cell(frame.cell.array * [1 + step, 1, 1], scale_atoms=True)
    narrow.set_cell(frame.cell.array * [1 - step, 1, 1], scale_atoms=True)
    energies = opened.evaluate([ahead, behind, wide, narrow]).energies
    assert forces[3, 1] == pytest.approx(-(energies[0] - energies[1]) / (2 * step), rel=0.02, abs=0.01)
    slope = (energies[2] - energies[3]) / (2 * step) / frame.get_volume()
    assert stress[0, 0] == pytest.approx(slope, rel=0.02, abs=1e-4)


def test_the_order_of_atoms_does_not_matter(opened, alloy):
    frame = alloy(31, 1)[0]
    order = np.random.default_rng(1).permutation(len(frame))
    found, shuffled = opened.evaluate([frame]), opened.evaluate([frame[order]])
    assert shuffled.energies == pytest.approx(found.energies, abs=1e-4)
    assert np.allclose(shuffled.forces[0], found.forces[0][order], atol=1e-4)


def test_frames_of_any_size_are_answered_together_and_molecules_alone(opened, alloy):
    frame = alloy(32, 1)[0]
    found = opened.evaluate([frame, frame * (2, 1, 1), frame])
    assert found.energies[1] == pytest.approx(2 * found.energies[0], abs=1e-3)
    assert found.energies[2] == pytest.approx(found.energies[0], abs=1e-5)
    dimer = frame[[0, 1]]
    dimer.pbc = False
    assert np.isfinite(opened.evaluate([dimer]).energies).all()
    dimer.pbc = [True, False, False]
    with pytest.raises(InputError, match="some directions only"):
        opened.evaluate([dimer])


def test_atoms_that_fall_into_each_other_are_pushed_apart(opened, alloy):
    frame = alloy(33, 1)[0]
    frame.set_distance(0, 1, 0.6, fix=0, mic=True)
    found = opened.evaluate([frame])
    apart = frame.get_distance(0, 1, mic=True, vector=True) / 0.6
    assert found.forces[0][1] @ apart > 100


def test_a_model_that_was_exchanged_is_refused(tiny_potential, tmp_path):
    shutil.copytree(tiny_potential / TRAINED, tmp_path / "mine")
    shutil.copyfile(tmp_path / "mine" / "model-0.pb", tmp_path / "mine" / "model-1.pb")
    with pytest.raises(InputError, match=r"model-1\.pb is not the model"):
        read_potential(tmp_path / "mine" / POTENTIAL_RECORD)


def test_another_level_of_theory_is_learnt_from_where_the_models_are(
    tiny_potential, potential, alloy, tiny_section, tmp_path
):
    frames = [frame for number in range(20, 24) for frame in alloy(number, 3)]
    for frame in frames:
        frame.calc.results["energy"] += sum({"Ag": 300.0, "Cu": -1200.0}[symbol] for symbol in frame.symbols)
    write(tmp_path / LABELS, frames)
    section = tiny_section.model_copy(update={"models": 1})
    found = learn(
        "tuned",
        divide(frames, 0.25, seed=1),
        type_map=potential.type_map,
        section=section,
        jobs=JobsSection(),
        directory=tmp_path,
        steps=20,
        start=potential,
        other_theory=True,
    )
    curve = read_curve(tmp_path / TRAINING / "tuned" / "model-0")
    assert curve[0, 0] == 0  # it is no restart
    assert curve[0, -1] == pytest.approx(tiny_section.tuning_rate)
    assert curve[0, 2] < 0.1  # eV/atom, of 1200
    assert curve[0, 3] < 0.6 * found.record.errors["held_out"]["all"].force_size
    assert found.record.errors["held_out"]["all"].energy < 0.1


TRAIN = """
import sys
from pathlib import Path
from ionspice.electrolytes.potential.labels import divide, read_labelled
from ionspice.electrolytes.potential.learn import learn
from ionspice.electrolytes.study.jobs import JobsSection
from ionspice.electrolytes.study.potential import PotentialSection
here, elements = Path(sys.argv[1]), ("Cu", "Ag")
section = PotentialSection(cutoff=4.5, embedding=(4, 8), fitting=(8, 8), models=1)
division = divide(read_labelled(here / "labels.extxyz", elements), 0.15, seed=1)
learn("trained", division, type_map=elements, section=section, jobs=JobsSection(),
      directory=here, steps=1000)
"""


def test_a_training_that_was_killed_goes_on_from_its_checkpoint(tiny_potential, tmp_path):
    shutil.copyfile(tiny_potential / LABELS, tmp_path / LABELS)
    command = [sys.executable, "-c", TRAIN, str(tmp_path)]
    process = subprocess.Popen(command)
    folder = tmp_path / TRAINING / "trained" / "model-0"
    until(lambda: newest_checkpoint(folder), seconds=300)
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not works_in(folder), seconds=300)
    assert not (folder / "model.pb").is_file()
    begun = len(read_curve(folder))
    subprocess.run(command, check=True)
    steps = read_curve(folder)[:, 0]
    assert steps[-1] == 1000
    assert (steps == 0).sum() == 1  # it was begun once
    assert steps[begun] > 0
    assert steps[begun - 1] - steps[begun] <= 50  # the checkpoints are 50 steps apart
    kept = (folder / "model.pb").stat().st_mtime_ns
    subprocess.run(command, check=True)
    assert (folder / "model.pb").stat().st_mtime_ns == kept


def test_a_checkpoint_without_its_graph_is_passed_over(tmp_path):
    names = ["model.ckpt-50", "model.ckpt-100"]
    listed = "".join(f'all_model_checkpoint_paths: "{name}"\n' for name in names)
    (tmp_path / "checkpoint").write_text(f'model_checkpoint_path: "{names[-1]}"\n{listed}')
    assert newest_checkpoint(tmp_path) == ""
    for name in names:
        for part in (".data-00000-of-00001", ".index"):
            (tmp_path / f"{name}{part}").touch()
    (tmp_path / "model.ckpt-50.meta").touch()
    assert newest_checkpoint(tmp_path) == "model.ckpt-50"
    (tmp_path / "model.ckpt-100.meta").touch()
    assert newest_checkpoint(tmp_path) == "model.ckpt-100"


def test_a_training_that_fails_says_why(tiny_potential, tiny_section, tmp_path):
    frames = read_labelled(tiny_potential / LABELS, ("Cu", "Ag"))
    with pytest.raises(RunError, match=r"left no model: .*no_such"):
        learn(
            "failed",
            divide(frames, 0.15, seed=1),
            type_map=("Cu", "Ag"),
            section=tiny_section.model_copy(update={"descriptor": "no_such", "models": 1}),
            jobs=JobsSection(),
            directory=tmp_path,
            steps=10,
        )
