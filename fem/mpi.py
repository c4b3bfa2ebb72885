"""The MPI stack, imported in the order that DOLFINx's binary wheel needs.

Every module of this package takes `MPI`, `PETSc` and `dolfinx` from here.
"""

import contextlib

from ionspice.core import RunError

with contextlib.suppress(ModuleNotFoundError):
    # h5py and DOLFINx may carry different HDF5 libraries; h5py only works if its own is loaded first.
    import h5py  # noqa: F401
try:
    with contextlib.suppress(ModuleNotFoundError):  # a cluster's own DOLFINx comes without it
        import dolfinx_solver  # noqa: F401
    from mpi4py import MPI  # isort: skip
    from petsc4py import PETSc  # isort: skip
    import dolfinx
    import dolfinx.fem.petsc
    import dolfinx.io.gmsh
except ImportError as error:
    raise RunError(
        f"the field solver needs DOLFINx with petsc4py ({error}); install ionspice[fem] on Linux x86_64 with "
        "Python 3.12 or later, or ionspice beside a DOLFINx from conda, Spack or a container"
    ) from error

__all__ = ["MPI", "PETSc", "dolfinx"]
