"""SIGTERM as a request to stop at the next step."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def terminated_politely() -> Iterator[threading.Event]:
    """Yield an event that SIGTERM sets, as a cluster sends before it takes a node away."""
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event
        return
    previous = signal.signal(signal.SIGTERM, lambda *_: event.set())
    try:
        yield event
    finally:
        signal.signal(signal.SIGTERM, previous)
