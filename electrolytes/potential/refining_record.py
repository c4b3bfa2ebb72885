"""refining.json: what rounds of exploring, labelling and training did."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ionspice.core.json_files import read_json_as, write_json
from ionspice.electrolytes.transport.validation import validated

FORMAT = "ionspice-refining/1"
_ROUND = "ionspice-refining-round/1"
_REMEDY = "make it again with ionspice electrolyte refine"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploringRun:
    """One run by a potential that is not trusted yet."""

    composition: str
    temperature: float  #: [K]
    length: float  #: that it reached [ps]
    reason: str  #: why it was stopped; empty at its end


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockErrors:
    """Root mean squares of force errors [eV/angstrom] on frames that are held out."""

    new: float | None  #: of the round's own frames; None where there are none
    old: float | None  #: of the first labels


@dataclass(frozen=True, slots=True, kw_only=True)
class RefiningRound:
    """One round."""

    round: int  #: from 1
    runs: tuple[ExploringRun, ...]
    candidates: int  #: frames that would teach something
    selected: int
    labelled: int
    refused: int  #: by the teacher
    deviation: float | None = None  #: mean largest deviation of the models on labelled frames [eV/angstrom]
    true_error: float | None = None  #: mean largest force error on an atom of the same frames [eV/angstrom]
    ratio: float | None = None  #: of the true error to the deviation
    before: BlockErrors | None = None  #: of the potential that explored
    after: BlockErrors | None = None  #: of the one that was trained on the frames then


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A point of the learning curve, on the first labels that were held out."""

    frames: int  #: trained on
    energy: float  #: root mean square error [eV/atom]
    force: float  #: [eV/angstrom]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefiningRecord:
    """The content of refining.json."""

    rounds: tuple[RefiningRound, ...]
    learning_curve: tuple[CurvePoint, ...]
    start: tuple[str, ...] = ()  #: SHA-256 of the models from which the first round began


def write_refining(path: Path, record: RefiningRecord) -> None:
    """Write refining.json."""
    write_json(path, FORMAT, asdict(record))


def read_refining(path: Path) -> RefiningRecord:
    """Return what refining.json says.

    Raises:
        InputError: it is missing or damaged.
    """
    return read_json_as(path, FORMAT, lambda content: validated(RefiningRecord, content), remedy=_REMEDY)


def write_round(path: Path, one: RefiningRound) -> None:
    """Write what a round did."""
    write_json(path, _ROUND, asdict(one))


def read_round(path: Path) -> RefiningRound:
    """Return what a round did.

    Raises:
        InputError: its file is missing or damaged.
    """
    return read_json_as(path, _ROUND, lambda content: validated(RefiningRound, content), remedy=_REMEDY)


def round_text(one: RefiningRound) -> Sequence[str]:
    """Return lines that tell a round."""
    length, stopped = sum(run.length for run in one.runs), sum(bool(run.reason) for run in one.runs)
    lines = [
        f"round {one.round}: {length:.3g} ps in {len(one.runs)} runs, {stopped} stopped; {one.candidates} doubtful "
        f"frames, {one.labelled} labelled" + (f", {one.refused} refused" if one.refused else "")
    ]
    if one.ratio is not None and one.before is not None and one.after is not None:
        lines.append(
            f"  largest force error {one.true_error:.3g} eV/angstrom, {one.ratio:.2g} times the models' deviation"
        )
        for name, before, after in (
            ("new frames", one.before.new, one.after.new),
            ("old frames", one.before.old, one.after.old),
        ):
            if before is not None and after is not None:
                lines.append(f"  force error on {name} held out: {before:.3g} -> {after:.3g} eV/angstrom")
    return lines
