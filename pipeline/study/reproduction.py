"""The reproduction of the reference study: field runs and laws under its conditions, then every claim judged.

A case that fails does not stop the others: claims on trends go without it and say so, claims that rest on it alone
are untested. The same command again runs only what is missing, and what failed.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from ionspice.core import InputError
from ionspice.core.console import Reporter, SilentReporter
from ionspice.core.stages import run_chain
from ionspice.pipeline.cases.case import Case
from ionspice.pipeline.study import claims, measures
from ionspice.pipeline.study.claims import Claim, read_claims
from ionspice.pipeline.study.conditions import study_cases
from ionspice.pipeline.study.files import read_failures
from ionspice.pipeline.study.stages import StudyInputs, compared_files, reproduction


def reproduce(
    directory: Path,
    *,
    quick: bool = False,
    jobs: int | None = None,
    reporter: Reporter | None = None,
) -> tuple[list[Claim], dict[str, str]]:
    """Run what the study's claims need, judge them and write claims.json and the report.

    Args:
        directory: of the study; each case's files go to cases/<name>/.
        quick: coarse meshes and few points of every axis.
        jobs: cases that run at once, default as many as the cores allow.
        reporter: where progress is shown, default nowhere.

    Returns:
        The claims in their order, and by name of a failed case its reason.

    Raises:
        InputError: a number of jobs below 1, or a folder that cannot be written.
        RunError: the default case failed, on which every claim rests.
    """
    return run_study(study_cases(quick=quick), directory, jobs=jobs, reporter=reporter)


def run_study(
    cases: Mapping[str, Case],
    directory: Path,
    *,
    jobs: int | None = None,
    reporter: Reporter | None = None,
) -> tuple[list[Claim], dict[str, str]]:
    """Do what `reproduce` does for cases with the names of `study_cases`."""
    inputs = StudyInputs(cases=cases, jobs=jobs, reporter=reporter or SilentReporter())
    run_chain(reproduction(), inputs, directory, always=stages_to_try_again(directory, cases), reporter=reporter)
    return read_claims(directory / claims.FILE_NAME), read_failures(directory)


def stages_to_try_again(directory: Path, cases: Mapping[str, Case]) -> Iterator[str]:
    """Yield the stages of an earlier run in which something failed that may succeed now."""
    try:
        if read_failures(directory):
            yield "cases"
        if any(entry.again for entry in measures.read_measures(directory / measures.FILE_NAME).values()):
            yield "measures"
    except InputError:  # nothing was left, or it is damaged and will be made again
        return
    if not all((directory / file).is_file() for file in compared_files(cases)):
        yield "comparisons"
