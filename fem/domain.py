"""A meshed domain with its regions, on all ranks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionspice.core import InputError
from ionspice.fem.mpi import MPI, dolfinx
from ionspice.meshes import groups
from ionspice.meshes.gmsh_session import gmsh_session


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Bounding box of a region in mesh units."""

    low: NDArray[np.float64]  #: (x, y)
    high: NDArray[np.float64]  #: (x, y)

    @property
    def centre(self) -> NDArray[np.float64]:
        """Middle of the box."""
        return (self.low + self.high) / 2

    @property
    def size(self) -> NDArray[np.float64]:
        """Extent of the box."""
        return self.high - self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """Mesh, tags and the boxes of the regions."""

    mesh: Any  #: dolfinx.mesh.Mesh, coordinates in nanometres
    cell_tags: Any  #: region numbers of `ionspice.meshes.groups`
    facet_tags: Any  #: boundary numbers
    slits: int  #: number of slits
    boxes: dict[str, Box]  #: by region name
    boundaries: tuple[str, ...]  #: names of the boundaries
    whole: Box  #: of the mesh
    axisymmetric: bool = False  #: y is the distance from an axis of revolution
    has_counter: bool = False  #: sealed, with a second electrode in the place of the reservoir
    has_second_reservoir: bool = False  #: open at both ends

    @property
    def width(self) -> float:
        """Width W of the strip in mesh units."""
        return float(self.whole.size[1])

    def runs_along_x(self, slit: int) -> bool:
        """Return whether a slit goes on straight behind its gap, as a pore does, rather than along y."""
        gap, behind = self.boxes[groups.gap_name(slit)], self.boxes[groups.slit_name(slit)]
        spans = np.isclose(behind.size[1], self.width)  # the whole strip, as slits of a stack do and cones do not
        return bool(np.allclose([gap.low[1], gap.high[1]], [behind.low[1], behind.high[1]]) or not spans)

    def mark(self, slit: int, fraction: float) -> NDArray[np.float64]:
        """Return the point (x, y) at a fraction of the length of a slit's centre line (of a pore: of its axis)."""
        box = self.boxes[groups.slit_name(slit)]
        if self.runs_along_x(slit):
            return np.array([box.low[0] + fraction * box.size[0], box.low[1]])
        return np.array([box.centre[0], self.whole.low[1] + fraction * self.width])

    @property
    def solids(self) -> tuple[str, ...]:
        """Names of the regions without ions."""
        return tuple(name for name in self.boxes if groups.is_solid(name))

    @property
    def ionic_numbers(self) -> tuple[int, ...]:
        """Numbers of all regions that ions fill."""
        return tuple(groups.region_number(name) for name in self.boxes if not groups.is_solid(name))

    def facets(self, boundary: str) -> NDArray[np.int32]:
        """Return this rank's facets of a boundary."""
        number = groups.boundary_number(boundary)
        return np.asarray(self.facet_tags.find(-1 if number is None else number), dtype=np.int32)

    def sides(self, boundary: str) -> NDArray[np.int32]:
        """Return a boundary as DOLFINx integrates over it: pairs of an owned cell and the facet's number in it.

        Of a facet between two cells it is the one that ions fill.
        """
        topology = self.mesh.topology
        for one, other in ((1, 2), (2, 1)):
            topology.create_connectivity(one, other)
        cells_of, facets_of = topology.connectivity(1, 2), topology.connectivity(2, 1)
        owned = topology.index_map(2).size_local
        solid = np.concatenate([self.cell_tags.find(groups.region_number(name)) for name in self.solids] or [[]])
        outer = set(dolfinx.mesh.exterior_facet_indices(topology).tolist())
        pairs = []
        for facet in self.facets(boundary):
            beside = cells_of.links(facet)
            # A facet between two ranks has one cell on each.
            chosen = beside if facet in outer else beside[~np.isin(beside, solid)]
            pairs += [(cell, np.flatnonzero(facets_of.links(cell) == facet)[0]) for cell in chosen if cell < owned]
        return np.asarray(pairs, dtype=np.int32).ravel()

    def region_numbers(self, kind: str) -> tuple[int, ...]:
        """Return the numbers of all regions of a kind: `open`, `slit` or `gap`."""
        if kind == groups.OPEN:
            return (groups.region_number(kind),)
        return tuple(groups.region_number(f"{kind}_{i}") for i in range(1, self.slits + 1))


def read_domain(path: str | Path, comm: Any) -> Domain:
    """Read a .msh of `ionspice.meshes` and distribute it over the ranks of a communicator.

    Raises:
        InputError: the file is missing or unreadable, or lacks a group; on all ranks together.
    """
    path = Path(path)
    problem = comm.bcast(_problem_of(path) if comm.rank == 0 else None, root=0)
    if problem:
        raise InputError(problem)
    data = _distribute(path, comm)
    names = {name: group.dim for name, group in data.physical_groups.items()}
    slits = groups.count_slits([n for n, dim in names.items() if dim == 2], source=str(path))
    boundaries = [n for n, dim in names.items() if dim == 1]
    groups.check_boundaries(boundaries, source=str(path))
    boxes = _boxes(data.mesh, data.cell_tags, comm)
    low, high = (np.array([getattr(box, side) for box in boxes.values()]) for side in ("low", "high"))
    whole = Box(low=low.min(axis=0), high=high.max(axis=0))
    return Domain(
        mesh=data.mesh,
        cell_tags=data.cell_tags,
        facet_tags=data.facet_tags,
        slits=slits,
        boxes=boxes,
        boundaries=tuple(boundaries),
        whole=whole,
        axisymmetric=groups.AXIS in boundaries,
        has_counter=groups.COUNTER in boundaries,
        has_second_reservoir=groups.SECOND_RESERVOIR in boundaries,
    )


def _problem_of(path: Path) -> str | None:
    if not path.is_file():
        return f"{path}: no such mesh; make it with `ionspice mesh`"
    with path.open("rb") as stream:
        if not stream.read(11).startswith(b"$MeshFormat"):
            return f"{path}: not a gmsh file; make it again with `ionspice mesh`"
    return None


def _distribute(path: Path, comm: Any) -> Any:
    if comm.rank != 0:
        return dolfinx.io.gmsh.model_to_mesh(None, comm, 0, gdim=2)
    with gmsh_session() as gmsh:
        gmsh.merge(str(path))
        return dolfinx.io.gmsh.model_to_mesh(gmsh.model, comm, 0, gdim=2)


def _boxes(mesh: Any, cell_tags: Any, comm: Any) -> dict[str, Box]:
    """Return the bounding box of every region, by reducing over cells and ranks."""
    present = sorted(set().union(*comm.allgather(np.unique(cell_tags.values).tolist())))
    low = np.full((len(present), 2), np.inf)
    high = np.full((len(present), 2), -np.inf)
    corners = mesh.geometry.x[mesh.geometry.dofmaps[0][cell_tags.indices]][..., :2]
    row = np.searchsorted(present, cell_tags.values)
    np.minimum.at(low, row, corners.min(axis=1))
    np.maximum.at(high, row, corners.max(axis=1))
    comm.Allreduce(MPI.IN_PLACE, low, op=MPI.MIN)
    comm.Allreduce(MPI.IN_PLACE, high, op=MPI.MAX)
    return {groups.region_name(n): Box(low=low[i], high=high[i]) for i, n in enumerate(present)}
