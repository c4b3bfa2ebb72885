"""Bring the files of a run's folder up to date with a case."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ionspice.core import InputError, replacing
from ionspice.core.console import Reporter
from ionspice.core.locks import locked
from ionspice.core.mpi import on_first_rank
from ionspice.core.observables import load_observables
from ionspice.core.run_files import CASE, OBSERVABLES
from ionspice.core.stages import is_up_to_date, run_chain, until
from ionspice.pipeline.cases.case import Case, parse_case, read_case
from ionspice.pipeline.runs.estimate import estimate
from ionspice.pipeline.runs.own_mesh import check_own_mesh
from ionspice.pipeline.runs.stages import RunInputs, single_run


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
        restart: `solve` goes on from its checkpoint, where one was saved; unless it is among `always` it goes on
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
    directory = Path(directory)
    wanted = None if stages is None else set(stages)
    chain = [stage for stage in single_run() if wanted is None or stage.name in wanted]
    nodes = None
    if any(stage.name == "mesh" for stage in chain):
        nodes = on_first_rank(comm, lambda: check_own_mesh(case))
    on_first_rank(comm, lambda: _check_folder(directory))
    inputs = RunInputs(case=case, restart=restart, hall_of_fame=hall_of_fame)
    with locked(directory, comm):
        on_first_rank(comm, lambda: _write_case(case, directory))
        if reporter is not None and any(stage.name == "solve" for stage in chain):
            size = estimate(case, nodes)
            if size is not None and size.is_large:
                reporter.say(str(size))
        run_chain(chain, inputs, directory, always=always, reporter=reporter, comm=comm)
    return directory


def stages_until(last: str) -> list[str]:
    """Return the names of the stages of a run up to one of them.

    Raises:
        ValueError: there is no such stage.
    """
    return [stage.name for stage in until(single_run(), last)]


def is_stage_up_to_date(case: Case, directory: Path, name: str) -> bool:
    """Return whether `run` would find nothing to do in one stage."""
    chain = [stage for stage in single_run() if stage.name == name]
    return is_up_to_date(chain, RunInputs(case=case), directory)


def is_run_up_to_date(case: Case, directory: Path, last: str) -> bool:
    """Return whether `run` would find nothing to do, up to a stage."""
    return is_up_to_date(until(single_run(), last), RunInputs(case=case), directory)


def case_of(directory: Path) -> Case:
    """Return the case of a run's folder, from case.toml or else from observables.nc.

    Raises:
        InputError: neither is there, or it is damaged.
    """
    if (directory / CASE).is_file():
        return read_case(directory / CASE)
    path = directory / OBSERVABLES
    if not path.is_file():
        raise InputError(f"{directory}: no {CASE} and no {OBSERVABLES}; give the folder of an `ionspice run`")
    return parse_case(str(load_observables(path, ["case"]).attrs["case"]), source=f"{path}, attribute case")


def _check_folder(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise InputError(f"{directory} is a file; choose a folder with -o")


def _write_case(case: Case, directory: Path) -> None:
    with replacing(directory / CASE) as temporary:
        temporary.write_text(case.to_toml(), encoding="utf-8")
