"""Mesh and fields at half charge of a run, as figures draw them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionspice.core import InputError
from ionspice.core.reading import reading

_REGIONS = ("open", "slit", "gap")
_CONCENTRATION = "concentration_"


@dataclass(frozen=True, slots=True, kw_only=True)
class StripMesh:
    """What the figures need of a mesh."""

    points: NDArray[np.float64]  #: vertices, shape (n, 2) [nm]
    #: cells of `open`, `slit_1`, `gap_1`, ...: blocks of shape (cells, corners)
    regions: dict[str, tuple[NDArray[np.int64], ...]]
    electrode: NDArray[np.int64]  #: vertices of the facets of the electrode, without one of walls, shape (m, 2)
    reservoir: NDArray[np.int64]  #: vertices of the reservoir's facets, shape (m, 2); none in a sealed cell
    counter: NDArray[np.int64]  #: the same of a counter electrode, where there is one
    second_reservoir: NDArray[np.int64]  #: the same of a second reservoir

    @property
    def cells(self) -> int:
        """Number of cells."""
        return sum(len(block) for blocks in self.regions.values() for block in blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMap:
    """Fields at the vertices of the strip at one moment."""

    points: NDArray[np.float64]  #: vertices, shape (n, 2) [nm]
    triangles: NDArray[np.int64]  #: shape (m, 3)
    potential: NDArray[np.float64]  #: phi [V]
    net_ions: NDArray[np.float64]  #: cations minus anions [mol/L]
    concentrations: dict[str, NDArray[np.float64]]  #: by name of the species [mol/L]


def read_strip(path: Path) -> StripMesh:
    """Read the mesh of a strip.

    Raises:
        InputError: not a mesh, or without the named groups.
    """
    from ionspice.meshes import read_mesh

    with reading(path, remedy="mesh the case again"):
        return _strip(read_mesh(path), path)


def _strip(mesh: Any, path: Path) -> StripMesh:
    from ionspice.meshes import named_cells

    cells = named_cells(mesh, str(path))
    groups = {name for dim, name in cells if dim == 1}
    regions = (name for name, (_, dim) in mesh.field_data.items() if dim == 2 and name.split("_")[0] in _REGIONS)

    def facets(name: str) -> NDArray[np.int64]:
        return np.concatenate([part for _, part in cells[1, name]])

    def optional(name: str) -> NDArray[np.int64]:
        return facets(name) if name in groups else np.empty((0, 2), dtype=np.int64)

    try:
        return StripMesh(
            points=np.asarray(mesh.points[:, :2], dtype=float),
            regions={name: _merged(cells[2, name]) for name in regions if (2, name) in cells},
            electrode=facets("wall_1" if "electrode" not in groups and "reservoir_2" in groups else "electrode"),
            reservoir=optional("reservoir"),
            counter=optional("counter"),
            second_reservoir=optional("reservoir_2"),
        )
    except KeyError as error:
        raise InputError(f"{path}: group {error} missing; mesh the case again") from error


def _merged(parts: list[tuple[str, NDArray[np.int64]]]) -> tuple[NDArray[np.int64], ...]:
    """Return one block for each kind of cell."""
    kinds = dict.fromkeys(kind for kind, _ in parts)
    return tuple(np.concatenate([cells for kind, cells in parts if kind == wanted]) for wanted in kinds)


def read_field_map(path: Path) -> FieldMap:
    """Read the fields at half charge.

    Raises:
        InputError: not a .vtu file with `potential` and `net_ion_concentration` at its points.
    """
    from ionspice.meshes import read_mesh

    with reading(path, remedy="solve the case again"):
        return _field_map(read_mesh(path), path)


def _field_map(mesh: Any, path: Path) -> FieldMap:
    try:
        return FieldMap(
            points=np.asarray(mesh.points[:, :2], dtype=float),
            triangles=_triangles(mesh.cells_dict),
            potential=np.ravel(mesh.point_data["potential"]),
            net_ions=np.ravel(mesh.point_data["net_ion_concentration"]),
            concentrations={
                name.removeprefix(_CONCENTRATION): np.ravel(values)
                for name, values in mesh.point_data.items()
                if name.startswith(_CONCENTRATION)
            },
        )
    except KeyError as error:
        raise InputError(f"{path}: point data {error} missing; solve the case again") from error


def _triangles(cells: dict[str, NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return all cells as triangles; a quadrilateral, numbered around, becomes two."""
    corners = [cells[kind][:, :3] for kind in cells if kind.startswith("triangle")]
    for kind in (kind for kind in cells if kind.startswith("quad")):
        corners += [cells[kind][:, [0, 1, 2]], cells[kind][:, [0, 2, 3]]]
    return np.concatenate(corners).astype(np.int64)
