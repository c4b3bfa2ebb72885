"""Checks of an own mesh's cells: their unit of length, their shape, and that they lie side by side in one piece."""

import numpy as np
from scipy.spatial import cKDTree

from ionspice.core import InputError
from ionspice.meshes.own.surface import Ints, Surface

_SMALLEST, _LARGEST = 0.1, 1e6  # nm: of a whole mesh; an ion is larger, and a wider electrolyte is one of bulk
_FLAT = 1e-12  # of the longest side squared: a triangle with less area is none
_COINCIDENT = 1e-3  # of an edge: two whose middles are closer lie at one place
#: largest number of parts or edges at which places are named
_NAMED = 3


def check_cells(surface: Surface, source: str) -> None:
    """Check unit, shape and connection of the cells.

    Raises:
        InputError: coordinates that are no nanometres; cells that are flat, cross themselves, fold back over others
            or overlap; nodes that are there twice; a mesh in several pieces.
    """
    _check_size(surface, source)
    _check_shape(surface, source)
    _check_layers(surface, source)
    _check_nodes(surface, source)
    _check_pieces(surface, source)


def _check_size(surface: Surface, source: str) -> None:
    corners = surface.points[np.unique(surface.corners)]
    if not np.isfinite(corners).all():
        raise InputError(f"{source}: a coordinate is not finite; export the mesh again")
    size = float(np.ptp(corners, axis=0).max())
    if not _SMALLEST <= size <= _LARGEST:
        limit, unit = (_SMALLEST, "metres or micrometres") if size < _SMALLEST else (_LARGEST, "picometres or less")
        raise InputError(
            f"{source}: the mesh is {size:.3g} nm long, {'less' if size < limit else 'more'} than {limit:g} nm: its "
            f"coordinates seem to be {unit}; they have to be nanometres, so scale them"
        )


def _check_shape(surface: Surface, source: str) -> None:
    at, turns = surface.points[surface.corners], surface.turns
    longest = np.square(at - np.roll(at, 1, axis=1)).sum(axis=2).max(axis=1)
    signs = np.sign(np.where(np.abs(turns) > _FLAT * longest[:, None], turns, 0.0))
    bad = np.flatnonzero(np.abs(signs.sum(axis=1)) < 4)
    if len(bad):
        raise InputError(
            f"{source}: {len(bad)} of {len(turns)} cells are flat, not convex or cross themselves, one at "
            f"{surface.place(surface.corners[bad[0]])}; move or remove their nodes"
        )


def _check_layers(surface: Surface, source: str) -> None:
    edges = surface.edges
    crowded = np.flatnonzero(edges.count > 2)
    if len(crowded):
        raise InputError(
            f"{source}: {len(crowded)} edges belong to more than two cells, one at "
            f"{surface.place(edges.nodes[crowded[0]])}: cells overlap; keep each place in one "
            "region, and each cell once"
        )
    folded = np.flatnonzero((edges.count == 2) & (edges.upward != 1))
    if len(folded):
        raise InputError(
            f"{source}: cells are inverted: at {len(folded)} edges, one at {surface.place(edges.nodes[folded[0]])}, "
            "both cells lie on the same side; put the nodes back where they do not fold the mesh"
        )


def coincident_edges(surface: Surface, edges: Ints) -> Ints:
    """Return which of some edges (edges, 2) share their place, but not their nodes, with another of them."""
    ends = surface.points[edges]
    middles, lengths = ends.mean(axis=1), np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    if len(middles) < 2:
        return np.zeros(0, dtype=np.int64)
    distance, other = cKDTree(middles).query(middles, k=2)
    return np.flatnonzero(distance[:, 1] < _COINCIDENT * np.minimum(lengths, lengths[other[:, 1]]))


def _check_nodes(surface: Surface, source: str) -> None:
    outer = surface.edges.nodes[surface.edges.count == 1]
    twice = outer[coincident_edges(surface, outer)]
    named = surface.edge_of(np.concatenate([*surface.lines.values()])) if surface.lines else np.zeros(0, dtype=int)
    loose = twice[~np.isin(surface.edge_of(twice), named)]
    if len(loose):
        raise InputError(
            f"{source}: {len(np.unique(loose))} nodes lie on others, one at {surface.place(loose[0])}, so that cells "
            "which touch there are not joined and no ion passes; merge them (gmsh: fragment the surfaces before "
            "meshing, or Coherence Mesh)"
        )


def _check_pieces(surface: Surface, source: str) -> None:
    part = surface.parts
    if not part.any():
        return
    sizes = np.bincount(part)
    cells = [np.flatnonzero(part == number) for number in np.argsort(sizes)[:_NAMED]]
    named = ", ".join(
        f"{len(some)} cells of {surface.regions[surface.region[some[0]]]} at {surface.place(surface.corners[some])}"
        for some in cells
    )
    raise InputError(
        f"{source}: the mesh is in {len(sizes)} pieces that share no edge ({named}): hanging nodes, or surfaces that "
        "overlap or stand apart; join them so that neighbours share whole edges (gmsh: fragment the surfaces)"
    )
