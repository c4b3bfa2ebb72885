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
from ionspice.electrolytes.environment import tools

_PATIENCE = 60  # s
# What a launcher tells the processes that it starts; one started from here is not one of them.
_LAUNCHED = ("PMI_", "PMIX_", "OMPI_", "MPI_LOCAL", "HYDI_", "SLURM_STEP_NUM_TASKS")


_DEBIAN = "Debian, Ubuntu: apt install"
_PINNED = "pip install --require-hashes -r requirements.txt"
_EXTRA = 'pip install "ionspice[simulators]"'
_FORMS = "solve, run (DOLFINx compiles its forms)"


@dataclass(frozen=True, slots=True)
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
    return [*_python(), *_field_side(), *_circuit_side(), *_electrolyte_side(), *_optional()]


def _python() -> Iterator[Finding]:
    own = platform.python_version() if sys.version_info >= (3, 12) else ""
    yield Finding("Python >= 3.12", "everything", own, "make PYTHON=/path/to/python3.13 ...")
    for name in ("ionspice", "numpy", "scipy", "sympy", "numba", "xarray", "h5netcdf", "pint", "pydantic"):
        yield Finding(name, "everything", _version(name), _PINNED)


def _field_side() -> Iterator[Finding]:
    fem = 'pip install "ionspice[fem]"'
    libraries = f"{fem}; {_DEBIAN} libglu1-mesa libxft2 libxcursor1 libxinerama1"
    yield Finding("gmsh", "mesh, run", _import_version("gmsh"), libraries)
    solver = f"{fem} (Linux x86_64), or conda-forge fenics-dolfinx"
    yield Finding("DOLFINx", "solve, run", _import_version("dolfinx"), solver)
    yield Finding("C compiler", _FORMS, _compiler(), f"{_DEBIAN} gcc libc6-dev")
    include = Path(sysconfig.get_path("include"))
    headers = str(include) if (include / "Python.h").is_file() else ""
    package = f"{_DEBIAN} python{sys.version_info.major}.{sys.version_info.minor}-dev"
    yield Finding("Python headers", _FORMS, headers, package)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else ""
    mount = "make /dev/shm writable: mount -t tmpfs -o mode=1777 tmpfs /dev/shm"
    yield Finding("shared memory", "solve, run (MPI starts with it)", memory, mount)
    mpich = f"{fem} brings mpich; use the one beside this Python, for no other MPI fits it"
    yield Finding("mpiexec", "solve on several ranks", _launcher(), mpich, required=False)
    yield Finding("meshio", "own meshes, .vtu", _version("meshio"), fem)


def _circuit_side() -> Iterator[Finding]:
    yield Finding("PySpice", "simulate, eis, run", _version("PySpice"), _PINNED)
    yield Finding("libngspice", "simulate, eis, run", _loads(_ngspice_library), f"{_DEBIAN} libngspice0")
    by_hand, package = "running exported netlists by hand, tests", f"{_DEBIAN} ngspice"
    yield Finding("ngspice", by_hand, _program("ngspice"), package, required=False)


def _electrolyte_side() -> Iterator[Finding]:
    extra, setup = 'pip install "ionspice[atomistic]"', "ionspice electrolyte setup, or make atomistic"
    packmol = tools.packmol_version()
    recent = packmol if packmol and int(packmol.split(".")[0]) >= tools.LEAST_PACKMOL else ""
    yield Finding(f"Packmol >= {tools.LEAST_PACKMOL}", "electrolyte build", recent, extra, required=False)
    for name, needed_for in (
        ("rdkit", "electrolyte build"),
        ("tblite", "electrolyte build, label"),
        ("ase", "electrolyte"),
        ("dpdispatcher", "electrolyte label, train, dynamics"),
        ("MDAnalysis", "electrolyte analyse"),
        ("kinisi", "electrolyte analyse"),
    ):
        yield Finding(name, needed_for, _version(name), extra, required=False)
    cp2k = f"{setup}; {_DEBIAN} cp2k, or set IONSPICE_CP2K"
    yield Finding("CP2K", "electrolyte label", tools.cp2k_version(), cp2k, required=False)
    venv = f"{setup}; or set IONSPICE_POTENTIAL to a venv that has it"
    yield Finding("dp (DeePMD-kit)", "electrolyte train, refine", tools.dp_version(), venv, required=False)
    yield Finding("LAMMPS with DeePMD-kit", "electrolyte dynamics", tools.lammps_version(), venv, required=False)


def _optional() -> Iterator[Finding]:
    for name, needed_for, remedy in (
        ("gnucap", "running its export by hand, tests", f"{_DEBIAN} gnucap gnucap-default-plugins0"),
        ("vacask", "running its and the Verilog-A export, tests", _EXTRA),
        ("openvaf-r", "compiling the Verilog-A export, tests", _EXTRA),
        ("kicad-cli", "netlists of the KiCad export on the command line, tests", f"{_DEBIAN} kicad (version 9)"),
        ("chromium", "report.pdf, tests of the pages", f"{_DEBIAN} chromium"),
    ):
        yield Finding(name, needed_for, _program(name), remedy, required=False)
    for name, needed_for in (
        ("neospice", "running its export, tests"),
        ("impedance", "fit: test of Kramers and Kronig; tests"),
        ("galvani", "fit: BioLogic's .mpr"),
    ):
        yield Finding(name, needed_for, _version(name), _EXTRA, required=False)


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
