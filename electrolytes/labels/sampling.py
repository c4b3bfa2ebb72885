"""The trajectories of [frames] and [pretraining], one file each: here, or side by side as jobs.

    python -m ionspice.electrolytes.labels.sampling work.json

A trajectory that is there is kept; one that cannot be made does not stop the others.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionspice.core import IonspiceError, RunError, replacing
from ionspice.core.console import Advance
from ionspice.electrolytes.boxes.molecules import read_geometries
from ionspice.electrolytes.files import PRETRAINING_TRAJECTORIES, TRAJECTORIES
from ionspice.electrolytes.jobs.dispatch import Task, place_of, run_tasks, shares, task_of
from ionspice.electrolytes.labels.snapshots import TrajectoryPlan, read_frames, sample, trajectories_of
from ionspice.electrolytes.labels.watching import is_alive
from ionspice.electrolytes.study.file import LiquidStudy, parse_liquid
from ionspice.electrolytes.study.jobs import JobsSection
from ionspice.electrolytes.study.sampling import FramesSection

if TYPE_CHECKING:
    from ase import Atoms

#: ending of the name of a file that says why there is no trajectory
_FAILED = ".failed"


def sample_trajectories(
    study: LiquidStudy,
    directory: Path,
    *,
    cheap: bool = False,
    keep: bool,
    advance: Advance = lambda done, whole: None,
) -> list["Atoms"]:
    """Return the frames of all trajectories of [frames], or of [pretraining].

    Args:
        study: of the liquid.
        directory: its folder, with the molecules.
        cheap: whether they are those of [pretraining].
        keep: whether trajectories that are there are of this study.
        advance: moves the progress bar.

    Raises:
        InputError: no composition is small enough.
        RunError: a trajectory could not be made.
    """
    paths = {name: _path(directory, name, cheap=cheap) for name in _plans(study, directory, cheap=cheap)}
    for path in paths.values():
        path.with_suffix(_FAILED).unlink(missing_ok=True)
        if not keep:
            path.unlink(missing_ok=True)
    wanted = [name for name, path in paths.items() if not path.is_file()]

    def look() -> None:
        advance(sum(path.is_file() for path in paths.values()), len(paths))

    if study.jobs.batch == "Shell" and study.jobs.at_once == 1:  # a job would only be slower
        _sample_all(study, directory, wanted, cheap=cheap, look=look)
    else:
        what = [list(paths), cheap, _section(study, cheap=cheap).model_dump(mode="json")]
        place = place_of(directory, "sample", what)
        run_tasks(_tasks(study, directory, wanted, cheap=cheap), study.jobs, place, look=look)
    for name in wanted:
        if not paths[name].is_file():
            raise RunError(_reason(paths[name]))
    return [frame for path in paths.values() for frame in read_frames(path)]


def _section(study: LiquidStudy, *, cheap: bool) -> FramesSection:
    return study.pretraining if cheap else study.frames


def _plans(study: LiquidStudy, directory: Path, *, cheap: bool) -> dict[str, TrajectoryPlan]:
    """Return the trajectories by name."""
    sizes = {name: len(geometry) for name, geometry in read_geometries(directory).items()}
    return {plan.name: plan for plan in trajectories_of(study, sizes, _section(study, cheap=cheap))}


def _path(directory: Path, name: str, *, cheap: bool) -> Path:
    return directory / (PRETRAINING_TRAJECTORIES if cheap else TRAJECTORIES) / f"{name}.extxyz"


def _tasks(study: LiquidStudy, directory: Path, names: Sequence[str], *, cheap: bool) -> list[Task]:
    common = {"study": study.to_toml(), "directory": str(directory.resolve()), "cheap": cheap}
    return [
        task_of("ionspice.electrolytes.labels.sampling", f"{number:04d}", {**common, "names": share}, study.jobs)
        for number, share in enumerate(shares(names, _one_each(study.jobs)))
    ]


def _one_each(jobs: JobsSection) -> JobsSection:
    """Return jobs of one trajectory each, where a batch system takes them: it has many frames."""
    return jobs.model_copy(update={"frames_per_job": 1})


def _reason(path: Path) -> str:
    failed = path.with_suffix(_FAILED)
    if not failed.is_file():
        return f"{path} is missing: its job ended before it; run the same command again"
    return failed.read_text(encoding="utf-8").strip()


def _sample_all(
    study: LiquidStudy,
    directory: Path,
    names: Sequence[str],
    *,
    cheap: bool,
    look: Callable[[], None] = lambda: None,
    watch: int = 0,
) -> None:
    """Make trajectories one after the other, as long as the watched process lives."""
    from ase.io import write

    section, geometries = _section(study, cheap=cheap), read_geometries(directory)
    plans = _plans(study, directory, cheap=cheap)
    for name in names:
        if not is_alive(watch):
            return
        look()
        path = _path(directory, name, cheap=cheap)
        try:
            frames = sample(plans[name], section, geometries, study.charges)
        except IonspiceError as error:
            with replacing(path.with_suffix(_FAILED)) as temporary:
                temporary.write_text(f"{error}\n", encoding="utf-8")
            continue
        with replacing(path) as temporary:
            write(temporary, frames, format="extxyz")


def work(order: Mapping[str, Any]) -> None:
    """Make the trajectories of an order: `names` of a `study` in its `directory`, for a process to `watch`."""
    study, directory = parse_liquid(order["study"]), Path(order["directory"])
    _sample_all(study, directory, order["names"], cheap=order["cheap"], watch=order["watch"])


if __name__ == "__main__":
    work(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
