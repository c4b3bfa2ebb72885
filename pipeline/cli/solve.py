"""`ionspice solve`: the field model of a case."""

from typing import Annotated

import typer

from ionspice.pipeline.cli.app import CaseFile, Output, app
from ionspice.pipeline.cli.folder import run_case_file


@app.command()
def solve(
    case: CaseFile,
    output: Output,
    restart: Annotated[bool, typer.Option("--restart", help="go on from the checkpoint in DIR")] = False,
) -> None:
    """Solve the field model and write observables.nc; also as: mpiexec -n N ionspice solve ..."""
    run_case_file(case, output, stages=["mesh", "solve"], always=["solve"], restart=restart)
