"""The command from a potential to trajectories that analyse reads, on the real tools; and one that collapses."""

import re
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec

import pytest

pytest.importorskip("rdkit", reason="the extra atomistic is not installed")
pytest.importorskip("tblite", reason="the extra atomistic is not installed")
pytest.importorskip("packmol", reason="the extra atomistic is not installed")
if find_spec("dpdispatcher") is None:  # importing it would write a log here
    pytest.skip("the extra atomistic is not installed", allow_module_level=True)

from ionspice.core.stages import run_chain
from ionspice.electrolytes.files import DYNAMICS, POTENTIAL, TRAINED
from ionspice.electrolytes.lammps.progress import read_looks
from ionspice.electrolytes.properties import inputs_of, property_chain
from ionspice.electrolytes.stages import run_liquid
from ionspice.electrolytes.study.file import parse_liquid
from ionspice.electrolytes.transport.record import read_transport
from ionspice.electrolytes.transport.runs import find_runs
from tests.electrolytes.waiting import until, works_in

STAGES = ["molecules", "production-boxes", "dynamics"]


def test_runs_are_recorded_gone_on_with_and_measured(study_text, tiny_potential, tmp_path, caplog):
    shutil.copytree(tiny_potential / TRAINED, tmp_path / POTENTIAL)
    run_liquid(parse_liquid(study_text), tmp_path, stages=STAGES)
    cold, hot = find_runs(tmp_path)
    assert (cold.temperature, hot.temperature) == (600.0, 900.0)
    assert any("600 K is outside 900 to 900 K" in note for note in cold.notes)
    assert all(note in caplog.text for note in cold.notes)
    assert not any("900 K" in note for note in hot.notes)
    assert len(hot.potential) == 2
    assert 0 < hot.deviation["mean"] <= hot.deviation["largest"] < 5
    assert abs(hot.energy_drift) < 0.01
    study = parse_liquid(study_text.replace('\nduration = "2 ps"', '\nduration = "2.5 ps"'))
    before = hot.positions.read_bytes().rpartition(b"ITEM: TIME\n")[0]  # the last frame is written again
    run_liquid(study, tmp_path, stages=STAGES)
    assert hot.positions.read_bytes().startswith(before)
    inputs = inputs_of(study, tmp_path, find_runs(tmp_path))
    run_chain(property_chain(inputs, transfer=False), inputs, tmp_path)
    measured = read_transport(tmp_path / "transport.json").runs
    assert [run.length for run in measured] == pytest.approx([2.5, 2.5])
    assert all(run.elements["Cu"].coefficient.value > 0 for run in measured)
    for run in measured:
        assert {"vdos.csv", "radial.csv"} <= {path.name for path in (tmp_path / "analysis" / run.name).iterdir()}


def _dynamics(folder, text):
    """Return the command for the dynamics of a study that is written into a folder."""
    (folder / "liquid.toml").write_text(text)
    command = [sys.executable, "-m", "ionspice.pipeline.cli", "electrolyte", "dynamics", "liquid.toml", "-o", "."]
    return {"args": command, "cwd": folder}


def test_a_potential_of_20_frames_is_stopped_within_100_steps_with_the_reason(study_text, weak_potential, tmp_path):
    """Its models disagree by more than forces are large, 0.5 eV/angstrom, though core repulsion keeps atoms apart."""
    shutil.copytree(weak_potential / TRAINED, tmp_path / POTENTIAL)
    text = study_text.replace("5 eV/angstrom", "0.3 eV/angstrom")
    done = subprocess.run(**_dynamics(tmp_path, text), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if "have no end" in line]
    assert re.search(r"2 of 2 runs have no end: .*stopped at .* \(step \d+\): .*train a better potential", line)
    assert "on frames held out its forces are wrong by" in done.stderr
    for folder in (tmp_path / DYNAMICS).iterdir():
        assert read_looks(folder)[-1].step <= 100
        assert not (folder / "run.json").exists()


def test_a_command_that_was_killed_goes_on_from_its_last_checkpoint(study_text, tiny_potential, tmp_path):
    shutil.copytree(tiny_potential / TRAINED, tmp_path / POTENTIAL)
    text = (
        study_text.replace('["600 K", "900 K"]', '["900 K"]')
        .replace("= 16", "= 8")
        .replace("8 angstrom", "6.35 angstrom")
    )
    command = _dynamics(tmp_path, text.replace('\nduration = "2 ps"', '\nduration = "5 ps"'))
    run = tmp_path / DYNAMICS / "alloy_6.35A_900K"
    process = subprocess.Popen(**command)
    until(lambda: process.poll() is not None or _checkpoint(run) >= 1000, seconds=600, every=0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not works_in(run), seconds=600)
    step, reached = _checkpoint(run), read_looks(run)[-1].step
    assert 0 <= reached - step <= 1000
    subprocess.run(**command, check=True)
    assert f"read_restart checkpoint.{step}.restart" in (run / "run.lammps").read_text()
    assert [look.step for look in read_looks(run)] == list(range(0, 2601, 50))


def _checkpoint(folder):
    """Return the step of the last restart file, 0 where there is none."""
    return max((int(path.name.split(".")[1]) for path in folder.glob("checkpoint.*.restart")), default=0)
