"""`ionspice report`: the report of a run."""

from ionspice.pipeline.cli.app import RunFolder, app, say
from ionspice.pipeline.cli.folder import run_again


@app.command()
def report(directory: RunFolder) -> None:
    """Write report.html, self-contained, and figures/."""
    run_again(directory, "report")
    from ionspice.core.run_files import REPORT

    say(f"report: {directory / REPORT}")
