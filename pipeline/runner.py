"""Bring the files of a folder up to date with a case: each stage runs only if its inputs or outputs changed."""

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ionspice.core import InputError, replacing, sha256_of
from ionspice.pipeline.case import Case, parse_case, read_case
from ionspice.pipeline.console import Reporter, SilentReporter
from ionspice.pipeline.devices import OBSERVABLES
from ionspice.pipeline.manifest import StageRecord, fingerprint, is_current, read_manifest, write_record
from ionspice.pipeline.parallel import on_first_rank
from ionspice.pipeline.stages import CASE_FILE, CHECKPOINT, STAGES, Job, Stage, check_inputs


def run(
    case: Case,
    directory: str | Path,
    *,
    stages: Iterable[str] | None = None,
    always: Iterable[str] = (),
    restart: bool = False,
    reporter: Reporter | None = None,
    comm: Any = None,
    hall_of_fame: Path | None = None,
) -> Path:
    """Bring the files of a folder up to date with a case; collective over the communicator.

    Args:
        case: what is computed; written to the folder as case.toml with every key.
        directory: the folder; made if it does not exist.
        stages: names of the stages wanted, default all, always in their order.
        always: those of them that run from their beginning even if they are up to date.
        restart: `solve` goes on from its checkpoint and fails without one; unless it is among `always` it goes on
            by itself after a run that did not finish.
        reporter: where progress is shown, default nowhere.
        comm: MPI communicator of all ranks that call this, None for one process.
        hall_of_fame: file that `discover` goes on from, where it exists, and keeps; None for none.

    Returns:
        The folder.

    Raises:
        InputError: something the user can correct; a folder that cannot be written is left untouched.
        RunError: a stage failed; what the stages before made is kept and used by the next run.
    """
    directory, reporter = Path(directory), reporter or SilentReporter()
    wanted = set(stages) if stages is not None else {stage.name for stage in STAGES}
    if "mesh" in wanted:
        on_first_rank(comm, lambda: check_inputs(case))
    on_first_rank(comm, lambda: _prepare(case, directory))
    for stage in STAGES:
        if stage.name in wanted:
            job = Job(case=case, directory=directory, comm=comm, restart=restart, hall_of_fame=hall_of_fame)
            _bring_up_to_date(stage, job, reporter, force=stage.name in set(always))
    return directory


def is_up_to_date(case: Case, directory: Path, until: str) -> bool:
    """Return whether `run` would find nothing to do, up to a stage."""
    names = [stage.name for stage in STAGES]
    wanted = STAGES[: names.index(until) + 1]
    looked = (_look(stage, Job(case=case, directory=directory)) for stage in wanted)
    return all(is_current(record, digest, directory) for record, digest in looked)


def case_of(directory: Path) -> Case:
    """Return the case of a run's folder, from case.toml or else from observables.nc.

    Raises:
        InputError: neither is there, or it is damaged.
    """
    if (directory / CASE_FILE).is_file():
        return read_case(directory / CASE_FILE)
    path = directory / OBSERVABLES
    if not path.is_file():
        raise InputError(f"{directory}: no {CASE_FILE} and no {OBSERVABLES}; give the folder of an `ionspice run`")
    from ionspice.circuits import read_field

    return parse_case(str(read_field(path).attrs.get("case", "")), source=f"{path}, attribute case")


def _prepare(case: Case, directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise InputError(f"{directory} is a file; choose a folder with -o")
    with replacing(directory / CASE_FILE) as temporary:
        temporary.write_text(case.to_toml(), encoding="utf-8")


def _bring_up_to_date(stage: Stage, job: Job, reporter: Reporter, *, force: bool) -> None:
    record, digest = on_first_rank(job.comm, lambda: _look(stage, job))
    current = on_first_rank(job.comm, lambda: is_current(record, digest, job.directory))
    if current and not force:
        reporter.say(f"{stage.name}: up to date")
        return
    unfinished = record is not None and not record.finished and record.fingerprint == digest
    resumable = on_first_rank(job.comm, lambda: unfinished and (job.directory / CHECKPOINT).is_file())
    begun = StageRecord(fingerprint=digest)
    on_first_rank(job.comm, lambda: write_record(job.directory, stage.name, begun))
    start = time.monotonic()
    with reporter.stage(stage.name) as advance:
        job = replace(job, advance=advance, resume=resumable and not force)
        if stage.collective:
            stage.act(job)
        else:
            on_first_rank(job.comm, lambda: stage.act(job))
    wall_time = time.monotonic() - start
    on_first_rank(job.comm, lambda: _finish(stage, job, begun, wall_time))


def _look(stage: Stage, job: Job) -> tuple[StageRecord | None, str]:
    """Return what is on record about a stage and the fingerprint of its inputs as they are now."""
    values = job.case.model_dump(mode="json", include=set(stage.sections), exclude=stage.except_keys or None)
    files = [job.directory / name for name in stage.reads]
    if stage.name == "mesh" and job.case.mesh.file:
        files.append(Path(job.case.mesh.file))
    present = [path for path in files if path.is_file()]
    return read_manifest(job.directory).get(stage.name), fingerprint(values, present)


def _finish(stage: Stage, job: Job, begun: StageRecord, wall_time: float) -> None:
    names = [name for name in stage.writes(job.case) if (job.directory / name).is_file()]
    outputs = {name: sha256_of(job.directory / name) for name in names}
    record = replace(begun, finished=True, wall_time=wall_time, outputs=outputs)
    write_record(job.directory, stage.name, record)
