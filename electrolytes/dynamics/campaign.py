"""Many runs of dynamics by jobs: what is whole is kept, and what was begun is gone on with."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from ionspice.core import RunError
from ionspice.core.console import Advance
from ionspice.electrolytes.dynamics.order import FAILED, RUN, Order, is_begun, is_done, write_order
from ionspice.electrolytes.jobs.dispatch import Task, place_of, run_tasks, shares, task_of
from ionspice.electrolytes.lammps.progress import last_step
from ionspice.electrolytes.study.jobs import JobsSection


def run_orders(
    orders: Mapping[Path, Order],
    jobs: JobsSection,
    directory: Path,
    *,
    advance: Advance = lambda done, whole: None,
) -> None:
    """Run orders in their folders.

    Args:
        orders: what is run, by folder.
        jobs: where.
        directory: folder of the liquid.
        advance: moves the progress bar.

    Raises:
        RunError: runs were stopped or failed, after all others have ended; what they recorded is kept.
    """
    wanted = [folder for folder, order in orders.items() if not is_done(folder, order)]
    for folder in wanted:
        _lay_out(folder, orders[folder])
    whole = sum(order.plan.end for order in orders.values())
    finished = whole - sum(orders[folder].plan.end for folder in wanted)
    place = place_of(directory, "dynamics", {folder.name: asdict(order) for folder, order in orders.items()})
    run_tasks(
        _tasks(wanted, jobs),
        jobs,
        place,
        look=lambda: advance(finished + sum(last_step(folder) for folder in wanted), whole),
    )
    reasons = [f"{folder.name}: {_reason(folder)}" for folder in wanted if not (folder / RUN).is_file()]
    if reasons:
        raise RunError(
            f"{len(reasons)} of {len(orders)} runs have no end: {'; '.join(reasons)}; train a better potential, or "
            "run closer to what it was trained at"
        )


def _lay_out(folder: Path, order: Order) -> None:
    """Make a folder ready for an order; what is there is kept if it is the beginning of it."""
    if folder.is_dir() and not is_begun(folder, order):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (RUN, FAILED):
        (folder / name).unlink(missing_ok=True)
    write_order(folder, order)


def _tasks(folders: Sequence[Path], jobs: JobsSection) -> list[Task]:
    """Return the jobs: as many as run at once here, or one a run of a batch system."""
    parts = shares(folders, jobs) if jobs.batch == "Shell" else [[folder] for folder in folders]
    common = {"threads": jobs.threads, "ranks": jobs.ranks, "lammps": jobs.lammps}
    return [
        task_of(
            "ionspice.electrolytes.dynamics.work",
            f"{number:04d}",
            {**common, "folders": [str(folder.resolve()) for folder in part]},
            jobs,
        )
        for number, part in enumerate(parts)
    ]


def _reason(folder: Path) -> str:
    path = folder / FAILED
    return path.read_text(errors="replace").strip() if path.is_file() else "its job ended before it"
