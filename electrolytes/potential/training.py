"""Train models: folders with data, input and start, jobs that train them, and what came of it.

    training/<name>/plan.json, core.txt, data/, model-0/{input.json, start.pb, lcurve.out, model.pb}, model-1/, ...

plan.json has the hash of everything that the models depend on. With the same one a training goes on where it was;
with another it begins anew.
"""

import hashlib
import json
import math
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ionspice.core import InputError, RunError, replacing, sha256_of
from ionspice.core.console import Advance
from ionspice.core.json_files import read_json, write_json
from ionspice.electrolytes.environment.tools import potential_program
from ionspice.electrolytes.files import TRAINING
from ionspice.electrolytes.jobs.dispatch import Task, place_of, run_tasks, shares, task_of
from ionspice.electrolytes.potential import bias
from ionspice.electrolytes.potential.calculator import DeepPotential, tensorflow_environment
from ionspice.electrolytes.potential.core_repulsion import write_core_table
from ionspice.electrolytes.potential.data_sets import write_data_sets
from ionspice.electrolytes.potential.labels import counts_of
from ionspice.electrolytes.potential.trainer import CURVE, INPUT, LOG, MODEL, START
from ionspice.electrolytes.potential.training_input import Neighbourhood, TrainingPlan, training_input
from ionspice.electrolytes.study.jobs import JobsSection
from ionspice.electrolytes.study.potential import PotentialSection

if TYPE_CHECKING:
    from ase import Atoms

