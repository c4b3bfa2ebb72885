"""Commands on the folder of a run: run stages of a case there, or again with the folder's own case."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core import InputError
from ionspice.core.mpi import crowding, on_first_rank, rank_of, world

if TYPE_CHECKING:
    from ionspice.pipeline.cases.case import Case


def run_case_file(
    case_file: Path, output: Path, *, stages: Iterable[str], always: Iterable[str] = (), restart: bool = False
) -> None:
    """Read a case on rank 0 and run stages of it; arguments as of `ionspice.pipeline.run`."""
    from ionspice.pipeline.cases.case import read_case

    case = on_first_rank(world(), lambda: read_case(case_file))
    run_case(case, output, stages=stages, always=always, restart=restart)


def run_case(
    case: "Case",
    output: Path,
    *,
    stages: Iterable[str],
    always: Iterable[str] = (),
    restart: bool = False,
    hall_of_fame: Path | None = None,
) -> None:
    """Run stages of a case on all ranks, with progress from rank 0; arguments as of `ionspice.pipeline.run`."""
    from ionspice.core.console import reporter_for
    from ionspice.pipeline.runs.runner import run

    comm = world()
    reporter = reporter_for(rank_of(comm))
    crowd = crowding(comm)
    if crowd and rank_of(comm) == 0:
        logging.getLogger(__name__).warning(crowd)
    run(
        case,
        output,
        stages=stages,
        always=always,
        restart=restart,
        reporter=reporter,
        comm=comm,
        hall_of_fame=hall_of_fame,
    )


def run_again(directory: Path, stage: str) -> None:
    """Run one stage of an existing folder with the folder's own case."""
    from ionspice.pipeline.runs.runner import case_of

    run_case(case_of(directory), directory, stages=[stage], always=[stage])


def circuit_folder(directory: Path) -> "Case | None":
    """Bring circuit.json of a folder up to date, if it comes from the run there, and return the folder's case.

    A record that something else made, or that lies in the folder without law and fields, stays as it is.

    Returns:
        The case; None where the folder has neither case.toml nor fields.

    Raises:
        InputError: no circuit.json and nothing to make it of, or a file is damaged.
    """
    from ionspice.circuits import read_circuit_record
    from ionspice.core.run_files import CASE, CIRCUIT, LAW, OBSERVABLES
    from ionspice.pipeline.runs.runner import case_of, is_stage_up_to_date, run

    path = directory / CIRCUIT
    has_case = any((directory / name).is_file() for name in (CASE, OBSERVABLES))
    if not has_case and path.is_file():
        return None
    case = case_of(directory)
    has_run = all((directory / name).is_file() for name in (LAW, OBSERVABLES))
    made_here = not path.is_file() or (has_run and LAW in read_circuit_record(path).provenance.files)
    if made_here and not is_stage_up_to_date(case, directory, "circuit"):
        run(case, directory, stages=["circuit"])
    return case


def rails_folder(directory: Path) -> "Case | None":
    """Bring rails.json of a folder up to date, if it comes from the run there, and return the folder's case.

    Returns:
        The case; None where the folder has neither case.toml nor fields.

    Raises:
        InputError: no rails.json and nothing to make it of, or a file is damaged.
    """
    from ionspice.core.run_files import CASE, OBSERVABLES, RAILS
    from ionspice.pipeline.runs.runner import case_of, is_stage_up_to_date, run

    if (directory / RAILS).is_file() and not any((directory / name).is_file() for name in (CASE, OBSERVABLES)):
        return None
    case = case_of(directory)
    if not is_stage_up_to_date(case, directory, "rails"):
        run(case, directory, stages=["rails"])
    return case


def layers_wanted(case: "Case | None", layers: int | None, directory: Path | None = None) -> tuple[int, ...]:
    """Return the numbers of sheets that a command is about: the one given, those of the case, or of circuit.json.

    Raises:
        InputError: none of them is there.
    """
    from ionspice.circuits import read_circuit_record
    from ionspice.core.run_files import CIRCUIT

    if layers is not None:
        return (layers,)
    if case is None and directory is not None and (directory / CIRCUIT).is_file():
        own = read_circuit_record(directory / CIRCUIT).layers
        if own is not None:
            return (own,)
    if case is None:
        raise InputError("the folder has no case that says how many sheets; give --layers N")
    return case.circuit_layers
