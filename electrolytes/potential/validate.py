"""Validate a potential: energies and forces against its teacher where it was not trained, and radial distributions.

Labels of trajectories that were held out judge it in the mixtures that it knows. Mixtures with held_out = true are
judged by frames of the potential's own dynamics, labelled by the teacher, where there are no labels of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ionspice.core import IonspiceError, RunError, replacing
from ionspice.core.reading import reading
from ionspice.electrolytes.boxes.build import is_packed, read_box
from ionspice.electrolytes.files import VALIDATION
from ionspice.electrolytes.labels.campaign import label_frames
from ionspice.electrolytes.lammps.explore import Exploration, exploration_plan, explore
from ionspice.electrolytes.potential.calculator import DeepPotential
from ionspice.electrolytes.potential.judging import ALL, Judgement, judge
from ionspice.electrolytes.potential.labels import composition_of
from ionspice.electrolytes.potential.radial_checks import compare_radial
from ionspice.electrolytes.potential.record import Potential
from ionspice.electrolytes.potential.validation_record import CompositionCheck, RadialCheck, ValidationRecord
from ionspice.electrolytes.study.file import LiquidStudy
from ionspice.electrolytes.study.teacher import TeacherSection

if TYPE_CHECKING:
    from ase import Atoms

ENERGIES, FORCES = "energies.csv", "forces.csv"
#: share of the potential's own dynamics that is left out at the start
_SETTLING = 0.2
#: a deviation that stops validation's runs, in limits of exploration: they are judged, not trusted
_LATITUDE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TeacherRun:
    """Molecular dynamics by the teacher."""

    composition: str
    temperature: float  #: [K]
    path: Path


def validate(
    study: LiquidStudy,
    potential: Potential,
    held_out: Sequence["Atoms"],
    boxes: Mapping[str, tuple[Path, float]],
    runs: Sequence[TeacherRun],
    directory: Path,
) -> ValidationRecord:
    """Return how a potential compares with its teacher; tables are written to validation/.

    Args:
        study: of the liquid.
        potential: that is judged.
        held_out: labelled frames that it was not trained on.
        boxes: of mixtures that it was never trained on: a box and its temperature [K], by name.
        runs: of the teacher, for radial distributions.
        directory: folder of the liquid.
    """
    missing: dict[str, str] = {}
    frames = list(held_out)
    labelled = {composition_of(frame) for frame in held_out}
    for name, (path, temperature) in boxes.items():
        if name not in labelled:
            try:
                frames += _unseen_frames(study, potential, name, path, temperature, directory)
            except IonspiceError as error:
                missing[f"composition {name}"] = str(error)
    checks: tuple[CompositionCheck, ...] = ()
    if frames:
        with DeepPotential(potential.models, threads=study.jobs.threads) as opened:
            judgement = judge(opened, frames)
        _write_tables(directory / VALIDATION, judgement)
        checks = _checks(judgement, potential, study.teacher)
    radial: list[RadialCheck] = []
    for run in runs:
        try:
            radial += _radial(study, potential, run, directory)
        except IonspiceError as error:
            missing[f"radial distributions of {run.composition}"] = str(error)
    return ValidationRecord(compositions=checks, radial=tuple(radial), missing=missing)


def teacher_text(teacher: TeacherSection) -> str:
    """Return a teacher's program and level of theory in words."""
    words: dict[str, Any] = {
        "cp2k": f"CP2K {teacher.functional}-{teacher.dispersion}/{teacher.basis}",
        "tblite": teacher.method,
        "ase": teacher.calculator,
    }
    return str(words[teacher.program])


