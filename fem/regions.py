r"""Weights that turn nodal integrals into charges of slits and currents through gaps.

For a nodal function psi that is 0 in front of a mid-plane and 1 behind it, the discrete equations tested with psi
read d/dt int c psi = int J . grad psi exactly: the ions behind the mid-plane change by the flux across it, averaged
over the cells that touch it. All charges and currents are such sums of assembled vectors, so that they balance to
the solver's tolerance. On a mesh with a line of nodes at the mid-plane psi is 1/2 there.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ionspice.fem.domain import Domain
from ionspice.fem.mpi import dolfinx
from ionspice.meshes import groups

type Matrix = sparse.csr_array


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionWeights:
    """Sparse (rows, owned nodes) matrices; a row times a nodal vector, summed over ranks, is the quantity."""

    slit_content: Matrix  #: rows = slits: psi_i - psi_(i+1), the region between the mid-planes of two sheets
    gap_step: Matrix  #: rows = slits: psi_i on the nodes of gap i, rising into slit i
    slit_step: Matrix  #: rows = slits: across y = W/2 (half the length of a pore) in slit i, rising from its gap
    slit_all: Matrix  #: rows = slits: 1 on the nodes of slit i
    open_step: Matrix  #: one row: half a slit width before the first sheet, rising to it (half way without slits)
    far: Matrix  #: one row: 1 on the nodes between the last slit and a second reservoir, none of either
    far_end: Matrix  #: one row: 1 on the nodes of the second reservoir
    mouth: Matrix  #: one row: open nodes, 1 up to half a slit width from the first sheet, 0 beyond three halves


def region_weights(domain: Domain, space: Any) -> RegionWeights:
    """Return the weights of a domain for the nodes of a (blocked) Lagrange space."""
    nodes = _Nodes(domain, space)
    slits = domain.slits
    gap, gap_psi = nodes.field(groups.gap_name, _behind_gap, count=slits)
    slit, slit_psi = nodes.field(groups.slit_name, _beyond_middle, count=slits)
    _, in_open = nodes.field(lambda _: groups.OPEN, _behind_open_plane, count=1)
    _, in_mouth = nodes.field(lambda _: groups.OPEN, _in_mouth, count=1)
    in_slit, in_gap = slit > 0, (gap > 0) & ~(slit > 0)
    behind, _ = nodes.field(lambda _: groups.SECOND_OPEN, lambda _d, _i, x: np.ones(len(x)), count=1)
    at_end = nodes.on(groups.SECOND_RESERVOIR)
    content = nodes.matrix(slit[in_slit], in_slit, np.ones(in_slit.sum()), slits)
    content += nodes.matrix(gap[in_gap], in_gap, gap_psi[in_gap], slits)
    behind_first = in_gap & (gap > 1)
    content += nodes.matrix(gap[behind_first] - 1, behind_first, 1 - gap_psi[behind_first], slits)
    every_gap = gap > 0
    return RegionWeights(
        slit_content=content,
        gap_step=nodes.matrix(gap[every_gap], every_gap, gap_psi[every_gap], slits),
        slit_step=nodes.matrix(slit[in_slit], in_slit, slit_psi[in_slit], slits),
        slit_all=nodes.matrix(slit[in_slit], in_slit, np.ones(in_slit.sum()), slits),
        open_step=sparse.csr_array(in_open[None, :]),
        far=sparse.csr_array(((behind > 0) & ~in_slit & ~at_end)[None, :].astype(float)),
        far_end=sparse.csr_array(at_end[None, :].astype(float)),
        mouth=sparse.csr_array(in_mouth[None, :]),
    )


def _step(distance: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Return 0, 1/2 or 1 for a negative, vanishing or positive distance."""
    side = (distance > 0).astype(np.float64)
    side[np.abs(distance) < 1e-6 * scale] = 0.5
    return np.asarray(side)


