"""Geometry, charges and normal modes out of what CP2K writes of a molecule alone."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core import RunError
from ionspice.core.reading import reading
from ionspice.electrolytes.ions.cp2k_input import PROJECT

if TYPE_CHECKING:
    from ase import Atoms

_REMEDY = "compute it again"
_NUMBER = r"[-+]?\d+\.\d+"
#: headings of tables whose rows are: number, element, kind, ..., net charge
_TABLES = {"mulliken": "Mulliken Population Analysis", "hirshfeld": "Hirshfeld Charges"}
_VERSION = re.compile(r"CP2K\| version string:\s+CP2K version (\S+)")


def check_end(text: str, path: Path, *, signs: Sequence[str] = ()) -> None:
    """Check that a job came to its end, and that its output has certain signs.

    Raises:
        RunError: it did not, or a wave function did not converge.
    """
    if "PROGRAM ENDED AT" not in text:
        raise RunError(f"{path}: CP2K did not end; see the files beside it, and run again")
    if "SCF run NOT converged" in text:
        raise RunError(f"{path}: a wave function did not converge; raise [teacher] scf_restarts")
    absent = next((sign for sign in signs if sign not in text), None)
    if absent is not None:
        raise RunError(f"{path}: CP2K ended without {absent!r}; give a better geometry as an xyz file")


def read_charges(text: str, atoms: int, path: Path) -> dict[str, tuple[float, ...]]:
    """Return the net charges [e] of the last tables of an output, by population analysis.

    Raises:
        RunError: a table is not there, or not whole.
    """
    found = {}
    for name, heading in _TABLES.items():
        _, there, rest = text.rpartition(heading)
        rows = _rows(rest) if there else []
        if [number for number, _ in rows] != list(range(1, atoms + 1)):
            raise RunError(f"{path}: {heading} of {len(rows)} atoms where {atoms} belong; {_REMEDY}")
        found[name] = tuple(charge for _, charge in rows)
    return found


def _rows(text: str) -> list[tuple[int, float]]:
    """Return numbers of atoms and their charges of the first table in a text."""
    rows: list[tuple[int, float]] = []
    for line in text.splitlines():
        found = re.match(rf"\s*(\d+)\s+[A-Z][a-z]?\s+\d+\s.*?({_NUMBER})\s*$", line)
        if found:
            rows.append((int(found[1]), float(found[2])))
        elif rows:
            break
    return rows


def read_relaxed(folder: Path, start: "Atoms") -> "Atoms":
    """Return the last geometry that CP2K wrote, centred at 0.

    Args:
        folder: of the job.
        start: the molecule before.

    Raises:
        InputError: there is none.
    """
    from ase.io import read

    path = folder / f"{PROJECT}-pos-1.xyz"
    with reading(path, remedy=_REMEDY):
        last = read(path, index=-1, format="xyz")
        relaxed = start.copy()
        relaxed.positions = last.positions - last.positions.mean(axis=0)
        return relaxed


def version_of(text: str) -> str:
    """Return program and version, as the output says."""
    version = _VERSION.search(text)
    return f"CP2K {version[1]}" if version else "CP2K"
