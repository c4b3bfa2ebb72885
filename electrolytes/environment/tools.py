"""The programs of the electrolyte stage: where they are, and which version.

The potential's programs live in a venv of their own, `.venv-potential` beside the product's or where
IONSPICE_POTENTIAL says, because TensorFlow's pins and the product's exclude each other. CP2K comes from the system
with its own MPI, which must not meet that of a venv.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ionspice.core import RunError

#: least version of Packmol, the first that knows periodic boundaries well
LEAST_PACKMOL = 21
#: environment variables by which a launcher or a venv would reach into another program's MPI or Python
_FOREIGN = ("PMI_", "PMIX_", "OMPI_", "MPI_LOCAL", "HYDI_", "SLURM_", "PYTHONPATH", "PYTHONHOME", "LD_PRELOAD")
_PATIENCE = 120  # s


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program as it is called."""

    command: tuple[str, ...]
    version: str  #: as it says itself; empty where it does not run


def packmol_command() -> list[str]:
    """Return the command for Packmol: beside this Python, or on the path.

    Raises:
        RunError: there is none.
    """
    return [
        _required(
            "packmol",
            _beside(sys.executable, "packmol") or shutil.which("packmol"),
            'pip install "ionspice[atomistic]"',
        )
    ]


def cp2k_command(given: str = "") -> list[str]:
    """Return the command for CP2K: the one given, IONSPICE_CP2K, cp2k.psmp or cp2k on the path.

    Raises:
        RunError: there is none, or the one given is not there.
    """
    chosen = given or os.environ.get("IONSPICE_CP2K", "")
    if chosen:
        command = chosen.split()
        if not command or shutil.which(command[0]) is None:
            raise RunError(f"{chosen!r} is no program on this machine; correct [jobs] cp2k or IONSPICE_CP2K")
        return command
    found = shutil.which("cp2k.psmp") or shutil.which("cp2k.ssmp") or shutil.which("cp2k")
    return [
        _required("cp2k", found, "ionspice electrolyte setup, or apt install cp2k; or name it: IONSPICE_CP2K=...")
    ]


def potential_folder() -> Path:
    """Return the folder of the potential's venv, whether or not it is there."""
    given = os.environ.get("IONSPICE_POTENTIAL", "")
    if given:
        return Path(given)
    own = Path(sys.prefix)
    return own.parent / ".venv-potential" if own.name == ".venv" else Path.cwd() / ".venv-potential"


def potential_program(name: str) -> Path:
    """Return a program of the potential's venv, such as dp or lmp.

    Raises:
        RunError: it is not there.
    """
    path = potential_folder() / "bin" / name
    if not path.is_file():
        raise RunError(f"{path} is not there; make it with ionspice electrolyte setup, or set IONSPICE_POTENTIAL")
    return path


def clean_environment(*, threads: int, changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a program that has an MPI or Python of its own.

    Args:
        threads: OpenMP threads.
        changes: what it has beside.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    folders = own.get("PATH", "").split(os.pathsep)
    # The venv's mpiexec is MPICH's.
    own["PATH"] = os.pathsep.join(folder for folder in folders if Path(folder) != Path(sys.prefix) / "bin")
    return own | {"OMP_NUM_THREADS": str(threads)} | dict(changes or {})


def packmol_version() -> str:
    """Return Packmol's version, empty if it does not run."""
    try:
        return _search(packmol_command(), r"Version\s+(\d[\w.]*)")
    except RunError:
        return ""


@cache
def cp2k_version(given: str = "") -> str:
    """Return CP2K's version, empty if it does not run."""
    try:
        return _search([*cp2k_command(given), "--version"], r"CP2K version\s+(\S+)")
    except RunError:
        return ""


def dp_version() -> str:
    """Return DeePMD-kit's version, empty if it does not run."""
    path = potential_folder() / "bin" / "dp"
    return _search([str(path), "--version"], r"(\d+\.\d+\S*)") if path.is_file() else ""


def lammps_version() -> str:
    """Return the version of LAMMPS where it loads DeePMD-kit's plugin, else empty."""
    path = potential_folder() / "bin" / "lmp"
    if not path.is_file():
        return ""
    command = [str(path), "-log", "none"]
    return _search(command, r"LAMMPS \(([^)]*)\)[\s\S]*\bdeepmd\b", given="info styles pair\n")


def _required(name: str, path: str | None, remedy: str) -> str:
    if path is None:
        raise RunError(f"{name} is not on this machine; {remedy}")
    return path


def _beside(executable: str, name: str) -> str | None:
    path = Path(executable).parent / name
    return str(path) if path.is_file() else None


def _search(command: Sequence[str], pattern: str, given: str = "") -> str:
    """Return what a pattern finds in what a program prints of some input, whatever its exit status."""
    environment = clean_environment(threads=1)
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            env=environment,
            errors="replace",
            input=given,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(pattern, done.stdout + done.stderr)
    return found[1] if found else ""
