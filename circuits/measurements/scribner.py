"""Scribner's ZPlot (.z) and CorrWare (.cor), and what writes like them: rows behind `End Comments`.

CorrWare has current densities in A/cm^2; the header's surface area makes currents of them.
"""

import re
from pathlib import Path

from ionspice.circuits.measurements.curves import Described, measurement_of
from ionspice.circuits.measurements.records import Measurement
from ionspice.circuits.measurements.text import header_number, named
from ionspice.core import InputError

_END = re.compile(r"^\s*End Comments.*$", re.MULTILINE)
_CELLS = re.compile(r"\s*,\s+|\t|,(?=\S)|\s{2,}")
_ZPLOT = ("Freq(Hz)", "Ampl", "Bias", "Time(Sec)", "Z'(ohm)", "Z''(ohm)")
_CORRWARE = ("E(V)", "I(A)", "T(s)")


def is_scribner(text: str) -> bool:
    """Return whether the text is that of a .z or .cor file."""
    start = text.lstrip().lstrip('"')[:40].upper()
    return start.startswith(("ZPLOT", "CORRW")) and _END.search(text) is not None


def read_scribner(path: Path, text: str) -> list[Measurement]:
    """Return the measurement of a .z or .cor file.

    Raises:
        InputError: too few rows.
    """
    end = _END.search(text)
    assert end is not None  # or it would be no such file
    rows = [[cell for cell in _CELLS.split(line.strip()) if cell] for line in text[end.end() :].splitlines()]
    area = header_number(text[: end.start()], r"Surface Area") or 1.0
    headings = _ZPLOT if text.lstrip().lstrip('"').upper().startswith("ZPLOT") else _CORRWARE
    about = Described(name=named(path), square_centimetres=area)
    if headings is _ZPLOT:
        bias = header_number(text[: end.start()], r"Potential-DC")
        return [measurement_of(Described(name=about.name, bias=bias), headings, rows)]
    if not any(len(row) >= len(headings) for row in rows):
        raise InputError(f"{path} has no rows of potential, current and time behind End Comments; export it again")
    scaled = [[row[0], f"{float(row[1].replace(',', '.')) * area!r}", row[2]] for row in rows if len(row) > 2]
    return [measurement_of(about, headings, scaled)]
