"""What the command line says while stages run: a progress bar on a terminal, plain lines elsewhere."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ionspice.core.errors import RunError

#: how a line begins that warns
WARNING = "ionspice: warning: "

_TELLING = 0.02  # a smaller share, with its first, short steps, does not tell how long the rest will take

_FIRST_STEPS = 0.1  # of the mean pace: below, steps are the first of a leg

#: called with (done, whole) in any one unit
type Advance = Callable[[float, float], None]


class Reporter(Protocol):
    """Where a run says what it does."""

    def say(self, text: str) -> None:
        """Show one line."""
        ...

    @contextmanager
    def stage(self, name: str) -> Iterator[Advance]:
        """Show that a stage runs; the yielded function moves its bar."""
        ...


class SilentReporter:
    """Says nothing: ranks other than 0, and callers from Python."""

    def say(self, text: str) -> None:
        """Drop the line."""

    @contextmanager
    def stage(self, name: str) -> Iterator[Advance]:
        """Yield a function that does nothing."""
        yield lambda done, whole: None


class PlainReporter:
    """One line when a stage starts, at every quarter of a long one or once a minute, and when it ends."""

    #: stages that end sooner say nothing in between [s]
    patience = 5.0
    #: longest time without a line [s]
    interval = 60.0

    def say(self, text: str) -> None:
        """Print one line at once.

        Raises:
            RunError: nobody reads any more.
        """
        try:
            print(text, flush=True)
        except BrokenPipeError as error:
            # The interpreter's own flush at the end shall not fail on it again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise RunError(
                "standard output was closed; redirect it to a file, and the same command goes on from what is kept"
            ) from error

    @contextmanager
    def stage(self, name: str) -> Iterator[Advance]:
        """Print start, quarters and end of a stage, with what is left of its time."""
        begun = time.monotonic()
        next_quarter, next_line = 0.25, begun + self.interval
        said, when = 0.0, begun  # share and time of the line before

        def advance(done: float, whole: float) -> None:
            nonlocal next_quarter, next_line, said, when
            share, now = done / whole, time.monotonic()
            if not 0 < share < 1 or (share < next_quarter and now < next_line):
                return
            next_quarter, next_line = (share // 0.25 + 1) * 0.25, now + self.interval
            if (elapsed := now - begun) > self.patience:
                # at the latest pace, for first steps are the shortest, unless it is that of a new leg's first steps
                latest, mean = (share - said) / (now - when), share / elapsed
                tells = share > _TELLING and latest > _FIRST_STEPS * mean
                left = f", about {spoken_duration((1 - share) / latest)} left" if tells else ""
                self.say(f"{name}: {share:.0%} after {spoken_duration(elapsed)}{left}")
                said, when = share, now

        self.say(f"{name} ...")
        yield advance
        self.say(f"{name}: done in {time.monotonic() - begun:.1f} s")


class TerminalReporter:
    """A bar with elapsed and remaining time, replaced by one line when the stage ends."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, text: str) -> None:
        """Show one line above any bar."""
        self._console.print(text, highlight=False, markup=False)

    @contextmanager
    def stage(self, name: str) -> Iterator[Advance]:
        """Show a bar while a stage runs; it pulses until the stage first tells how far it is."""
        columns = (TextColumn("{task.description:<9}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        begun = time.monotonic()
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task(name, total=None)
            yield lambda done, whole: progress.update(task, completed=done, total=whole)
        self.say(f"{name}: done in {time.monotonic() - begun:.1f} s")


def spoken_duration(seconds: float) -> str:
    """Return a duration [s] with two digits or so, in seconds, minutes or hours."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def reporter_for(rank: int) -> Reporter:
    """Return the reporter that suits standard output and an MPI rank."""
    if rank != 0:
        return SilentReporter()
    console = Console()
    return TerminalReporter(console) if console.is_terminal else PlainReporter()
