"""Meshes that the user brings, read and written through meshio.

An own mesh is two-dimensional with linear triangles or quadrilaterals, lies in the x-y plane with coordinates
in nanometres, stacks its slits along x, and names the groups of `ionspice.meshes.groups`: by gmsh physical
names in .msh, by names in the file's field data or by the numbers of an integer cell array `group` elsewhere.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionspice.core import InputError, replacing
from ionspice.core.integrity import checked_file
from ionspice.core.reading import reading
from ionspice.meshes import groups
from ionspice.meshes.gmsh_session import gmsh_session, write_msh
from ionspice.meshes.own import Surface, check_surface

_LOGGER = logging.getLogger(__name__)
READABLE = {".msh": "gmsh", ".xdmf": "xdmf", ".vtu": "vtu"}  # suffix: format in meshio
GROUP_ARRAY = "group"
_NAMES, _END_OF_NAMES = b"$PhysicalNames", b"$EndPhysicalNames"
_PLANE = 1e-6  # of the mesh's extent: a difference of z that is none
_TOPOLOGY = {"line": (1, 1), "triangle": (2, 2), "quad": (2, 3)}  # meshio name: dimension, gmsh type

#: connectivity of every named group by (dimension, name), in blocks of one meshio type
type NamedCells = dict[tuple[int, str], list[tuple[str, NDArray[np.int64]]]]


def convert_mesh(source: str | Path, path: str | Path, *, remark: Callable[[str], None] = _LOGGER.warning) -> None:
    """Check a user's own mesh and write it as the gmsh 4.1 file that the solver reads.

    Args:
        source: .msh, .xdmf or .vtu; coordinates in nanometres.
        path: the .msh to write.
        remark: called with what is allowed but worth a word.

    Raises:
        InputError: unreadable file, unknown format, higher-order or 3D cells, a missing group, or see
            `ionspice.meshes.own`.
    """
    mesh = read_mesh(source)
    with reading(source, remedy="export the mesh again"):  # cells of nodes that are not there, ...
        blocks = named_cells(mesh, str(source))
        groups.count_slits([name for dim, name in blocks if dim == 2], source=str(source))
        groups.check_boundaries([name for dim, name in blocks if dim == 1], source=str(source))
        points = np.zeros((len(mesh.points), 3))
        points[:, : mesh.points.shape[1]] = mesh.points
        check_surface(_surface(points, blocks, str(source)), source=str(source), remark=remark)
        with replacing(path) as temporary, gmsh_session() as gmsh:
            _add_discrete_entities(gmsh, points, _of_one_kind(blocks))
            write_msh(gmsh, temporary)


def write_vtu(mesh_file: str | Path, path: str | Path) -> None:
    """Write the cells of a mesh with their `group` numbers as .vtu for ParaView.

    Raises:
        InputError: the mesh cannot be read or the file not be written.
    """
    import meshio

    mesh = read_mesh(mesh_file)
    cells, numbers = [], []
    for (dim, name), parts in named_cells(mesh, str(mesh_file)).items():
        if dim == 2:
            for kind, connectivity in parts:
                cells.append((kind, connectivity))
                numbers.append(np.full(len(connectivity), groups.region_number(name), dtype=np.int32))
    with replacing(path) as temporary:
        meshio.write(temporary, meshio.Mesh(mesh.points, cells, cell_data={GROUP_ARRAY: numbers}))


def read_mesh(source: str | Path) -> Any:
    """Read a mesh file with meshio; return its `meshio.Mesh`, without cell sets (see `named_cells`).

    Raises:
        InputError: missing or unreadable file, or a format other than .msh, .xdmf and .vtu.
    """
    path = Path(source)
    if path.suffix.lower() not in READABLE:
        raise InputError(f"{path}: format {path.suffix or 'none'!r} is not read; give {', '.join(READABLE)}")
    if not path.is_file():
        raise InputError(f"{path}: no such mesh file; check [mesh] file")
    import meshio

    checked_file(path, remedy="make it again")
    try:
        with _names_last(path) as readable:
            return meshio.read(readable, file_format=READABLE[path.suffix.lower()])
    except (Exception, SystemExit) as error:  # meshio's readers raise anything, and exit on a bad header
        raise InputError(f"{path}: not a mesh that meshio can read ({error}); export it again") from error


@contextmanager
def _names_last(path: Path) -> Iterator[Path]:
    """Yield a gmsh file's copy with the names of groups at its end, and any other file as it is.

    Of names that it has met meshio makes a cell set for every group, with an array for every block: with a thousand
    slits there are ten thousand of each.
    """
    content = path.read_bytes() if path.suffix.lower() == ".msh" else b""
    begin, end = content.find(_NAMES), content.find(_END_OF_NAMES) + len(_END_OF_NAMES)
    if not 0 < begin < end:
        yield path
        return
    with NamedTemporaryFile(suffix=path.suffix) as copy:
        copy.write(b"".join([content[:begin], content[end:], b"\n", content[begin:end], b"\n"]))
        copy.flush()
        yield Path(copy.name)


def named_cells(mesh: Any, source: str) -> NamedCells:
    """Return what each named group of a mesh is made of.

    Raises:
        InputError: no groups, higher-order or 3D cells.
    """
    names = {(int(dim), int(number)): name for name, (number, dim) in mesh.field_data.items()}
    array = next((key for key in ("gmsh:physical", GROUP_ARRAY) if key in mesh.cell_data), None)
    if array is None:
        raise InputError(f"{source}: no physical groups; name them in gmsh or add a cell array {GROUP_ARRAY!r}")
    blocks: NamedCells = {}
    for block, numbers in zip(mesh.cells, mesh.cell_data[array], strict=True):
        if block.type == "vertex":
            continue
        if block.type not in _TOPOLOGY:
            raise InputError(
                f"{source}: cells of type {block.type!r}; use a two-dimensional mesh of linear triangles or quads "
                "(gmsh: -2 -order 1)"
            )
        dim = _TOPOLOGY[block.type][0]
        for number in np.unique(numbers):
            name = names.get((dim, int(number))) if names else _canonical_name(dim, int(number))
            if name is not None:
                part = np.asarray(block.data)[np.asarray(numbers) == number].astype(np.int64)
                blocks.setdefault((dim, name), []).append((block.type, part))
    return blocks


def _canonical_name(dim: int, number: int) -> str | None:
    if dim == 2:
        return groups.region_name(number) if number > 0 else None
    return groups.boundary_name(number)


def _of_one_kind(blocks: NamedCells) -> NamedCells:
    """Return the blocks with quadrilaterals cut into triangles if there are both, which the solver cannot mix."""
    kinds = {kind for (dim, _), parts in blocks.items() if dim == 2 for kind, _ in parts}
    if len(kinds) < 2:
        return blocks
    return {key: [_triangles(*part) for part in parts] for key, parts in blocks.items()}


def _triangles(kind: str, cells: NDArray[np.int64]) -> tuple[str, NDArray[np.int64]]:
    return (kind, cells) if kind != "quad" else ("triangle", np.concatenate([cells[:, :3], cells[:, [0, 2, 3]]]))


def _surface(points: NDArray[np.float64], blocks: NamedCells, source: str) -> Surface:
    """Return the cells and the lines of known boundaries as one surface in the x-y plane."""
    cells = {name: parts for (dim, name), parts in blocks.items() if dim == 2}
    lines = {
        name: np.concatenate([part for _, part in parts])
        for (dim, name), parts in blocks.items()
        if dim == 1 and groups.boundary_number(name) is not None
    }
    corners = {name: np.concatenate([part[:, [0, 1, 2, -1]] for _, part in parts]) for name, parts in cells.items()}
    surface = Surface(
        points=points[:, :2],
        corners=np.concatenate([*corners.values()]),
        region=np.repeat(np.arange(len(corners)), [len(part) for part in corners.values()]),
        regions=tuple(corners),
        lines=lines,
    )
    height = np.ptp(points[surface.corners, 2])
    if height > _PLANE * np.ptp(surface.points[surface.corners], axis=(0, 1)).max():
        raise InputError(f"{source}: z differs by {height:.3g} nm over the mesh; lay it into the x-y plane")
    return surface


def _add_discrete_entities(gmsh: Any, points: NDArray[np.float64], blocks: NamedCells) -> None:
    """Fill the gmsh model with one discrete entity per group; nodes belong to the first."""
    used = np.unique(np.concatenate([cells.ravel() for parts in blocks.values() for _, cells in parts]))
    node_tags = np.zeros(len(points), dtype=np.int64)
    node_tags[used] = np.arange(1, len(used) + 1)
    first = True
    next_element = 1
    for (dim, name), parts in sorted(blocks.items(), key=lambda item: -item[0][0]):
        number = groups.region_number(name) if dim == 2 else groups.boundary_number(name)
        if number is None:
            continue  # a line group of the user's own, such as a construction line
        entity = gmsh.model.addDiscreteEntity(dim)
        if first:
            gmsh.model.mesh.addNodes(dim, entity, node_tags[used], points[used].ravel())
            first = False
        for kind, cells in parts:
            tags = np.arange(next_element, next_element + len(cells))
            next_element += len(cells)
            nodes = node_tags[cells].ravel()
            gmsh.model.mesh.addElementsByType(entity, _TOPOLOGY[kind][1], tags, nodes)
        gmsh.model.addPhysicalGroup(dim, [entity], number, name)
