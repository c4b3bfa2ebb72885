"""Apply a rule to what was measured: the verdict on a claim, in words and numbers.

A claim may have parts: it is reproduced if all of them hold, refuted if none does, and otherwise depends on what
its condition says. A claim without numbers, for its cases failed, is untested.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from ionspice.pipeline.study.claims import Claim, Verdict
from ionspice.pipeline.study.criteria import Thresholds
from ionspice.pipeline.study.measures import Measured
from ionspice.pipeline.study.rules import RULES, Rule, told


def judge_all(
    entries: Mapping[str, Measured], failed: Iterable[str], thresholds: Thresholds | None = None
) -> list[Claim]:
    """Return every claim with its verdict.

    Args:
        entries: what was measured, by letter.
        failed: names of cases that failed.
        thresholds: default those of the reproduction.
    """
    return [judge(rule, entries[rule.letter], failed, thresholds) for rule in RULES.values()]


def judge(rule: Rule, entry: Measured, failed: Iterable[str], thresholds: Thresholds | None = None) -> Claim:
    """Return a claim with its verdict; failed cases that it would have used are named in its condition."""
    if entry.missing:
        return untested(rule, entry.missing)
    limits = thresholds or Thresholds()
    assessment = rule.assess(entry.numbers, limits)
    missing = [name for name in failed if name.startswith(tuple(f"{axis}-" for axis in rule.axes))]
    return Claim(
        id=rule.letter,
        statement=rule.statement,
        value=assessment.value,
        unit=rule.unit,
        condition=told(rule.condition, asdict(limits), entry.numbers, assessment.words)
        + (f"; without the failed {', '.join(missing)}" if missing else ""),
        verdict=verdict_of(assessment.parts, assessment.decisive),
        evidence=entry.evidence,
        detail=told(rule.detail, asdict(limits), entry.numbers, assessment.words),
        values=entry.numbers | assessment.judged,
    )


def untested(rule: Rule, reason: str) -> Claim:
    """Return a claim whose files are not there."""
    return Claim(
        id=rule.letter,
        statement=rule.statement,
        value=None,
        unit="",
        condition=f"not tested: {reason}",
        verdict="untested",
        evidence=(),
    )


def verdict_of(parts: Iterable[bool], decisive: Iterable[bool] | None = None) -> Verdict:
    """Return the verdict that follows from which parts of a claim hold.

    Args:
        parts: all of them.
        decisive: those of which one has to hold lest the claim is refuted, default all.
    """
    held = list(parts)
    if not held:
        return "untested"
    if not any(held if decisive is None else decisive):
        return "refuted"
    return "reproduced" if all(held) else "depends"
