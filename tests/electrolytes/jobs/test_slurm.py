"""The jobs under a Slurm that answers; tools/one_node_slurm.sh starts one on a machine of one's own."""

import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from ionspice.electrolytes.files import LABEL_STORE
from ionspice.electrolytes.jobs.dispatch import Task, run_tasks
from ionspice.electrolytes.study.jobs import JobsSection
from tests.electrolytes.waiting import until

# its import would write a log where the tests are run
pytestmark = pytest.mark.skipif(find_spec("dpdispatcher") is None, reason="the extra atomistic is not installed")

SLURM = """
[jobs]
batch = "Slurm"
frames_per_job = 2
time = "10 min"
"""


def _asked(*command: str) -> str:
    """Return what Slurm says."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(autouse=True)
def slurm():
    if not {"idle", "mixed", "allocated"} & _states():
        pytest.skip("no Slurm answers here; tools/one_node_slurm.sh starts one (root, slurm-wlm and munge)")


def _states() -> set[str]:
    """Return the states of the nodes, none where no Slurm is there."""
    if shutil.which("sinfo") is None:
        return set()
    done = subprocess.run(["sinfo", "--noheader", "--format=%T"], capture_output=True, text=True, check=False)
    return set(done.stdout.split())


def test_tasks_are_jobs_with_the_resources_of_the_study(tmp_path):
    cores = min(2, os.cpu_count() or 1)
    say = "(echo $SLURM_JOB_ID $SLURM_CPUS_ON_NODE $OMP_NUM_THREADS; squeue -h -j $SLURM_JOB_ID -o %l) > said"
    tasks = [Task(command=f"{say}; cp said {tmp_path}/{n}", folder=f"{n}") for n in range(2)]
    run_tasks(tasks, JobsSection(batch="Slurm", threads=cores, time=900.0), tmp_path / "jobs")
    said = [(tmp_path / f"{n}").read_text().split() for n in range(2)]
    assert said[0][0] != said[1][0]
    assert all(words[1:] == [str(cores), str(cores), "15:00"] for words in said)


def test_labels_go_on_when_the_one_who_waits_is_killed(tmp_path, liquid_text):
    (tmp_path / "liquid.toml").write_text(liquid_text + SLURM)
    _write_frames(tmp_path / "frames.xyz", 6)
    words = ["electrolyte", "label", "liquid.toml", "--frames", "frames.xyz", "-o", "out"]
    command = [sys.executable, "-m", "ionspice.pipeline.cli", *words]
    before = _jobs_ever()
    process = subprocess.Popen(command, cwd=tmp_path, start_new_session=True)
    until(lambda: process.poll() is not None or len(_jobs_ever() - before) == 3, every=0.2)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    store = tmp_path / "out" / LABEL_STORE
    until(lambda: len(list(store.glob("*/label.json"))) == 6, every=0.2)  # the jobs go on without it
    kept = {path: path.stat().st_mtime_ns for path in store.glob("*/label.json")}
    subprocess.run(command, cwd=tmp_path, check=True, timeout=300)
    assert {path: path.stat().st_mtime_ns for path in store.glob("*/label.json")} == kept


WAIT = """
import sys
from pathlib import Path
from ionspice.electrolytes.jobs.dispatch import Task, run_tasks
from ionspice.electrolytes.study.jobs import JobsSection
here, numbers = Path(sys.argv[1]), sys.argv[2:]
tasks = [Task(command=f"echo x >> {here}/{n}; sleep 8", folder=n) for n in numbers]
run_tasks(tasks, JobsSection(batch="Slurm"), here / "jobs")
"""


def test_no_job_is_submitted_twice_when_the_one_who_waits_is_killed_in_between(tmp_path):
    """Behind the first submission, of which dpdispatcher keeps no record yet; and then less is left to do."""
    process = subprocess.Popen([sys.executable, "-c", WAIT, str(tmp_path), "0", "1", "2"], start_new_session=True)
    until(lambda: list((tmp_path / "jobs").glob("*_job_id")), every=0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    subprocess.run([sys.executable, "-c", WAIT, str(tmp_path), "1", "2"], check=True, timeout=300)
    assert [(tmp_path / number).read_text() for number in "012"] == ["x\n"] * 3


def _write_frames(path: Path, number: int) -> None:
    """Write frames of one pair of ions."""
    head = '2\nLattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3 pbc="T T T"\n'
    path.write_text("".join(f"{head}Na 0 0 0\nCl {2.5 + 0.1 * one:.1f} 0 0\n" for one in range(number)))


def _jobs_ever() -> set[str]:
    """Return the numbers of the jobs that Slurm remembers; it forgets none for minutes."""
    return set(_asked("squeue", "--noheader", "--states=all", "--format=%i").split())
