"""One program on one or many MPI ranks.

A command that needs no other rank must not load mpi4py, so the launcher's environment decides first whether there is
anything to ask MPI. What only rank 0 does (reading, meshing, writing) succeeds or fails on all ranks together, with
the same error and the same exit status.
"""

import contextlib
import os
from collections.abc import Callable
from typing import Any

from ionspice.core.errors import InputError, IonspiceError, RunError

# Sizes that MPICH, Open MPI, PMIx and Slurm tell their processes.
_SIZES = ("PMI_SIZE", "MPI_LOCALNRANKS", "OMPI_COMM_WORLD_SIZE", "PMIX_SIZE", "SLURM_STEP_NUM_TASKS")


def load_mpi() -> Any:
    """Return the module mpi4py.MPI, imported in the order that binary wheels need; DOLFINx need not be there.

    Raises:
        RunError: there is no mpi4py, or it finds no MPI library.
    """
    with contextlib.suppress(ModuleNotFoundError):
        # h5py and DOLFINx may carry different HDF5 libraries; h5py only works if its own is loaded first.
        import h5py  # noqa: F401
    try:
        with contextlib.suppress(ModuleNotFoundError):  # the wheel that brings the MPI library of this environment
            import dolfinx_solver  # noqa: F401
        from mpi4py import MPI  # isort: skip
    except (ImportError, RuntimeError) as error:
        raise RunError(
            f"several MPI ranks need mpi4py ({error}); install ionspice[fem], or mpi4py for the MPI whose mpiexec "
            "started this, or run one process"
        ) from error
    return MPI


def world() -> Any | None:
    """Return MPI's world communicator, or None where this process was not started by an MPI launcher.

    Raises:
        RunError: a launcher started this process, but there is no mpi4py.
    """
    if not any(os.environ.get(name, "1") not in ("", "1") for name in _SIZES):
        return None
    return load_mpi().COMM_WORLD


def rank_of(comm: Any | None) -> int:
    """Return this process's rank, 0 when alone."""
    return 0 if comm is None else int(comm.rank)


def on_first_rank[T](comm: Any | None, action: Callable[[], T]) -> T:
    """Call `action` on rank 0 and return its result on every rank; collective.

    Raises:
        IonspiceError: what rank 0 raised, on every rank.
    """
    if comm is None:
        return action()
    result: T | None = None
    failure: tuple[int, str] | None = None
    if comm.rank == 0:
        try:
            result = action()
        except IonspiceError as error:
            failure = (error.exit_status, str(error))
    failure, result = comm.bcast((failure, result), root=0)
    if failure is not None:
        status, message = failure
        raise (InputError if status == InputError.exit_status else RunError)(message)
    return result
