import json
import os
import signal
import subprocess
import sys
from importlib.util import find_spec

import pytest

from ionspice.core import RunError
from ionspice.electrolytes.jobs.dispatch import Task, machine_of, resources_of, run_tasks, shares, task_of
from ionspice.electrolytes.study.jobs import JobsSection
from tests.electrolytes.waiting import until

needs_dispatcher = pytest.mark.skipif(
    find_spec("dpdispatcher") is None, reason="the extra atomistic is not installed"
)


def test_items_are_shared_by_jobs():
    assert shares(range(7), JobsSection(at_once=3)) == [[0, 3, 6], [1, 4], [2, 5]]
    assert shares(range(2), JobsSection(at_once=3)) == [[0], [1]]
    assert shares([], JobsSection()) == []
    many = shares(range(7), JobsSection(batch="Slurm", frames_per_job=3))
    assert sorted(len(share) for share in many) == [2, 2, 3]


def test_resources_of_a_cluster_stand_in_the_study():
    jobs = JobsSection(
        batch="Slurm",
        threads=8,
        gpus=1,
        queue="long",
        time=5400.0,
        setup=("module load cp2k",),
        options={"para_deg": 2},
    )
    found = resources_of(jobs)
    assert machine_of(jobs)["batch_type"] == "Slurm"
    assert (found["cpu_per_node"], found["gpu_per_node"], found["queue_name"]) == (8, 1, "long")
    assert found["custom_flags"] == ["#SBATCH --time=1:30:00"]
    assert found["prepend_script"] == ["module load cp2k"]
    assert found["para_deg"] == 2


@needs_dispatcher
def test_tasks_run_in_their_folders_and_again_when_asked_again(tmp_path):
    def count(number):
        path = tmp_path / f"{number}.txt"
        return len(path.read_text().splitlines()) if path.is_file() else 0

    tasks = [Task(command=f"echo done >> {tmp_path}/{n}.txt", folder=f"{n}") for n in range(2)]
    for times in (1, 2):
        run_tasks(tasks, JobsSection(at_once=2), tmp_path / "jobs")
        assert [count(0), count(1)] == [times, times]
        assert not (tmp_path / "jobs").exists()


SCRIPT = """
import json, sys
from dpdispatcher import Machine, Resources, Submission, Task
spec = json.load(open("spec.json"))
machine = Machine.load_from_dict(spec["machine"])
task = Task(command="lmp -in run.lammps", task_work_path="0000")
resources = Resources.load_from_dict(spec["resources"])
submission = Submission(work_base=".", machine=machine, resources=resources, task_list=[task])
submission.generate_jobs()
submission.bind_machine(machine)
print(machine.gen_script(submission.belonging_jobs[0]))
"""


@needs_dispatcher
@pytest.mark.parametrize(
    ("batch", "lines"),
    [
        ("Slurm", ["--ntasks-per-node 8", "--gres=gpu:2", "--partition long", "--time=1:30:00"]),
        ("PBS", ["select=1:ncpus=8:ngpus=2", "-q long", "-l walltime=1:30:00"]),
        ("LSF", ["-n 8", "-gpu 'num=2", "-q long", "-W 1:30"]),
        ("SGE", ["-q long", "-l h_rt=1:30:00"]),
    ],
)
def test_a_job_script_asks_for_cores_and_gpus_and_prepares_them(batch, lines, tmp_path):
    jobs = JobsSection(
        batch=batch, threads=4, ranks=2, gpus=2, queue="long", time=5400.0, setup=("module load lammps/gpu",)
    )
    spec = {"machine": machine_of(jobs), "resources": resources_of(jobs)}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for line in [*lines, "module load lammps/gpu", "OMP_NUM_THREADS=4"]:
        assert line in done.stdout, done.stdout
    assert done.stdout.index("module load") < done.stdout.index(".sub.run")


KILLED = """
import sys
from pathlib import Path
from ionspice.electrolytes.jobs.dispatch import Task, run_tasks
from ionspice.electrolytes.study.jobs import JobsSection
run_tasks([Task(command="touch ../../begun; sleep 100", folder="0")], JobsSection(), Path(sys.argv[1]))
"""


@needs_dispatcher
def test_tasks_of_one_who_was_killed_run_again(tmp_path):
    """Whatever they had done: dpdispatcher alone would take them for done, for they ended."""
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "jobs")])
    until((tmp_path / "begun").exists)
    process.send_signal(signal.SIGKILL)
    process.wait()
    run_tasks([Task(command="touch ../../again", folder="0")], JobsSection(), tmp_path / "jobs")
    assert (tmp_path / "again").exists()


def test_a_task_of_ours_watches_the_one_who_wants_it():
    here, there = JobsSection(), JobsSection(batch="Slurm")
    assert task_of("a.module", "0", {"key": 1}, here).order == {"key": 1, "watch": os.getpid()}
    assert task_of("a.module", "0", {}, there).order["watch"] == 0
    assert "-m a.module work.json" in task_of("a.module", "0", {}, there).command


@needs_dispatcher
def test_a_task_that_fails_is_tried_again_and_then_one_error(tmp_path):
    with pytest.raises(RunError, match="jobs failed"):
        run_tasks([Task(command=f"echo x >> {tmp_path}/tries; false", folder="0")], JobsSection(), tmp_path / "jobs")
    assert len((tmp_path / "tries").read_text().splitlines()) > 1