_FORMAT = "ionspice-training/1"
_PLAN, _DATA, _CORE = "plan.json", "data", "core.txt"
#: keys of [potential] that the models of one training do not depend on, or by other values
_ELSEWHERE = {"start", "steps", "pretraining_steps", "held_out", "learning_rate", "tuning_rate"}
#: between the seeds of two models, which use three each
_SEEDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What models are trained on."""

    name: str  #: of its folder
    frames: Sequence["Atoms"]  #: with labels
    type_map: tuple[str, ...]  #: elements by type
    neighbourhood: Neighbourhood  #: of all labels that these models ever see
    section: PotentialSection
    steps: int
    fresh: int = 0  #: how many of the frames, the last ones, are new to the models that it begins from
    start: tuple[Path, ...] = ()  #: models from which it begins; none: from random weights
    #: whether those are of another level of theory, and are first given this one's energies of the elements
    other_theory: bool = False

    @property
    def learning_rate(self) -> float:
        """At the start: lower where models know something already."""
        return self.section.tuning_rate if self.start else self.section.learning_rate


def train(
    training: Training, jobs: JobsSection, directory: Path, *, advance: Advance = lambda done, whole: None
) -> tuple[Path, ...]:
    """Return the models of a training, as many as the study wants; those that are finished are not trained again.

    Args:
        training: what is learnt.
        jobs: where.
        directory: folder of the liquid.
        advance: moves the progress bar.

    Raises:
        RunError: DeePMD-kit is not there, a training failed, or diverged.
    """
    potential_program("dp")  # or a job would fail, several times
    place = directory / TRAINING / training.name
    digest = _digest(training)
    folders = _prepare(training, place, digest)

    def look() -> None:
        _check_curves(folders)
        advance(sum(_steps_done(folder, training.steps) for folder in folders), training.steps * len(folders))

    if not all((folder / MODEL).is_file() for folder in folders):
        work = place_of(directory, f"train-{training.name.replace('/', '-')}", digest)
        run_tasks(_tasks(folders, jobs), jobs, work, look=look)
    _check_curves(folders)
    for folder in folders:
        if not (folder / MODEL).is_file():
            raise RunError(f"training of {folder} left no model: {_reason(folder)}; see {folder / LOG}")
    return tuple(folder / MODEL for folder in folders)


def model_seed(section: PotentialSection, number: int) -> int:
    """Return the seed of a model by its number."""
    return section.seed + _SEEDS * number


def read_curve(folder: Path) -> NDArray[np.float64]:
    """Return what DeePMD-kit wrote of a training's errors, shape (lines, columns), the first column being the step.

    The columns follow its heading: step, all, energy, force, virial where there is one, and the learning rate.
    """
    path = folder / CURVE
    lines = path.read_text(errors="replace").splitlines() if path.is_file() else []
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    width = max(map(len, rows), default=0)
    # the last line may be half written
    numbers = [[_number(text) for text in row] for row in rows if len(row) == width]
    return np.array(numbers, dtype=np.float64).reshape(len(numbers), width)


def _prepare(training: Training, place: Path, digest: str) -> list[Path]:
    """Return the folders of the models, made anew unless they are of the same training."""
    folders = [place / f"model-{number}" for number in range(training.section.models)]
    try:
        same = read_json(place / _PLAN, _FORMAT, remedy="")["digest"] == digest
    except (InputError, KeyError):
        same = False
    if same:
        return folders
    shutil.rmtree(place, ignore_errors=True)
    known = len(training.frames) - training.fresh
    systems = [
        f"../{_DATA}/{part}/{name}"
        for part, frames in (("known", training.frames[:known]), ("fresh", training.frames[known:]))
        for name in write_data_sets(place / _DATA / part, frames, training.type_map)
    ]
    plan = TrainingPlan(
        systems=tuple(systems),
        fresh=sum("/fresh/" in name for name in systems),
        steps=training.steps,
        learning_rate=training.learning_rate,
        virials=any("stress" in frame.calc.results for frame in training.frames),
        neighbourhood=training.neighbourhood,
    )
    if training.section.core_repulsion:
        from ase.data import atomic_numbers

        numbers = [atomic_numbers[element] for element in training.type_map]
        write_core_table(place / _CORE, numbers, training.section.cutoff)
        plan = replace(plan, core_table=f"../{_CORE}")
    starts = _starts(training, place)
    for number, folder in enumerate(folders):
        _write_folder(training, plan, number, folder)
        if starts:
            shutil.copyfile(starts[number % len(starts)], folder / START)
    write_json(place / _PLAN, _FORMAT, {"digest": digest, "frames": len(training.frames), "steps": training.steps})
    return folders


def _write_folder(training: Training, plan: TrainingPlan, number: int, folder: Path) -> None:
    seed = model_seed(training.section, number)
    content = training_input(training.section, plan, training.type_map, seed=seed)
    with replacing(folder / INPUT) as temporary:
        temporary.write_text(json.dumps(content, indent=2), encoding="utf-8")


def _starts(training: Training, place: Path) -> list[Path]:
    """Return the models from which a training begins, with its labels' energies of the elements."""
    if not training.start or not training.other_theory:
        return list(training.start)
    with DeepPotential(training.start[:1]) as potential:
        found = potential.evaluate(training.frames).energies
    missing = np.array([frame.get_potential_energy() for frame in training.frames]) - found
    shift = np.linalg.lstsq(counts_of(training.frames, training.type_map), missing, rcond=1e-8)[0]
    made = [place / f"start-{number}.pb" for number in range(len(training.start))]
    pairs = [str(path.resolve()) for pair in zip(training.start, made, strict=True) for path in pair]
    command = [str(potential_program("python")), bias.__file__, json.dumps(shift.tolist()), *pairs]
    done = subprocess.run(command, env=tensorflow_environment(1), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RunError(f"{training.start[0]} cannot be begun from: {(done.stderr.strip() or 'no reason')[-300:]}")
    return made


def _digest(training: Training) -> str:
    """Return the hash of everything that the models depend on."""
    neighbourhood = training.neighbourhood
    settings: dict[str, Any] = {
        "type_map": training.type_map,
        "section": training.section.model_dump(mode="json", exclude=_ELSEWHERE),
        "learning_rate": training.learning_rate,
        "steps": training.steps,
        "start": [sha256_of(path) for path in training.start],
        "neighbourhood": [*neighbourhood.most, neighbourhood.least_distance],
        "other_theory": training.other_theory,
        **({"fresh": training.fresh} if training.fresh else {}),
    }
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for frame in training.frames:
        digest.update(frame.numbers.tobytes())
        for values in (frame.positions, frame.cell.array, frame.get_potential_energy(), frame.get_forces()):
            digest.update(np.round(np.asarray(values, dtype=np.float64), 8).tobytes())
    return digest.hexdigest()


def _tasks(folders: Sequence[Path], jobs: JobsSection) -> list[Task]:
    return [
        task_of(
            "ionspice.electrolytes.potential.training_job",
            f"{number:04d}",
            {"folders": [str(folder.resolve()) for folder in share], "threads": jobs.threads},
            jobs,
        )
        for number, share in enumerate(shares(folders, _one_model_each(jobs)))
    ]


def _one_model_each(jobs: JobsSection) -> JobsSection:
    """Return jobs of one model each, where a batch system takes them."""
    return jobs.model_copy(update={"frames_per_job": 1})


def _steps_done(folder: Path, steps: int) -> int:
    if (folder / MODEL).is_file():
        return steps
    curve = read_curve(folder)
    return int(curve[-1, 0]) if len(curve) else 0


def _check_curves(folders: Sequence[Path]) -> None:
    """Check that no training has diverged.

    Raises:
        RunError: one has.
    """
    for folder in folders:
        curve = read_curve(folder)
        # of virials there is no error where there are none
        if len(curve) and not np.isfinite(curve[-1, 2:4]).all():
            raise RunError(
                f"training of {folder} diverged at step {curve[-1, 0]:.0f}; lower [potential] learning_rate, or look "
                "for labels with wrong forces"
            )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _reason(folder: Path) -> str:
    path = folder / LOG
    lines = path.read_text(errors="replace").strip().splitlines() if path.is_file() else []
    return lines[-1][:300] if lines else "its job ended before it"
