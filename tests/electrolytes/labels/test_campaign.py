import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

ase = pytest.importorskip("ase", reason="the extra atomistic is not installed")
if find_spec("dpdispatcher") is None:  # importing it would write a log here
    pytest.skip("the extra atomistic is not installed", allow_module_level=True)
from ase.build import bulk  # noqa: E402
from ase.calculators import emt  # noqa: E402
from ase.io import read, write  # noqa: E402

from ionspice.core import RunError  # noqa: E402
from ionspice.core.json_files import read_any_json  # noqa: E402
from ionspice.electrolytes.environment.tools import cp2k_version  # noqa: E402
from ionspice.electrolytes.files import LABEL_STORE, LABEL_TABLE, LABELS  # noqa: E402
from ionspice.electrolytes.labels.campaign import label_frames, write_labels  # noqa: E402
from ionspice.electrolytes.study.jobs import JobsSection  # noqa: E402
from ionspice.electrolytes.study.teacher import TeacherSection  # noqa: E402
from tests.electrolytes.waiting import until  # noqa: E402

EMT = TeacherSection(program="ase", calculator="ase.calculators.emt:EMT")


@pytest.fixture
def frames():
    made = []
    for seed in range(5):
        frame = bulk("Cu", cubic=True)
        frame.rattle(0.1, seed=seed)
        made.append(frame)
    return made


def test_frames_are_labelled_side_by_side_in_their_order(frames, tmp_path):
    labelled = label_frames(frames, EMT, JobsSection(at_once=2), tmp_path)
    write_labels(tmp_path, labelled)
    again = read(tmp_path / LABELS, index=":")
    for given, found in zip(frames, again, strict=True):
        given.calc = emt.EMT()
        assert np.allclose(found.positions, given.positions, atol=1e-7)
        assert np.allclose(found.get_forces(), given.get_forces(), atol=1e-5)
        assert found.get_potential_energy() == pytest.approx(given.get_potential_energy(), abs=1e-5)
        assert np.allclose(found.get_stress(), given.get_stress(), atol=1e-6)
    table = read_any_json(tmp_path / LABEL_TABLE, remedy="")
    assert table["refused"] == {}
    assert [one["hash"] for one in table["labels"]] == [found.info["label"] for found in again]
    assert not list((tmp_path / "jobs").iterdir())


def test_a_finished_label_is_not_computed_again_and_equal_frames_are_labelled_once(frames, tmp_path):
    label_frames(frames[:2], EMT, JobsSection(), tmp_path)
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / LABEL_STORE).rglob("label.extxyz")}
    labelled = label_frames([*frames[:3], frames[0]], EMT, JobsSection(), tmp_path)
    assert len(times) == 2
    assert len(labelled.frames) == 3
    assert all(path.stat().st_mtime_ns == then for path, then in times.items())


def test_a_frame_without_an_answer_has_a_reason_and_does_not_stop_the_others(frames, tmp_path):
    strange = bulk("W", cubic=True)  # EMT knows no tungsten
    labelled = label_frames([strange, *frames[:1]], EMT, JobsSection(), tmp_path)
    assert len(labelled.frames) == 1
    (reason,) = labelled.refused.values()
    assert "has no answer" in reason


def test_no_label_at_all_is_an_error_with_the_reason(frames, tmp_path):
    teacher = TeacherSection(program="ase", calculator="ase.calculators.emt:Nothing")
    with pytest.raises(RunError, match="cannot be made"):
        label_frames(frames[:1], teacher, JobsSection(), tmp_path)


SLOW = """
import time
from ase.calculators.emt import EMT

class Slow(EMT):
    def calculate(self, *args, **kwargs):
        time.sleep(0.5)
        super().calculate(*args, **kwargs)
"""
LABEL = """
import sys
from pathlib import Path
from ase.io import read
from ionspice.electrolytes.labels.campaign import label_frames
from ionspice.electrolytes.study.jobs import JobsSection
from ionspice.electrolytes.study.teacher import TeacherSection
teacher = TeacherSection(program="ase", calculator="slow_teacher:Slow")
label_frames(read(sys.argv[1], index=":"), teacher, JobsSection(), Path(sys.argv[2]))
"""


def test_a_killed_run_keeps_its_finished_labels_and_its_jobs_end(frames, tmp_path):
    (tmp_path / "slow_teacher.py").write_text(SLOW)
    write(tmp_path / "frames.extxyz", frames)
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", LABEL, str(tmp_path / "frames.extxyz"), str(tmp_path)]
    process = subprocess.Popen(command, env=environment)
    until(lambda: len(_records(tmp_path)) >= 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not _works_in(tmp_path))
    kept = {path: path.read_bytes() for path in _records(tmp_path)}
    assert 2 <= len(kept) < 5
    subprocess.run(command, env=environment, check=True)
    assert len(_records(tmp_path)) == 5
    assert all(path.read_bytes() == content for path, content in kept.items())


def _records(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{LABEL_STORE}/*/label.json"))


def _works_in(folder: Path) -> bool:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            here = str((entry / "cwd").readlink()).startswith(str(folder))
        except OSError:
            continue
        if here and b"labels.work" in _command_of(entry):
            return True
    return False


def _command_of(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.skipif(not cp2k_version(), reason="CP2K is not on this machine; ionspice electrolyte setup installs it")
def test_cp2k_labels_by_jobs_and_keeps_its_own_files(tmp_path):
    salt = ase.Atoms("LiCl", positions=[[0, 0, 0], [2.1, 0, 0]], cell=[5, 5, 5], pbc=True)
    teacher = TeacherSection(program="cp2k")
    labelled = label_frames([salt], teacher, JobsSection(), tmp_path)
    (record,) = labelled.records
    assert record["settings"]["cutoff"] == "400 Ry"
    assert record["scf_steps"] > 1
    assert np.allclose(labelled.frames[0].get_forces().sum(axis=0), 0, atol=0.05)
    assert (tmp_path / LABEL_STORE / record["hash"] / "cp2k.out").is_file()
