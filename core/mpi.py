"""One program on one or many MPI ranks.

A command that needs no other rank must not load mpi4py, so the launcher's environment decides first whether there is
anything to ask MPI. What only rank 0 does (reading, meshing, writing) succeeds or fails on all ranks together, with
the same error and the same exit status.
"""

import contextlib
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ionspice.core.errors import IonspiceError, RunError
from ionspice.core.signals import kept

# Sizes and ranks that MPICH, Open MPI, PMIx and Slurm tell their processes.
_SIZES = ("PMI_SIZE", "MPI_LOCALNRANKS", "OMPI_COMM_WORLD_SIZE", "PMIX_SIZE", "SLURM_STEP_NUM_TASKS")
_RANKS = ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "SLURM_PROCID")


def load_mpi() -> Any:
    """Return the module mpi4py.MPI, imported in the order that binary wheels need; DOLFINx need not be there.

    Raises:
        RunError: there is no mpi4py, or it finds no MPI library.
    """
    with contextlib.suppress(ModuleNotFoundError):
        # h5py and DOLFINx may carry different HDF5 libraries; h5py only works if its own is loaded first.
        import h5py  # noqa: F401
    try:
        with kept(), warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # `world` says it in one line
            with contextlib.suppress(ModuleNotFoundError):  # the wheel that brings this environment's MPI
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
        RunError: a launcher started this process, but there is no mpi4py, or its MPI does not know the launcher.
    """
    name = next((name for name in _SIZES if os.environ.get(name, "1") not in ("", "1")), None)
    if name is None:
        return None
    comm = load_mpi().COMM_WORLD
    if comm.size == 1:
        raise RunError(
            f"the launcher started {os.environ[name]} processes ({name}), but the MPI of this Python sees one: it is "
            "another MPI's launcher, and every process would compute the whole for itself; use the one of this MPI, "
            f"{_own_launcher()} -n {os.environ[name]} ionspice ..., or for one process unset {name}"
        )
    return comm


def launched_rank() -> int:
    """Return this process's rank as the launcher numbers it, which needs no MPI; 0 when alone."""
    ranks = [os.environ[name] for name in _RANKS if os.environ.get(name, "").isdecimal()]
    return int(ranks[0]) if ranks else 0


def crowding(comm: Any | None) -> str:
    """Return a warning where a machine has fewer cores than ranks, else nothing; collective."""
    if comm is None or comm.size == 1:
        return ""
    node = comm.Split_type(load_mpi().COMM_TYPE_SHARED)
    cores = len(set().union(*node.allgather(os.sched_getaffinity(0))))
    ranks = node.size
    node.Free()
    worst = max(comm.allgather((ranks / cores, ranks, cores)))
    if worst[0] <= 1:
        return ""
    return f"{worst[1]} ranks share {worst[2]} cores and wait for each other; start at most {worst[2]} on one machine"


def _own_launcher() -> str:
    beside = Path(sys.executable).parent / "mpiexec"
    return str(beside) if beside.is_file() else "mpiexec"


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
    failure: IonspiceError | None = None
    if comm.rank == 0:
        try:
            result = action()
        except IonspiceError as error:
            failure = type(error)(str(error))
    failure, result = comm.bcast((failure, result), root=0)
    if failure is not None:
        raise failure
    return result
