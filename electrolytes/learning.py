"""The stages from labels to a potential: what each reads and writes in the folder of a liquid, and what it does.

label -> correction -> pretraining-labels -> pretrain -> train, and behind it those of refining.py
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ionspice.core.stages import Stage, Workplace
from ionspice.electrolytes.boxes.molecules import read_geometries
from ionspice.electrolytes.files import (
    CORRECTION,
    GEOMETRIES,
    LABELS,
    POTENTIAL_RECORD,
    PRETRAINED,
    PRETRAINING_LABELS,
    TRAINED,
)
from ionspice.electrolytes.inputs import LiquidInputs, sections
from ionspice.electrolytes.potential.correction import learn_correction
from ionspice.electrolytes.potential.labels import Division, divide, read_labelled
from ionspice.electrolytes.potential.learn import learn
from ionspice.electrolytes.potential.pretraining import write_pretraining_labels
from ionspice.electrolytes.potential.record import Potential, read_potential, require_same_kind

_NO_PRETRAINING = "[potential] pretraining_steps is 0"


def learning_chain() -> tuple[Stage[LiquidInputs], ...]:
    """Return the stages from labels to a potential."""
    return (
        Stage(
            name="correction",
            act=_correction,
            values=lambda inputs: {
                **_models(inputs),
                "method": inputs.study.pretraining.method,
                "steps": inputs.study.pretraining.correction_steps,
                "unseen": unseen(inputs),
            },
            reads=lambda inputs: [GEOMETRIES, labels_of(inputs)],
            writes=lambda inputs: [f"{CORRECTION}/{POTENTIAL_RECORD}", f"{CORRECTION}/model-0.pb"],
            excuse=_no_correction,
        ),
        Stage(
            name="pretraining-labels",
            act=_pretraining_labels,
            values=sections("pretraining", "compositions"),
            reads=lambda inputs: [
                GEOMETRIES,
                *([] if _no_correction(inputs) else [f"{CORRECTION}/{POTENTIAL_RECORD}"]),
                *([inputs.study.pretraining.file] if inputs.study.pretraining.file else []),
            ],
            writes=lambda inputs: [PRETRAINING_LABELS],
            excuse=_no_pretraining,
        ),
        Stage(
            name="pretrain",
            act=_pretrain,
            values=lambda inputs: {**_models(inputs), "steps": inputs.study.potential.pretraining_steps},
            reads=lambda inputs: [GEOMETRIES, PRETRAINING_LABELS, *_start_file(inputs)],
            writes=lambda inputs: potential_files(inputs, PRETRAINED),
            excuse=_no_pretraining,
        ),
        Stage(
            name="train",
            act=_train,
            values=lambda inputs: {**sections("potential")(inputs), "unseen": unseen(inputs)},
            reads=lambda inputs: [
                GEOMETRIES,
                labels_of(inputs),
                *(_start_file(inputs) if _no_pretraining(inputs) else [f"{PRETRAINED}/{POTENTIAL_RECORD}"]),
            ],
            writes=lambda inputs: potential_files(inputs, TRAINED),
        ),
    )


def learning_stages() -> tuple[str, ...]:
    """Return the names of these stages; one that has nothing to do is on record with those behind it.

    So they are always taken together.
    """
    return tuple(stage.name for stage in learning_chain())


def potential_files(inputs: LiquidInputs, folder: str) -> list[str]:
    """Return the files of a potential in a folder of its own."""
    models = [f"{folder}/model-{number}.pb" for number in range(inputs.study.potential.models)]
    return [f"{folder}/{POTENTIAL_RECORD}", *models]


def labels_of(inputs: LiquidInputs) -> str:
    """Return the file of the labels that are learnt: the user's own, or those of the folder."""
    return str(inputs.labels.resolve()) if inputs.labels else LABELS


