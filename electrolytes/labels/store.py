"""Labels kept one by one: a folder each, named by the hash of frame and level of theory.

A label is finished when label.json is there and names the SHA-256 of label.extxyz beside it; both are written whole
or not at all, the JSON last. So a run that was killed leaves finished labels and unfinished ones, nothing between.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ionspice.core import InputError, RunError, replacing, sha256_of
from ionspice.core.json_files import read_json, write_json
from ionspice.core.reading import reading
from ionspice.electrolytes.labels.label import Answer

if TYPE_CHECKING:
    from ase import Atoms

FORMAT = "ionspice-label/1"
FRAME, LABEL, RECORD, REFUSAL = "given.extxyz", "label.extxyz", "label.json", "refused.txt"
_REMEDY = "delete its folder and run again"
#: digits of positions and cell that count [angstrom]
_DIGITS = 8


def hash_of(frame: "Atoms", settings: Mapping[str, Any]) -> str:
    """Return the hexadecimal name of a label: elements, positions, cell, periodicity and level of theory."""
    digest = hashlib.sha256(json.dumps(dict(settings), sort_keys=True).encode())
    digest.update(frame.numbers.astype("<i4").tobytes())
    for values in (frame.positions, frame.cell.array):
        digest.update((np.round(values, _DIGITS) + 0.0).astype("<f8").tobytes())
    digest.update(np.asarray(frame.pbc, dtype="u1").tobytes())
    return digest.hexdigest()[:24]


def write_frame(folder: Path, frame: "Atoms") -> None:
    """Put a frame that is to be labelled into its folder."""
    from ase.io import write

    with replacing(folder / FRAME) as temporary:
        write(temporary, _bare(frame), format="extxyz")


def read_frame(folder: Path) -> "Atoms":
    """Return the frame of a folder.

    Raises:
        InputError: it is missing or damaged.
    """
    return _read(folder / FRAME)


def write_label(
    folder: Path, frame: "Atoms", answer: Answer, *, settings: Mapping[str, Any], wall_time: float
) -> None:
    """Keep a label.

    Args:
        folder: of the label.
        frame: what was labelled.
        answer: what the teacher said.
        settings: level of theory.
        wall_time: that it took [s].

    Raises:
        RunError: numbers are not finite, or of another shape than the frame's.
    """
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.io import write

    _check(answer, len(frame))
    name = hash_of(frame, settings)
    labelled = _bare(frame)
    results = {"energy": answer.energy, "forces": answer.forces}
    if answer.stress is not None:
        results["stress"] = np.asarray(answer.stress)[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]  # Voigt's order
    labelled.info["label"] = name
    labelled.calc = SinglePointCalculator(labelled, **results)
    with replacing(folder / LABEL) as temporary:
        write(temporary, labelled, format="extxyz")
    record = {
        "hash": name,
        "settings": dict(settings),
        "program": answer.program,
        "converged": True,  # or there would be no label
        "scf_steps": answer.scf_steps,
        "wall_time": wall_time,
        "sha256": sha256_of(folder / LABEL),
    }
    write_json(folder / RECORD, FORMAT, record)


def is_finished(folder: Path) -> bool:
    """Return whether a folder has a whole label."""
    try:
        record = read_json(folder / RECORD, FORMAT, remedy=_REMEDY)
    except InputError:
        return False
    path = folder / LABEL
    return path.is_file() and record.get("sha256") == sha256_of(path)


def read_label(folder: Path) -> tuple["Atoms", dict[str, Any]]:
    """Return the labelled frame of a folder, with energy, forces and stress as ASE gives them, and its record.

    Raises:
        InputError: there is no whole label.
    """
    record = read_json(folder / RECORD, FORMAT, remedy=_REMEDY)
    if not is_finished(folder):
        raise InputError(f"{folder / LABEL} is not as it was left; {_REMEDY}")
    return _read(folder / LABEL), record


def refuse(folder: Path, reason: str) -> None:
    """Note why a frame has no label."""
    with replacing(folder / REFUSAL) as temporary:
        temporary.write_text(reason + "\n", encoding="utf-8")


def refusal(folder: Path) -> str:
    """Return why a frame has no label, empty where nothing is noted."""
    path = folder / REFUSAL
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""


def _check(answer: Answer, atoms: int) -> None:
    if answer.forces.shape != (atoms, 3):
        raise RunError(f"forces of shape {answer.forces.shape} for {atoms} atoms; this is no label")
    numbers = [answer.energy, *answer.forces.ravel(), *(() if answer.stress is None else answer.stress.ravel())]
    if not np.isfinite(numbers).all():
        raise RunError("energy, forces or stress are not finite; this is no label")


def _bare(frame: "Atoms") -> "Atoms":
    """Return a frame without what another calculator said of it, and without velocities."""
    bare = frame.copy()
    bare.calc = None
    for name in ("momenta", "forces", "initial_charges", "initial_magmoms"):
        bare.arrays.pop(name, None)
    for name in ("energy", "stress", "virial", "free_energy"):
        bare.info.pop(name, None)
    return bare


def _read(path: Path) -> "Atoms":
    from ase import Atoms
    from ase.io import read

    with reading(path, remedy=_REMEDY):
        frame = read(path, format="extxyz")
        assert isinstance(frame, Atoms)
        return frame
