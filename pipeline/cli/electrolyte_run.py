"""`ionspice electrolyte run`, `report` and `export`: all steps of a liquid, its page, and other programs' files."""

from pathlib import Path
from typing import Annotated

import typer

from ionspice.core import InputError
from ionspice.pipeline.cli.app import Output, say
from ionspice.pipeline.cli.electrolyte import StudyFile, electrolyte


@electrolyte.command(name="run")
def run_all(
    study: StudyFile,
    output: Output,
    quick: Annotated[
        bool, typer.Option("--quick", help="every step at test size, some minutes on two cores")
    ] = False,
    scale: Annotated[
        str, typer.Option("--scale", help="least: smaller than --quick; paper: as large as reference studies")
    ] = "",
) -> None:
    """Every step in turn: build, label, train, refine, validate, dynamics, analyse, barrier, transfer, case, report.

    What is up to date is skipped, and a run that was stopped goes on. A step that fails does not keep the others and
    the report from being done; the exit status is then 1.
    """
    from ionspice.core.console import reporter_for
    from ionspice.core.run_files import REPORT
    from ionspice.electrolytes.study.file import read_liquid
    from ionspice.electrolytes.study.scale import paper
    from ionspice.electrolytes.study.scale import quick as shrunk
    from ionspice.pipeline.liquids.run import run_study

    if scale not in ("", "least", "paper") or (quick and scale):
        raise InputError(f'--scale "{scale}" is not a choice; use least or paper, or --quick, or none of them')
    read = read_liquid(study)
    if scale == "paper":
        read = paper(read)
    elif quick or scale:
        read = shrunk(read, least=scale == "least")
    try:
        run_study(read, output, coarse=quick or scale == "least", reporter=reporter_for(0))
    finally:
        if (output / REPORT).is_file():
            say(f"report: {output / REPORT}")


@electrolyte.command()
def report(directory: Annotated[Path, typer.Argument(metavar="DIR", help="folder of a liquid")]) -> None:
    """Write report.html of what is in the folder of a liquid; what is missing is named with the reason."""
    from ionspice.core.console import reporter_for
    from ionspice.electrolytes.files import STUDY
    from ionspice.electrolytes.study.file import read_liquid
    from ionspice.pipeline.liquids.run import report as write_report

    say(f"report: {write_report(directory, read_liquid(directory / STUDY), reporter_for(0))}")


@electrolyte.command(name="export")
def export_study(
    study: StudyFile,
    output: Output,
    directory: Annotated[
        Path | None,
        typer.Option("--from", help="folder of the liquid with boxes and labels, default the output's parent"),
    ] = None,
    *,
    dpgen: Annotated[bool, typer.Option("--dpgen", help="param.json and machine.json of dpgen")] = False,
) -> None:
    """Write the study for another program's loop: --dpgen."""
    from ionspice.electrolytes.dpgen import export_dpgen
    from ionspice.electrolytes.study.file import read_liquid

    if not dpgen:
        raise InputError("export needs to know for which program; give --dpgen")
    say(f"dpgen: {export_dpgen(read_liquid(study), directory or output.parent, output)}")
