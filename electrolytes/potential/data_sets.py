"""Labels as the data sets of DeePMD-kit: one system for each formula, whose atoms are sorted by type.

    <folder>/<formula>/type.raw, type_map.raw, set.000/coord.npy, box.npy, energy.npy, force.npy, virial.npy

Sorting makes the order of atoms, and the type map that of elements, the same in every file.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ionspice.electrolytes.potential.calculator import types_of

if TYPE_CHECKING:
    from ase import Atoms


def write_data_sets(folder: Path, frames: Sequence["Atoms"], type_map: Sequence[str]) -> list[str]:
    """Write labelled frames and return the names of the systems, in the order of their first frames.

    Args:
        folder: of all systems.
        frames: with energy, forces and, for virials, stress; periodic.
        type_map: elements by type.

    Raises:
        InputError: a frame has an element that is not in the type map.
    """
    systems: dict[str, list[Atoms]] = {}
    for frame in frames:
        types = types_of(frame, type_map)
        name = "".join(f"{element}{sum(types == kind)}" for kind, element in enumerate(type_map) if kind in types)
        systems.setdefault(name, []).append(frame)
    for name, members in systems.items():
        _write_system(folder / name, members, type_map)
    return list(systems)


def _write_system(folder: Path, frames: Sequence["Atoms"], type_map: Sequence[str]) -> None:
    count = len(frames)
    orders = [np.argsort(types_of(frame, type_map), kind="stable") for frame in frames]
    types = np.sort(types_of(frames[0], type_map))
    arrays = {
        "coord": _ordered([frame.positions for frame in frames], orders),
        "box": np.array([frame.cell.array for frame in frames]).reshape(count, 9),
        "energy": np.array([frame.get_potential_energy() for frame in frames]),
        "force": _ordered([frame.get_forces() for frame in frames], orders),
    }
    if all("stress" in frame.calc.results for frame in frames):
        virials = [-frame.get_volume() * frame.get_stress(voigt=False) for frame in frames]
        arrays["virial"] = np.array(virials).reshape(count, 9)
    (folder / "set.000").mkdir(parents=True, exist_ok=True)
    np.savetxt(folder / "type.raw", types, fmt="%d")
    (folder / "type_map.raw").write_text("\n".join(type_map) + "\n", encoding="utf-8")
    for name, values in arrays.items():
        np.save(folder / "set.000" / f"{name}.npy", values)


def _ordered(vectors: Sequence[NDArray[np.float64]], orders: Sequence[NDArray[np.intp]]) -> NDArray[np.float64]:
    """Return vectors of atoms, each frame in its order, shape (frames, 3 atoms)."""
    return np.array([own[order] for own, order in zip(vectors, orders, strict=True)]).reshape(len(vectors), -1)
