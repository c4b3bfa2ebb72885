"""Names and numbers of the physical groups that tie a mesh to the physics.

Regions (cells): `open`, and for every slit i = 1..N-1 `slit_i` and `gap_i` (the gap in the sheet in front of
slit i). Boundaries (facets): `electrode`, `reservoir` and `mirror`. Files that cannot hold names (.vtu, some
.xdmf) carry the numbers below as an integer cell array called `group`.
"""

import re
from collections.abc import Iterable

from ionspice.core import InputError

OPEN = "open"
ELECTRODE = "electrode"
RESERVOIR = "reservoir"
MIRROR = "mirror"

BOUNDARY_NUMBERS = {ELECTRODE: 1, RESERVOIR: 2, MIRROR: 3}
_NUMBERED = re.compile(r"(slit|gap)_([1-9][0-9]*)")


def slit_name(slit: int) -> str:
    """Return the name of slit 1, 2, ..."""
    return f"slit_{slit}"


def gap_name(slit: int) -> str:
    """Return the name of the gap through which slit 1, 2, ... is reached."""
    return f"gap_{slit}"


def region_number(name: str) -> int:
    """Return the number of a region: open 1, slit_i 2 i, gap_i 2 i + 1.

    Raises:
        InputError: the name is none of these.
    """
    if name == OPEN:
        return 1
    match = _NUMBERED.fullmatch(name)
    if match is None:
        raise InputError(f"region {name!r} is unknown; use open, slit_1, gap_1, slit_2, gap_2, ...")
    return 2 * int(match[2]) + (match[1] == "gap")


def region_name(number: int) -> str:
    """Return the name that belongs to a region number (the inverse of `region_number`)."""
    if number == 1:
        return OPEN
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
    """Check that the electrode and the reservoir are marked (a mirror line may be absent).

    Raises:
        InputError: one of them is missing.
    """
    _require([ELECTRODE, RESERVOIR], set(boundaries), "boundary lines", source)


def _require(required: list[str], present: set[str], kind: str, source: str) -> None:
    missing = [name for name in required if name not in present]
    if missing:
        raise InputError(
            f"{source}: physical group{'s' if len(missing) > 1 else ''} {', '.join(missing)} missing among the "
            f"{kind} (found: {', '.join(sorted(present)) or 'none'}); name the groups of the mesh so"
        )
