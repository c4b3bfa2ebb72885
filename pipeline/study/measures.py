"""The numbers of a reproduction: measures.json, which claims and pictures are made of.

One entry for every claim and every picture: its numbers, the files that they come from, or why there are none.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ionspice.core import InputError
from ionspice.core.json_files import numbers, plain, read_json_as, write_json

FILE_NAME = "measures.json"
_FORMAT = "ionspice-measures/1"

#: tables, lists, texts and numbers, as JSON has them; NaN where there is no number
type Numbers = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured for one claim or picture."""

    numbers: Numbers = field(default_factory=dict)
    evidence: tuple[str, ...] = ()  #: files from the study's folder
    missing: str = ""  #: why there are no numbers
    again: bool = False  #: a program failed, so that another try may succeed

    def read(self) -> Numbers:
        """Return the numbers.

        Raises:
            InputError: there are none.
        """
        if self.missing:
            raise InputError(self.missing)
        return self.numbers


def measured(found: Mapping[str, Any], evidence: tuple[str, ...]) -> Measured:
    """Return an entry with its numbers as they would be read from the file."""
    return Measured(numbers=numbers(plain(found)), evidence=evidence)


def write_measures(path: Path, entries: Mapping[str, Measured]) -> None:
    """Write measures.json.

    Raises:
        InputError: the folder cannot be written.
    """
    write_json(path, _FORMAT, {"entries": {name: asdict(entry) for name, entry in entries.items()}})


def read_measures(path: Path) -> dict[str, Measured]:
    """Read measures.json.

    Raises:
        InputError: the file is missing, damaged or of another format.
    """
    return read_json_as(path, _FORMAT, _entries, remedy="run `ionspice reproduce` again")


def _entries(content: dict[str, Any]) -> dict[str, Measured]:
    return {
        name: Measured(**entry | {"numbers": numbers(entry["numbers"]), "evidence": tuple(entry["evidence"])})
        for name, entry in content["entries"].items()
    }
