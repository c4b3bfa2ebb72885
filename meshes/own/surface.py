"""A mesh as cells, regions and named lines, and what follows: edges, parts, neighbours."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

type Ints = NDArray[np.int64]
type Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Surface:
    """Cells have four corners in turn; a triangle repeats its last one."""

    points: Floats  #: (nodes, 2) [nm]
    corners: Ints  #: (cells, 4), nodes
    region: Ints  #: (cells,), index into `regions`
    regions: tuple[str, ...]  #: names
    lines: Mapping[str, Ints]  #: by name of the boundary, (lines, 2), nodes

    @cached_property
    def turns(self) -> Floats:
        """Twice the area of the triangle at every corner, positive where the cell turns left; (cells, 4) [nm^2].

        The doubled corner of a triangle has the triangle's own.
        """
        at = self.points[self.corners]
        triangle = self.corners[:, 3] == self.corners[:, 2]
        before, after = at - np.roll(at, 1, axis=1), np.roll(at, -1, axis=1) - at
        turns = before[..., 0] * after[..., 1] - before[..., 1] * after[..., 0]
        turns[triangle] = turns[triangle, 1:2]
        return np.asarray(turns)

    @cached_property
    def _sides(self) -> tuple[Ints, Ints]:
        """The directed sides (sides, 2) of all cells, counterclockwise, and their cells."""
        clockwise = self.turns.sum(axis=1) < 0
        corners = np.where(clockwise[:, None], self.corners[:, ::-1], self.corners)
        sides = np.stack([corners, np.roll(corners, -1, axis=1)], axis=-1).reshape(-1, 2)
        cells = np.repeat(np.arange(len(corners)), 4)
        real = sides[:, 0] != sides[:, 1]
        return sides[real], cells[real]

    @cached_property
    def edges(self) -> "Edges":
        """All edges of cells, each once."""
        sides, cells = self._sides
        keys, edge, count = np.unique(self._keys(sides), return_inverse=True, return_counts=True)
        nodes = np.stack(np.divmod(keys, len(self.points)), axis=1)
        upward = np.bincount(edge, weights=sides[:, 0] < sides[:, 1], minlength=len(keys))
        order = np.argsort(edge, kind="stable")
        first = np.concatenate([[0], np.cumsum(count)[:-1]])
        first_cell = cells[order[first]]
        second_cell = np.where(count > 1, cells[order[np.minimum(first + 1, len(order) - 1)]], -1)
        return Edges(
            nodes=nodes,
            count=count,
            upward=upward.astype(np.int64),
            cells=np.stack([first_cell, second_cell], axis=1),
        )

    def edge_of(self, lines: Ints) -> Ints:
        """Return the numbers of the edges that lines (lines, 2) are, -1 for a line that is none."""
        keys, wanted = self._keys(self.edges.nodes), self._keys(lines)
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[place] == wanted, place, -1)

    def _keys(self, lines: Ints) -> Ints:
        """Return a number for each pair of nodes (lines, 2), in whatever order they stand."""
        return np.asarray(lines.min(axis=1) * len(self.points) + lines.max(axis=1))

    @cached_property
    def parts(self) -> Ints:
        """For each cell the number of the part of the mesh it belongs to; cells of a part hang by edges."""
        edges = self.edges
        return self._components(edges.cells[edges.count == 2])

    @cached_property
    def region_parts(self) -> Ints:
        """The same where only cells of one region hang together."""
        pairs = self.edges.cells[self.edges.count == 2]
        return self._components(pairs[self.region[pairs[:, 0]] == self.region[pairs[:, 1]]])

    def _components(self, pairs: Ints) -> Ints:
        shape = (len(self.corners),) * 2
        graph = sparse.coo_array((np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=shape)
        return np.asarray(sparse.csgraph.connected_components(graph, directed=False)[1])

    @cached_property
    def _cells_by_region(self) -> list[Ints]:
        ends = np.cumsum(np.bincount(self.region, minlength=len(self.regions)))
        return np.split(np.argsort(self.region, kind="stable"), ends[:-1])

    def cells_of(self, region: str) -> Ints:
        """Return the cells of a region."""
        return self._cells_by_region[self.regions.index(region)]

    @cached_property
    def interfaces(self) -> Mapping[frozenset[str], Ints]:
        """The edges (edges, 2), as nodes, between every two regions that touch."""
        inner = self.edges.count == 2
        sides = np.sort(self.region[self.edges.cells[inner]], axis=1)
        between = sides[:, 0] != sides[:, 1]
        nodes, sides = self.edges.nodes[inner][between], sides[between]
        keys, pair = np.unique(sides @ np.array([len(self.regions), 1]), return_inverse=True)
        return {
            frozenset(self.regions[k] for k in divmod(int(key), len(self.regions))): nodes[pair == number]
            for number, key in enumerate(keys)
        }

    def place(self, nodes: Ints) -> str:
        """Return where nodes are, for a message: their mean."""
        x, y = self.points[np.ravel(nodes)].mean(axis=0)
        return f"x = {x:.6g}, y = {y:.6g} nm"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edges:
    """The edges of a mesh, sorted by their nodes."""

    nodes: Ints  #: (edges, 2), the smaller node first
    count: Ints  #: (edges,), cells at the edge
    upward: Ints  #: (edges,), cells that pass it, counterclockwise, from the smaller node to the larger
    cells: Ints  #: (edges, 2), two of its cells; -1 where there is none
