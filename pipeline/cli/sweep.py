"""`ionspice sweep`: a campaign."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from ionspice.core import InputError, RunError
from ionspice.pipeline.cli.app import Output, app, say


@app.command()
def sweep(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="study file (TOML, see docs/campaigns.md)")],
    output: Output,
    jobs: Annotated[int | None, typer.Option("--jobs", help="cases at once, default as many as cores allow")] = None,
    case: Annotated[str | None, typer.Option("--case", metavar="NAME", help="run this case only")] = None,
    slurm: Annotated[bool, typer.Option("--slurm", help="write and submit a Slurm array, one task a case")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="with --slurm: write the script only")] = False,
) -> None:
    """Run a campaign: the cases of a study file, several at once, and collect them in campaign.nc.

    An interrupted campaign goes on where it stopped. A case that fails does not stop the others.
    """
    from ionspice.core.console import reporter_for
    from ionspice.core.locks import locked
    from ionspice.pipeline.campaigns.campaign import run_campaign
    from ionspice.pipeline.campaigns.plan_file import read_study_file
    from ionspice.pipeline.campaigns.slurm import submit, write_script
    from ionspice.pipeline.campaigns.table import collect, write_campaign

    plan = read_study_file(study)
    if case is not None and case not in plan.cases:
        raise InputError(f"--case {case} is not in {study}; use one of {', '.join(plan.cases)}")
    if slurm:
        script = write_script(plan, study, output)
        say(str(script) if dry_run else submit(script))
        return
    chosen = plan.cases if case is None else {case: plan.cases[case]}
    # The tasks of a Slurm array work in one campaign, each in the folder of its case, which has a lock of its own.
    with locked(output) if case is None else nullcontext():
        outcome = run_campaign(
            chosen, output, until=plan.until, jobs=jobs, ranks=plan.ranks, reporter=reporter_for(0)
        )
        if case is None:
            say(str(write_campaign(collect(output, plan.varied, outcome), output)))
    failed = {name: reason for name, reason in outcome.items() if reason is not None}
    if failed:
        lines = "".join(f"\n  {name}: {reason}" for name, reason in failed.items())
        raise RunError(f"{len(failed)} of {len(outcome)} cases failed; the same command tries them again:{lines}")
