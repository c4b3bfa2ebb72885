"""The MPI stack of the field solver, imported in the order that DOLFINx's binary wheel needs.

Every module of this package takes `MPI`, `PETSc` and `dolfinx` from here.
"""

import ctypes

from ionspice.core import RunError
from ionspice.core.mpi import load_mpi

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # of glibc's malloc.h


def _keep_freed_memory() -> None:
    """Let large arrays come from memory that was freed before, where the C library is glibc.

    By default every large array is mapped anew and its pages are cleared: a quarter of a factorisation's time.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)


try:
    MPI = load_mpi()
    import petsc4py  # isort: skip

    # PETSc would answer SIGTERM, SIGHUP and SIGPIPE with a dump of its stack; ionspice.core.signals ends politely.
    petsc4py.init(["ionspice", "-no_signal_handler"])
    from petsc4py import PETSc  # isort: skip
    import dolfinx
    import dolfinx.fem.petsc
    import dolfinx.io.gmsh
except (ImportError, RunError) as error:
    raise RunError(
        f"the field solver needs DOLFINx with petsc4py ({error}); install ionspice[fem] on Linux x86_64 with "
        "Python 3.12 or later, or ionspice beside a DOLFINx from conda, Spack or a container"
    ) from error

_keep_freed_memory()

__all__ = ["MPI", "PETSc", "dolfinx"]
