"""Find a law on one or many MPI ranks and write it: rank 0 leads, the others advance islands."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionspice.core.mpi import on_first_rank, rank_of

if TYPE_CHECKING:
    from ionspice.discovery import DiscoverySettings, ResistanceData


def find_law(
    read: Callable[[], "ResistanceData"],
    settings: "DiscoverySettings",
    path: Path,
    *,
    comm: Any = None,
    hall_of_fame: Path | None = None,
) -> None:
    """Discover a law and write law.json; collective over the communicator.

    Args:
        read: returns the data; called on rank 0.
        settings: how to search.
        path: of law.json.
        comm: MPI communicator, None for one process.
        hall_of_fame: file to go on from and to keep, or None.

    Raises:
        IonspiceError: what rank 0 raised, on every rank.
    """
    from ionspice.discovery import discover_law, write_law
    from ionspice.discovery.ranks import islands_on, serve_islands

    def lead() -> None:
        with islands_on(comm) as run:
            write_law(discover_law(read(), settings, run=run, hall_of_fame=hall_of_fame), path)

    if rank_of(comm) > 0:
        serve_islands(comm)
    on_first_rank(comm, lead)
