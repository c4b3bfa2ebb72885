"""The report's sections on the claims of a study: verdicts at its top, numbers at its end."""

from collections.abc import Sequence

from markupsafe import Markup

from ionspice.pipeline.liquids.judge import Finding, JudgedClaim
from ionspice.pipeline.report.page import ReportSection, Table, significant


def verdict_section(claims: Sequence[JudgedClaim], source: str) -> ReportSection:
    """Return what the study says, what we find, under which conditions, and the verdict, claim by claim."""
    return ReportSection(
        name="claims",
        title="Claims and verdicts",
        paragraphs=(
            f"The claims are those of {source}. Reproduced: all our numbers agree, within their 95 % intervals. "
            "Refuted: none does. Depends: some do. Not reached here: what decides needs longer or larger runs or "
            "another teacher than these, and the last column says what it takes; numbers so far are shown.",
        ),
        tables=(
            Table(
                caption="What the study says and what was found. All numbers of ours stand at the end of the page.",
                head=("", "The study", "Ours", "Condition", "Verdict", "What it takes"),
                rows=tuple(
                    (
                        claim.id,
                        claim.statement,
                        _ours(claim),
                        _conditions(claim),
                        _verdict(claim.verdict),
                        claim.takes,
                    )
                    for claim in claims
                ),
            ),
        ),
    )


def detail_section(claims: Sequence[JudgedClaim]) -> ReportSection:
    """Return every number of every claim with where it holds and the file that it comes from."""
    return ReportSection(
        name="claim-details",
        title="Claims in numbers",
        tables=(
            Table(
                caption="Our numbers, with 95 % intervals where there are any; files are relative to this page.",
                head=("", "quantity", "the study", "ours", "agrees", "where", "file"),
                rows=tuple(
                    (
                        claim.id,
                        one.quantity,
                        one.study,
                        _number(one),
                        ("yes" if one.agrees else "no") + (f"; {one.short_of}" if one.short_of else ""),
                        one.where,
                        one.evidence,
                    )
                    for claim in claims
                    for one in claim.findings
                ),
            ),
        ),
    )


def counts(claims: Sequence[JudgedClaim]) -> str:
    """Return how many claims have which verdict."""
    verdicts = [claim.verdict for claim in claims]
    shown = ("reproduced", "refuted", "depends", "not reached here")
    return ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in shown if verdict in verdicts)


def _ours(claim: JudgedClaim) -> str:
    """Return our numbers by quantity, as a range where there are several."""
    groups: dict[str, list[Finding]] = {}
    for one in claim.findings:
        groups.setdefault(one.quantity, []).append(one)
    parts = []
    for quantity, found in groups.items():
        values = sorted(one.value for one in found)
        least, most = significant(values[0], 2), significant(values[-1], 2)
        number = _number(found[0]) if len(found) == 1 else f"{least} to {most}" if least != most else least
        number += "" if len(found) == 1 else _unit(found[0].unit)
        parts.append(f"{quantity}: {number}" if len(groups) > 1 else number)
    return "; ".join(parts) or "–"


def _conditions(claim: JudgedClaim) -> str:
    places = list(dict.fromkeys(one.where for one in claim.findings))
    more = f" and {len(places) - 2} more" if len(places) > 2 else ""
    return "; ".join(places[:2]) + more or "–"


def _number(one: Finding) -> str:
    if one.low is None or one.high is None:
        return f"{significant(one.value)}{_unit(one.unit)}"
    return f"{significant(one.value)} ({significant(one.low, 2)} to {significant(one.high, 2)}){_unit(one.unit)}"


def _unit(unit: str) -> str:
    return "" if unit == "1" else f" {unit.replace('^2', '²')}"


def _verdict(verdict: str) -> Markup:
    return Markup('<strong class="verdict {0}">{1}</strong>').format(verdict.split()[0], verdict)
