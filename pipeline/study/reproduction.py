"""The reproduction of the reference study: field runs and laws under its conditions, then every claim judged.

    study_cases -> cases/<name>/ -> claims.json, campaign_law.json -> report.html

A case that fails does not stop the others: claims on trends go without it and say so, claims that rest on it alone
are untested. The same command again runs only what is missing.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ionspice.core import InputError, IonspiceError, RunError
from ionspice.core.console import Reporter, SilentReporter
from ionspice.pipeline.campaigns.campaign import run_campaign
from ionspice.pipeline.cases.case import Case
from ionspice.pipeline.study import claims_circuit, claims_flux, claims_law
from ionspice.pipeline.study.campaign_law import update_campaign_law
from ionspice.pipeline.study.claims import FILE_NAME, Claim, untested, write_claims
from ionspice.pipeline.study.conditions import AXES, DEFAULT, study_cases
from ionspice.pipeline.study.files import StudyFiles, read_study, write_plan

_ALL = tuple(axis.name for axis in AXES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How a claim is judged, and what it rests on."""

    letter: str
    judge: Callable[[StudyFiles], Claim]
    axes: tuple[str, ...] = ()  #: whose cases it uses, beside the default one


QUESTIONS = (
    Question(letter="A", judge=claims_flux.open_electrolyte, axes=("slit",)),
    Question(letter="B", judge=claims_flux.slit_directions, axes=("slit",)),
    Question(letter="C", judge=claims_flux.steric_direction, axes=_ALL),
    Question(letter="D", judge=claims_flux.slit_order, axes=("slit",)),
    Question(letter="E", judge=claims_law.no_constant_resistance),
    Question(letter="F", judge=claims_law.form_of_law, axes=_ALL),
    Question(letter="G", judge=claims_law.extremes, axes=("slit",)),
    Question(letter="H", judge=claims_flux.profiles, axes=("slit",)),
    Question(letter="I", judge=claims_law.trends, axes=_ALL),
    Question(letter="J", judge=claims_law.capacitance, axes=("slit", "window")),
    Question(letter="K", judge=claims_circuit.agreement, axes=("layers",)),
    Question(letter="L", judge=claims_circuit.loops, axes=("layers",)),
    Question(letter="M", judge=claims_circuit.current_peaks, axes=("window",)),
    Question(letter="N", judge=claims_circuit.cost, axes=("layers",)),
)


def reproduce(
    directory: Path,
    *,
    quick: bool = False,
    jobs: int | None = None,
    reporter: Reporter | None = None,
) -> tuple[list[Claim], dict[str, str]]:
    """Run what the study's claims need, judge them and write claims.json.

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
    reporter = reporter or SilentReporter()
    outcome = run_campaign(cases, directory, until="discover", jobs=jobs, reporter=reporter)
    failed = {name: reason for name, reason in outcome.items() if reason is not None}
    write_plan(directory, cases, failed)
    if DEFAULT in failed:
        raise RunError(f"the default case failed, on which every claim rests: {failed[DEFAULT]}")
    claims = judge_study(directory, failed, reporter)
    _find_campaign_law(directory, reporter)
    return claims, failed


def judge_study(directory: Path, failed: Mapping[str, str], reporter: Reporter) -> list[Claim]:
    """Judge every claim on the cases of a study's folder and write claims.json.

    Raises:
        InputError: no case has fields, or the folder cannot be written.
    """
    study = read_study(directory)
    claims = []
    with reporter.stage("claims") as advance:
        for done, question in enumerate(QUESTIONS):
            claims.append(judge(question, study, failed))
            advance(done + 1, len(QUESTIONS))
    write_claims(directory / FILE_NAME, claims)
    return claims


def _find_campaign_law(directory: Path, reporter: Reporter) -> None:
    """Write campaign_law.json, which needs more conditions than the claims; without it the report says so."""
    with reporter.stage("campaign law") as advance, contextlib.suppress(InputError):
        update_campaign_law(read_study(directory))
        advance(1, 1)


def judge(question: Question, study: StudyFiles, failed: Mapping[str, str]) -> Claim:
    """Return a claim with its verdict; failed cases that it would have used are named in its condition."""
    missing = [name for name in failed if name.startswith(tuple(f"{axis}-" for axis in question.axes))]
    try:
        claim = question.judge(study)
    except IonspiceError as error:
        return untested(question.letter, str(error))
    if not missing:
        return claim
    return replace(claim, condition=f"{claim.condition}; without the failed {', '.join(missing)}")
