"""Atomic and durable writing, so that a file is there whole or not at all, also after a loss of power.

What is written through instead is what cannot be replaced: a device, a pipe, standard output.
"""

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ionspice.core.errors import InputError, RunError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
#: what HDF5 says, which has no error number of its own
_NO_ROOM_TEXT = re.compile(r"errno = (\d+)")
_STREAM = re.compile(r"/dev/(?:stdout|stderr|fd/\d+)|/proc/(?:self|\d+)/fd/\d+")
_STREAM_NUMBERS = {"stdout": 1, "stderr": 2}


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its place when the block succeeds.

    The temporary name keeps the suffix, because writers choose the format by it. If the block raises, the temporary
    file is removed and `path` stays as it was. File and folder are synced, so that what is there after a loss of
    power is the old content or the new one. A device, pipe or standard stream is written through.

    Raises:
        InputError: the folder cannot be made or written, or `path` is a folder.
        RunError: the disk is full or failing.
    """
    target = Path(path)
    if is_stream(target):
        with _written_through(target) as temporary:
            yield temporary
        return
    if target.is_dir():
        raise InputError(f"{target} is a folder, where a file is to be written; name a file in it")
    temporary = _beside(target)
    try:
        yield temporary
        _sync(temporary)
        temporary.replace(target)
        _sync(target.parent)
    except OSError as error:
        if not _is_for_want_of_room(error):
            raise
        raise RunError(
            f"cannot write {target}: {_reason(error)}; what was there before is kept; make room and run again"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def is_stream(path: Path) -> bool:
    """Return whether a path is a device, pipe or standard stream, which is written through and not replaced."""
    return _STREAM.fullmatch(str(path)) is not None or (path.exists() and not path.is_file() and not path.is_dir())


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _beside(target: Path) -> Path:
    """Return a new empty file in the folder of a target, with the permissions that the user wants."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.stem[:100]}-", suffix=target.suffix, dir=target.parent)
        os.close(handle)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot write {target}: {_reason(error)}; choose a folder you may write with -o") from error
    umask = os.umask(0)
    os.umask(umask)
    Path(name).chmod(0o666 & ~umask)
    return Path(name)


@contextmanager
def _written_through(target: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder) / f"through{target.suffix}"
        yield temporary
        try:
            with temporary.open("rb") as source, os.fdopen(_opened(target), "wb") as sink:
                shutil.copyfileobj(source, sink)
        except OSError as error:
            raise RunError(f"cannot write {target}: {_reason(error)}") from error


def _opened(target: Path) -> int:
    """Return a new file descriptor of a stream; one that is open already goes on where it is."""
    if _STREAM.fullmatch(str(target)) and not target.is_relative_to("/proc"):
        return os.dup(int(_STREAM_NUMBERS.get(target.name, target.name)))
    return os.open(target, os.O_WRONLY)


def _sync(path: Path) -> None:
    """Have a file or folder reach the disk, where the file system can."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):  # no such thing on this file system
            raise
    finally:
        os.close(handle)


def _is_for_want_of_room(error: OSError) -> bool:
    number = error.errno
    if number is None:
        found = _NO_ROOM_TEXT.search(str(error))
        number = int(found[1]) if found else None
    return number in _NO_ROOM


def _reason(error: Exception) -> str:
    found = _NO_ROOM_TEXT.search(str(error))
    if found:
        return os.strerror(int(found[1]))
    return getattr(error, "strerror", None) or str(error)
