"""Run many cases, several at once, each in a process of its own.

A case that fails, or is killed, does not stop the others; one that is up to date is not run again, so an
interrupted campaign goes on where it stopped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from joblib import Parallel, delayed

from ionspice.core import InputError, replacing
from ionspice.core.children import start_child
from ionspice.core.console import WARNING, Advance, Reporter, SilentReporter
from ionspice.pipeline.cases.case import Case
from ionspice.pipeline.runs.runner import is_run_up_to_date

CASES = "cases"
LOG = "run.log"


def case_folder(directory: Path, name: str) -> Path:
    """Return the folder of a case of a campaign."""
    return directory / CASES / name


def run_campaign(
    cases: Mapping[str, Case],
    directory: Path,
    *,
    until: str = "report",
    jobs: int | None = None,
    ranks: int = 1,
    reporter: Reporter | None = None,
    advance: Advance | None = None,
) -> dict[str, str | None]:
    """Bring the folder of every case up to date; what each prints is kept in its run.log.

    Args:
        cases: by name, which is the name of the folder too.
        directory: of the campaign; a case's files go to `case_folder`.
        until: the last stage wanted.
        jobs: cases that run at once, default as many as the cores allow.
        ranks: MPI ranks of each case.
        reporter: where progress is shown, default nowhere.
        advance: moves the bar of a stage that the campaign is; it has one of its own without.

    Returns:
        By name None, or why the case failed.

    Raises:
        InputError: a number of jobs or ranks below 1, ranks without mpiexec, or a folder that cannot be written.
    """
    cores = len(os.sched_getaffinity(0))
    workers = max(1, cores // max(ranks, 1)) if jobs is None else jobs
    for key, value in (("jobs", workers), ("ranks", ranks)):
        if value < 1:
            raise InputError(f"{key} = {value}; it must be at least 1")
    launcher = _launcher(ranks)
    for name, case in cases.items():
        folder = case_folder(directory, name)
        with replacing(folder.with_name(f"{name}.toml")) as temporary:
            temporary.write_text(case.to_toml(), encoding="utf-8")
    reporter = reporter or SilentReporter()
    outcome: dict[str, str | None] = {}
    with reporter.stage("campaign") if advance is None else nullcontext(advance) as move:
        tasks = (delayed(_run_case)(launcher, directory, name, case, until) for name, case in cases.items())
        for name, reason in Parallel(n_jobs=workers, prefer="threads", return_as="generator_unordered")(tasks):
            outcome[name] = reason
            move(len(outcome), len(cases))
            for warning in _warnings(case_folder(directory, name) / LOG):
                reporter.say(f"{name}: warning: {warning}")
            reporter.say(f"[{len(outcome)}/{len(cases)}] {name}: {'done' if reason is None else f'FAILED: {reason}'}")
    return {name: outcome[name] for name in cases}


def _launcher(ranks: int) -> list[str]:
    python = [sys.executable, "-m", "ionspice.pipeline.cli"]
    if ranks == 1:
        return python
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    mpiexec = shutil.which("mpiexec", path=path)
    if mpiexec is None:
        raise InputError(f"ranks = {ranks} needs mpiexec, which is not on the path; install MPI or use ranks = 1")
    return [mpiexec, "-n", str(ranks), *python]


def _run_case(launcher: list[str], directory: Path, name: str, case: Case, until: str) -> tuple[str, str | None]:
    folder = case_folder(directory, name)
    if is_run_up_to_date(case, folder, until):
        return name, None  # without the seconds that a process takes to start
    folder.mkdir(parents=True, exist_ok=True)
    command = [*launcher, "run", str(folder.with_name(f"{name}.toml")), "-o", str(folder), "--until", until]
    log = folder / LOG
    with log.open("w", encoding="utf-8") as stream:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        options = {"stdout": stream, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL, "env": environment}
        with start_child(command, **options) as process:
            status = process.wait()
    return name, None if status == 0 else _reason(log.read_text(encoding="utf-8", errors="replace"), status)


def _warnings(log: Path) -> list[str]:
    """Return what a case has warned of, once each."""
    if not log.is_file():
        return []
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return list(dict.fromkeys(line.removeprefix(WARNING) for line in lines if line.startswith(WARNING)))


def _reason(output: str, status: int) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    own = [line for line in lines if line.startswith("ionspice: ") and not line.startswith(WARNING)]
    if status < 0:
        return f"ended by signal {-status}"
    last = own[-1].removeprefix("ionspice: ") if own else lines[-1] if lines else "no output"
    return f"{last} (exit status {status})"