def _behind_gap(domain: Domain, slit: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
    gap, behind = domain.boxes[groups.gap_name(slit)], domain.boxes[groups.slit_name(slit)]
    direction = 1.0 if behind.centre[0] > gap.centre[0] else -1.0
    return _step(direction * (x[:, 0] - gap.centre[0]), gap.size[0])


def _beyond_middle(domain: Domain, slit: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
    if domain.runs_along_x(slit):
        return _beyond_half(domain, slit, x)
    middle = domain.whole.centre[1]
    direction = 1.0 if domain.boxes[groups.gap_name(slit)].centre[1] <= middle else -1.0
    return _step(direction * (x[:, 1] - middle), domain.width)


def _beyond_half(domain: Domain, slit: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
    gap, box = domain.boxes[groups.gap_name(slit)], domain.boxes[groups.slit_name(slit)]
    direction = 1.0 if box.centre[0] > gap.centre[0] else -1.0
    return _step(direction * (x[:, 0] - box.centre[0]), box.size[0])


def _behind_open_plane(domain: Domain, _slit: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
    box = domain.boxes[groups.OPEN]
    return _step(x[:, 0] - (box.high[0] - _mouth_depth(domain) / 2), box.size[0])


def _in_mouth(domain: Domain, _slit: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
    if domain.slits == 0:
        return np.ones(len(x))
    # A ramp, because a sharp end would fall on another line of nodes in every mesh.
    distance = (domain.boxes[groups.OPEN].high[0] - x[:, 0]) / _mouth_depth(domain)
    return np.asarray(np.clip(1.5 - distance, 0.0, 1.0))


def _mouth_depth(domain: Domain) -> float:
    """Return one slit width, or the length of the open electrolyte where there is no slit."""
    if domain.slits == 0:
        return float(domain.boxes[groups.OPEN].size[0])
    box = domain.boxes[groups.slit_name(1)]
    return float(2 * box.size[1] if domain.runs_along_x(1) else box.size[0])


class _Nodes:
    """The nodes of a space and the regions that they belong to."""

    def __init__(self, domain: Domain, space: Any) -> None:
        self._domain, self._space = domain, space
        self._map = space.dofmap.index_map
        self._cell_nodes = space.dofmap.list
        self._x = space.tabulate_dof_coordinates()[:, :2]

    def field(self, name_of: Any, weight: Any, *, count: int) -> tuple[Any, NDArray[np.float64]]:
        """Return the region's index (1, 2, ..., 0 for none) and weight of every owned node.

        A rank may own a node of whose region it holds no cell, so every rank that sees it contributes and the
        owner takes the mean.
        """
        seen, index, value = (dolfinx.la.vector(self._map) for _ in range(3))
        tags = self._domain.cell_tags
        for i in range(1, count + 1):
            cells = tags.find(groups.region_number(name_of(i)))
            nodes = np.unique(self._cell_nodes[cells])
            seen.array[nodes] = 1.0
            index.array[nodes] = i
            value.array[nodes] = weight(self._domain, i, self._x[nodes]) if len(nodes) else 0.0
        for vector in (seen, index, value):
            vector.scatter_reverse(dolfinx.la.InsertMode.add)
        owned = self._map.size_local
        times = np.maximum(seen.array[:owned], 1.0)
        return np.rint(index.array[:owned] / times).astype(int), value.array[:owned] / times

    def on(self, boundary: str) -> NDArray[np.bool_]:
        """Return which owned nodes lie on a boundary."""
        mask = np.zeros(self._map.size_local + self._map.num_ghosts, dtype=bool)
        scalar = self._space.sub(0) if self._space.num_sub_spaces else self._space
        dofs = dolfinx.fem.locate_dofs_topological(scalar, 1, self._domain.facets(boundary))
        mask[dofs // max(self._space.num_sub_spaces, 1)] = True
        return np.asarray(mask[: self._map.size_local])

    def matrix(self, rows: Any, mask: NDArray[np.bool_], values: NDArray[np.float64], slits: int) -> Matrix:
        """Return a (slits, owned nodes) matrix with one value per masked node; rows count from 1."""
        columns = np.flatnonzero(mask)
        return sparse.csr_array((values, (np.asarray(rows) - 1, columns)), shape=(slits, self._map.size_local))
