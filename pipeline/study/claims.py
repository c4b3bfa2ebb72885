"""A claim of the reference study with our number and verdict, and claims.json that lists them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from ionspice.core.json_files import read_any_json, write_any_json
from ionspice.core.reading import reading

FILE_NAME = "claims.json"

type Verdict = Literal["reproduced", "refuted", "depends", "untested"]


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
    values: dict[str, Any] = field(default_factory=dict)  #: the numbers behind


def write_claims(path: Path, claims: Iterable[Claim]) -> None:
    """Write claims.json, a list.

    Raises:
        InputError: the folder cannot be written.
    """
    write_any_json(path, [asdict(claim) for claim in claims])


def read_claims(path: Path) -> list[Claim]:
    """Read claims.json.

    Raises:
        InputError: the file is missing or damaged.
    """
    remedy = "run `ionspice reproduce` again"
    rows = read_any_json(path, remedy=remedy)
    with reading(path, remedy=remedy):
        return [Claim(**row | {"evidence": tuple(row["evidence"])}) for row in rows]
