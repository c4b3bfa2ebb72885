"""The chain of the electrolyte stage: what each stage reads and writes in the folder of a liquid, and what it does.

    liquid.toml -> molecules -> boxes, production-boxes
                       \\-> frames -> label, and behind it those of learning.py and refining.py

Heavy libraries are imported by the stage that needs them.
"""

from collections.abc import Iterable
from pathlib import Path

from ionspice.core import replacing
from ionspice.core.console import Reporter
from ionspice.core.locks import locked
from ionspice.core.stages import Stage, Workplace, run_chain
from ionspice.electrolytes.boxes.build import build_box, plans_of, write_box
from ionspice.electrolytes.boxes.molecules import make_molecules, read_geometries, write_molecules
from ionspice.electrolytes.files import (
    BOXES,
    FRAMES,
    GEOMETRIES,
    ION_GEOMETRIES,
    LABEL_TABLE,
    LABELS,
    MOLECULES,
    PRODUCTION_BOXES,
    STUDY,
)
from ionspice.electrolytes.inputs import LiquidInputs, sections
from ionspice.electrolytes.labels.campaign import label_frames, write_labels
from ionspice.electrolytes.labels.first_principles import sample_by_teacher
from ionspice.electrolytes.labels.sampling import sample_trajectories
from ionspice.electrolytes.labels.snapshots import read_frames
from ionspice.electrolytes.learning import learning_chain
from ionspice.electrolytes.production import production_chain
from ionspice.electrolytes.refining import refining_chain
from ionspice.electrolytes.study.compositions import CompositionSection
from ionspice.electrolytes.study.file import LiquidStudy


def liquid_chain() -> tuple[Stage[LiquidInputs], ...]:
    """Return the stages from molecules to a potential."""
    return (
        Stage(
            name="molecules",
            act=_molecules,
            values=sections("molecules"),
            reads=lambda inputs: [one.xyz for one in inputs.study.molecules if one.xyz],
            writes=lambda inputs: [MOLECULES, GEOMETRIES],
        ),
        Stage(
            name="boxes",
            act=lambda inputs, place: _boxes(inputs, place, inputs.study.compositions, BOXES),
            values=lambda inputs: {**sections("compositions")(inputs), "seed": inputs.study.frames.seed},
            reads=lambda inputs: [GEOMETRIES, ION_GEOMETRIES],
            writes=lambda inputs: _box_files(inputs.study.compositions, BOXES),
        ),
        Stage(
            name="production-boxes",
            act=lambda inputs, place: _boxes(inputs, place, inputs.study.production.compositions, PRODUCTION_BOXES),
            values=lambda inputs: {
                "compositions": inputs.study.production.model_dump(mode="json")["compositions"],
                "seed": inputs.study.production.seed,
            },
            reads=lambda inputs: [GEOMETRIES, ION_GEOMETRIES],
            writes=lambda inputs: _box_files(inputs.study.production.compositions, PRODUCTION_BOXES),
        ),
        Stage(
            name="frames",
            act=_frames,
            values=lambda inputs: {**sections("frames", "compositions")(inputs), "own": inputs.frames is not None},
            reads=lambda inputs: [GEOMETRIES, ION_GEOMETRIES, *_given_frames(inputs)],
            writes=lambda inputs: [FRAMES],
        ),
        Stage(
            name="label",
            act=_label,
            values=lambda inputs: inputs.study.teacher.settings(),
            reads=lambda inputs: [FRAMES],
            writes=lambda inputs: [LABELS, LABEL_TABLE],
        ),
        *learning_chain(),
        *refining_chain(),
        *production_chain(),
    )


def run_liquid(
    study: LiquidStudy,
    directory: Path,
    *,
    stages: Iterable[str],
    frames: Path | None = None,
    labels: Path | None = None,
    reporter: Reporter | None = None,
) -> None:
    """Bring the files of a liquid's folder up to date.

    Args:
        study: what is computed; written to the folder as liquid.toml with every key.
        directory: the folder; made if it does not exist.
        stages: names of the stages wanted, always in their order.
        frames: frames to label, instead of the study's.
        labels: labels to learn, instead of the folder's.
        reporter: where progress is shown.

    Raises:
        InputError: something the user can correct.
        RunError: a stage failed; what it kept is used by the next run.
    """
    wanted = set(stages)
    chain = [stage for stage in liquid_chain() if stage.name in wanted]
    with locked(directory, None):
        with replacing(directory / STUDY) as temporary:
            temporary.write_text(study.to_toml(), encoding="utf-8")
        run_chain(chain, LiquidInputs(study=study, frames=frames, labels=labels), directory, reporter=reporter)


def _molecules(inputs: LiquidInputs, place: Workplace) -> None:
    molecules = []
    for molecule in make_molecules(inputs.study.molecules):
        molecules.append(molecule)
        place.advance(len(molecules), len(inputs.study.molecules))
    write_molecules(place.directory, molecules)


def _box_files(compositions: Iterable[CompositionSection], folder: str) -> list[str]:
    return [f"{folder}/{plan.name}.extxyz" for plan in plans_of(compositions)]


def _boxes(inputs: LiquidInputs, place: Workplace, mixtures: Iterable[CompositionSection], folder: str) -> None:
    geometries, plans = read_geometries(place.directory), plans_of(mixtures)
    seed = inputs.study.frames.seed if folder == BOXES else inputs.study.production.seed
    for number, plan in enumerate(plans):
        place.advance(number, len(plans))
        path = place.directory / folder / f"{plan.name}.extxyz"
        if place.unfinished and path.is_file():
            continue  # made by the run that did not reach the end
        write_box(path, build_box(plan, geometries, inputs.study.charges, seed=seed))


def _given_frames(inputs: LiquidInputs) -> list[str]:
    given = inputs.frames or inputs.study.frames.file
    return [str(Path(given).resolve())] if given else []


def _frames(inputs: LiquidInputs, place: Workplace) -> None:
    from ase.io import write

    given = _given_frames(inputs)
    if given:
        frames = read_frames(Path(given[0]))
    elif inputs.study.frames.method == "teacher":
        geometries = read_geometries(place.directory)
        frames = sample_by_teacher(inputs.study, geometries, place.directory, advance=place.advance)
    else:
        frames = sample_trajectories(inputs.study, place.directory, keep=place.unfinished, advance=place.advance)
    with replacing(place.directory / FRAMES) as temporary:
        write(temporary, frames, format="extxyz")


def _label(inputs: LiquidInputs, place: Workplace) -> None:
    frames = read_frames(place.directory / FRAMES)
    study = inputs.study
    write_labels(
        place.directory, label_frames(frames, study.teacher, study.jobs, place.directory, advance=place.advance)
    )
