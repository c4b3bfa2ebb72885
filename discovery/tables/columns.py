"""A CSV table of numbers whose columns have names and, where they are given, units.

A header cell is a name, or a name with a unit in brackets: `charge [C/m]`. Units may also be given apart, as
`charge=C/m,voltage_integral=V*s`, or in a line below the header; columns with units are converted to SI base units.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ionspice.core import InputError, sha256_of
from ionspice.core.quantities import split_heading
from ionspice.discovery.tables.delimited import MISSING, CellLines, cells_of
from ionspice.discovery.tables.plain import decoded, plain_number

_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}([ T].*)?|\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")
_SHOWN = 3
#: name of a first column without one, as tables of pandas have it
_INDEX = "index"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What a table holds, as text; numbers are read when a column is asked for."""

    #: the file, for messages
    path: str
    #: units by the name of the column, in the order of the columns; None where no unit is given
    units: dict[str, str | None]
    #: number of the line in the file and its cells by the name of the column
    rows: list[tuple[int, dict[str, str]]]
    #: SHA-256 of the file
    sha256: str
    #: whether numbers have a decimal comma
    decimal_comma: bool = False

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return list(self.units)

    def with_units(self, units: Mapping[str, str]) -> "Columns":
        """Return the table with further units, which go before those of the header.

        Raises:
            InputError: a unit is given to a column that is not there.
        """
        for name in units:
            self._check(name)
        return replace(self, units={**self.units, **units})

    def without_gaps(self, names: Sequence[str]) -> "Columns":
        """Return the table without the rows that lack a value in one of the named columns.

        Raises:
            InputError: a column is not there, or no row is left.
        """
        for name in names:
            self._check(name)
        kept = [(line, row) for line, row in self.rows if all(not _is_missing(row[name]) for name in names)]
        if not kept:
            raise InputError(f"{self.path}: no row has a value in each of {', '.join(names)}")
        return replace(self, rows=kept)

    def numbers(self, name: str) -> np.ndarray:
        """Return a column as numbers, shape (rows,), in SI base units where it has a unit.

        Raises:
            InputError: there is no such column, a cell is not a finite number, or the unit is not known.
        """
        self._check(name)
        values = np.array([self._number(row[name], line, name) for line, row in self.rows])
        return values if self.units[name] is None else values * self.scale(name)

    def scale(self, name: str) -> float:
        """Return what the numbers of a column are multiplied by on their way to SI base units, 1 without a unit.

        Raises:
            InputError: there is no such column, or its unit is not known.
        """
        self._check(name)
        unit = self.units[name]
        if unit is None:
            return 1.0
        from ionspice.discovery.tables.dimensions import parse_unit  # pint is slow to import

        return parse_unit(unit).scale

    def _check(self, name: str) -> None:
        if name not in self.units:
            raise InputError(f"{self.path} has no column {name!r}: its columns are {', '.join(self.names)}")

    def _number(self, text: str, line: int, name: str) -> float:
        place = f"{self.path} line {line}: {name}={text!r}"
        try:
            value = float(plain_number(text, decimal_comma=self.decimal_comma))
        except ValueError:
            raise InputError(f"{place} is not a number{self._remedy(name, text)}") from None
        if not np.isfinite(value):
            raise InputError(f"{place} is not finite; remove or repair that row, or drop such rows (--dropna)")
        return value

    def _remedy(self, name: str, text: str) -> str:
        """Return what kind of column has cells that are no numbers, and what to do."""
        if _is_missing(text):
            return "; fill the cell, or drop rows with gaps (--dropna)"
        words = [row[name] for _, row in self.rows if not self._is_number(row[name]) and not _is_missing(row[name])]
        if 2 * len(words) <= len(self.rows):
            return "; repair that cell"
        shown = ", ".join(list(dict.fromkeys(words))[:_SHOWN])
        if all(_DATE.fullmatch(word) for word in words):
            return f": the column holds dates ({shown}); give the time as a number, such as seconds since the start"
        return f": the column holds words ({shown}); leave it out, or give a number for each kind"

    def _is_number(self, text: str) -> bool:
        return CellLines(lines=[], decimal_comma=self.decimal_comma).is_number(text)


def _is_missing(text: str) -> bool:
    return text.lower() in MISSING


def read_columns(path: str | Path) -> Columns:
    """Read a delimited file with a header line; delimiter and decimal comma are told from its lines.

    Comment lines are left out. A second line of units is read as such.

    Raises:
        InputError: the file is missing, empty or no table, or two columns share a name.
    """
    try:
        cells = cells_of(decoded(Path(path).read_bytes()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read {path}: {error}; give a CSV file in UTF-8 with a header line") from error
    lines = cells.lines
    if len(lines) < 2:
        raise InputError(f"{path} has {len(lines)} lines; a header line and rows of numbers are needed")
    if all(cells.is_number(cell) for cell in lines[0][1]):
        raise InputError(f"{path} line {lines[0][0]} holds numbers only; write a line with the names of the columns")
    units = _headings(path, lines[0][1])
    for number, line in lines[1:]:
        if len(line) != len(units):
            raise InputError(f"{path} line {number}: {len(line)} cells under {len(units)} columns")
    below = _units_row(cells, lines[1][1]) if len(lines) > 2 else None
    if below is not None:
        units = {name: own or unit for (name, own), unit in zip(units.items(), below, strict=True)}
    rows = [(number, dict(zip(units, line, strict=True))) for number, line in lines[1 if below is None else 2 :]]
    return Columns(path=str(path), units=units, rows=rows, sha256=sha256_of(path), decimal_comma=cells.decimal_comma)


def _headings(path: str | Path, header: Sequence[str]) -> dict[str, str | None]:
    """Return names and units of a header line."""
    units: dict[str, str | None] = {}
    for number, cell in enumerate(header):
        try:
            # the rows' own names, which have none above them
            name, unit = (_INDEX, None) if not cell and number == 0 and len(header) > 1 else split_heading(cell)
        except ValueError as error:
            raise InputError(f"{path}: column {cell!r} {error}, each once") from error
        if name in units:
            raise InputError(f"{path}: column {cell!r} has no name of its own; write name or name [unit], each once")
        units[name] = unit
    return units


def _units_row(cells: CellLines, line: Sequence[str]) -> list[str | None] | None:
    """Return the units of a line right below the header, None where it is none of units."""
    if any(cells.is_number(cell) for cell in line) or all(_is_missing(cell) for cell in line):
        return None
    from ionspice.discovery.tables.dimensions import parse_unit  # pint is slow to import

    units: list[str | None] = []
    for cell in line:
        unit = cell.strip("[]() ")
        if _is_missing(unit):
            units.append(None)
            continue
        try:
            parse_unit(unit)
        except InputError:
            return None
        units.append(unit)
    return units


def parse_units(text: str) -> dict[str, str]:
    """Read text such as `charge=C/m,voltage_integral=V*s`.

    Raises:
        InputError: a part is not name=unit.
    """
    units = {}
    for part in text.split(","):
        name, equals, unit = part.partition("=")
        if not equals or not name.strip():
            raise InputError(f"units {text!r}: {part!r} is not name=unit; write charge=C/m,voltage_integral=V*s")
        units[name.strip()] = unit.strip()
    return units
