"""barrier.json: the paths of reactions and their barriers; their images lie in barrier/."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ionspice.core import replacing
from ionspice.core.json_files import write_json
from ionspice.electrolytes.barriers.path import ReactionPath
from ionspice.electrolytes.files import BARRIER, BARRIERS

FORMAT = "ionspice-barrier/1"


def write_paths(directory: Path, paths: Sequence[tuple[str, ReactionPath]]) -> None:
    """Write paths with the names of their reactions, images first.

    Args:
        directory: folder of the liquid.
        paths: name of the reaction and path.
    """
    from ase.io import write

    records = []
    for reaction, path in paths:
        file = f"{BARRIERS}/{reaction}_{_file_name(path.by)}.extxyz"
        with replacing(directory / file) as temporary:
            write(temporary, path.images, format="extxyz")
        records.append(_record(reaction, path, file))
    write_json(directory / BARRIER, FORMAT, {"paths": records})


def _record(reaction: str, path: ReactionPath, file: str) -> dict[str, Any]:
    return {
        "by": path.by,
        "reaction": reaction,
        "images": file,
        "coordinate": path.coordinate,  # angstrom
        "energies": path.energies,  # eV
        "barrier": path.barrier,  # eV
        "reaction_energy": path.energies[-1],  # eV
        "residual_force": path.residual_force,  # eV/angstrom
        "converged": path.converged,
        "deviation": path.deviation,  # eV/angstrom
    }


def _file_name(by: str) -> str:
    return re.sub(r"[^A-Za-z0-9.+-]+", "-", by).strip("-")
