"""Delimited text as people have it: any usual delimiter, a decimal comma, comment lines, a row of units.

What a file is written with is told from its lines: the delimiter that cuts all of them into as many cells, and a
decimal comma where the delimiter is another and numbers have one.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ionspice.discovery.tables.plain import has_decimal_comma, is_plain_number, plain_number

_COMMENTS = ("#", "%", "//", "!")
_DELIMITERS = (";", "\t", ",", "|")
_SPACES = re.compile(r"\s+")
#: how Excel says which delimiter it wrote
_SEPARATOR = re.compile(r"\"?sep=(.)\"?", re.IGNORECASE)
#: what stands in a cell without a value
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "--", "?", "#n/a"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CellLines:
    """Lines of a delimited file, cut into cells without spaces around them."""

    #: number of the line in the file and its cells; the first is the header
    lines: list[tuple[int, list[str]]]
    #: whether numbers have a decimal comma
    decimal_comma: bool

    def is_number(self, cell: str) -> bool:
        """Return whether a cell holds a number in the file's way of writing."""
        return is_plain_number(plain_number(cell, decimal_comma=self.decimal_comma))


def cells_of(text: str) -> CellLines:
    """Cut the text of a file into cells; comments, empty lines and what stands above the header are left out.

    A comment right above the numbers that has as many cells as they have is the header, as some programs write it.

    Raises:
        csv.Error: a quoted cell does not end.
    """
    numbered = list(enumerate(text.splitlines(), start=1))
    kept = [(number, line) for number, line in numbered if line.strip() and not _is_comment(line)]
    said = _SEPARATOR.fullmatch(kept[0][1].strip()) if kept else None
    kept = kept[1:] if said else kept
    delimiter = said[1] if said else _delimiter([line for _, line in kept])
    lines = _without_empty_end([(number, _cut(line, delimiter)) for number, line in kept])
    body = [cell for _, line in lines[1:] for cell in line]
    decimal_comma = delimiter != "," and any(map(has_decimal_comma, body))
    found = _from_header(CellLines(lines=lines, decimal_comma=decimal_comma))
    lines = found.lines
    header = _commented_header(numbered, found, delimiter)
    return found if header is None else CellLines(lines=[header, *lines], decimal_comma=decimal_comma)


def _without_empty_end(lines: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Return the lines without a last cell that is empty in all of them, for a delimiter at their ends."""
    if lines and all(len(cells) > 1 and not cells[-1] for _, cells in lines):
        return [(number, cells[:-1]) for number, cells in lines]
    return lines


def _from_header(found: CellLines) -> CellLines:
    """Return the lines from the first on that has as many cells as the rows, where names can stand in it."""
    counts = [len(cells) for _, cells in found.lines]
    common = counts[-1] if counts else 0
    start = counts.index(common) if counts else 0
    is_table = common > 1 and all(count == common for count in counts[start:])
    if not is_table or any(found.is_number(cell) for cell in found.lines[start][1]):
        return found
    return replace(found, lines=found.lines[start:])


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(_COMMENTS)


def _cut(line: str, delimiter: str, *, strict: bool = True) -> list[str]:
    if delimiter == " ":
        return _SPACES.split(line.strip())
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=strict))]


def _delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter that cuts the lines into as many cells; a comma where none does."""
    sample = lines[:50]
    best = (0.0, 0, ",")
    for delimiter in (*_DELIMITERS, " "):
        counts = [len(_cut(line, delimiter, strict=False)) for line in sample]
        common = max(set(counts), key=counts.count, default=1)
        if common > 1 and (delimiter != " " or not any(mark in line for line in sample for mark in _DELIMITERS)):
            share = counts.count(common) / len(counts)
            # a decimal comma cuts lines, too, though seldom the header
            best = max(best, (share, 0, delimiter), key=lambda one: one[:2])
    return best[2]


def _commented_header(
    numbered: Sequence[tuple[int, str]], found: CellLines, delimiter: str
) -> tuple[int, list[str]] | None:
    if not found.lines or not all(found.is_number(cell) for cell in found.lines[0][1]):
        return None
    first = found.lines[0][0]
    for number, line in reversed(numbered[: first - 1]):
        if line.strip():
            cells = _cut(line.strip().lstrip("#%/! \t"), delimiter) if _is_comment(line) else []
            return (number, cells) if len(cells) == len(found.lines[0][1]) else None
    return None
