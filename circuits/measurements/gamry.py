"""Gamry's .DTA: a header of tagged values, then tables with rows of names and of units.

A table is announced by `CURVE TABLE n`, `CURVE1`, `ZCURVE`, ...; an experiment that was stopped has fewer rows than
it says, or no table at all.
"""

import re
from pathlib import Path

from ionspice.circuits.measurements.curves import Control, Described, measurement_of
from ionspice.circuits.measurements.records import Measurement
from ionspice.circuits.measurements.text import named, number
from ionspice.core import InputError

_TABLE = re.compile(r"^(?P<name>Z?CURVE\d*)\s+TABLE\b.*$", re.MULTILINE)
_FOREIGN = re.compile(r"^\S", re.MULTILINE)
#: of tags whose current is prescribed; of CV and its like the potential is
_GALVANOSTATIC = ("PWR", "CHRONOP", "CYCLE", "GALV", "CCD", "RPB")


def is_gamry(text: str) -> bool:
    """Return whether the text is that of a .DTA file."""
    return text.lstrip().startswith("EXPLAIN")


def read_gamry(path: Path, text: str) -> list[Measurement]:
    """Return the measurement of a .DTA file; cycles of one experiment follow each other in one record.

    Raises:
        InputError: it has no curve.
    """
    tag = _value(text, "TAG") or ""
    area, bias = (number(_value(text, key, 2) or "") for key in ("AREA", "VDC"))
    control: Control = "current" if tag.upper().startswith(_GALVANOSTATIC) else "potential"
    about = Described(
        name=named(path),
        control=control,
        bias=bias if bias == bias else None,
        square_centimetres=area if area > 0 else None,
    )
    tables = [_table(text, match.end()) for match in _TABLE.finditer(text)]
    tables = [table for table in tables if len(table) > 2]
    if not tables:
        raise InputError(
            f"{path} has no curve, only the header of an experiment {tag}: it was stopped before its first point; "
            "measure again, or leave the file out"
        )
    names, units = (line.strip("\n\r").split("\t")[1:] for line in tables[0][:2])
    rows = [line.split() for table in tables for line in table[2:]]
    width = len([name for name in names if name.strip()])
    return [measurement_of(about, names, [row for row in rows if len(row) >= width - 1], units)]


def _table(text: str, start: int) -> list[str]:
    """Return the lines of a table behind its announcement, up to the next line that is not set in."""
    body = text[start:].lstrip("\r\n")
    end = _FOREIGN.search(body)
    return [line for line in body[: end.start() if end else None].splitlines() if line.strip()]


def _value(text: str, tag: str, place: int = 1) -> str | None:
    """Return a value of a tagged line, TAG, type, value, ...; of TAG itself the second word."""
    found = re.search(rf"^{tag}\t(.*)$", text, re.MULTILINE)
    words = found[1].split("\t") if found else []
    return words[place - 1].strip() if len(words) >= place else None
