"""Checks of an own mesh's named lines: what ions and field meet at every outer edge must be said."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ionspice.core import InputError
from ionspice.meshes import groups
from ionspice.meshes.own.surface import Ints, Surface

_ON_SIDE = 1e-6  # of the strip's width
_ON_EDGE = 1e-9  # of an edge's length
_LOOKED_AT = 200  # edges among which hanging nodes are looked for


def check_boundary(surface: Surface, source: str, remark: Callable[[str], None]) -> None:
    """Check that every outer edge belongs to one boundary, and every boundary line is an outer edge.

    Edges on the straight sides of a stack's strip may be left out: they are mirrors there, which `remark` is told.

    Raises:
        InputError: lines that are no outer edges, or of two boundaries; outer edges without one; an axis that is not
            at y = 0; a reservoir that touches a slit; a slit without electrode.
    """
    edges = surface.edges
    owner = np.full(len(edges.nodes), -1)
    for number, (name, lines) in enumerate(surface.lines.items()):
        own = surface.edge_of(lines)
        _check_lines(surface, name, lines, own, source)
        _check_owner(surface, name, own, owner, source)
        owner[own] = number
    _check_closed(surface, np.flatnonzero((edges.count == 1) & (owner < 0)), source, remark)
    _check_axis(surface, source)
    _check_neighbours(surface, owner, source)


def _check_lines(surface: Surface, name: str, lines: Ints, own: Ints, source: str) -> None:
    if (own < 0).any():
        loose = lines[own < 0]
        raise InputError(
            f"{source}: {len(loose)} of {len(lines)} lines of {name} are no edges of cells, one at "
            f"{surface.place(loose[0])}; mesh lines and surfaces together, so that they share nodes, and have "
            "the surfaces beside them in a group"
        )
    inner = lines[(surface.edges.count[own] > 1) & ~(groups.is_wall(name) & _between_ions_and_solid(surface, own))]
    if len(inner):
        raise InputError(
            f"{source}: {len(inner)} of {len(lines)} lines of {name} lie inside the electrolyte, one at "
            f"{surface.place(inner[0])}, where ions pass through; give a sheet its thickness and cut it out, or take "
            "the lines out of the group (only lines of wall_1, wall_2, ... may lie inside, between ions and a solid)"
        )


def _between_ions_and_solid(surface: Surface, own: Ints) -> NDArray[np.bool_]:
    """Return which edges have ions on one side and a solid on the other."""
    is_solid = np.array([groups.is_solid(name) for name in surface.regions])
    sides = is_solid[surface.region[surface.edges.cells[own]]]
    return np.asarray((surface.edges.count[own] > 1) & (sides[:, 0] != sides[:, 1]))


def _check_owner(surface: Surface, name: str, own: Ints, owner: Ints, source: str) -> None:
    both = own[owner[own] >= 0]
    if len(both):
        other = list(surface.lines)[owner[both[0]]]
        raise InputError(
            f"{source}: {len(both)} lines are of {other} and of {name}, one at "
            f"{surface.place(surface.edges.nodes[both[0]])}; keep each in one group"
        )


def _check_closed(surface: Surface, free: Ints, source: str, remark: Callable[[str], None]) -> None:
    """Check the outer edges without a name."""
    nodes = surface.edges.nodes[free]
    y = surface.points[nodes][..., 1]
    low, high = (getattr(surface.points[surface.corners][..., 1], end)() for end in ("min", "max"))
    on_side = [(np.abs(y - side) < _ON_SIDE * (high - low)).all(axis=1) for side in (low, high)]
    is_mirror = (on_side[0] | on_side[1]) & ~_in_pore(surface, free)
    open_ends = free[~is_mirror]
    hanging = _hanging_nodes(surface, open_ends)
    if len(hanging):
        raise InputError(
            f"{source}: nodes hang within edges of other cells, {len(hanging)} of them, one at "
            f"{surface.place(hanging[:1])}; refine both sides alike, so that neighbours share whole edges"
        )
    if len(open_ends):
        raise InputError(_without_name(surface, open_ends, source))
    if len(free):
        remark(
            f"{source}: {len(free)} outer edges at y = {low:.6g} or {high:.6g} nm are in no group and taken as "
            "mirror; name them electrode if they are of it"
        )


def _in_pore(surface: Surface, edges: Ints) -> NDArray[np.bool_]:
    """Return which edges are of a slit or gap that goes on straight, whose sides are walls rather than mirrors."""
    names = [surface.regions[k] for k in surface.region[surface.edges.cells[edges, 0]]]
    inside = np.array([name.startswith(("slit_", "gap_")) for name in names], dtype=bool)
    return inside & (not _is_stack(surface))


def _is_stack(surface: Surface) -> bool:
    """Return whether the first slit is wider in y than its gap, as slits between perforated sheets are."""
    if groups.slit_name(1) not in surface.regions:
        return True
    gap, slit = (
        np.ptp(surface.points[surface.corners[surface.cells_of(name)]][..., 1])
        for name in (groups.gap_name(1), groups.slit_name(1))
    )
    return bool(slit > gap * (1 + _ON_SIDE))


def _hanging_nodes(surface: Surface, edges: Ints) -> Ints:
    """Return the outer nodes that lie within some edges, of which the first ones are looked at."""
    outer = np.unique(surface.edges.nodes[surface.edges.count == 1])
    begin, end = (surface.points[surface.edges.nodes[edges[:_LOOKED_AT], k]][:, None] for k in (0, 1))
    at = surface.points[outer]
    length = np.linalg.norm(end - begin, axis=2)
    to_begin, to_end = (np.linalg.norm(at - side, axis=2) for side in (begin, end))
    within = (to_begin + to_end < length * (1 + _ON_EDGE)) & (np.minimum(to_begin, to_end) > _ON_EDGE * length)
    return np.asarray(outer[within.any(axis=0)])


def _without_name(surface: Surface, free: Ints, source: str) -> str:
    """Return the message on outer edges that need a name, by region, with where the first ones are."""
    edges = surface.edges
    regions = surface.region[edges.cells[free, 0]]
    named = []
    for number in np.unique(regions):
        own = edges.nodes[free[regions == number]]
        (x0, y0), (x1, y1) = surface.points[own].min(axis=(0, 1)), surface.points[own].max(axis=(0, 1))
        named.append(f"{len(own)} of {surface.regions[number]} (x {x0:.4g} to {x1:.4g}, y {y0:.4g} to {y1:.4g} nm)")
    more = f" and {len(named) - 4} more regions" if len(named) > 4 else ""
    return (
        f"{source}: {len(free)} of {int((edges.count == 1).sum())} outer edges are in no group: "
        f"{', '.join(named[:4])}{more}; add them to electrode, or to mirror where neither ions nor field pass (an "
        "insulating wall, a line of symmetry; with a charge: wall_1), or name the cells that are missing beside them"
    )


def _check_axis(surface: Surface, source: str) -> None:
    if groups.AXIS not in surface.lines:
        return
    size = np.ptp(surface.points[surface.corners][..., 1])
    off = float(np.abs(surface.points[surface.lines[groups.AXIS]][..., 1]).max())
    below = float(surface.points[surface.corners][..., 1].min())
    if max(off, -below) > _ON_SIDE * size:
        raise InputError(
            f"{source}: a body of revolution turns around y = 0 and lies at y >= 0, but its axis is up to {off:.4g} "
            f"nm away from there and the mesh begins at y = {below:.4g} nm; move it"
        )


def _check_neighbours(surface: Surface, owner: Ints, source: str) -> None:
    """Check that the reservoir is at open electrolyte, and electrode, a wall or a solid at every slit."""
    names, cells = list(surface.lines), surface.edges.cells[:, 0]
    has_slits = groups.slit_name(1) in surface.regions
    behind = {groups.SECOND_OPEN} if has_slits else {groups.SECOND_OPEN, groups.OPEN}
    sides = {groups.OPEN, groups.COUNTER_SIDE}
    for end, allowed in ((groups.RESERVOIR, sides), (groups.COUNTER, sides), (groups.SECOND_RESERVOIR, behind)):
        if end in names:
            at = {surface.regions[k] for k in surface.region[cells[owner == names.index(end)]]}
            wrong = sorted(at - allowed)
            if wrong:
                where = (
                    "open electrolyte"
                    if end != groups.SECOND_RESERVOIR
                    else f"{groups.SECOND_OPEN}, behind the slits,"
                )
                raise InputError(f"{source}: {end} touches {', '.join(wrong)}; it may be at {where} only")
    surfaces = [number for number, name in enumerate(names) if name == groups.ELECTRODE or groups.is_wall(name)]
    touched = surface.edges.cells[np.isin(owner, surfaces)]
    bounded = {surface.regions[k] for k in surface.region[touched[touched >= 0]]}
    bounded |= {name for pair in surface.interfaces for name in pair if any(map(groups.is_solid, pair))}
    bare = [name for name in surface.regions if name.startswith("slit_") and name not in bounded]
    if bare:
        raise InputError(f"{source}: no line of electrode at {', '.join(bare)}; add its sheets' faces to electrode")
