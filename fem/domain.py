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
    whole: Box  #: of the mesh

    @property
    def width(self) -> float:
        """Width W of the strip in mesh units."""
        return float(self.whole.size[1])

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
    groups.check_boundaries([n for n, dim in names.items() if dim == 1], source=str(path))
    boxes = _boxes(data.mesh, data.cell_tags, comm)
    low, high = (np.array([getattr(box, side) for box in boxes.values()]) for side in ("low", "high"))
    whole = Box(low=low.min(axis=0), high=high.max(axis=0))
    return Domain(
        mesh=data.mesh,
        cell_tags=data.cell_tags,
        facet_tags=data.facet_tags,
        slits=slits,
        boxes=boxes,
        whole=whole,
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
    local_top = int(cell_tags.values.max()) if len(cell_tags.values) else 0
    top = comm.allreduce(local_top, op=MPI.MAX)
    low = np.full((top + 1, 2), np.inf)
    high = np.full((top + 1, 2), -np.inf)
    corners = mesh.geometry.x[mesh.geometry.dofmaps[0][cell_tags.indices]][..., :2]
    np.minimum.at(low, cell_tags.values, corners.min(axis=1))
    np.maximum.at(high, cell_tags.values, corners.max(axis=1))
    comm.Allreduce(MPI.IN_PLACE, low, op=MPI.MIN)
    comm.Allreduce(MPI.IN_PLACE, high, op=MPI.MAX)
    present = np.flatnonzero(np.isfinite(low[:, 0]))
    return {groups.region_name(int(n)): Box(low=low[n], high=high[n]) for n in present}
