"""`ionspice verify`: whether files are what was written."""

from typing import Annotated

import typer

from ionspice.core import RunError
from ionspice.pipeline.cli.app import RunFolder, app, say


@app.command()
def verify(
    directory: RunFolder,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", metavar="FILE", help="put a file that was changed on purpose on record, repeatable"),
    ] = None,
) -> None:
    """Compare the files of a run or campaign with their SHA-256 on record, and read each; exit status 1 if one fails.

    Files that no stage left are read alone.
    """
    from ionspice.core.manifest import accept as put_on_record
    from ionspice.pipeline.campaigns.verification import verify as verdicts_of

    for name in accept or []:
        stage = put_on_record(directory, name)
        say(f"{directory / name}: on record as the file of the stage {stage}")
    verdicts = verdicts_of(directory)
    width = max(len(verdict.file) for verdict in verdicts)
    for verdict in verdicts:
        state = "FAILED" if verdict.problem else "ok" if verdict.stage else "ok, not on record"
        say(f"{state:<18} {verdict.file:<{width}}  {verdict.stage:<10} {verdict.problem}".rstrip())
    failed = [verdict.file for verdict in verdicts if verdict.problem]
    if failed:
        raise RunError(f"{len(failed)} of {len(verdicts)} files of {directory} failed: {', '.join(failed)}")
