"""`ionspice reproduce`: the reference study."""

from typing import Annotated

import typer

from ionspice.core import RunError
from ionspice.pipeline.cli.app import Output, app, say


@app.command()
def reproduce(
    output: Output,
    quick: Annotated[bool, typer.Option("--quick", help="coarse meshes and few points, a few minutes")] = False,
    jobs: Annotated[int | None, typer.Option("--jobs", help="cases at once, default as many as cores allow")] = None,
) -> None:
    """Test every claim of the reference study: field runs, laws, circuits, verdicts and a report.

    An interrupted run goes on where it stopped. A case that fails does not stop the others.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ionspice.core.console import reporter_for
    from ionspice.core.run_files import REPORT
    from ionspice.pipeline.study.claims import FILE_NAME
    from ionspice.pipeline.study.reproduction import reproduce as run_reproduction

    claims, failed = run_reproduction(output, quick=quick, jobs=jobs, reporter=reporter_for(0))
    table = Table(box=None, pad_edge=False)
    for header in ("", "verdict", "number", "of", "condition"):
        table.add_column(header, overflow="fold")
    for claim in claims:
        number = "" if claim.value is None else f"{claim.value:.4g}"
        table.add_row(*map(Text, (claim.id, claim.verdict, number, claim.unit, claim.condition)))
    Console().print(table)
    say(str(output / FILE_NAME))
    say(f"report: {output / REPORT}")
    if failed:
        lines = "".join(f"\n  {name}: {reason}" for name, reason in failed.items())
        raise RunError(f"{len(failed)} cases failed; the same command tries them again:{lines}")
