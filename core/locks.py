"""One run at a time in a folder: a lock file that says who works there.

Two runs in one folder would mix their files. Whoever writes a chain's files holds `.ionspice.lock` in the folder
meanwhile; it is made by a link, which is atomic on network file systems too. A lock is stale, and taken over, when
its process no longer lives on this host, when it belongs to an earlier start of the same Slurm job (preempted and
queued again), or when a process of another host has not renewed it for half an hour; a living one does each minute.
"""

import json
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ionspice.core.errors import InputError, RunError
from ionspice.core.mpi import on_first_rank

LOCK = ".ionspice.lock"
_RENEWAL = 60.0  # s
_STALE = 1800.0  # s without renewal, of a process that cannot be looked at
_PATIENCE = 5.0  # s that a run which was told to end may take; the cases of a campaign that was killed are such
_PAUSE = 0.2  # s


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who works in a folder."""

    command: str
    host: str
    pid: int
    started: str  #: what tells the process from later ones of its number
    since: str  #: local time
    job: str = ""  #: number of the Slurm job; empty without
    restarts: int = 0  #: how often Slurm has queued it again

    def __str__(self) -> str:
        """Return who it is, for messages."""
        return f"`{self.command}` on {self.host} (process {self.pid}, since {self.since})"


_held: dict[Path, int] = {}  # folders that this process has locked, and how often
_made: dict[Path, list[Path]] = {}  # folders that it made for that, innermost first


@contextmanager
def locked(directory: Path, comm: Any = None) -> Iterator[None]:
    """Hold the lock of a folder, on rank 0 for all ranks; a process that holds it may take it again.

    Args:
        directory: the folder, made if it does not exist, and removed again if it is empty at the end.
        comm: MPI communicator of all ranks that call this, None for one process.

    Raises:
        InputError: the folder cannot be written.
        RunError: another run works there.
    """
    on_first_rank(comm, lambda: _enter(directory.resolve()))
    try:
        yield
    finally:
        if comm is None or comm.rank == 0:
            _leave(directory.resolve())


def _enter(place: Path) -> None:
    if place not in _held:
        new = [folder for folder in (place, *place.parents) if not folder.exists()]
        _acquire(place, _myself())
        _held[place], _made[place] = 0, new
        threading.Thread(target=_keep_fresh, args=(place,), daemon=True).start()
    _held[place] += 1


def _leave(place: Path) -> None:
    _held[place] -= 1
    if not _held[place]:
        del _held[place]
        with suppress(OSError):  # the folder may be gone; a lock that stays is stale once this process has ended
            (place / LOCK).unlink()
            for folder in _made.pop(place):
                folder.rmdir()  # refused, and kept, where there is something in it


def _acquire(place: Path, me: Holder) -> None:
    lock = place / LOCK
    try:
        place.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f"{LOCK}-", dir=place)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(asdict(me), stream)
    except OSError as error:
        raise InputError(
            f"cannot write {place}: {error.strerror or error}; choose a folder you may write with -o"
        ) from error
    own = Path(name)
    try:
        end = time.monotonic() + _PATIENCE
        while True:
            with suppress(FileExistsError):
                os.link(own, lock)
                return
            holder = _clear(lock, own, me)
            if holder is not None:
                if time.monotonic() > end:
                    raise RunError(
                        f"{place} is in use by {holder}; wait until it ends or take another folder with -o. If you "
                        f"know that it has ended, delete {lock}"
                    )
                time.sleep(_PAUSE)
                own.touch()  # the server's clock, by which the age of the lock is measured
    finally:
        own.unlink(missing_ok=True)


def _clear(lock: Path, own: Path, me: Holder) -> Holder | None:
    """Remove a lock that is stale; return the holder of one that is not."""
    holder = _holder(lock)
    try:
        idle = own.stat().st_mtime - lock.stat().st_mtime  # both by the file server's clock
    except FileNotFoundError:
        return None  # released meanwhile
    if holder is not None and not _is_stale(holder, me, idle):
        return holder
    aside = own.with_name(own.name + ".stale")
    with suppress(FileNotFoundError):
        lock.rename(aside)  # of several that find it stale, one gets it
        if _holder(aside) != holder:
            with suppress(FileExistsError):  # another one was faster, and this is its lock
                os.link(aside, lock)
        aside.unlink(missing_ok=True)
    return None


def _is_stale(holder: Holder, me: Holder, idle: float) -> bool:
    """Return whether the holder of a lock has ended; `idle` is the time since its last renewal [s]."""
    if holder.host == me.host:
        return _start_of(holder.pid) != holder.started
    if holder.job and holder.job == me.job and holder.restarts < me.restarts:
        return True
    return idle > _STALE


def _holder(lock: Path) -> Holder | None:
    """Return who holds a lock; None where it is gone or damaged."""
    try:
        holder = Holder(**json.loads(lock.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return holder if isinstance(holder.pid, int) and isinstance(holder.restarts, int) else None


def _myself() -> Holder:
    program = Path(sys.argv[0]).name.replace("__main__.py", "ionspice")
    restarts = os.environ.get("SLURM_RESTART_COUNT", "0")
    return Holder(
        command=" ".join([program, *sys.argv[1:]])[:200],
        host=socket.gethostname(),
        pid=os.getpid(),
        started=_start_of(os.getpid()),
        since=time.strftime("%Y-%m-%d %H:%M:%S"),
        job=os.environ.get("SLURM_JOB_ID", ""),
        restarts=int(restarts) if restarts.isdecimal() else 0,
    )


def _start_of(pid: int) -> str:
    """Return what tells a process from later ones of its number, empty if there is none of that number."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        # The name in brackets may hold anything; the 20th field behind it is the time of start.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return "" if fields[0] == "Z" else f"{boot} {fields[19]}"
    except (OSError, IndexError):
        return ""


def _keep_fresh(place: Path) -> None:
    while place in _held:
        with suppress(OSError):
            os.utime(place / LOCK)
        time.sleep(_RENEWAL)
