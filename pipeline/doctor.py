"""What this machine has of what ionspice needs, and how to add the rest."""

import ctypes
import ctypes.util
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from ionspice.core import IonspiceError

_DEBIAN = "Debian, Ubuntu: apt install"
_PATIENCE = 60  # s
# What a launcher tells the processes that it starts; one started from here is not one of them.
_LAUNCHED = ("PMI_", "PMIX_", "OMPI_", "MPI_LOCAL", "HYDI_", "SLURM_STEP_NUM_TASKS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that ionspice uses."""

    name: str  #: what it is
    needed_for: str  #: the commands or results that want it
    found: str  #: version or place; empty when missing
    remedy: str  #: how to add it
    required: bool = True  #: whether `ionspice run` fails without it

    @property
    def missing(self) -> bool:
        """Whether a required thing is not there."""
        return self.required and not self.found


def examine() -> list[Finding]:
    """Look at this machine; return one finding per thing, in the order of the stages."""
    return [*_python(), *_field_side(), *_circuit_side(), *_optional()]


def _python() -> Iterator[Finding]:
    distributions = ("ionspice", "numpy", "scipy", "sympy", "numba", "xarray", "h5netcdf", "pint", "pydantic")
    yield Finding(
        name="Python >= 3.12",
        needed_for="everything",
        found=platform.python_version() if sys.version_info >= (3, 12) else "",
        remedy="make PYTHON=/path/to/python3.13 ...",
    )
    for name in distributions:
        yield Finding(
            name=name,
            needed_for="everything",
            found=_version(name),
            remedy="pip install --require-hashes -r requirements.txt",
        )


def _field_side() -> Iterator[Finding]:
    yield Finding(
        name="gmsh",
        needed_for="mesh, run",
        found=_import_version("gmsh"),
        remedy=f'pip install "ionspice[fem]"; {_DEBIAN} libglu1-mesa libxft2 libxcursor1 libxinerama1',
    )
    yield Finding(
        name="DOLFINx",
        needed_for="solve, run",
        found=_import_version("dolfinx"),
        remedy='pip install "ionspice[fem]" (Linux x86_64), or conda-forge fenics-dolfinx',
    )
    yield Finding(
        name="C compiler",
        needed_for="solve, run (DOLFINx compiles its forms)",
        found=_compiler(),
        remedy=f"{_DEBIAN} gcc libc6-dev",
    )
    header = Path(sysconfig.get_path("include")) / "Python.h"
    yield Finding(
        name="Python headers",
        needed_for="solve, run (DOLFINx compiles its forms)",
        found=str(header.parent) if header.is_file() else "",
        remedy=f"{_DEBIAN} python{sys.version_info.major}.{sys.version_info.minor}-dev",
    )
    yield Finding(
        name="shared memory",
        needed_for="solve, run (MPI starts with it)",
        found="/dev/shm" if os.access("/dev/shm", os.W_OK) else "",
        remedy="make /dev/shm writable: mount -t tmpfs -o mode=1777 tmpfs /dev/shm",
    )
    yield Finding(
        name="mpiexec",
        needed_for="solve on several ranks",
        found=_launcher(),
        remedy='pip install "ionspice[fem]" brings mpich; use the one beside this Python, for no other MPI fits it',
        required=False,
    )
    yield Finding(
        name="meshio",
        needed_for="own meshes, .vtu",
        found=_version("meshio"),
        remedy='pip install "ionspice[fem]"',
    )


def _circuit_side() -> Iterator[Finding]:
    yield Finding(
        name="PySpice",
        needed_for="simulate, eis, run",
        found=_version("PySpice"),
        remedy="pip install --require-hashes -r requirements.txt",
    )
    yield Finding(
        name="libngspice",
        needed_for="simulate, eis, run",
        found=_loads(_ngspice_library),
        remedy=f"{_DEBIAN} libngspice0",
    )
    yield Finding(
        name="ngspice",
        needed_for="running exported netlists by hand, tests",
        found=_program("ngspice"),
        remedy=f"{_DEBIAN} ngspice",
        required=False,
    )


def _optional() -> Iterator[Finding]:
    extra = 'pip install "ionspice[simulators]"'
    programs = (
        ("gnucap", "running its export by hand, tests", f"{_DEBIAN} gnucap gnucap-default-plugins0"),
        ("vacask", "running its and the Verilog-A export, tests", extra),
        ("openvaf-r", "compiling the Verilog-A export, tests", extra),
        ("kicad-cli", "netlists of the KiCad export on the command line, tests", f"{_DEBIAN} kicad (version 9)"),
        ("chromium", "report.pdf, tests of the pages", f"{_DEBIAN} chromium"),
    )
    for name, needed_for, remedy in programs:
        yield Finding(name=name, needed_for=needed_for, found=_program(name), remedy=remedy, required=False)
    for name, needed_for in (("neospice", "running its export, tests"), ("impedance", "fits of spectra, tests")):
        yield Finding(name=name, needed_for=needed_for, found=_version(name), remedy=extra, required=False)


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def _loads(look: Callable[[], str]) -> str:
    # A wheel that is there may still fail to load for want of a system library.
    try:
        return look()
    except (ImportError, OSError, IonspiceError):
        return ""


def _import_version(module: str) -> str:
    """Return the version of a module that loads, empty if it does not; in a process that it may abort."""
    first = "import ionspice.fem.mpi; " if module == "dolfinx" else ""  # knows the order of imports of binary wheels
    return _answer([sys.executable, "-c", f"{first}import {module}; print({module}.__version__)"])


def _launcher() -> str:
    """Return the mpiexec with which this Python's MPI sees two ranks, empty if it does not."""
    path = _program("mpiexec")
    script = "from ionspice.core.mpi import load_mpi; print(load_mpi().COMM_WORLD.size)"
    answers = _answer([path, "-n", "2", sys.executable, "-c", script]) if path else ""
    # The ranks' lines may run into each other.
    return path if sorted(answers.replace("\n", "")) == ["2", "2"] else ""


def _answer(command: list[str]) -> str:
    """Return what a program prints, empty if it fails, aborts or takes too long."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_LAUNCHED)}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False, env=environment, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _ngspice_library() -> str:
    name = os.environ.get("NGSPICE_LIBRARY_PATH") or ctypes.util.find_library("ngspice") or "libngspice.so.0"
    ctypes.CDLL(name)
    return name


def _program(name: str) -> str:
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.is_file() else shutil.which(name) or ""


def _compiler() -> str:
    command = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    path = shutil.which(command) or shutil.which("cc")
    if path is None:
        return ""
    includes = b"#include <math.h>\n"
    check = subprocess.run([path, "-E", "-"], input=includes, capture_output=True, check=False)
    return path if check.returncode == 0 else ""
