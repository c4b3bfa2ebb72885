"""The chain of the reproduction: what each stage reads and writes in the study's folder, and what it does.

cases -> comparisons -> measures -> claims -> report
                     -> campaign-law ------->
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ionspice.core import InputError, IonspiceError, RunError
from ionspice.core.console import Reporter, SilentReporter
from ionspice.core.run_files import CASE, HALF_CHARGE_FIELDS, LAW, MESH, OBSERVABLES, REPORT
from ionspice.core.stages import Stage, Workplace, until
from ionspice.pipeline.campaigns.campaign import run_campaign
from ionspice.pipeline.cases.case import Case
from ionspice.pipeline.runs.stages import single_run
from ionspice.pipeline.study import campaign_law, claims, measures
from ionspice.pipeline.study.conditions import DEEP, DEFAULT
from ionspice.pipeline.study.criteria import Thresholds
from ionspice.pipeline.study.files import (
    PLAN,
    comparison_file,
    in_case,
    read_failures,
    read_study,
    write_plan,
)
from ionspice.pipeline.study.judge import judge_all
from ionspice.pipeline.study.measuring import measure_all
from ionspice.pipeline.study.pdf import PDF
from ionspice.pipeline.study.rules import RULES

#: the last stage that a case runs by itself
LAST_OF_CASE = "discover"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyInputs:
    """What a reproduction is asked."""

    cases: Mapping[str, Case]  #: by name, as of `conditions.study_cases`
    jobs: int | None = None  #: cases that run at once, default as many as the cores allow
    thresholds: Thresholds = field(default_factory=Thresholds)  #: of the claims
    reporter: Reporter = field(default_factory=SilentReporter)  #: where the end of every case is shown


def reproduction() -> tuple[Stage[StudyInputs], ...]:
    """Return the stages from the cases to the report."""
    return (
        Stage(
            name="cases",
            act=_run_cases,
            values=_case_values,
            writes=lambda inputs: [PLAN, *_of_cases(inputs, CASE, MESH, OBSERVABLES, HALF_CHARGE_FIELDS, LAW)],
        ),
        Stage(
            name="comparisons",
            act=_compare,
            reads=lambda inputs: [in_case(name, file) for name in _COMPARED for file in (CASE, OBSERVABLES, LAW)],
            writes=lambda inputs: compared_files(inputs.cases),
        ),
        Stage(
            name="measures",
            act=_measure,
            reads=lambda inputs: [
                PLAN,
                *_of_cases(inputs, CASE, OBSERVABLES, LAW),
                *compared_files(inputs.cases),
                *(in_case(DEFAULT, file) for file in (MESH, HALF_CHARGE_FIELDS)),
            ],
            writes=lambda inputs: [measures.FILE_NAME],
        ),
        Stage(
            name="campaign-law",
            act=_find_law,
            reads=lambda inputs: [PLAN, *_of_cases(inputs, CASE, OBSERVABLES)],
            writes=lambda inputs: [campaign_law.FILE_NAME],
        ),
        Stage(
            name="claims",
            act=_judge,
            values=_judgement,
            reads=lambda inputs: [PLAN, measures.FILE_NAME],
            writes=lambda inputs: [claims.FILE_NAME],
        ),
        Stage(
            name="report",
            act=_report,
            reads=lambda inputs: [
                claims.FILE_NAME,
                measures.FILE_NAME,
                campaign_law.FILE_NAME,
                *(in_case(DEFAULT, file) for file in (CASE, OBSERVABLES, LAW, HALF_CHARGE_FIELDS)),
            ],
            writes=lambda inputs: [REPORT, PDF],
        ),
    )


#: cases whose current circuits of the default case's law are compared with
_COMPARED = (DEFAULT, DEEP)


def compared_files(cases: Iterable[str]) -> list[str]:
    """Return the files, from the study's folder, that compare circuits with the currents of its cases."""
    return [in_case(name, comparison_file(name, DEFAULT)) for name in _COMPARED if name in cases]


def _of_cases(inputs: StudyInputs, *files: str) -> Iterator[str]:
    return (in_case(name, file) for name in inputs.cases for file in files)


def _case_values(inputs: StudyInputs) -> dict[str, Any]:
    return {
        "cases": {name: case.model_dump(mode="json") for name, case in inputs.cases.items()},
        "revisions": {stage.name: stage.revision for stage in until(single_run(), LAST_OF_CASE)},
    }


def _judgement(inputs: StudyInputs) -> dict[str, Any]:
    texts = {rule.letter: [rule.statement, rule.unit, rule.condition, rule.detail] for rule in RULES.values()}
    return {"thresholds": asdict(inputs.thresholds), "texts": texts}


def _run_cases(inputs: StudyInputs, place: Workplace) -> None:
    outcome = run_campaign(
        inputs.cases,
        place.directory,
        until=LAST_OF_CASE,
        jobs=inputs.jobs,
        reporter=inputs.reporter,
        advance=place.advance,
    )
    failed = {name: reason for name, reason in outcome.items() if reason is not None}
    write_plan(place.directory, inputs.cases, failed)
    if DEFAULT in failed:
        raise RunError(f"the default case failed, on which every claim rests: {failed[DEFAULT]}")


def _compare(inputs: StudyInputs, place: Workplace) -> None:
    from ionspice.pipeline.results.comparison import compare, write_comparison

    study = read_study(place.directory)
    wanted = [name for name in _COMPARED if name in study.cases]
    for done, name in enumerate(wanted, start=1):
        path = study.path(name) / comparison_file(name, DEFAULT)
        try:
            write_comparison(path, compare(study.path(name), study.cases[name], study.path(DEFAULT)))
        except IonspiceError as error:  # the claims that rest on it are then untested
            path.unlink(missing_ok=True)
            inputs.reporter.say(f"no circuits to compare with {name}: {error}")
        place.advance(done, len(wanted))


def _measure(inputs: StudyInputs, place: Workplace) -> None:
    found = measure_all(read_study(place.directory), place.advance)
    measures.write_measures(place.directory / measures.FILE_NAME, found)


def _find_law(inputs: StudyInputs, place: Workplace) -> None:
    try:
        campaign_law.write_campaign_law(read_study(place.directory))
    except InputError as error:  # it needs more conditions than the claims; without it the report says so
        (place.directory / campaign_law.FILE_NAME).unlink(missing_ok=True)
        inputs.reporter.say(f"no law over all conditions: {error}")


def _judge(inputs: StudyInputs, place: Workplace) -> None:
    entries = measures.read_measures(place.directory / measures.FILE_NAME)
    judged = judge_all(entries, read_failures(place.directory), inputs.thresholds)
    claims.write_claims(place.directory / claims.FILE_NAME, judged)


def _report(inputs: StudyInputs, place: Workplace) -> None:
    from ionspice.pipeline.study.report import write_study_report

    write_study_report(place.directory)
