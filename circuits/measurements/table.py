"""Any table with headings and units: Autolab's NOVA exports and CSV of any delimiter, decimal commas too."""

import csv
from pathlib import Path

from ionspice.circuits.measurements.curves import Described, measurement_of
from ionspice.circuits.measurements.headings import quantities_of, split_unit
from ionspice.circuits.measurements.records import Measurement
from ionspice.circuits.measurements.text import named, number
from ionspice.core import InputError

_DELIMITERS = ("\t", ";", ",", None)
_COMMENT = "#%!"
_FIRST_LINES = 200  # among which the headings stand


def read_table(path: Path, text: str) -> list[Measurement]:
    """Return the measurement of a table.

    Lines before the headings are left out; the headings are the first line that names the quantities of a
    measurement.

    Raises:
        InputError: there is no such line, or too few rows of numbers.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    for place, line in enumerate(lines[:_FIRST_LINES]):
        plain = line.strip().lstrip(_COMMENT).strip()
        for delimiter in _DELIMITERS:
            headings = _cut(plain, delimiter)
            if _is_heading(headings):
                units = _units_below(lines[place + 1 : place + 2], delimiter, len(headings))
                rows = [_cut(row, delimiter) for row in lines[place + 1 + (units is not None) :]]
                return [measurement_of(Described(name=named(path)), headings, rows, units)]
    first = lines[0].strip()[:80] if lines else "nothing"
    raise InputError(
        f"{path} begins with {first!r} and has no line that names the columns of a measurement in its first "
        f'{_FIRST_LINES}; give it one, such as "time [s],potential [V],current [mA]" or '
        '"frequency [Hz],real [ohm],imaginary [ohm]"'
    )


def _cut(line: str, delimiter: str | None) -> list[str]:
    if delimiter is None:
        return line.split()
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]


def _is_heading(cells: list[str]) -> bool:
    if len(cells) < 3 or any(number(cell) == number(cell) for cell in cells):
        return False
    try:
        found = set(quantities_of(cells))
    except ValueError:
        found = set(quantities_of([split_unit(cell)[0] for cell in cells]))  # the unit is told of later
    impedance = {"real", "imaginary"} <= found or {"modulus", "phase"} <= found
    return {"time", "potential", "current"} <= found or ("frequency" in found and impedance)


def _units_below(lines: list[str], delimiter: str | None, width: int) -> list[str] | None:
    """Return the units of a line of their own below the headings."""
    if not lines:
        return None
    cells = [cell.strip("[]() ") for cell in _cut(lines[0].strip().lstrip(_COMMENT).strip(), delimiter)]
    is_text = len(cells) == width and all(number(cell) != number(cell) for cell in cells)
    return cells if is_text else None
