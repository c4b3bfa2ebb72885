"""A drive given as a table of time and potential, straight lines between its rows.

The run starts at the first row. If that row's potential is not 0 the electrode jumps to it, as in a step.
"""

import csv
import math
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np

from ionspice.core import InputError
from ionspice.core.drives.legs import Leg, ramps
from ionspice.core.drives.potential import PotentialDrive
from ionspice.core.quantities import check_unit, convert, split_heading

_STRAIGHT = 1e-9  # change of slope, relative to the steepest one, below which a row is no corner


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDrive(PotentialDrive):
    """phi_m on straight lines through the given rows.

    Raises:
        InputError: fewer than two rows, rows of unequal number, times that do not increase from 0, a number that is
            not finite, or no potential other than 0.
    """

    times: tuple[float, ...]  #: ascending from 0 [s]
    potentials: tuple[float, ...]  #: phi_m at these times [V]

    def __post_init__(self) -> None:
        """Check the numbers."""
        if len(self.times) < 2 or len(self.times) != len(self.potentials):
            raise InputError(
                f"a drive of {len(self.times)} times and {len(self.potentials)} potentials; give two rows or more"
            )
        if not all(map(math.isfinite, (*self.times, *self.potentials))):
            raise InputError("the drive holds a number that is not finite; correct the table")
        if self.times[0] != 0 or any(late <= early for early, late in pairwise(self.times)):
            raise InputError("the times of the drive must increase from 0 s; sort the table")
        if not any(self.potentials):
            raise InputError("the drive is 0 V at all times and drives nothing; give a potential other than 0 V")

    @property
    def swing(self) -> float:
        """Largest |phi_m| [V]."""
        return max(map(abs, self.potentials))

    @property
    def corners(self) -> tuple[float, ...]:
        """The times of the rows where the slope changes, and the end [s]."""
        slopes = np.diff(self.potentials) / np.diff(self.times)
        kinks = np.abs(np.diff(slopes)) > _STRAIGHT * np.abs(slopes).max()
        return (*(t for t, kink in zip(self.times[1:-1], kinks, strict=True) if kink), self.times[-1])

    @property
    def snapshots(self) -> tuple[float, ...]:
        """The middle of the first charging ramp [s]."""
        return (self.charging_end / 2,)

    @property
    def charging_end(self) -> float:
        """The row at which |phi_m| first begins to fall, or the end [s]."""
        sizes = np.abs(self.potentials)
        falls = np.flatnonzero(np.diff(sizes) < 0)
        falls = falls[falls > 0]
        return self.times[int(falls[0])] if len(falls) else self.times[-1]

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The straight lines, rows without a kink left out."""
        times = (0.0, *self.corners)
        return ramps(times, [self.potentials[self.times.index(time)] for time in times], self.snapshots)

    def potential(self, time: float) -> float:
        """Return phi_m [V]: 0 until the first row, straight lines after it."""
        return float(np.interp(time, self.times, self.potentials)) if time > 0 else 0.0


def read_drive(path: str | Path) -> TableDrive:
    """Read a CSV of two columns, time [s] and phi_m [V], with or without a line of headings.

    Headings may give other units, `time [ns],potential [mV]`. Times are counted from the first row.

    Raises:
        InputError: missing or unreadable file, a heading with a unit that is no time or potential, or a line (named
            by its number) that is no pair of finite numbers or whose time is not later than the one before.
    """
    path = Path(path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream)
            lines = [(reader.line_num, row) for row in reader if "".join(row).strip()]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot read the drive ({error}); give a CSV of time,voltage") from error
    scales = [1.0, 1.0]
    if lines and not any(map(_is_number, lines[0][1])):
        scales = _scales(path, *lines[0])
        lines = lines[1:]
    rows = [_row(path, number, cells, scales) for number, cells in lines]
    for (_, early), (number, late) in pairwise(zip((n for n, _ in lines), rows, strict=True)):
        if late[0] <= early[0]:
            raise InputError(
                f"{path}, line {number}: time {late[0]:g} s is not later than {early[0]:g} s before it; sort the rows"
            )
    if len(rows) < 2:
        raise InputError(f"{path}: {len(rows)} row{'s' * (len(rows) != 1)} of time,voltage; give two or more")
    try:
        return TableDrive(times=tuple(t - rows[0][0] for t, _ in rows), potentials=tuple(v for _, v in rows))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _scales(path: Path, number: int, headings: list[str]) -> list[float]:
    """Return what one of each column's units is in s and V; columns without a unit are in these."""
    scales = [1.0, 1.0]
    for k, (heading, unit) in enumerate(zip(headings, ("s", "V"), strict=False)):
        try:
            name, given = split_heading(heading)
            if given is None and "/" in name:
                raise ValueError("may hold a unit; write it in brackets")
            scales[k] = 1.0 if given is None else float(convert(Decimal(1), check_unit(given), unit))
        except ValueError as error:
            raise InputError(
                f"{path}, line {number}: heading {heading!r} {error}; write it like time [ns],potential [mV]"
            ) from error
    return scales


def _row(path: Path, number: int, cells: list[str], scales: list[float]) -> tuple[float, float]:
    if len(cells) != 2 or not all(map(_is_number, cells)):
        raise InputError(f"{path}, line {number}: {','.join(cells)!r} is not a time and a potential; correct it")
    time, potential = (float(cell) * scale for cell, scale in zip(cells, scales, strict=True))
    if not (math.isfinite(time) and math.isfinite(potential)):
        raise InputError(f"{path}, line {number}: {','.join(cells)!r} is not finite; correct or remove the row")
    return time, potential


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
