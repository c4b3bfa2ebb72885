"""The stages that make a trained potential better and judge it: what each reads and writes, and what it does.

    train -> refine -> potential -> validate

potential/ has the refined models, or the trained ones until they are refined; the other programs take it from there.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core import InputError, replacing
from ionspice.core.stages import Stage, Workplace
from ionspice.electrolytes.boxes.build import plans_of, read_box
from ionspice.electrolytes.boxes.molecules import read_geometries
from ionspice.electrolytes.files import (
    BOXES,
    LABELS,
    POTENTIAL,
    POTENTIAL_RECORD,
    REFINED,
    REFINING,
    REFINING_RECORD,
    TRAINED,
    TRAJECTORIES,
    VALIDATION,
    VALIDATION_RECORD,
)
from ionspice.electrolytes.inputs import LiquidInputs, sections
from ionspice.electrolytes.labels.snapshots import trajectories_of
from ionspice.electrolytes.learning import divided, labels_of, potential_files, unseen
from ionspice.electrolytes.potential.calculator import DeepPotential
from ionspice.electrolytes.potential.judging import ALL, judge
from ionspice.electrolytes.potential.labels import Division, composition_of
from ionspice.electrolytes.potential.record import LabelErrors, Potential, read_potential, write_potential
from ionspice.electrolytes.potential.refine import refine
from ionspice.electrolytes.potential.refining_record import (
    CurvePoint,
    RefiningRecord,
    read_refining,
    write_refining,
)
from ionspice.electrolytes.potential.validate import ENERGIES, FORCES, TeacherRun, validate
from ionspice.electrolytes.potential.validation_record import write_validation
from ionspice.electrolytes.study.file import LiquidStudy

if TYPE_CHECKING:
    from ase import Atoms


def refining_chain() -> tuple[Stage[LiquidInputs], ...]:
    """Return the stages behind training."""
    return (
        Stage(
            name="refine",
            act=_refine,
            values=lambda inputs: {
                **sections("exploration", "potential")(inputs),
                "teacher": inputs.study.teacher.settings(),
                "unseen": unseen(inputs),
            },
            reads=lambda inputs: [f"{TRAINED}/{POTENTIAL_RECORD}", labels_of(inputs), *_boxes(inputs)],
            writes=lambda inputs: [*potential_files(inputs, REFINED), f"{REFINED}/{LABELS}", REFINING_RECORD],
        ),
        Stage(
            name="potential",
            act=_potential,
            reads=lambda inputs: [f"{TRAINED}/{POTENTIAL_RECORD}", f"{REFINED}/{POTENTIAL_RECORD}", REFINING_RECORD],
            writes=lambda inputs: potential_files(inputs, POTENTIAL),
        ),
        Stage(
            name="validate",
            act=_validate,
            values=lambda inputs: {
                **sections("validation", "analysis", "exploration")(inputs),
                "teacher": inputs.study.teacher.settings(),
                "unseen": unseen(inputs),
            },
            reads=lambda inputs: [
                f"{POTENTIAL}/{POTENTIAL_RECORD}",
                labels_of(inputs),
                *(one.file for one in inputs.study.validation.trajectories),
            ],
            writes=lambda inputs: [VALIDATION_RECORD, f"{VALIDATION}/{ENERGIES}", f"{VALIDATION}/{FORCES}"],
        ),
    )


def _refine(inputs: LiquidInputs, place: Workplace) -> None:
    directory, study = place.directory, inputs.study
    if study.potential.models < 2:
        raise InputError(
            "[potential] models = 1 has no deviation by which frames could be chosen; give at least 2, better 4"
        )
    if not place.unfinished:  # what is there is of other inputs
        shutil.rmtree(directory / REFINING, ignore_errors=True)
    potential = read_potential(directory / TRAINED / POTENTIAL_RECORD)
    division = divided(inputs, directory / labels_of(inputs), potential.type_map)
    first, labels = potential, directory / labels_of(inputs)
    held_out = division.held_out
    rounds, curve = [], _curve_point(potential, held_out, potential.record.errors["held_out"].get(ALL))
    for state in refine(
        study, potential, division, _starts(inputs, directory, division), directory, advance=place.advance
    ):
        rounds.append(state.round)
        if state.round.labelled:
            potential, labels = state.potential, directory / REFINING / f"round-{state.round.round}" / LABELS
            curve += _curve_point(potential, held_out, None)
    write_potential(directory / REFINED, potential.models, potential.record)
    with replacing(directory / REFINED / LABELS) as temporary:
        shutil.copyfile(labels, temporary)
    start = tuple(model.sha256 for model in first.record.models)
    record = RefiningRecord(rounds=tuple(rounds), learning_curve=tuple(curve), start=start)
    write_refining(directory / REFINING_RECORD, record)


def _curve_point(potential: Potential, held_out: Sequence["Atoms"], errors: LabelErrors | None) -> list[CurvePoint]:
    """Return the point of a learning curve; none where nothing is held out.

    Args:
        potential: what was learnt.
        held_out: by which it is judged.
        errors: on these frames, where they are known.
    """
    if not held_out:
        return []
    if errors is None:
        with DeepPotential(potential.models) as opened:
            errors = judge(opened, held_out).errors()
    return [CurvePoint(frames=potential.record.training.frames, energy=errors.energy, force=errors.force)]


def _starts(inputs: LiquidInputs, directory: Path, division: Division) -> dict[str, list["Atoms"]]:
    """Return frames from which explorations start: labels for training, or boxes of mixtures that have none."""
    frames: dict[str, list[Atoms]] = {}
    for frame in division.training:
        frames.setdefault(composition_of(frame), []).append(frame)
    chosen = inputs.study.exploration.compositions or tuple(frames)
    boxes = {
        name: [
            read_box(directory / BOXES / f"{plan.name}.extxyz") for plan in plans_of([inputs.study.composition(name)])
        ]
        for name in chosen
        if name not in frames
    }
    return {name: frames.get(name) or boxes[name] for name in chosen}


def _boxes(inputs: LiquidInputs) -> list[str]:
    """Return the files of the boxes that explorations may start from."""
    chosen = inputs.study.exploration.compositions
    return [f"{BOXES}/{plan.name}.extxyz" for plan in plans_of([inputs.study.composition(name) for name in chosen])]


def _potential(inputs: LiquidInputs, place: Workplace) -> None:
    """Keep the refined potential, where it was made of the trained one as it is; else the trained one."""
    potential = read_potential(place.directory / TRAINED / POTENTIAL_RECORD)
    record, refined = place.directory / REFINING_RECORD, place.directory / REFINED / POTENTIAL_RECORD
    if record.is_file() and refined.is_file():
        start = tuple(model.sha256 for model in potential.record.models)
        if read_refining(record).start == start:
            potential = read_potential(refined)
    write_potential(place.directory / POTENTIAL, potential.models, potential.record)


def _validate(inputs: LiquidInputs, place: Workplace) -> None:
    directory, study = place.directory, inputs.study
    potential = read_potential(directory / POTENTIAL / POTENTIAL_RECORD)
    held_out = divided(inputs, directory / labels_of(inputs), potential.type_map).held_out
    boxes = {}
    for name in unseen(inputs):
        (plan, *_) = plans_of([study.composition(name)])
        boxes[name] = (directory / BOXES / f"{plan.name}.extxyz", plan.box.temperatures[0])
    record = validate(study, potential, held_out, boxes, _teacher_runs(study, directory), directory)
    write_validation(directory / VALIDATION_RECORD, record)


def _teacher_runs(study: LiquidStudy, directory: Path) -> list[TeacherRun]:
    """Return the teacher's runs that the study names, or one of each mixture where it made the first frames."""
    given = [
        TeacherRun(composition=one.composition, temperature=one.temperature, path=Path(one.file))
        for one in study.validation.trajectories
    ]
    if given or study.teacher.program != "tblite" or study.teacher.method != study.frames.method or study.frames.file:
        return given
    sizes = {name: len(geometry) for name, geometry in read_geometries(directory).items()}
    plans = {plan.plan.composition.name: plan for plan in reversed(trajectories_of(study, sizes))}
    return [
        TeacherRun(
            composition=name,
            temperature=plan.temperature,
            path=directory / TRAJECTORIES / f"{plan.name}.extxyz",
        )
        for name, plan in plans.items()
    ]
