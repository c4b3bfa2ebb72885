"""Forms are compiled to C once, in a cache that all runs of a user share; this keeps the cache whole.

FFCx marks a form as being compiled by an empty .c file. A run that is killed meanwhile leaves the mark, and every
later one waits for it in vain. Here one process at a time compiles, held by a lock that ends with its process. So a
mark that is old, while the lock is ours, belongs to nobody and is removed.
"""

import contextlib
import fcntl
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ionspice.core import RunError
from ionspice.core.mpi import on_first_rank
from ionspice.fem.mpi import dolfinx

_LOGGER = logging.getLogger(__name__)
_LOCK = ".ionspice-compiling"
# FFCx itself gives others' marks no more time [s]; programs that share the cache and not the lock have that long.
_OLD = 10.0
_WAIT = 600.0  # s for other runs to compile
_PAUSE = 0.2  # s


@contextlib.contextmanager
def compiling(comm: Any) -> Iterator[None]:
    """Hold the cache of compiled forms through a block that makes forms; collective.

    Raises:
        RunError: the cache cannot be written, or the compiler failed.
    """
    handle = on_first_rank(comm, _enter)
    try:
        yield
    except (RuntimeError, TimeoutError, OSError) as error:
        if "JIT" not in str(error) and "compil" not in str(error).lower():
            raise
        reason = str(error).strip().splitlines()[0]
        raise RunError(
            f"the field equations could not be compiled ({reason}); look at the C compiler with `ionspice doctor`, "
            f"or delete the cache {_folder()} and run again"
        ) from error
    finally:
        if comm.rank == 0:
            os.close(handle)  # which gives the lock back


def _enter() -> int:
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise RunError(
            f"the cache of compiled forms {folder} cannot be written ({error.strerror}); "
            f"choose another with XDG_CACHE_HOME=FOLDER, for example {tempfile.gettempdir()}"
        ) from error
    _take(handle, folder)
    repair(folder)
    return handle


def _take(handle: int, folder: Path) -> None:
    end = time.monotonic() + _WAIT
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise RunError(
                    f"another run has been compiling in {folder} for {_WAIT:.0f} s; end it first"
                ) from None
            time.sleep(_PAUSE)
        except OSError:  # a file system without locks; FFCx's own marks remain
            return


def repair(folder: Path) -> None:
    """Remove what compilations that were cut short left in a cache; young marks are waited for."""
    marks = [mark for mark in folder.glob("libffcx_*.c") if not mark.with_suffix(".c.cached").exists()]
    for mark in marks:
        with contextlib.suppress(FileNotFoundError):
            age = time.time() - mark.stat().st_mtime
            time.sleep(min(max(_OLD - age, 0.0), _OLD))
            if mark.with_suffix(".c.cached").exists():
                continue
            _LOGGER.info("%s: removed what a compilation that was cut short left", mark)
            mark.unlink()
            for rest in folder.glob(f"{mark.stem}.*"):
                rest.unlink()


def _folder() -> Path:
    return Path(dolfinx.jit.get_options()["cache_dir"])
