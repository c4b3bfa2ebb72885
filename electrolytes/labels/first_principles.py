"""First frames of a liquid by first-principles dynamics of its boxes, jobs of hours or days, one a trajectory.

Every frame that is kept comes with energy and forces, and goes into the store of labels as it is. What a trajectory
has reached is kept, and goes on from CP2K's own restart file. The program of a job:

    python -m ionspice.electrolytes.labels.first_principles work.json
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionspice.core import InputError, IonspiceError, RunError, replacing
from ionspice.core.children import start_child
from ionspice.core.console import Advance
from ionspice.core.signals import StoppedError
from ionspice.electrolytes.boxes.build import BoxPlan, build_box, plans_of
from ionspice.electrolytes.environment.tools import clean_environment, cp2k_command, cp2k_version
from ionspice.electrolytes.files import FIRST_PRINCIPLES, LABEL_STORE
from ionspice.electrolytes.jobs.dispatch import Task, place_of, run_tasks, task_of
from ionspice.electrolytes.labels.cp2k.dynamics import (
    PROJECT,
    DynamicsPlan,
    dynamics_input,
    read_dynamics,
    steps_done,
)
from ionspice.electrolytes.labels.cp2k.input import COORDINATES, INPUT, OUTPUT
from ionspice.electrolytes.labels.cp2k.settings import Cp2kSettings
from ionspice.electrolytes.labels.store import (
    REFUSAL,
    hash_of,
    is_finished,
    read_frame,
    refusal,
    refuse,
    write_frame,
    write_label,
)
from ionspice.electrolytes.labels.watching import wait_for
from ionspice.electrolytes.study.file import LiquidStudy

if TYPE_CHECKING:
    from ase import Atoms

#: what CP2K prints where a wave function did not converge
_UNCONVERGED = ("SCF run NOT converged", "outer SCF loop FAILED")


@dataclass(frozen=True, slots=True, kw_only=True)
class TeacherTrajectory:
    """One first-principles trajectory of a study."""

    box: BoxPlan
    plan: DynamicsPlan

    @property
    def name(self) -> str:
        """Name of the trajectory, and of its folder."""
        return f"{self.box.name}_{self.plan.temperature:g}K"


def trajectories_of_boxes(study: LiquidStudy) -> list[TeacherTrajectory]:
    """Return the trajectories of the boxes of [frames] compositions, each at its own temperatures and ensemble."""
    section = study.frames
    chosen = [one for one in study.compositions if one.name in section.compositions and not one.held_out]
    chosen = chosen or [one for one in study.compositions if not one.held_out]
    every = max(1, round(section.interval / section.timestep))
    return [
        TeacherTrajectory(
            box=box,
            plan=DynamicsPlan(
                temperature=temperature,
                ensemble=box.box.ensemble,
                timestep=section.timestep,
                every=every,
                equilibration=round(section.equilibration / (every * section.timestep)),
                frames=section.frames,
                pressure=study.production.pressure,
                seed=section.seed,
            ),
        )
        for box in plans_of(chosen)
        for temperature in box.box.temperatures
    ]


def sample_by_teacher(
    study: LiquidStudy,
    geometries: Mapping[str, "Atoms"],
    directory: Path,
    *,
    advance: Advance = lambda done, whole: None,
) -> list["Atoms"]:
    """Return the frames of first-principles dynamics, whose labels are then finished.

    Args:
        study: whose teacher is CP2K.
        geometries: of the molecules, by name.
        directory: folder of the liquid.
        advance: moves the progress bar.

    Raises:
        InputError: the teacher has no dynamics.
        RunError: a trajectory could not be computed.
    """
    settings = study.teacher.build()
    if settings is None:
        raise InputError('[frames] method = "teacher" is dynamics by CP2K; give [teacher] program = "cp2k"')
    trajectories = trajectories_of_boxes(study)
    folders = [(directory / FIRST_PRINCIPLES / one.name).resolve() for one in trajectories]
    for one, folder in zip(trajectories, folders, strict=True):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / REFUSAL).unlink(missing_ok=True)
        if not (folder / "given.extxyz").is_file():
            write_frame(folder, build_box(one.box, geometries, study.charges, seed=study.frames.seed))

    def look() -> None:
        advance(sum(steps_done(folder) for folder in folders), sum(one.plan.steps for one in trajectories))

    what = [[one.name, asdict(one.plan)] for one in trajectories] + [asdict(settings)]
    place = place_of(directory, "first-principles", what)
    wanted = [pair for pair in zip(trajectories, folders, strict=True) if steps_done(pair[1]) < pair[0].plan.steps]
    tasks = [_task(study, one, folder, settings) for one, folder in wanted]
    run_tasks(tasks, study.jobs, place, look=look)
    program = f"CP2K {cp2k_version(study.jobs.cp2k)}".strip()
    return [
        frame
        for one, folder in zip(trajectories, folders, strict=True)
        for frame in _kept(one, folder, study, directory / LABEL_STORE, program)
    ]


def _task(study: LiquidStudy, one: TeacherTrajectory, folder: Path, settings: Cp2kSettings) -> Task:
    order = {
        "folder": str(folder),
        "plan": asdict(one.plan),
        "settings": asdict(settings),
        "threads": study.jobs.threads,
        "cp2k": study.jobs.cp2k,
    }
    return task_of("ionspice.electrolytes.labels.first_principles", one.name, order, study.jobs)


def _kept(one: TeacherTrajectory, folder: Path, study: LiquidStudy, store: Path, program: str) -> list["Atoms"]:
    """Return the frames of a trajectory, each kept as a label.

    Raises:
        RunError: the trajectory did not reach its end.
    """
    if refusal(folder):
        raise RunError(f"{one.name}: {refusal(folder)}")
    frames, settings = [], study.teacher.settings()
    start = read_frame(folder)
    for frame, answer in read_dynamics(folder, start, one.plan, program=program):
        frame.info.update(
            trajectory=one.name,
            composition=one.box.composition.name,
            temperature=one.plan.temperature,
            sampled_by=program,
        )
        place = store / hash_of(frame, settings)
        if not is_finished(place):
            place.mkdir(parents=True, exist_ok=True)
            write_frame(place, frame)
            write_label(place, frame, answer, settings=settings, wall_time=0.0)
        frames.append(frame)
    return frames


def work(order: Mapping[str, Any]) -> None:
    """Run the trajectory of an order to its end: its `folder`, `plan`, `settings`, `threads`, `cp2k` and `watch`."""
    folder, plan = Path(order["folder"]), DynamicsPlan(**order["plan"])
    try:
        _run(folder, plan, order)
    except StoppedError:
        return
    except IonspiceError as error:
        refuse(folder, str(error))


def _run(folder: Path, plan: DynamicsPlan, order: Mapping[str, Any]) -> None:
    from ase.io import write

    done, start = steps_done(folder), read_frame(folder)
    if not done:
        for path in folder.glob(f"{PROJECT}-*"):  # CP2K appends
            path.unlink()
        (folder / OUTPUT).unlink(missing_ok=True)
    with replacing(folder / INPUT) as temporary:
        text = dynamics_input(start, Cp2kSettings(**order["settings"]), plan, done=done)
        temporary.write_text(text, encoding="utf-8")
    with replacing(folder / COORDINATES) as temporary:
        write(temporary, start, format="xyz")
    with open(folder / "cp2k.err", "wb") as errors:
        process = start_child(
            [*cp2k_command(order["cp2k"]), "-i", INPUT, "-o", OUTPUT],
            cwd=folder,
            env=clean_environment(threads=order["threads"]),
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
        )
        wait_for(process, order["watch"])
    printed = (folder / OUTPUT).read_text(encoding="utf-8", errors="replace") if (folder / OUTPUT).is_file() else ""
    if any(sign in printed for sign in _UNCONVERGED):
        raise RunError("a wave function did not converge; raise [teacher] scf_restarts, and delete its folder")
    if steps_done(folder) < plan.steps:
        raise RunError(f"CP2K ended after {steps_done(folder)} of {plan.steps} steps; see {folder / OUTPUT}")


if __name__ == "__main__":
    work(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
