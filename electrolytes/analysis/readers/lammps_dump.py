"""Dump files of LAMMPS (dump custom).

Positions may be x y z, xs ys zs (with or without image flags ix iy iz), xu yu zu or xsu ysu zsu; velocities, element,
mol and mass are read where they stand. https://docs.lammps.org/dump.html
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats, Integers, Names
from ionspice.electrolytes.analysis.assembly import RawFrame
from ionspice.electrolytes.analysis.readers.text import Lines, numbers_of, open_lines, say_truncated, table_of

#: takes frames as they are read and returns those that are wanted
type Keep = Callable[[Iterator[RawFrame]], list[RawFrame]]

#: time [ps] per unit of time of LAMMPS's unit styles whose lengths are angstroms
TIME_UNITS = {"metal": 1.0, "real": 1e-3}
#: whole numbers below are exact as floats, above nobody means them
_LARGEST = 2**53
#: names of columns of positions, whether they are scaled, and whether they are unwrapped; the best first
_POSITIONS = (
    (("xu", "yu", "zu"), False, True),
    (("xsu", "ysu", "zsu"), True, True),
    (("x", "y", "z"), False, False),
    (("xs", "ys", "zs"), True, False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpAtoms:
    """What a dump says of its atoms, sorted by id."""

    ids: Integers
    types: Integers | None
    elements: Names | None
    molecules: Integers | None
    masses: Floats | None  #: [u]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    step: int
    time: float | None
    units: str | None
    atoms: int
    corner: Floats
    cell: Floats
    columns: list[str]


def read_dump(
    path: str | Path,
    *,
    timestep: float | None,
    units: str | None,
    keep: Keep,
) -> tuple[DumpAtoms, list[RawFrame]]:
    """Read a dump, of which no more than the kept frames are in memory.

    Args:
        path: of the file, .gz too.
        timestep: of the run [ps], where the dump has no times (dump_modify time yes).
        units: LAMMPS's unit style, metal or real; None for what the dump says (dump_modify units yes), or metal.
        keep: takes the whole frames and returns those that are wanted.

    Raises:
        InputError: for whatever is wrong, with the line.
    """
    known: list[DumpAtoms] = []

    def frames(lines: Lines) -> Iterator[RawFrame]:
        for header, words in _blocks(lines):
            atoms, frame = _frame(header, words, lines, timestep=timestep, units=units)
            if known:
                _check_same(known[0], atoms, lines)
            else:
                known.append(atoms)
            yield frame

    with open_lines(path) as lines:
        kept = keep(frames(lines))
    if not known:
        raise InputError(f"{path} has no whole frame; give a dump file of LAMMPS")
    return known[0], kept


def _blocks(lines: Lines) -> Iterator[tuple[_Header, Names]]:
    count = 0
    while (line := lines.next()) is not None:
        if not line.strip():
            continue
        count += 1
        header = _header(line, lines)
        block = lines.take(header.atoms, until="ITEM:") if header else None
        if header is None or block is None:
            say_truncated(lines.name, count)
            return
        yield header, table_of(block, len(header.columns), lines)


def _header(line: str | None, lines: Lines) -> _Header | None:
    """Return the items in front of the atoms, or None where the file ends within them."""
    found: dict[str, list[str]] = {}
    while line is not None and line.startswith("ITEM:"):
        name = line.removeprefix("ITEM:").strip()
        if name.startswith("ATOMS"):
            return _checked_header(found, name.split()[1:], lines)
        rows = lines.take(3 if name.startswith("BOX BOUNDS") else 1)
        if rows is None:
            return None
        found[name] = rows
        line = lines.next()
    if line is None:
        return None
    raise lines.error(
        f"'ITEM: ...' was expected, not {line.strip()[:60]!r}; a frame is too long or no dump of LAMMPS"
    )


def _checked_header(found: dict[str, list[str]], columns: list[str], lines: Lines) -> _Header:
    bounds = [name for name in found if name.startswith("BOX BOUNDS")]
    if "TIMESTEP" not in found or "NUMBER OF ATOMS" not in found or not bounds:
        raise lines.error("the frame lacks TIMESTEP, NUMBER OF ATOMS or BOX BOUNDS; write it with dump custom")
    try:
        corner, cell = _box(bounds[0], found[bounds[0]])
        return _Header(
            step=int(found["TIMESTEP"][0]),
            time=float(found["TIME"][0]) if "TIME" in found else None,
            units=found["UNITS"][0].strip() if "UNITS" in found else None,
            atoms=int(found["NUMBER OF ATOMS"][0]),
            corner=corner,
            cell=cell,
            columns=columns,
        )
    except ValueError as error:
        raise lines.error(
            f"{error} in the items in front of the atoms; cut the file in front of this frame"
        ) from error


def _box(name: str, rows: list[str]) -> tuple[Floats, Floats]:
    """Return corner and cell; LAMMPS writes the bounds of a triclinic box's hull, or its edges and corner."""
    words = name.split()[2:]
    if any(flag not in ("pp", "xy", "xz", "yz", "abc", "origin") for flag in words):
        raise ValueError(f"the box is not periodic ({' '.join(words)}): only pp pp pp can be analysed")
    values = np.array([row.split() for row in rows], dtype=float)
    if words[:1] == ["abc"]:
        return values[:, 3], values[:, :3]
    cell = np.diag(values[:, 1] - values[:, 0])
    corner = values[:, 0].copy()
    if values.shape[1] == 3:
        xy, xz, yz = values[:, 2]
        corner -= [min(0.0, xy, xz, xy + xz), min(0.0, yz), 0.0]
        upper = values[:, 1] - [max(0.0, xy, xz, xy + xz), max(0.0, yz), 0.0]
        cell = np.diag(upper - corner)
        cell[1, 0], cell[2, 0], cell[2, 1] = xy, xz, yz
    return corner, cell


