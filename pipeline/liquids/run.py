"""From the molecules of a liquid to the report in one go; what is up to date is skipped, what can be done is done."""

from collections.abc import Iterable
from pathlib import Path

from ionspice.core import IonspiceError, RunError, replacing
from ionspice.core.console import Reporter, SilentReporter
from ionspice.core.locks import locked
from ionspice.core.run_files import REPORT
from ionspice.core.stages import Stage, Workplace, run_chain
from ionspice.electrolytes.files import ANALYSIS, STUDY
from ionspice.electrolytes.study.file import LiquidStudy
from ionspice.pipeline.liquids.files import CASE_FOLDER
from ionspice.pipeline.liquids.judge import FILE_NAME
from ionspice.pipeline.liquids.report import FILES, write_liquid_report
from ionspice.pipeline.liquids.steps import Order, Step, steps


def run_study(
    study: LiquidStudy,
    directory: Path,
    *,
    coarse: bool = False,
    reporter: Reporter | None = None,
) -> Path:
    """Bring the folder of a liquid up to date, from its molecules to the report.

    A step that fails does not stop those that can do without it, nor the report, which says what is missing.

    Args:
        study: what is computed; written to the folder as liquid.toml with every key.
        directory: the folder; made if it does not exist.
        coarse: whether the case of the electrolyte is computed coarsely.
        reporter: where progress is shown.

    Returns:
        The path of report.html.

    Raises:
        InputError: something the user can correct.
        RunError: steps failed; what the others made is there, and used by the next run.
    """
    shown = reporter or SilentReporter()
    case = Path(study.transfer.case) if study.transfer.case else None
    with locked(directory, None):
        with replacing(directory / STUDY) as temporary:
            temporary.write_text(study.to_toml(), encoding="utf-8")
        order = Order(study=study, directory=directory, case=case, coarse=coarse, reporter=shown)
        failures = take(steps(), order)
        if "build" in failures:
            raise failures["build"]
        report(directory, study, shown)
    if failures:
        lines = "".join(f"\n  {name}: {error}" for name, error in failures.items())
        raise RunError(f"not all could be done; the report says what there is:{lines}")
    return directory / REPORT


def take(all_steps: Iterable[Step], order: Order) -> dict[str, IonspiceError]:
    """Take steps in their order; return the errors of those that failed, by name."""
    failures: dict[str, IonspiceError] = {}
    lacking: set[str] = set()
    for step in all_steps:
        absent = next((name for name in step.needs if name in lacking), "")
        excuse = step.excuse(order) or (f"it needs the step {absent}, which failed" if absent else "")
        if excuse:
            order.reporter.say(f"{step.name}: not done: {excuse}")
            lacking |= {step.name} if absent else set()
            continue
        try:
            step.act(order)
        except IonspiceError as error:
            failures[step.name] = error
            lacking.add(step.name)
            order.reporter.say(f"{step.name}: failed: {error}")
    return failures


def report(directory: Path, study: LiquidStudy, reporter: Reporter | None = None) -> Path:
    """Write report.html of a liquid's folder where it is not up to date; return its path.

    Raises:
        InputError: there is no study and no molecule in the folder.
    """
    run_chain([_report_stage(directory)], study, directory, reporter=reporter)
    return directory / REPORT


def _report_stage(directory: Path) -> Stage[LiquidStudy]:
    tables = [f"{ANALYSIS}/{path.parent.name}/{path.name}" for path in sorted((directory / ANALYSIS).glob("*/*.csv"))]
    validation = [str(path.relative_to(directory)) for path in sorted((directory / "validation").rglob("*.csv"))]
    case = [f"{CASE_FOLDER}/{name}" for name in ("observables.nc", "law.json", "circuit.nc", "comparison.json")]
    return Stage(
        name="report",
        act=_write,
        values=lambda study: study.model_dump(mode="json", include={"report", "transfer", "analysis"}),
        reads=lambda study: [
            *FILES,
            *tables,
            *validation,
            *case,
            *([study.report.claims] if study.report.claims else []),
        ],
        writes=lambda study: [REPORT, *([FILE_NAME] if study.report.claims else [])],
    )


def _write(study: LiquidStudy, place: Workplace) -> None:
    write_liquid_report(place.directory)