def _unseen_frames(
    study: LiquidStudy, potential: Potential, name: str, box: Path, temperature: float, directory: Path
) -> list["Atoms"]:
    """Return labelled frames of the potential's dynamics of a mixture that it was not trained on.

    Raises:
        RunError: the box is too large for the teacher, the potential failed, or the teacher did.
    """
    start = read_box(box)
    if len(start) > study.frames.largest:
        raise RunError(
            f"its box has {len(start)} atoms, more than [frames] largest = {study.frames.largest}; add a smaller "
            "composition of the same ratio with held_out = true"
        )
    found = _run(study, potential, start, name, temperature, directory)
    kept = _settled(found.frames)
    chosen = [kept[int(place)] for place in np.linspace(0, len(kept) - 1, min(study.validation.frames, len(kept)))]
    if not chosen:
        raise RunError(f"the potential's run has no frame: {found.reason or 'it was too short'}")
    for frame in chosen:
        frame.info["trajectory"] = f"validation/{name}"
    return label_frames(chosen, study.teacher, study.jobs, directory).frames


def _radial(study: LiquidStudy, potential: Potential, run: TeacherRun, directory: Path) -> list[RadialCheck]:
    from ase.io import read

    with reading(run.path, remedy="give a trajectory that ASE reads, with cells"):
        teacher = list(read(run.path, index=":"))
        if not teacher or any(frame.cell.rank != 3 for frame in teacher):
            raise ValueError("it has no frames, or frames without a cell")
        if any(list(frame.symbols) != list(teacher[0].symbols) for frame in teacher):
            raise ValueError("its frames have different atoms")
    teacher[0].pbc = True
    found = _run(study, potential, teacher[0], run.composition, run.temperature, directory)
    kept = _settled(found.frames)
    if not kept:
        raise RunError(f"the potential's run has no frame: {found.reason or 'it was too short'}")
    return compare_radial(teacher, kept, study.analysis, directory, composition=run.composition)


def _run(
    study: LiquidStudy, potential: Potential, start: "Atoms", name: str, temperature: float, directory: Path
) -> Exploration:
    section = study.exploration.model_copy(
        update={
            "duration": study.validation.duration,
            "doubtful": _LATITUDE * study.exploration.doubtful,
            "ensemble": "NVT",
        }
    )
    return explore(
        start,
        potential.models,
        potential.type_map,
        exploration_plan(section, temperature, seed=section.seed, minimise=is_packed(start)),
        directory / VALIDATION / name / "run",
        composition=name,
        threads=study.jobs.threads,
    )


def _settled(frames: Sequence["Atoms"]) -> list["Atoms"]:
    return list(frames)[int(_SETTLING * len(frames)) :]


def _checks(judgement: Judgement, potential: Potential, teacher: TeacherSection) -> tuple[CompositionCheck, ...]:
    checks = []
    for name, errors in judgement.by_composition().items():
        own = [frame for frame in judgement.frames if composition_of(frame) == name]
        temperatures = [float(frame.info["temperature"]) for frame in own if "temperature" in frame.info]
        if name != ALL:
            checks.append(
                CompositionCheck(
                    name=name,
                    trained=name in potential.window.compositions,
                    temperature=float(np.mean(temperatures)) if temperatures else None,
                    frames=errors.frames,
                    energy=errors.energy,
                    force=errors.force,
                    stress=errors.stress,
                    teacher=teacher_text(teacher),
                )
            )
    return tuple(checks)


def _write_tables(folder: Path, judgement: Judgement) -> None:
    """Write energies and components of forces of teacher and potential side by side."""
    frames = judgement.frames
    names, atoms = [composition_of(frame) for frame in frames], np.array([len(frame) for frame in frames])
    energies = {
        "composition": names,
        "atoms": atoms,
        "teacher [eV/atom]": np.array([frame.get_potential_energy() for frame in frames]) / atoms,
        "potential [eV/atom]": judgement.found.energies / atoms,
    }
    forces = {
        "composition": np.repeat(names, 3 * atoms),
        "element": np.concatenate([np.repeat(frame.get_chemical_symbols(), 3) for frame in frames]),
        "teacher [eV/angstrom]": np.concatenate([frame.get_forces().ravel() for frame in frames]),
        "potential [eV/angstrom]": np.concatenate([found.ravel() for found in judgement.found.forces]),
    }
    for name, columns in ((ENERGIES, energies), (FORCES, forces)):
        with replacing(folder / name) as temporary:
            pd.DataFrame(columns).to_csv(temporary, index=False, float_format="%.8g")