def unseen(inputs: LiquidInputs) -> list[str]:
    """Return the names of the compositions that are never trained on."""
    return [one.name for one in inputs.study.compositions if one.held_out]


def type_map_of(directory: Path) -> tuple[str, ...]:
    """Return the elements of a liquid in the order in which its molecules have them.

    Raises:
        InputError: the molecules' geometries are missing or damaged.
    """
    return tuple(dict.fromkeys(symbol for atoms in read_geometries(directory).values() for symbol in atoms.symbols))


def divided(inputs: LiquidInputs, path: Path, type_map: Iterable[str]) -> Division:
    """Return the labels of a file for training and those held out.

    Raises:
        InputError: it cannot be used, or all labels are of one trajectory.
    """
    section = inputs.study.potential
    frames = read_labelled(path, tuple(type_map))
    return divide(frames, section.held_out, seed=section.seed, unseen=unseen(inputs))


def _no_pretraining(inputs: LiquidInputs) -> str:
    return "" if inputs.study.potential.pretraining_steps else _NO_PRETRAINING


def _no_correction(inputs: LiquidInputs) -> str:
    steps = inputs.study.pretraining.correction_steps
    return _no_pretraining(inputs) or ("" if steps else "[pretraining] correction_steps is 0")


def _start_file(inputs: LiquidInputs) -> list[str]:
    """Return the file of the potential that the first training goes on from, if there is one."""
    return [inputs.study.potential.start] if inputs.study.potential.start else []


def _start(inputs: LiquidInputs, type_map: tuple[str, ...]) -> Potential | None:
    """Return that potential.

    Raises:
        InputError: it is damaged, or of another kind than the study's.
    """
    section = inputs.study.potential
    if not section.start:
        return None
    potential = read_potential(Path(section.start))
    require_same_kind(potential.record, section, type_map)
    return potential


def _models(inputs: LiquidInputs) -> dict[str, Any]:
    """Return what models depend on beside labels and how long they are trained on them."""
    section = sections("potential")(inputs)["potential"]
    return {key: value for key, value in section.items() if key not in ("steps", "pretraining_steps", "tuning_rate")}


def _correction(inputs: LiquidInputs, place: Workplace) -> None:
    directory, type_map = place.directory, type_map_of(place.directory)
    labels = directory / labels_of(inputs)
    division = divided(inputs, labels, type_map)
    learn_correction(inputs.study, division, type_map, directory, advance=place.advance)


def _pretraining_labels(inputs: LiquidInputs, place: Workplace) -> None:
    directory = place.directory
    write_pretraining_labels(
        inputs.study,
        type_map_of(directory),
        directory,
        keep=place.unfinished,
        correction=None if _no_correction(inputs) else read_potential(directory / CORRECTION / POTENTIAL_RECORD),
        advance=place.advance,
    )


def _pretrain(inputs: LiquidInputs, place: Workplace) -> None:
    labels, type_map = place.directory / PRETRAINING_LABELS, type_map_of(place.directory)
    learn(
        PRETRAINED,
        divided(inputs, labels, type_map),
        type_map=type_map,
        section=inputs.study.potential,
        jobs=inputs.study.jobs,
        directory=place.directory,
        steps=inputs.study.potential.pretraining_steps,
        start=_start(inputs, type_map),
        other_theory=True,
        advance=place.advance,
    )


def _train(inputs: LiquidInputs, place: Workplace) -> None:
    labels, type_map = place.directory / labels_of(inputs), type_map_of(place.directory)
    pretrained = place.directory / PRETRAINED / POTENTIAL_RECORD
    learn(
        TRAINED,
        divided(inputs, labels, type_map),
        type_map=type_map,
        section=inputs.study.potential,
        jobs=inputs.study.jobs,
        directory=place.directory,
        steps=inputs.study.potential.steps,
        start=_start(inputs, type_map) if _no_pretraining(inputs) else read_potential(pretrained),
        other_theory=True,
        advance=place.advance,
    )
