"""`ionspice doctor`: what this machine has."""

import typer

from ionspice.pipeline.cli.app import app


@app.command()
def doctor() -> None:
    """Show what is installed, what is missing and how to add it; exit status 1 if something required is missing."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ionspice.pipeline.doctor import examine

    findings = examine()
    table = Table(box=None, pad_edge=False)
    for header in ("", "what", "needed for", "found", "how to add it"):
        table.add_column(header, overflow="fold")
    for finding in findings:
        mark = "ok" if finding.found else "MISSING" if finding.required else "none"
        remedy = "" if finding.found else finding.remedy
        # As plain text: Rich would take the [fem] of ionspice[fem] for a style.
        table.add_row(*map(Text, (mark, finding.name, finding.needed_for, finding.found, remedy)))
    Console().print(table)
    if any(finding.missing for finding in findings):
        raise typer.Exit(1)
