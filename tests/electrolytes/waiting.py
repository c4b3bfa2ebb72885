"""Waiting for what other processes do."""

import time
from collections.abc import Callable
from pathlib import Path


def until(condition: Callable[[], object], *, seconds: float = 180.0, every: float = 0.1) -> None:
    """Return as soon as a condition holds, and fail where it does not within some seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(every)


def works_in(folder: Path) -> bool:
    """Return whether a process has a folder, or one in it, as its working folder."""
    return any(_folder_of(entry).is_relative_to(folder) for entry in Path("/proc").glob("[0-9]*"))


def _folder_of(process: Path) -> Path:
    try:
        return (process / "cwd").readlink()
    except OSError:  # it ended, or is another user's
        return Path()
