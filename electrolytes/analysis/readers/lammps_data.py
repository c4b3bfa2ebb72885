"""What a data file of LAMMPS says of types and atoms: masses, type and molecule per id."""

import re
from dataclasses import dataclass
from pathlib import Path

from ionspice.core import InputError
from ionspice.core.reading import reading

#: columns of id, molecule and type in the section Atoms, by atom_style
_COLUMNS = {
    "atomic": (0, None, 1),
    "charge": (0, None, 1),
    "bond": (0, 1, 2),
    "molecular": (0, 1, 2),
    "full": (0, 1, 2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """Types and atoms of a data file."""

    name: str  #: the file's path, for messages
    masses: dict[int, float]  #: mass [u] by type
    types: dict[int, int]  #: type by id
    molecules: dict[int, int]  #: molecule by id, or empty


def read_data_file(path: str | Path) -> DataFile:
    """Read masses and atoms.

    Raises:
        InputError: the file cannot be read, or has no masses.
    """
    with reading(path, remedy="give the data file that LAMMPS read"):
        sections = _sections(Path(path).read_text(encoding="utf-8"))
        masses = {int(row[0]): float(row[1]) for row in sections.get("Masses", ("", []))[1]}
        if not masses:
            raise InputError(f"{path} has no section Masses, so its types cannot be checked; add it")
        style, rows = sections.get("Atoms", ("", []))
        place, molecule, type_ = _COLUMNS[style or _guess(rows)]
        return DataFile(
            name=str(path),
            masses=masses,
            types={int(row[place]): int(row[type_]) for row in rows},
            molecules={} if molecule is None else {int(row[place]): int(row[molecule]) for row in rows},
        )


def _sections(text: str) -> dict[str, tuple[str, list[list[str]]]]:
    """Return the rows of Masses and Atoms, with the word of the comment behind the section's name."""
    found: dict[str, tuple[str, list[list[str]]]] = {}
    rows: list[list[str]] | None = None
    for line in text.splitlines()[1:]:
        content, _, comment = line.partition("#")
        words = content.split()
        if re.match(r"[A-Z]", content.lstrip()):
            rows = []
            found[content.strip()] = (comment.strip(), rows)
        elif words and rows is not None:
            rows.append(words)
    return found


def _guess(rows: list[list[str]]) -> str:
    # id type x y z (and three image flags) against id molecule type charge x y z; a charge is no whole number
    if not rows or len(rows[0]) in (5, 8):
        return "atomic"
    return "full" if len(rows[0]) in (7, 10) else "charge"
