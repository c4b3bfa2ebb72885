"""A user's own mesh as the mesh of a run."""

from pathlib import Path
from tempfile import TemporaryDirectory

from ionspice.core import InputError, replacing
from ionspice.core.run_files import MESH
from ionspice.pipeline.cases.case import Case


def check_own_mesh(case: Case) -> None:
    """Check the mesh that a case names, if it does, before a run writes anything.

    Raises:
        InputError: see `convert_own_mesh`.
    """
    if case.mesh.file:
        with TemporaryDirectory() as folder:
            convert_own_mesh(case.mesh.file, Path(folder) / MESH, case.geometry.layers)


def convert_own_mesh(source: str, path: Path, layers: int) -> None:
    """Write a mesh file as mesh.msh.

    Raises:
        InputError: a mesh that cannot be read, lacks groups, or has another number of layers.
    """
    from ionspice.meshes import convert_mesh, read_mesh
    from ionspice.meshes.groups import count_slits

    with replacing(path) as temporary:
        convert_mesh(source, temporary)
        regions = [name for name, (_, dimension) in read_mesh(temporary).field_data.items() if dimension == 2]
        found = count_slits(regions, source=source) + 1
        if found != layers:
            raise InputError(
                f"[geometry] layers = {layers}, but the own mesh {source} has {found} layers; make them equal"
            )
