"""Islands over MPI ranks: rank 0 runs the search and lends islands to the others.

Islands touch nothing but their own state, so the law depends on the seed and the number of islands, not on the
ranks. Only communicators are needed here, so nothing of MPI is imported.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ionspice.core import RunError
from ionspice.discovery.evolution.islands import Island, Run

type Advance = Callable[[Island], Island]


@contextmanager
def islands_on(comm: Any) -> Iterator[Run]:
    """Yield, on rank 0, the `run` of `search` that spreads islands over all ranks.

    The other ranks meanwhile call `serve_islands`, which returns when this block ends.

    Args:
        comm: MPI communicator, or None for this process alone.
    """
    if comm is None or comm.size == 1:
        yield lambda advance, islands: [advance(island) for island in islands]
        return

    def run(advance: Advance, islands: list[Island]) -> list[Island]:
        comm.bcast(advance, root=0)
        mine = comm.scatter([islands[rank :: comm.size] for rank in range(comm.size)], root=0)
        gathered = comm.gather(_attempt(advance, mine), root=0)
        for rank, (_, failure) in enumerate(gathered):
            if failure:
                raise RunError(f"island on rank {rank} failed: {failure}")
        back: list[Island] = list(islands)
        for rank, (advanced, _) in enumerate(gathered):
            back[rank :: comm.size] = advanced
        return back

    try:
        yield run
    finally:
        comm.bcast(None, root=0)


def serve_islands(comm: Any) -> None:
    """Advance the islands that rank 0 sends until its `islands_on` ends; call on all ranks but the first."""
    while (advance := comm.bcast(None, root=0)) is not None:
        comm.gather(_attempt(advance, comm.scatter(None, root=0)), root=0)


def _attempt(advance: Advance, islands: list[Island]) -> tuple[list[Island], str]:
    """Return the advanced islands, or what went wrong: a rank that raised would leave the others waiting."""
    try:
        return [advance(island) for island in islands], ""
    except Exception as error:
        return [], f"{type(error).__name__}: {error}"
