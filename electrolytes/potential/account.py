"""What a potential that is there is worth on labelled frames, and its record made anew of its models and labels."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core import InputError, sha256_of
from ionspice.electrolytes.files import POTENTIAL_RECORD
from ionspice.electrolytes.potential.calculator import DeepPotential
from ionspice.electrolytes.potential.judging import errors_of, judge, window_of
from ionspice.electrolytes.potential.labels import (
    Division,
    composition_of,
    divide,
    labels_digest,
    read_labelled,
)
from ionspice.electrolytes.potential.record import (
    LabelErrors,
    PotentialRecord,
    read_potential,
    read_record,
    write_potential,
)
from ionspice.electrolytes.study.potential import PotentialSection

if TYPE_CHECKING:
    from ase import Atoms


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Errors of a potential on labelled frames."""

    own: bool  #: whether they are the labels that its record names
    #: by block and composition: "training" and "held_out" of its own labels, "others" of any others
    errors: dict[str, dict[str, LabelErrors]]


def account(folder: Path, labels: Path) -> Account:
    """Return what a potential is worth on the labels of a file.

    Args:
        folder: of the potential.
        labels: extended XYZ with energy and forces.

    Raises:
        InputError: potential or labels are missing or damaged, or the potential does not know an element.
    """
    potential = read_potential(folder / POTENTIAL_RECORD)
    frames = read_labelled(labels, potential.type_map)
    if labels_digest(frames) == potential.window.labels_sha256:
        unseen = {composition_of(frame) for frame in frames} - set(potential.window.compositions)
        return Account(own=True, errors=errors_of(potential.models, _divided(potential.record, frames, unseen)))
    with DeepPotential(potential.models) as opened:
        return Account(own=False, errors={"others": judge(opened, frames).by_composition()})


def restate(folder: Path, labels: Path, *, unseen: Collection[str] = ()) -> Account:
    """Write the record of a potential anew: hashes of its models and labels, what it has seen, its errors.

    Which labels it learnt follows from `held_out` and `seed` of the settings in its record.

    Args:
        folder: of the potential; models that were exchanged are taken as they are.
        labels: all that it was trained on and judged by.
        unseen: names of compositions that it was never trained on.

    Raises:
        InputError: potential or labels are missing or damaged, or the potential does not know an element.
    """
    record = read_record(folder / POTENTIAL_RECORD)
    models = [folder / model.file for model in record.models]
    for path in models:
        if not path.is_file():
            raise InputError(
                f"{path} is missing, which {POTENTIAL_RECORD} names; copy it there, or correct the record"
            )
    division = _divided(record, read_labelled(labels, record.type_map), unseen)
    made = replace(
        record,
        models=tuple(
            replace(model, sha256=sha256_of(path)) for model, path in zip(record.models, models, strict=True)
        ),
        training=window_of(division),
        errors=errors_of(models, division),
    )
    write_potential(folder, models, made)
    return Account(own=True, errors=made.errors)


def _divided(record: PotentialRecord, frames: Sequence["Atoms"], unseen: Collection[str]) -> Division:
    settings = PotentialSection.model_validate(record.settings)
    return divide(frames, settings.held_out, seed=settings.seed, unseen=unseen)
