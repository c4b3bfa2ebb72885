"""Label many frames: what is finished is kept, the rest is computed by jobs, and what has no label has a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionspice.core import RunError, replacing
from ionspice.core.console import Advance
from ionspice.core.json_files import write_json
from ionspice.electrolytes.files import LABEL_STORE, LABEL_TABLE, LABELS
from ionspice.electrolytes.jobs.dispatch import Task, place_of, run_tasks, shares, task_of
from ionspice.electrolytes.labels.store import (
    REFUSAL,
    hash_of,
    is_finished,
    read_label,
    refusal,
    write_frame,
)
from ionspice.electrolytes.study.jobs import JobsSection
from ionspice.electrolytes.study.teacher import TeacherSection

if TYPE_CHECKING:
    from ase import Atoms

_FORMAT = "ionspice-labels/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """What became of a list of frames."""

    frames: list["Atoms"]  #: those with a label, with energy, forces and stress as ASE gives them
    records: list[dict[str, Any]]  #: of theirs: hash, settings, program, convergence
    refused: dict[str, str]  #: reason of those without, by hash


def label_frames(
    frames: Sequence["Atoms"],
    teacher: TeacherSection,
    jobs: JobsSection,
    directory: Path,
    *,
    advance: Advance = lambda done, whole: None,
) -> Labelled:
    """Return frames with their labels; equal frames are labelled once.

    Args:
        frames: what is labelled.
        teacher: by what.
        jobs: where.
        directory: folder of the liquid; labels are kept in its folder labels/.
        advance: moves the progress bar.

    Raises:
        RunError: no frame could be labelled, or the jobs failed.
    """
    settings = teacher.settings()
    folders = {hash_of(frame, settings): frame for frame in frames}
    store = directory / LABEL_STORE
    wanted = [name for name in folders if not is_finished(store / name)]
    for name in wanted:
        (store / name).mkdir(parents=True, exist_ok=True)
        (store / name / REFUSAL).unlink(missing_ok=True)
        write_frame(store / name, folders[name])
    left = set(wanted)

    def look() -> None:
        ended = [name for name in left if is_finished(store / name) or refusal(store / name)]
        left.difference_update(ended)
        advance(len(folders) - len(left), len(folders))

    place = place_of(directory, "label", sorted(folders))
    run_tasks(_tasks(wanted, teacher, jobs, store), jobs, place, look=look)
    return _gather(list(folders), store)


def _tasks(names: Sequence[str], teacher: TeacherSection, jobs: JobsSection, store: Path) -> list[Task]:
    common = {
        "teacher": teacher.model_dump(mode="json", include=set(teacher.own_keys())),
        "threads": jobs.threads,
        "cp2k": jobs.cp2k,
    }
    return [
        task_of(
            "ionspice.electrolytes.labels.work",
            f"{number:04d}",
            {**common, "folders": [str((store / name).resolve()) for name in share]},
            jobs,
        )
        for number, share in enumerate(shares(names, jobs))
    ]


def _gather(names: Sequence[str], store: Path) -> Labelled:
    done = [read_label(store / name) for name in names if is_finished(store / name)]
    refused = {
        name: refusal(store / name) or "its job ended before it" for name in names if not is_finished(store / name)
    }
    if not done:
        first, *others = dict.fromkeys(refused.values())
        more = f"; the other {len(others)} reasons stand in {store.name}/*/{REFUSAL}" if others else ""
        raise RunError(f"none of {len(names)} frames could be labelled: {first[:400]}{more}")
    return Labelled(frames=[frame for frame, _ in done], records=[record for _, record in done], refused=refused)


def write_labels(directory: Path, labelled: Labelled) -> None:
    """Write labels.extxyz and labels.json."""
    from ase.io import write

    with replacing(directory / LABELS) as temporary:
        write(temporary, labelled.frames, format="extxyz")
    write_json(directory / LABEL_TABLE, _FORMAT, {"labels": labelled.records, "refused": labelled.refused})
