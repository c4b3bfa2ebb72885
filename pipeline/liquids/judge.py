"""Compare what was measured of a liquid with what a study claims of it: a verdict on each claim, in numbers.

A claim is reproduced where all its numbers agree, refuted where none does, and depends where some do. It is not
reached here where the runs are shorter or smaller, or the teacher another, than it needs: then it says what it takes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ionspice.core import InputError
from ionspice.core.json_files import plain, read_any_json, write_any_json
from ionspice.core.reading import reading
from ionspice.pipeline.liquids.claims_file import CheckSection, ClaimSection, NeedsSection
from ionspice.pipeline.liquids.files import LiquidFiles
from ionspice.pipeline.liquids.measures import Reading, measure

FILE_NAME = "claims.json"

type Verdict = Literal["reproduced", "refuted", "depends", "not reached here"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One number of ours beside the study's."""

    quantity: str  #: in words
    study: str  #: the study's number or limit with its unit
    value: float  #: ours
    low: float | None
    high: float | None
    unit: str
    where: str
    evidence: str
    agrees: bool
    short_of: str  #: what the claim needs and this number does not have; empty if it has


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedClaim:
    """A claim with our numbers and the verdict."""

    id: str
    statement: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    takes: str  #: what it takes, or why there is no number; empty where it was decided


def judge_claims(claims: Iterable[ClaimSection], files: LiquidFiles) -> list[JudgedClaim]:
    """Return every claim with its verdict."""
    return [judge_claim(claim, files) for claim in claims]


def judge_claim(claim: ClaimSection, files: LiquidFiles) -> JudgedClaim:
    """Return a claim with its verdict."""
    findings: list[Finding] = []
    absent: list[str] = []
    for check in claim.checks:
        try:
            findings += [_finding(check, claim.needs, one) for one in measure(check, files)]
        except InputError as error:
            absent.append(str(error))
    short = list(dict.fromkeys(one.short_of for one in findings if one.short_of))
    verdict = _verdict(findings, decided=not (absent or short))
    takes = (
        "; ".join(part for part in (claim.takes, *dict.fromkeys(absent), *short) if part)
        if verdict == "not reached here"
        else ""
    )
    return JudgedClaim(id=claim.id, statement=claim.statement, verdict=verdict, findings=tuple(findings), takes=takes)


def _verdict(findings: list[Finding], *, decided: bool) -> Verdict:
    if not decided or not findings:
        return "not reached here"
    agreeing = [one.agrees for one in findings]
    return "reproduced" if all(agreeing) else "depends" if any(agreeing) else "refuted"


def _finding(check: CheckSection, needs: NeedsSection, one: Reading) -> Finding:
    return Finding(
        quantity=" ".join(part for part in (check.quantity.replace("_", " "), check.of) if part),
        study=_limit(check),
        value=one.value,
        low=one.low,
        high=one.high,
        unit=check.unit,
        where=one.where,
        evidence=one.evidence,
        agrees=agrees(check, one),
        short_of=_short_of(needs, one),
    )


def agrees(check: CheckSection, one: Reading) -> bool:
    """Return whether a number, within its interval where it has one, is what a check asks for."""
    low = one.value if one.low is None else one.low
    high = one.value if one.high is None else one.high
    if check.at_most is not None and low > check.at_most:
        return False
    if check.at_least is not None and high < check.at_least:
        return False
    if check.factor is None or check.value is None:
        return True
    nearest, furthest = sorted((check.value / check.factor, check.value * check.factor))
    return high >= nearest and low <= furthest


def _limit(check: CheckSection) -> str:
    unit = "" if check.unit == "1" else f" {check.unit}"
    parts = []
    if check.value is not None:
        within = f" (within a factor of {check.factor:g})" if check.factor is not None else ""
        parts.append(f"{check.value:g}{unit}{within}")
    if check.at_most is not None:
        parts.append(f"at most {check.at_most:g}{unit}")
    if check.at_least is not None:
        parts.append(f"at least {check.at_least:g}{unit}")
    return ", ".join(parts)


def _short_of(needs: NeedsSection, one: Reading) -> str:
    missing = []
    if one.atoms is not None and one.atoms < needs.atoms:
        missing.append(f"{needs.atoms} atoms")
    if one.length is not None and one.length < needs.length * 1e-3:
        missing.append(f"{needs.length * 1e-3:g} ps")
    if needs.teacher and one.teacher and needs.teacher not in one.teacher:
        missing.append(f"a potential taught by {needs.teacher}")
    return f"needs {' and '.join(missing)}" if missing else ""


def write_claims(path: Path, claims: Iterable[JudgedClaim]) -> None:
    """Write claims.json, a list."""
    from dataclasses import asdict

    write_any_json(path, plain([asdict(claim) for claim in claims]))


def read_claims(path: Path) -> list[JudgedClaim]:
    """Read claims.json.

    Raises:
        InputError: the file is missing or damaged.
    """
    remedy = "make it again with ionspice electrolyte report"
    rows = read_any_json(path, remedy=remedy)
    with reading(path, remedy=remedy):
        return [JudgedClaim(**row | {"findings": tuple(Finding(**one) for one in row["findings"])}) for row in rows]
