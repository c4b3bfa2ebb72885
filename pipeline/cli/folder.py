"""Commands on the folder of a run: run stages of a case there, or again with the folder's own case."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core.mpi import on_first_rank, rank_of, world

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


def layers_wanted(case: "Case", layers: int | None) -> tuple[int, ...]:
    """Return the numbers of sheets that a command is about: the one given, or those of the case."""
    return case.circuit.layers if layers is None else (layers,)
