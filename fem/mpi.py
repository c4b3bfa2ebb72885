"""The MPI stack of the field solver, imported in the order that DOLFINx's binary wheel needs.

Every module of this package takes `MPI`, `PETSc` and `dolfinx` from here.
"""

from ionspice.core import RunError
from ionspice.core.mpi import load_mpi

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

__all__ = ["MPI", "PETSc", "dolfinx"]
