"""XYZ files: plain, extended, and those of CP2K.

An extended one has Lattice="..." and Properties=species:S:1:pos:R:3:... in its comment line, one of CP2K
`i = 10, time = 5.000, E = ...` with the time in fs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import constants

from ionspice.electrolytes.analysis.arrays import Floats, Names
from ionspice.electrolytes.analysis.readers.text import Lines, numbers_of, open_lines, say_truncated, table_of

#: ASE's unit of velocity, sqrt(eV/u), in angstrom/ps
ASE_VELOCITY = float(np.sqrt(constants.e / constants.atomic_mass)) * 1e-2
#: of one property
_MOST_COLUMNS = 100
_KEY = re.compile(r'([A-Za-z_][\w-]*)\s*=\s*("[^"]*"|\S+)')
_CP2K_TIME = re.compile(r"\btime\s*=\s*([-+.\dEe]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class XyzFrame:
    """One frame of an XYZ file; what it does not say is None."""

    elements: Names
    values: Floats  #: positions, or whatever the file's three columns are, shape (atoms, 3)
    cell: Floats | None  #: [angstrom]
    time: float | None  #: [ps]
    momenta: Floats | None  #: in the units of ASE, which writes them, shape (atoms, 3)
    molecules: Floats | None


def read_xyz(path: str | Path) -> Iterator[XyzFrame]:
    """Yield every whole frame.

    Raises:
        InputError: for whatever is wrong, with the line.
    """
    with open_lines(path) as lines:
        count = 0
        while (line := lines.next()) is not None:
            if not line.strip():
                continue
            count += 1
            if not re.fullmatch(r"\s*\d{1,12}\s*", line, re.ASCII):
                raise lines.error(
                    f"a number of atoms was expected, not {line.strip()[:60]!r}; cut the file before it"
                )
            # no line of an atom begins as the next frame's count does
            block = lines.take(1 + int(line), until=f"{line.strip()}\n")
            if block is None:
                say_truncated(lines.name, count)
                return
            yield _frame(block[0], block[1:], lines)


def _frame(comment: str, rows: list[str], lines: Lines) -> XyzFrame:
    keys = {key.lower(): value.strip('"') for key, value in _KEY.findall(comment)}
    columns = _columns(keys["properties"], lines) if "properties" in keys else {"species": [0], "pos": [1, 2, 3]}
    width = 1 + max(max(places) for places in columns.values())
    if "properties" not in keys:
        # other programs put more behind the positions
        width = max(width, len(rows[0].split()) if rows else 0)
    words = table_of(rows, width, lines)
    molecules = next((columns[name] for name in ("molid", "mol", "molecule") if name in columns), None)
    return XyzFrame(
        elements=words[:, columns["species"][0]],
        values=numbers_of(words[:, columns["pos"]], lines),
        cell=_cell(keys, lines),
        time=_time(comment, keys, lines),
        momenta=numbers_of(words[:, columns["momenta"]], lines) if "momenta" in columns else None,
        molecules=None if molecules is None else numbers_of(words[:, molecules], lines)[:, 0],
    )


def _columns(properties: str, lines: Lines) -> dict[str, list[int]]:
    words = properties.split(":")
    columns: dict[str, list[int]] = {}
    start = 0
    try:
        for name, _, count in zip(words[::3], words[1::3], words[2::3], strict=True):
            if not 0 < int(count) < _MOST_COLUMNS:
                raise ValueError(f"{count} columns")
            columns[name.lower()] = list(range(start, start + int(count)))
            start += int(count)
    except ValueError as error:
        raise lines.error(f"Properties={properties} is not understood ({error})") from error
    if "species" not in columns or len(columns.get("pos", [])) != 3:
        raise lines.error(f"Properties={properties} lacks species:S:1 or pos:R:3; write both")
    return columns


def _cell(keys: dict[str, str], lines: Lines) -> Floats | None:
    if "lattice" not in keys:
        return None
    values = np.array(keys["lattice"].split())
    if values.size != 9:
        raise lines.error(f"Lattice has {values.size} numbers instead of 9; give the three edges one after another")
    return numbers_of(values, lines).reshape(3, 3)


def _time(comment: str, keys: dict[str, str], lines: Lines) -> float | None:
    """Return the time: CP2K's in fs, an extended file's in ps where its key says so (`time_ps`) or in fs (`time`)."""
    if "time_ps" in keys:
        return float(numbers_of(np.array([keys["time_ps"]]), lines)[0])
    found = _CP2K_TIME.search(comment)
    if found is None:
        return None
    return float(numbers_of(np.array([found[1]]), lines)[0]) * 1e-3
