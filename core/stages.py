"""Chains of stages: each says what it reads and makes, and runs only when that is not what is on record.

    run_chain(chain, inputs, directory)

`inputs` is any record of the user's choices that the stages of a chain share. A stage is up to date while its
fingerprint (name, revision, values, content of the files that it reads, version of ionspice) and its output files are
those of manifest.json. One that was entered but not left is begun again with `Workplace.unfinished` set, so that it
can go on from what it kept. Where an optional stage fails, its reason is put on record, files that it made of other
inputs are removed, and the chain goes on with what is there; the failure is raised at the chain's end. One with an
excuse has nothing to do with such inputs: so much is put on record, and it is no failure unless it was asked for.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from ionspice.core.console import Advance, Reporter, SilentReporter
from ionspice.core.errors import IonspiceError, RunError
from ionspice.core.files import sha256_of
from ionspice.core.integrity import checked
from ionspice.core.locks import locked
from ionspice.core.manifest import StageRecord, fingerprint, is_current, read_manifest, write_record
from ionspice.core.mpi import on_first_rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Where a stage works, and with whom."""

    directory: Path  #: folder of all files of the chain
    comm: Any = None  #: MPI communicator of a collective stage; None for one process
    unfinished: bool = False  #: an earlier run of the same inputs did not reach the stage's end
    failures: Mapping[str, str] = field(default_factory=dict)  #: reasons of earlier stages of the chain, by name
    advance: Advance = lambda done, whole: None  #: moves the progress bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage[Inputs]:
    """What a stage depends on, makes and does."""

    name: str
    act: Callable[[Inputs, Workplace], None]
    #: what it depends on beside files, as JSON has it
    values: Callable[[Inputs], Mapping[str, Any]] = lambda inputs: {}
    #: files that it reads, in the folder or by absolute path; those that are absent count as absent
    reads: Callable[[Inputs], Iterable[str | Path]] = lambda inputs: ()
    #: files of the folder that it writes
    writes: Callable[[Inputs], Iterable[str]]
    #: counts changes of what it makes of the same inputs
    revision: int = 1
    #: whether all MPI ranks take part, instead of the first one alone
    collective: bool = False
    #: whether the stages behind it make what they can if it fails
    optional: bool = False
    #: names of optional stages without which it is not tried
    needs: tuple[str, ...] = ()
    #: why it has nothing to do with such inputs, and is no failure; empty if it has
    excuse: Callable[[Inputs], str] = lambda inputs: ""


def run_chain[Inputs](
    chain: Sequence[Stage[Inputs]],
    inputs: Inputs,
    directory: Path,
    *,
    always: Iterable[str] = (),
    reporter: Reporter | None = None,
    comm: Any = None,
) -> None:
    """Bring the files of a folder up to date, stage by stage; collective over the communicator.

    Args:
        chain: the stages wanted, in their order.
        inputs: what all of them are given.
        directory: the folder.
        always: names of stages that run from their beginning even if they are up to date.
        reporter: where progress is shown, default nowhere.
        comm: MPI communicator of all ranks that call this, None for one process.

    Raises:
        RunError: another run works in the folder.
        IonspiceError: what a stage raised, at once or, if it is optional, at the end; what the other stages made is
            kept and used by the next run.
    """
    with locked(directory, comm):
        _run_locked(chain, inputs, directory, set(always), reporter or SilentReporter(), comm)


def _run_locked[Inputs](
    chain: Sequence[Stage[Inputs]], inputs: Inputs, directory: Path, forced: set[str], shown: Reporter, comm: Any
) -> None:
    failures: dict[str, IonspiceError] = {}
    reasons: dict[str, str] = {}
    for stage in chain:
        place = Workplace(directory=directory, comm=comm, failures=dict(reasons))
        earlier, digest = on_first_rank(comm, partial(_look, stage, inputs, place))
        try:
            excuse = _excuse(stage, inputs, reasons)
            if not excuse:
                _bring_up_to_date(stage, inputs, place, shown, earlier, digest, force=stage.name in forced)
                continue
            reasons[stage.name] = excuse
        except IonspiceError as error:
            if not stage.optional:
                raise
            failures[stage.name], reasons[stage.name] = error, str(error)
        on_first_rank(comm, partial(_give_up, stage, inputs, directory, earlier, digest, reasons[stage.name]))
        shown.say(f"{stage.name}: not done: {reasons[stage.name]}")
    _raise_all(failures)
    if chain and chain[-1].name in reasons:  # the last one is what was asked for
        raise RunError(reasons[chain[-1].name])


