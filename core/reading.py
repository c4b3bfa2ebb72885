"""One wrapper for readers of files that anyone may have written: whatever fails is one error with file and reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ionspice.core.errors import InputError, IonspiceError


@contextmanager
def reading(path: str | Path, *, remedy: str) -> Iterator[None]:
    """Turn what a reader raises within the block into an InputError.

    Args:
        path: of the file, for the message.
        remedy: what to do about a bad one, for the message.

    Raises:
        InputError: anything was raised; errors of ionspice itself pass, for they say more.
    """
    try:
        yield
    except IonspiceError:
        raise
    except (Exception, SystemExit) as error:  # libraries' readers raise anything on damaged files, and some exit
        raise InputError(f"cannot read {path}: {_reason(error)}; {remedy}") from error


def _reason(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return f"it lacks {error}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
