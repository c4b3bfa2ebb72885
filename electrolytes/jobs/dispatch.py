"""Run programs side by side on this machine or by a batch system, by dpdispatcher.

The submission runs in a process of its own (jobs/submit.py), which ends with the one that started it: dpdispatcher
logs into its working folder and keeps its records there, so that the next run finds the jobs of a batch system again.
"""

import hashlib
import json
import math
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ionspice.core import RunError, replacing
from ionspice.core.children import start_child
from ionspice.electrolytes.files import JOBS
from ionspice.electrolytes.study.jobs import JobsSection

#: name of the log in the folder of the jobs, and of a task's order in its own
LOG, ORDER = "dpdispatcher.log", "work.json"
_SPEC = "submission.json"
_LOOK_EVERY = 0.5  # s
#: how the systems are told how long a job may take
_TIME_LIMITS = {
    "Slurm": "#SBATCH --time=",
    "PBS": "#PBS -l walltime=",
    "Torque": "#PBS -l walltime=",
    "LSF": "#BSUB -W ",
    "SGE": "#$ -l h_rt=",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One program that runs in a folder."""

    command: str  #: shell command
    folder: str  #: working folder, from the folder of the jobs
    order: Mapping[str, Any] = field(default_factory=dict)  #: what work.json in that folder says


def task_of(module: str, folder: str, order: Mapping[str, Any], jobs: JobsSection) -> Task:
    """Return the task of a program of ours that does what an order says, and `watch`es whether that is still wanted.

    A job of this machine ends with this process; one of a batch system does not, and watches 0.
    """
    watch = os.getpid() if jobs.batch == "Shell" else 0
    command = f"{shlex.quote(sys.executable)} -m {module} {ORDER}"
    return Task(command=command, folder=folder, order={**order, "watch": watch})


def place_of(directory: Path, kind: str, what: object) -> Path:
    """Return the folder of jobs of a kind in the folder of a liquid, by all that they are to do, finished or not."""
    digest = hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()
    return directory / JOBS / f"{kind}-{digest[:12]}"


def run_tasks(
    tasks: Sequence[Task], jobs: JobsSection, directory: Path, *, look: Callable[[], None] = lambda: None
) -> None:
    """Run programs until all have ended; those that fail are tried again.

    What a process that was killed left of jobs of this machine is removed: they ended with it, whatever they had
    done, and dpdispatcher would take them for done. Jobs of a batch system go on; they and no others are waited for
    before any new ones are submitted, so that what is left to do may have become less.

    Args:
        tasks: what is run; none of them may need another.
        jobs: where, and with what resources.
        directory: folder of these jobs alone, as `place_of` gives it, which all machines see; removed when all have
            ended well.
        look: called now and then while they run.

    Raises:
        RunError: a task failed several times, or the batch system is not there.
    """
    if not tasks:
        return
    if jobs.batch == "Shell":
        shutil.rmtree(directory, ignore_errors=True)
    tasks = _begun(directory) or tasks
    for task in tasks:
        with replacing(directory / task.folder / ORDER) as temporary:
            temporary.write_text(json.dumps(task.order), encoding="utf-8")
    wanted = [{"command": task.command, "folder": task.folder} for task in tasks]
    spec = {"machine": machine_of(jobs), "resources": resources_of(jobs), "tasks": wanted}
    with replacing(directory / _SPEC) as temporary:
        temporary.write_text(json.dumps(spec, indent=2))
    command = [sys.executable, "-m", "ionspice.electrolytes.jobs.submit", _SPEC]
    with open(directory / LOG, "ab") as log:
        process = start_child(command, cwd=directory, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            while process.poll() is None:
                look()
                time.sleep(_LOOK_EVERY)
        finally:
            process.terminate()
            process.wait()
    look()
    if process.returncode:
        (directory / _SPEC).unlink()  # or the next call, after a correction, would wait for these tasks again
        raise RunError(f"jobs failed: {_last_line(directory / LOG)}; see {directory / LOG} and the logs of the tasks")
    # Else the next submission of the same tasks would take them for done.
    shutil.rmtree(directory)


def _begun(directory: Path) -> list[Task]:
    """Return the tasks that a process which was killed has handed to a batch system."""
    spec = directory / _SPEC
    if not spec.is_file():
        return []
    return [
        Task(**task, order=json.loads((directory / task["folder"] / ORDER).read_text(encoding="utf-8")))
        for task in json.loads(spec.read_text(encoding="utf-8"))["tasks"]
    ]


def shares[Item](items: Sequence[Item], jobs: JobsSection) -> list[list[Item]]:
    """Return items in equal shares, one a job: as many as run at once here, or jobs of the size wanted."""
    if not items:
        return []
    number = jobs.at_once if jobs.batch == "Shell" else math.ceil(len(items) / jobs.frames_per_job)
    return [list(items[start::number]) for start in range(min(number, len(items)))]


def machine_of(jobs: JobsSection) -> dict[str, Any]:
    """Return dpdispatcher's description of the machine; jobs work in their folders, without copies."""
    return {"batch_type": jobs.batch, "context_type": "LazyLocalContext", "local_root": "."}


def resources_of(jobs: JobsSection) -> dict[str, Any]:
    """Return dpdispatcher's description of what a job needs."""
    hours, rest = divmod(round(jobs.time), 3600)
    limit = f"{hours:d}:{rest // 60:02d}" + ("" if jobs.batch == "LSF" else f":{rest % 60:02d}")
    return {
        "number_node": 1,
        "cpu_per_node": jobs.threads * jobs.ranks,
        "gpu_per_node": jobs.gpus,
        "queue_name": jobs.queue,
        "group_size": 1,
        "custom_flags": [_TIME_LIMITS[jobs.batch] + limit] if jobs.batch in _TIME_LIMITS else [],
        "prepend_script": list(jobs.setup),
        "envs": {"OMP_NUM_THREADS": jobs.threads},
        # else LSF is not told of them
        **({"kwargs": {"gpu_usage": True, "gpu_new_syntax": True}} if jobs.batch == "LSF" and jobs.gpus else {}),
        **jobs.options,
    }


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no reason given"