def _frame(
    header: _Header, words: Names, lines: Lines, *, timestep: float | None, units: str | None
) -> tuple[DumpAtoms, RawFrame]:
    columns = {name: place for place, name in enumerate(header.columns)}
    if "id" not in columns:
        raise lines.error(
            "the dump has no column id, so atoms cannot be told apart; write `dump custom ... id type ...`"
        )
    ids = _integers(words, columns, "id", lines)
    assert ids is not None
    order = np.argsort(ids, kind="stable")
    ids, words = ids[order], words[order]
    twice = ids[1:][ids[1:] == ids[:-1]]
    if twice.size:
        raise lines.error(f"atom {twice[0]} stands twice in the frame that ends here; cut the file in front of it")
    positions, unwrapped = _positions(header, words, columns, lines)
    per_time = _time_unit(header, lines, units)
    velocities = _triple(words, columns, ("vx", "vy", "vz"), lines)
    images = None if unwrapped else _triple(words, columns, ("ix", "iy", "iz"), lines)
    masses = _triple(words, columns, ("mass",), lines)
    atoms = DumpAtoms(
        ids=ids,
        types=_integers(words, columns, "type", lines),
        elements=words[:, columns["element"]] if "element" in columns else None,
        molecules=_integers(words, columns, "mol", lines),
        masses=None if masses is None else masses[:, 0],
    )
    frame = RawFrame(
        time=_time(header, lines, timestep, per_time),
        positions=positions,
        cell=header.cell,
        images=None if images is None else _whole(images, "ix, iy or iz", lines),
        unwrapped=unwrapped,
        velocities=None if velocities is None else velocities / per_time,
    )
    return atoms, frame


def _positions(header: _Header, words: Names, columns: dict[str, int], lines: Lines) -> tuple[Floats, bool]:
    for names, is_scaled, unwrapped in _POSITIONS:
        values = _triple(words, columns, names, lines)
        if values is not None:
            return (values @ header.cell if is_scaled else values - header.corner), unwrapped
    raise lines.error(f"the dump has the columns {' '.join(header.columns)} but no positions; write xu yu zu")


def _triple(words: Names, columns: dict[str, int], names: tuple[str, ...], lines: Lines) -> Floats | None:
    if not all(name in columns for name in names):
        return None
    return numbers_of(words[:, [columns[name] for name in names]], lines)


def _integers(words: Names, columns: dict[str, int], name: str, lines: Lines) -> Integers | None:
    values = _triple(words, columns, (name,), lines)
    if values is None:
        return None
    return _whole(values, name, lines)[:, 0]


def _whole(values: Floats, name: str, lines: Lines) -> Integers:
    if not (np.abs(values) < _LARGEST).all():
        raise lines.error(f"a number in the column {name} is too large or not finite; cut the file before this frame")
    return values.astype(np.int64)


def _time_unit(header: _Header, lines: Lines, units: str | None) -> float:
    if units and header.units and units != header.units:
        raise lines.error(f"the dump says units {header.units}, not {units}; leave the units to the dump")
    style = header.units or units or "metal"
    if style not in TIME_UNITS:
        raise lines.error(f"units {style} are not read; run LAMMPS with units metal or real")
    return TIME_UNITS[style]


def _time(header: _Header, lines: Lines, timestep: float | None, per_time: float) -> float:
    if header.time is not None:
        return header.time * per_time
    if timestep is None:
        raise lines.error(
            "the dump has no times; give the run's time step [ps], or write with `dump_modify time yes`"
        )
    return header.step * timestep


def _check_same(first: DumpAtoms, own: DumpAtoms, lines: Lines) -> None:
    if not np.array_equal(first.ids, own.ids):
        raise lines.error(
            f"the frame that ends here has {len(own.ids)} atoms that are not the {len(first.ids)} of the first; "
            "write all atoms in every frame, none lost"
        )
    for name in ("types", "elements"):
        here, there = getattr(own, name), getattr(first, name)
        if here is not None and there is not None and not np.array_equal(here, there):
            atom = first.ids[np.argmax(here != there)]
            raise lines.error(
                f"the {name} of atom {atom} differ from those in the first frame; join no dumps of two runs"
            )