def _excuse[Inputs](stage: Stage[Inputs], inputs: Inputs, reasons: Mapping[str, str]) -> str:
    """Return why a stage is not tried; empty if it is."""
    absent = [name for name in stage.needs if name in reasons]
    return stage.excuse(inputs) or (f"it needs the stage {absent[0]}, which could not be done" if absent else "")


def _raise_all(failures: Mapping[str, IonspiceError]) -> None:
    if not failures:
        return
    if len(failures) == 1:
        raise next(iter(failures.values()))
    lines = "".join(f"\n  {name}: {error}" for name, error in failures.items())
    raise RunError(f"{len(failures)} stages could not be done; what the others made is there:{lines}")


def is_up_to_date[Inputs](chain: Iterable[Stage[Inputs]], inputs: Inputs, directory: Path) -> bool:
    """Return whether `run_chain` would find nothing to do."""
    reasons: dict[str, str] = {}
    for stage in chain:
        excuse = _excuse(stage, inputs, reasons)
        if excuse:
            reasons[stage.name] = excuse
            continue
        record, digest = _look(stage, inputs, Workplace(directory=directory, failures=dict(reasons)))
        if not is_current(record, digest, directory):
            return False
    return True


def until[Inputs](chain: Sequence[Stage[Inputs]], last: str) -> tuple[Stage[Inputs], ...]:
    """Return the stages of a chain up to the one of a name.

    Raises:
        ValueError: there is none.
    """
    names = [stage.name for stage in chain]
    if last not in names:
        raise ValueError(f"{last!r} is no stage; use one of {', '.join(names)}")
    return tuple(chain[: names.index(last) + 1])


def _bring_up_to_date[Inputs](
    stage: Stage[Inputs],
    inputs: Inputs,
    place: Workplace,
    reporter: Reporter,
    record: StageRecord | None,
    digest: str,
    *,
    force: bool,
) -> None:
    comm, directory = place.comm, place.directory
    if on_first_rank(comm, lambda: is_current(record, digest, directory)) and not force:
        reporter.say(f"{stage.name}: up to date")
        return
    unfinished = record is not None and not record.finished and record.fingerprint == digest
    on_first_rank(comm, lambda: _check_reads(stage, inputs, directory))
    begun = StageRecord(fingerprint=digest)
    on_first_rank(comm, lambda: write_record(directory, stage.name, begun))
    start = time.monotonic()
    with reporter.stage(stage.name) as advance:
        own = replace(place, advance=advance, unfinished=unfinished and not force)
        if stage.collective:
            stage.act(inputs, own)
        else:
            on_first_rank(comm, lambda: stage.act(inputs, own))
    wall_time = time.monotonic() - start
    on_first_rank(comm, lambda: _finish(stage, inputs, directory, begun, wall_time))


def _check_reads[Inputs](stage: Stage[Inputs], inputs: Inputs, directory: Path) -> None:
    """Check that the files a stage is about to read are those that other stages left.

    Raises:
        InputError: one was damaged or changed since.
    """
    for path in (directory / name for name in stage.reads(inputs)):
        checked(path.parent, path.name)


def _look[Inputs](stage: Stage[Inputs], inputs: Inputs, place: Workplace) -> tuple[StageRecord | None, str]:
    """Return what is on record about a stage and the fingerprint of its inputs as they are now."""
    files = [place.directory / name for name in stage.reads(inputs)]  # an absolute path stays itself
    values = {"revision": stage.revision, "values": stage.values(inputs), "failures": dict(place.failures)}
    digest = fingerprint(values, [path for path in files if path.is_file()])
    return read_manifest(place.directory).get(stage.name), digest


def _give_up[Inputs](
    stage: Stage[Inputs], inputs: Inputs, directory: Path, earlier: StageRecord | None, digest: str, reason: str
) -> None:
    """Put a failure on record and remove what the stage made of other inputs; what it made of the same ones stays."""
    if is_current(earlier, digest, directory):
        assert earlier is not None  # or it would not be current
        write_record(directory, stage.name, earlier)
        return
    for name in stage.writes(inputs):
        (directory / name).unlink(missing_ok=True)
    write_record(directory, stage.name, StageRecord(fingerprint=digest, failure=reason))


def _finish[Inputs](
    stage: Stage[Inputs], inputs: Inputs, directory: Path, begun: StageRecord, wall_time: float
) -> None:
    names = [name for name in stage.writes(inputs) if (directory / name).is_file()]
    outputs = {name: sha256_of(directory / name) for name in names}
    write_record(directory, stage.name, replace(begun, finished=True, wall_time=wall_time, outputs=outputs))
