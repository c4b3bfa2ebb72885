"""A claim of the reference study with our number and verdict, and claims.json that lists them.

A claim may have parts: it is reproduced if all of them hold, refuted if none does, and otherwise depends on what
its condition says. A claim whose cases failed is untested.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from ionspice.core import InputError, replacing

FILE_NAME = "claims.json"

type Verdict = Literal["reproduced", "refuted", "depends", "untested"]

#: what the study says, in short
STATEMENTS = {
    "A": "In open electrolyte migration of net ions opposes diffusion and steric flux in the whole cycle.",
    "B": "In slits diffusion and migration point the same way during the whole cycle, for d = 1.5 to 5 nm.",
    "C": "The steric flux in slits follows migration for d < 2 nm and opposes it in larger slits.",
    "D": "More counter-ions in slit i than in slit i + 1 means a lower potential in slit i.",
    "E": "The potential difference over an element against its current is no constant resistance; the "
    "integrals of both are monotone.",
    "F": "Discovery returns R = Rc (1 - gamma Q/Qmax), valid when d, c0, a, D, eps_r and L change.",
    "G": "R_max is nearly independent of d and R_min grows with d; R_max stands at the start of charging, "
    "R_min at the start of discharging.",
    "H": "After charging the ions in the middle of the slit are up by 21 % at d = 1.5 nm and nearly unchanged "
    "at 5 nm; the trans-slit current runs mainly along the electrode surface.",
    "I": "gamma grows with smaller a, larger window, smaller d, lower c0 and smaller eps_r, hardly with D and "
    "L; Rc grows with lower D, lower c0 and larger sheets; smaller a lowers Rc and Rd.",
    "J": "The slit capacitance is constant during charging for d > 1 nm.",
    "K": "The voltammograms of NCM and mPNP agree for 6 layers and d = 1.5 nm.",
    "L": "The NCM's voltammogram of 20 layers is asymmetric between charge and discharge, more so with layers "
    "and rate; no TLM can show it; the NCM's loop is larger and it stores more ions inside.",
    "M": "Current peaks appear without redox when gamma and Rc are large.",
    "N": "An NCM of 20 layers takes seconds, mPNP of 20 layers weeks.",
}

#: share of the cycle that counts as the whole of it; the parts of a flux change sign one after the other at a
#: reversal of the drive
WHOLE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim, judged."""

    id: str  #: letter
    statement: str  #: what the study says
    value: float | None  #: our number
    unit: str  #: of the number, in words where it is a share
    condition: str  #: where it was tested, and on what it depends
    verdict: Verdict
    evidence: tuple[str, ...]  #: files from the study's folder
    detail: str = ""  #: one or two sentences with the numbers
    values: dict[str, Any] = field(default_factory=dict)  #: the numbers behind, for figures and tables


def verdict_of(parts: Iterable[bool]) -> Verdict:
    """Return the verdict of a claim from whether its parts hold."""
    held = list(parts)
    if not held:
        return "untested"
    return "reproduced" if all(held) else "depends" if any(held) else "refuted"


def untested(letter: str, reason: str) -> Claim:
    """Return a claim whose files are not there."""
    return Claim(
        id=letter,
        statement=STATEMENTS[letter],
        value=None,
        unit="",
        condition=f"not tested: {reason}",
        verdict="untested",
        evidence=(),
    )


def write_claims(path: Path, claims: Iterable[Claim]) -> None:
    """Write claims.json, a list.

    Raises:
        InputError: the folder cannot be written.
    """
    text = json.dumps([_plain(asdict(claim)) for claim in claims], indent=2, ensure_ascii=False, allow_nan=False)
    with replacing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def read_claims(path: Path) -> list[Claim]:
    """Read claims.json.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return [Claim(**row | {"evidence": tuple(row["evidence"])}) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"cannot read {path}: {error}; run `ionspice reproduce` again") from error


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: numbers of Python, and null for what is not finite."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
