"""Waiting for what other processes do."""

import time
from collections.abc import Callable


def until(condition: Callable[[], object], *, seconds: float = 180.0, every: float = 0.1) -> None:
    """Return as soon as a condition holds, and fail where it does not within some seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(every)
