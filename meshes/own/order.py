"""Checks of an own mesh's regions: slits in a row along x, numbered from the mouth, each behind its gap."""

import numpy as np

from ionspice.core import InputError
from ionspice.meshes import groups
from ionspice.meshes.own.surface import Floats, Surface

_TOLERANCE = 1e-6  # of the extent along x or y
_FIRST_HALF = 0.49  # of the open electrolyte, in which the reservoir's middle has to be


def check_order(surface: Surface, source: str) -> None:
    """Check neighbours, pieces and direction of the regions.

    Raises:
        InputError: regions that touch others than their neighbours in the row, slits numbered from the closed end,
            a slit in pieces, a gap that does not lead from one side to the other, a row that is not along x.
    """
    slits = groups.count_slits(surface.regions, source=source)
    _check_reservoir(surface, source)
    _check_neighbours(surface, slits, source)
    slack = _TOLERANCE * np.ptp(surface.points[surface.corners], axis=(0, 1))
    for slit in range(1, slits + 1):
        _check_pieces(surface, slit, source)
        _check_gap(surface, slit, slack, source)


def _front_of(slit: int) -> str:
    """Return the region in front of a gap."""
    return groups.OPEN if slit == 1 else groups.slit_name(slit - 1)


def _check_reservoir(surface: Surface, source: str) -> None:
    name = groups.RESERVOIR if groups.RESERVOIR in surface.lines else groups.COUNTER
    ends = surface.points[surface.lines[name]]
    lengths = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    middle = np.average(ends.mean(axis=1), axis=0, weights=lengths)
    corners = surface.points[surface.corners[surface.cells_of(groups.OPEN)]]
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    if middle[0] > low[0] + _FIRST_HALF * (high[0] - low[0]):
        raise InputError(
            f"{source}: the middle of {name} is at x = {middle[0]:.4g}, y = {middle[1]:.4g} nm, but the open "
            f"electrolyte reaches from x = {low[0]:.4g} to {high[0]:.4g} nm and {name} has to be at its low-x end, "
            "with the slits stacked along x behind; turn or mirror the mesh"
        )


def _check_neighbours(surface: Surface, slits: int, source: str) -> None:
    allowed = {frozenset((groups.OPEN, groups.COUNTER_SIDE))}
    for slit in range(1, slits + 1):
        gap = groups.gap_name(slit)
        allowed |= {frozenset((_front_of(slit), gap)), frozenset((gap, groups.slit_name(slit)))}
    if groups.SECOND_OPEN in surface.regions:
        allowed.add(frozenset((_front_of(slits + 1), groups.SECOND_OPEN)))
    found = {pair for pair in surface.interfaces if not any(map(groups.is_solid, pair))}
    wrong = sorted(sorted(pair) for pair in found - allowed)
    if slits > 1 and frozenset((groups.OPEN, groups.gap_name(slits))) in found:
        raise InputError(
            f"{source}: the open electrolyte touches {groups.gap_name(slits)}, so the slits are numbered from the "
            f"closed end; number gaps and slits from 1 next to the open electrolyte to {slits} at the closed end"
        )
    if wrong:
        named = ", ".join(" and ".join(pair) for pair in wrong[:4])
        raise InputError(
            f"{source}: {named} touch, but slit i is reached from slit i-1 (slit 1 from open) through gap i only; "
            "give the regions their names in that order, and let no slit reach into a gap"
        )
    missing = sorted(" and ".join(sorted(pair)) for pair in allowed - found if groups.COUNTER_SIDE not in pair)
    if missing:
        raise InputError(f"{source}: {', '.join(missing)} do not touch, so no ion passes; join gap i to both")


def _check_pieces(surface: Surface, slit: int, source: str) -> None:
    name = groups.slit_name(slit)
    cells = surface.cells_of(name)
    labels, part = np.unique(surface.region_parts[cells], return_inverse=True)
    if len(labels) > 1:
        some = cells[part == np.argmin(np.bincount(part))]
        raise InputError(
            f"{source}: {name} is in {len(labels)} pieces, one at {surface.place(surface.corners[some])}; a slit "
            "is one region from its gap to the next: name the pieces as slits of their own, or join them"
        )


def _check_gap(surface: Surface, slit: int, slack: Floats, source: str) -> None:
    """Check that the middle of a gap along x parts its front from its back."""
    front, back = (
        surface.points[surface.interfaces[frozenset((groups.gap_name(slit), side))]]
        for side in (_front_of(slit), groups.slit_name(slit))
    )
    corners = surface.points[surface.corners[surface.cells_of(groups.gap_name(slit))]]
    middle = (corners.min(axis=(0, 1)) + corners.max(axis=(0, 1))) / 2
    directions = {"along x": (0, 1), "against x": (0, -1), "along y": (1, 1), "against y": (1, -1)}
    found = [name for name, (k, sign) in directions.items() if _parts(front, back, middle, slack, k, sign)]
    if "along x" not in found:
        way = f"it runs {found[0]}" if found else "its faces lie askew"
        remedy = {"against x": "mirror the mesh"}.get(found[0], "turn it by 90 degrees") if found else "straighten it"
        raise InputError(
            f"{source}: {groups.gap_name(slit)} has to run along x, from {_front_of(slit)} at lower x to "
            f"{groups.slit_name(slit)} at higher x, but {way}; slits are stacked along x: {remedy}"
        )


def _parts(front: Floats, back: Floats, middle: Floats, slack: Floats, k: int, sign: int) -> bool:
    """Return whether the front lies before the middle and the back behind it, in a direction."""
    before, behind = (sign * (side[..., k] - middle[k]) for side in (front, back))
    return bool(before.max() <= slack[k] and behind.min() >= -slack[k])
