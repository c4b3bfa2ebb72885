"""Signals that ask a run to end: politely, with one line and exit status 1, and with what it has kept.

While `ending_politely` holds, the first SIGTERM, SIGHUP or SIGINT raises `StoppedError` wherever the program is;
within `deferred`, where a long loop can end by itself at its next step, it sets an event instead.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

type Handler = Callable[[int, FrameType | None], None]

_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class StoppedError(BaseException):
    """Asked to end by a signal; no failure that a stage, a library or a retry may take for its own."""


class Request(threading.Event):
    """Whether a signal has come, and which."""

    name: str = "SIGTERM"


@contextmanager
def ending_politely() -> Iterator[None]:
    """Raise `StoppedError` at the first signal that asks to end; another one of its kind ends the process."""

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        raise StoppedError(f"stopped by {signal.Signals(number).name}; the same command goes on from what is kept")

    with _handled(stop):
        yield


@contextmanager
def kept() -> Iterator[None]:
    """Keep what the program does at signals, through a block in which a library sets handlers of its own.

    gmsh resets all of them when it ends, UCX takes SIGHUP for its debugger.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in (*_SIGNALS, signal.SIGPIPE)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            if handler is not None:  # None: it was not set by Python and is not known
                signal.signal(number, handler)


@contextmanager
def deferred() -> Iterator[Request]:
    """Yield an event that a signal sets; a second one of the same kind ends the process."""
    request = Request()

    def note(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        request.name = signal.Signals(number).name
        request.set()

    with _handled(note):
        yield request


@contextmanager
def _handled(handler: Handler) -> Iterator[None]:
    with kept():
        if threading.current_thread() is threading.main_thread():  # Python lets no other one see signals
            for number in _SIGNALS:
                # What nohup or a batch system has told to ignore stays ignored.
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, handler)
        yield
