"""A time budget: when each stage of a search must end.

The evolution leaves a share of the budget to what follows it: simplifying, fitting, shortening, cross-validating and
fitting to all rows. A stage that runs out of time goes on with what it has, the most promising first, so a short
search gives a rougher answer, not a late one. Fits under way end at their last constants (`fits_until`).
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from math import inf

#: most of the budget, and most seconds, that the stages after the evolution get; seconds for each row of the table
_MOST_SHARE = 0.4
_MOST_SECONDS = 3.0
_SECONDS_EACH_ROW = 4e-6
#: shares of what is left after the evolution by whose end a stage must be over; what is under way then goes on for
#: one step, which on a long table takes a while
_STAGES = {"forms": 0.2, "fits": 0.38, "grid": 0.44, "shorter": 0.6, "choice": 0.8, "end": 0.9}

_fits_end: ContextVar[float] = ContextVar("fits_end", default=inf)


class TimeIsUpError(Exception):
    """A fit has run out of time; never seen outside of it."""


def check_time() -> None:
    """End a fit that has run out of time.

    Raises:
        TimeIsUpError: it has.
    """
    if time.monotonic() > _fits_end.get():
        raise TimeIsUpError


@contextmanager
def fits_until(end: float) -> Iterator[None]:
    """Let fits inside the block run until a time of `time.monotonic`."""
    token = _fits_end.set(end)
    try:
        yield
    finally:
        _fits_end.reset(token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The budget of one search."""

    #: start and end of the search in s of `time.monotonic`; the end is infinite without a budget
    start: float
    end: float
    #: when the evolution must end
    evolution: float

    @classmethod
    def started(cls, budget: float | None, rows: int) -> "Clock":
        """Return the clock of a search that begins now.

        Args:
            budget: wall time in s, or None.
            rows: of the table.
        """
        now = time.monotonic()
        if budget is None:
            return cls(start=now, end=inf, evolution=inf)
        rest = min(_MOST_SHARE * budget, _MOST_SECONDS + _SECONDS_EACH_ROW * rows)
        return cls(start=now, end=now + budget, evolution=now + budget - rest)

    @property
    def is_limited(self) -> bool:
        """Whether there is a budget."""
        return self.end < inf

    def evolution_is_over(self, ahead: float = 0.0) -> bool:
        """Return whether the evolution must end, or would have to within so many s, half a step being let pass."""
        return time.monotonic() + 0.5 * ahead > self.evolution

    def after_evolution(self) -> "Clock":
        """Return the clock for the stages that follow, which share what is left where the evolution ended late."""
        return replace(self, evolution=min(max(self.evolution, time.monotonic()), self.end))

    def until(self, stage: str) -> float:
        """Return when a stage must end."""
        if not self.is_limited:
            return inf
        return self.evolution + _STAGES[stage] * (self.end - self.evolution)

    def done_in_time[T, R](
        self, stage: str, items: Iterable[T], work: Callable[[T], R], promise: Callable[[T], float]
    ) -> list[R]:
        """Return the results of work on items, in their order; those that time allows, one at least.

        Args:
            stage: whose end counts.
            items: what is worked on.
            work: done for each.
            promise: lower is worked on first where time is limited.
        """
        items = list(items)
        if not self.is_limited:
            return [work(item) for item in items]
        results: dict[int, R] = {}
        for k in sorted(range(len(items)), key=lambda k: promise(items[k])):
            if results and time.monotonic() > self.until(stage):
                break
            with fits_until(self.until(stage)):
                results[k] = work(items[k])
        return [results[k] for k in sorted(results)]
