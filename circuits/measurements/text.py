"""Lines and numbers of text files that instruments write, in whatever encoding and with whatever decimal mark."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ionspice.circuits.model.charge import FloatArray

_COMMA = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?")


def decoded(content: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 with a mark, else Latin-1, which every byte is a letter of."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def number(cell: str) -> float:
    """Return a cell as a number, NaN for what is none; a comma between digits is a decimal mark."""
    text = cell.strip()
    if _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return np.nan


def numeric_rows(rows: Iterable[Sequence[str]], columns: Iterable[int]) -> FloatArray:
    """Return the rows in which all the wanted columns hold numbers, shape (rows, columns).

    A last line that was cut short, and lines of words between, have no such numbers.
    """
    wanted = list(columns)
    found = [[number(row[place]) for place in wanted] for row in rows if len(row) > max(wanted)]
    table = np.array(found, dtype=float).reshape(-1, len(wanted))
    return np.asarray(table[np.isfinite(table).all(axis=1)])


def header_number(text: str, pattern: str) -> float | None:
    """Return the number behind what a pattern finds in a header, None where it finds nothing."""
    found = re.search(pattern + r"\s*[:=]?\s*([-+]?[\d.,]+(?:[eE][-+]?\d+)?)", text)
    value = np.nan if found is None else number(found[1])
    return float(value) if np.isfinite(value) else None


def named(path: Path, part: str = "") -> str:
    """Return what a curve of a file is called."""
    return f"{path.name} {part}".strip()
