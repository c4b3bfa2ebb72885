"""A user's own mesh as the mesh of a run."""

import logging
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ionspice.core import InputError, replacing
from ionspice.core.run_files import MESH
from ionspice.pipeline.cases.case import Case
from ionspice.pipeline.cases.geometry import GeometrySection

_LOGGER = logging.getLogger(__name__)
_EQUAL = 0.01  # difference of a length of mesh and case, relative, that is none


def check_own_mesh(case: Case) -> int | None:
    """Check the mesh that a case names, before a run writes anything; return how many nodes it has, None without.

    Raises:
        InputError: see `convert_own_mesh`.
    """
    from ionspice.meshes import read_mesh

    if not case.mesh.file:
        return None
    with TemporaryDirectory() as folder:
        path = Path(folder) / MESH
        convert_own_mesh(case.mesh.file, path, case.geometry, remark=lambda _: None)
        mesh = read_mesh(path)
    _check_surroundings(mesh, case)
    return len(mesh.points)


def _check_surroundings(mesh: Any, case: Case) -> None:
    """Check that the surfaces and solids of the case are those of its mesh."""
    names = mesh.field_data
    regions, lines = ([name for name, (_, dim) in names.items() if dim == wanted] for wanted in (2, 1))
    case.surroundings().check_mesh(regions, lines, source=case.mesh.file)


def convert_own_mesh(
    source: str, path: Path, geometry: GeometrySection, *, remark: Callable[[str], None] = _LOGGER.warning
) -> None:
    """Write a mesh file as mesh.msh; `remark` is called with what is allowed but worth a word.

    Raises:
        InputError: a mesh that cannot be read, lacks groups, is not sound, or has another number of layers.
    """
    from ionspice.meshes import convert_mesh, read_mesh

    with replacing(path) as temporary:
        convert_mesh(source, temporary, remark=remark)
        _compare(read_mesh(temporary), geometry, source, remark)


def _compare(mesh: Any, geometry: GeometrySection, source: str, remark: Callable[[str], None]) -> None:
    """Check that a converted mesh is of the geometry that the case describes; remark on other lengths."""
    from ionspice.meshes.groups import COUNTER, OPEN, count_slits, slit_name

    regions = [name for name, (_, dimension) in mesh.field_data.items() if dimension == 2]
    slits = count_slits(regions, source=source)
    if geometry.kind not in ("stack", "membrane"):
        wanted = geometry.circuit_layers - 1
        if slits != wanted:
            parts, remedy = ("sections", "make it the mesh's") if wanted else ("slits", "correct one of them")
            raise InputError(
                f'[geometry] kind = "{geometry.kind}" has {wanted} {parts}, but the own mesh {source} has {slits}; '
                f"{remedy}"
            )
        return
    if slits + 1 != geometry.layers:
        raise InputError(
            f"[geometry] layers = {geometry.layers}, but the own mesh {source} has {slits + 1} layers; make them "
            "equal"
        )
    sides = 2 if COUNTER in mesh.field_data else 1  # of a sealed cell, whose electrodes share the open electrolyte
    for key, length, found in (
        ("slit", geometry.slit * 1e9, _length(mesh, slit_name(1))),
        ("open_length", geometry.open_length * 1e9, _length(mesh, OPEN) / sides),
    ):
        if abs(found - length) > _EQUAL * length:
            remark(
                f"{source}: [geometry] {key} = {length:.4g} nm, but it is {found:.4g} nm in the own mesh; the "
                "circuit with one rail per ion reads the case, so make them equal (and mind that mesh coordinates "
                "have to be in nanometres)"
            )


def _length(mesh: Any, region: str) -> float:
    """Return the extent of a region along x [nm]."""
    number = mesh.field_data[region][0]
    groups = zip(mesh.cells, mesh.cell_data["gmsh:physical"], strict=True)
    x = [mesh.points[np.unique(block.data[tags == number])][:, 0] for block, tags in groups if block.type != "line"]
    return float(np.ptp(np.concatenate(x)))
