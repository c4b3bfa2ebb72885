"""A CSV table of numbers whose columns have names and, where they are given, units.

A header cell is a name, or a name with a unit in brackets: `charge [C/m]`. Units may also be given apart, as
`charge=C/m,voltage_integral=V*s`; columns with units are converted to SI base units.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ionspice.core import InputError, sha256_of
from ionspice.core.quantities import split_heading

_IDENTIFIER = re.compile(r"[A-Za-z]\w{0,31}", re.ASCII)


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
        return Columns(path=self.path, units={**self.units, **units}, rows=self.rows, sha256=self.sha256)

    def numbers(self, name: str) -> np.ndarray:
        """Return a column as numbers, shape (rows,), in SI base units where it has a unit.

        Raises:
            InputError: there is no such column, a cell is not a finite number, or the unit is not known.
        """
        self._check(name)
        values = np.array([self._number(row[name], line, name) for line, row in self.rows])
        unit = self.units[name]
        if unit is None:
            return values
        from ionspice.discovery.tables.dimensions import parse_unit  # pint is slow to import

        return values * parse_unit(unit).scale

    def _check(self, name: str) -> None:
        if name not in self.units:
            raise InputError(f"{self.path} has no column {name!r}: its columns are {', '.join(self.names)}")

    def _number(self, text: str | None, line: int, name: str) -> float:
        try:
            value = float(text or "")
        except ValueError:
            raise InputError(f"{self.path} line {line}: {name}={text!r} is not a number") from None
        if not np.isfinite(value):
            raise InputError(f"{self.path} line {line}: {name}={text!r} is not finite; remove or repair that row")
        return value


def read_columns(path: str | Path) -> Columns:
    """Read a CSV file with a header line.

    Raises:
        InputError: the file is missing, empty or no table, or two columns share a name.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream)
            lines = [(reader.line_num, line) for line in reader if line]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read {path}: {error}; give a CSV file with a header line") from error
    if len(lines) < 2:
        raise InputError(f"{path} has {len(lines)} lines; a header line and rows of numbers are needed")
    units: dict[str, str | None] = {}
    for cell in lines[0][1]:
        try:
            name, unit = split_heading(cell)
        except ValueError as error:
            raise InputError(f"{path}: column {cell!r} {error}, each once") from error
        if name in units:
            raise InputError(f"{path}: column {cell!r} has no name of its own; write name or name [unit], each once")
        units[name] = unit
    for number, line in lines[1:]:
        if len(line) != len(units):
            raise InputError(f"{path} line {number}: {len(line)} cells under {len(units)} columns")
    rows = [(number, dict(zip(units, line, strict=True))) for number, line in lines[1:]]
    return Columns(path=str(path), units=units, rows=rows, sha256=sha256_of(path))


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


def check_symbols(names: Sequence[str]) -> None:
    """Check that column names can stand in a formula.

    Raises:
        InputError: one has other characters than letters, digits and underscores, or two are equal.
    """
    for name in names:
        if not _IDENTIFIER.fullmatch(name):
            raise InputError(
                f"column {name!r} cannot stand in a formula: rename it to letters, digits and underscores"
            )
    if len(set(names)) < len(names):
        raise InputError(f"columns {', '.join(names)}: each may be named once")
