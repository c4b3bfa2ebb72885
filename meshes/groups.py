"""Names and numbers of the physical groups that tie a mesh to the physics.

Regions (cells): `open`, and for every slit i = 1..N-1 `slit_i` and `gap_i` (the gap in the sheet in front of
slit i); `counter_side` for what lies behind the face of a counter electrode; `open_2` for the electrolyte between the
last slit and a second reservoir; `solid_1`, `solid_2`, ... for dielectric parts without ions. Boundaries (facets):
`electrode`, `reservoir`, `mirror`, the line `axis` around which an axisymmetric domain turns, the second electrode
`counter` of a sealed cell, which has no reservoir, the second reservoir `reservoir_2` of a membrane or nanopore,
which needs no electrode, and `wall_1`, `wall_2`, ... for insulating surfaces that may carry a charge, outer ones or
those of a solid. Files that cannot hold
names (.vtu, some .xdmf) carry the numbers below as an integer cell array called `group`.
"""

import re
from collections.abc import Iterable

from ionspice.core import InputError

OPEN = "open"
ELECTRODE = "electrode"
RESERVOIR = "reservoir"
MIRROR = "mirror"
AXIS = "axis"
COUNTER = "counter"
COUNTER_SIDE = "counter_side"
SECOND_RESERVOIR = "reservoir_2"
SECOND_OPEN = "open_2"

BOUNDARY_NUMBERS = {ELECTRODE: 1, RESERVOIR: 2, MIRROR: 3, AXIS: 4, COUNTER: 5, SECOND_RESERVOIR: 6}
_COUNTER_REGION = 1_000_000_000  # behind the numbers of any slits; solids are behind it
_SINGLE_REGIONS = {OPEN: 1, COUNTER_SIDE: _COUNTER_REGION, SECOND_OPEN: _COUNTER_REGION - 1}
_WALLS = 100  # behind the numbers of other boundaries
_NUMBERED = re.compile(r"(slit|gap)_([1-9][0-9]*)")
_SOLID = re.compile(r"solid_([1-9][0-9]*)")
_WALL = re.compile(r"wall_([1-9][0-9]*)")


def slit_name(slit: int) -> str:
    """Return the name of slit 1, 2, ..."""
    return f"slit_{slit}"


def gap_name(slit: int) -> str:
    """Return the name of the gap through which slit 1, 2, ... is reached."""
    return f"gap_{slit}"


def is_solid(region: str) -> bool:
    """Return whether a region is a dielectric without ions."""
    return _SOLID.fullmatch(region) is not None


def is_wall(boundary: str) -> bool:
    """Return whether a boundary is an insulating surface that may carry a charge."""
    return _WALL.fullmatch(boundary) is not None


def boundary_number(name: str) -> int | None:
    """Return the number of a boundary, wall_i 100 + i; None for a name that is none."""
    match = _WALL.fullmatch(name)
    return _WALLS + int(match[1]) if match else BOUNDARY_NUMBERS.get(name)


def boundary_name(number: int) -> str | None:
    """Return the name that belongs to a boundary's number (the inverse of `boundary_number`)."""
    if number > _WALLS:
        return f"wall_{number - _WALLS}"
    return next((name for name, value in BOUNDARY_NUMBERS.items() if value == number), None)


def region_number(name: str) -> int:
    """Return the number of a region: open 1, slit_i 2 i, gap_i 2 i + 1, counter_side 10^9, open_2 one less, solid_i
    10^9 + i.

    Raises:
        InputError: the name is none of these.
    """
    if name in _SINGLE_REGIONS:
        return _SINGLE_REGIONS[name]
    if solid := _SOLID.fullmatch(name):
        return _COUNTER_REGION + int(solid[1])
    match = _NUMBERED.fullmatch(name)
    if match is None:
        raise InputError(
            f"region {name!r} is unknown; use open, slit_1, gap_1, slit_2, gap_2, ..., open_2, solid_1, ..."
        )
    return 2 * int(match[2]) + (match[1] == "gap")


def region_name(number: int) -> str:
    """Return the name that belongs to a region number (the inverse of `region_number`)."""
    single = next((name for name, value in _SINGLE_REGIONS.items() if value == number), None)
    if single is not None:
        return single
    if number > _COUNTER_REGION:
        return f"solid_{number - _COUNTER_REGION}"
    return gap_name(number // 2) if number % 2 else slit_name(number // 2)


def count_slits(regions: Iterable[str], *, source: str) -> int:
    """Check that the regions of a mesh are complete and return the number of slits (0: open electrolyte only).

    Args:
        regions: names of the cell groups that a mesh has.
        source: the file, for the message.

    Raises:
        InputError: `open` is missing, or a slit or gap up to the last one.
    """
    names = set(regions)
    slits = max((int(m[2]) for m in map(_NUMBERED.fullmatch, names) if m), default=0)
    required = [OPEN, *(f(i) for i in range(1, slits + 1) for f in (slit_name, gap_name))]
    _require(required, names, "cells", source)
    return slits


def check_boundaries(boundaries: Iterable[str], *, source: str) -> None:
    """Check that the electrode or a second reservoir, and either the reservoir or a counter electrode are marked.

    Raises:
        InputError: one of them is missing, or both ends are there.
    """
    names = set(boundaries)
    for end in (RESERVOIR, SECOND_RESERVOIR):
        if {end, COUNTER} <= names:
            raise InputError(
                f"{source}: both {end} and counter are among the boundary lines; a cell with a counter electrode is "
                "sealed: remove one of the two groups"
            )
    terminal = [] if SECOND_RESERVOIR in names else [ELECTRODE]
    _require([*terminal, *([] if COUNTER in names else [RESERVOIR])], names, "boundary lines", source)


def _require(required: list[str], present: set[str], kind: str, source: str) -> None:
    missing = [name for name in required if name not in present]
    if missing:
        raise InputError(
            f"{source}: physical group{'s' if len(missing) > 1 else ''} {', '.join(missing)} missing among the "
            f"{kind} (found: {', '.join(sorted(present)) or 'none'}); name the groups of the mesh so"
        )
