"""Energy, forces and stress out of what CP2K prints; what did not converge, or is not whole, is refused.

Layouts: ` ATOMIC FORCES in [a.u.]` up to 2024, ` FORCES| Atomic forces [hartree/bohr]` from 2025 on.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ionspice.core import RunError
from ionspice.electrolytes.labels.label import Answer

_NUMBER = r"[-+]?\d+\.\d*(?:[EeDd][-+]?\d+)?"
_VERSION = re.compile(r"CP2K\| version string:\s+CP2K version (\S+)")
_ENERGY = re.compile(rf"ENERGY\| Total FORCE_EVAL \( QS \) energy \[(?:a\.u\.|hartree)\]:?\s+({_NUMBER})\s*$", re.M)
_OLD_FORCES = re.compile(r"^ ATOMIC FORCES in \[a\.u\.\]\s*\n(.*?)^ SUM OF ATOMIC FORCES", re.M | re.S)
_OLD_ROW = re.compile(rf"^\s*(\d+)\s+\d+\s+[A-Za-z]+\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})\s*$", re.M)
_NEW_FORCES = re.compile(r"^ FORCES\| Atomic forces \[hartree/bohr\]\s*\n(.*?)^ FORCES\| Sum", re.M | re.S)
_NEW_ROW = re.compile(rf"^ FORCES\|\s+(\d+)\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})\s+{_NUMBER}\s*$", re.M)
_STRESS = re.compile(r"^ STRESS\| Analytical stress tensor \[(\w+)\]\s*\n(.*?)^ STRESS\| 1/3 Trace", re.M | re.S)
_STRESS_ROW = re.compile(rf"^ STRESS\|\s+[xyz]\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})\s*$", re.M)
_STEPS = re.compile(r"(?:outer SCF loop converged in\s+\d+ iterations or|SCF run converged in)\s+(\d+)\s+steps")
_UNCONVERGED = ("SCF run NOT converged", "outer SCF loop FAILED to converge")
_PASCAL = {"GPa": 1e9, "bar": 1e5, "kbar": 1e8}


def read_cp2k(path: Path, elements: Sequence[str]) -> Answer:
    """Return what a job of energy and forces found.

    Args:
        path: CP2K's output.
        elements: of the atoms, in their order.

    Raises:
        RunError: the job did not end, its wave function did not converge, or numbers are missing.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise RunError(f"{path}: CP2K left no output ({error.strerror}); see the files beside it") from error
    _check_end(text, path)
    steps = _check_convergence(text, path)
    from ase.units import Bohr, Hartree

    energies = _ENERGY.findall(text)
    if len(energies) != 1:
        raise RunError(f"{path}: {len(energies)} energies where one belongs; compute the label again")
    version = _VERSION.search(text)
    return Answer(
        energy=_float(energies[0]) * Hartree,
        forces=_forces(text, len(elements), path) * (Hartree / Bohr),
        stress=_stress(text, path),
        scf_steps=steps,
        program=f"CP2K {version[1]}" if version else "CP2K",
    )


def _check_end(text: str, path: Path) -> None:
    if "PROGRAM ENDED AT" in text:
        return
    lines = [line.strip(" *") for line in text.splitlines() if line.startswith(" *") and line.strip(" *")]
    reason = " ".join(line for line in lines if "___" not in line and "|" not in line and "/" not in line)[:200]
    unconverged = any(sign in text for sign in _UNCONVERGED)
    what = "did not converge and stopped" if unconverged else "did not end"
    raise RunError(f"{path}: CP2K {what}{': ' + reason if reason else ''}; raise scf_restarts, memory or time")


def _check_convergence(text: str, path: Path) -> int:
    """Return the number of steps that the wave function took.

    Raises:
        RunError: it did not converge; steps of an inner loop that an outer one goes on from are no failure.
    """
    found = _STEPS.findall(text)
    if any(sign in text for sign in _UNCONVERGED) or not found:
        raise RunError(
            f"{path}: the wave function did not converge, so this is no label; raise [teacher] scf_restarts, or "
            "leave the frame out"
        )
    return int(found[-1])


def _forces(text: str, atoms: int, path: Path) -> NDArray[np.float64]:
    """Return the forces [hartree/bohr], shape (atoms, 3)."""
    for block, row in ((_NEW_FORCES, _NEW_ROW), (_OLD_FORCES, _OLD_ROW)):
        found = block.search(text)
        if found is None:
            continue
        rows = row.findall(found[1])
        if [int(number) for number, *_ in rows] != list(range(1, atoms + 1)):
            raise RunError(f"{path}: forces of {len(rows)} atoms where {atoms} belong; compute the label again")
        return np.array([[_float(x) for x in values] for _, *values in rows])
    raise RunError(f"{path}: no forces; compute the label again")


def _stress(text: str, path: Path) -> NDArray[np.float64]:
    """Return the stress [eV/angstrom^3], tension positive as in ASE, shape (3, 3)."""
    from ase.units import Pascal

    found = _STRESS.search(text)
    rows = _STRESS_ROW.findall(found[2]) if found else []
    if found is None or len(rows) != 3 or found[1] not in _PASCAL:
        raise RunError(f"{path}: no stress tensor; compute the label again")
    # CP2K's stress is a pressure: positive where the cell wants to grow.
    pressure = np.array([[_float(x) for x in row] for row in rows]) * _PASCAL[found[1]]
    return np.asarray(-pressure * Pascal)


def _float(text: str) -> float:
    return float(text.upper().replace("D", "E"))
