"""Reading of a run's field files into what the report draws: observables.nc, mesh.msh, fields at half charge."""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ionspice.core import InputError
from ionspice.pipeline.figures_field import FieldMap, StripMesh

_REGIONS = ("open", "slit", "gap")
_REQUIRED = (
    "electrode_potential",
    "electrode_charge",
    "electrode_current",
    "slit_charge",
    "passed_charge",
    "trans_slit_current",
    "slit_potential",
    "slit_conduction_potential",
    "mouth_potential",
    "mouth_conduction_potential",
    "gap_flux",
    "slit_flux",
    "open_flux",
    "open_charge",
)
_REQUIRED_ATTRIBUTES = ("case", "versions", "ranks", "wall_time", "strip_width", "charging_end", "unknowns")


def read_observables(path: Path) -> xr.Dataset:
    """Read observables.nc into memory.

    Raises:
        InputError: no such file, not netCDF-4, or without a variable or attribute that the report needs.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; run `ionspice solve CASE -o {path.parent}` first")
    try:
        with xr.open_dataset(path, engine="h5netcdf") as dataset:
            fields = dataset.load()
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not a readable netCDF-4 file ({error}); solve the case again") from error
    absent = [name for name in _REQUIRED if name not in fields]
    absent += [name for name in _REQUIRED_ATTRIBUTES if name not in fields.attrs]
    if absent:
        raise InputError(f"{path}: {', '.join(absent)} missing; solve the case again with this version")
    return fields


def read_strip(path: Path) -> StripMesh:
    """Read the mesh of a strip.

    Raises:
        InputError: not a mesh, or without the named groups.
    """
    from ionspice.meshes import read_mesh

    mesh = read_mesh(path)
    cells, groups = mesh.cells_dict, mesh.cell_sets_dict

    def members(name: str, kinds: tuple[str, ...]) -> tuple[NDArray[np.int64], ...]:
        return tuple(cells[kind][chosen] for kind, chosen in groups[name].items() if kind in kinds)

    try:
        regions = {name: members(name, ("quad", "triangle")) for name in groups if name.split("_")[0] in _REGIONS}
        return StripMesh(
            points=np.asarray(mesh.points[:, :2], dtype=float),
            regions={name: blocks for name, blocks in regions.items() if blocks},
            electrode=members("electrode", ("line",))[0],
            reservoir=members("reservoir", ("line",))[0],
        )
    except (KeyError, IndexError) as error:
        raise InputError(f"{path}: group {error} missing; mesh the case again") from error


def read_field_map(path: Path) -> FieldMap:
    """Read the fields at half charge.

    Raises:
        InputError: not a .vtu file with `potential` and `net_ion_concentration` at its points.
    """
    from ionspice.meshes import read_mesh

    mesh: Any = read_mesh(path)
    try:
        return FieldMap(
            points=np.asarray(mesh.points[:, :2], dtype=float),
            triangles=_triangles(mesh.cells_dict),
            potential=np.ravel(mesh.point_data["potential"]),
            net_ions=np.ravel(mesh.point_data["net_ion_concentration"]),
        )
    except KeyError as error:
        raise InputError(f"{path}: point data {error} missing; solve the case again") from error


def _triangles(cells: dict[str, NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return all cells as triangles; a quadrilateral, numbered around, becomes two."""
    corners = [cells[kind][:, :3] for kind in cells if kind.startswith("triangle")]
    for kind in (kind for kind in cells if kind.startswith("quad")):
        corners += [cells[kind][:, [0, 1, 2]], cells[kind][:, [0, 2, 3]]]
    return np.concatenate(corners).astype(np.int64)
