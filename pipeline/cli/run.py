"""`ionspice run`: every stage of a case."""

from typing import Annotated

import typer

from ionspice.core import InputError
from ionspice.pipeline.cli.app import CaseFile, Output, app, say
from ionspice.pipeline.cli.folder import run_case_file


@app.command()
def run(
    case: CaseFile,
    output: Output,
    until: Annotated[str, typer.Option("--until", metavar="STAGE", help="the last stage wanted")] = "report",
) -> None:
    """Run every stage in turn: mesh, solve, discover, circuit, export, simulate, compare, report.

    A stage whose inputs did not change is not run again; after a failure the run goes on from what it kept. Where a
    law or a circuit cannot be had, the report says why and shows the rest, and the exit status is 1 or 2.
    """
    from ionspice.core.run_files import REPORT
    from ionspice.pipeline.runs.runner import stages_until

    try:
        stages = stages_until(until)
    except ValueError as error:
        raise InputError(f"--until {error}") from error
    try:
        run_case_file(case, output, stages=stages)
    finally:
        # A stage that could not be done does not keep the report from being there.
        if until == "report" and (output / REPORT).is_file():
            say(f"report: {output / REPORT}")
