"""potential.json: what a potential is, what it was trained on, and how wrong it is; beside its models."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ionspice.core import InputError, replacing, sha256_of
from ionspice.core.json_files import plain, read_json_as, write_json
from ionspice.electrolytes.files import POTENTIAL_RECORD
from ionspice.electrolytes.potential.training_input import Neighbourhood
from ionspice.electrolytes.study.potential import PotentialSection
from ionspice.electrolytes.transport.validation import validated

FORMAT = "ionspice-potential/1"
#: keys of [potential] that make networks of one kind
_KIND = ("descriptor", "cutoff", "smooth_from", "embedding", "fitting", "core_repulsion")
_REMEDY = "train it with ionspice electrolyte train"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One frozen model."""

    file: str  #: name beside potential.json
    sha256: str
    seed: int
    steps: int  #: of its last training


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingWindow:
    """What the models have seen; beyond it they guess."""

    frames: int
    trajectories: int
    compositions: dict[str, int]  #: frames by name
    temperature: tuple[float, float] | None  #: least and greatest [K]; None where frames do not say
    density: tuple[float, float]  #: least and greatest [g/cm^3]
    labels_sha256: str  #: of the labels, those held out included, by `labels_digest`


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelErrors:
    """How far the first model is from the labels of some frames: root mean squares."""

    frames: int
    energy: float  #: [eV/atom]
    force: float  #: of a component [eV/angstrom]
    force_size: float  #: of the labels' own components [eV/angstrom]
    deviation: float | None  #: mean over frames of the models' largest deviation [eV/angstrom]; None of one model
    stress: float | None = None  #: of a component [GPa]; None where labels have none


@dataclass(frozen=True, slots=True, kw_only=True)
class PotentialRecord:
    """The content of potential.json."""

    type_map: tuple[str, ...]
    models: tuple[ModelFile, ...]
    settings: dict[str, Any]  #: the study's [potential]
    cutoff: float  #: [angstrom]
    neighbourhood: Neighbourhood  #: that the descriptor has room for
    training: TrainingWindow
    #: "training" and "held_out": of "all" frames, and of each composition
    errors: dict[str, dict[str, LabelErrors]] = field(default_factory=dict)
    program: str  #: name and version


@dataclass(frozen=True, slots=True, kw_only=True)
class Potential:
    """A potential that is ready to use."""

    models: tuple[Path, ...]  #: frozen models; the first one is the potential
    record: PotentialRecord

    @property
    def type_map(self) -> tuple[str, ...]:
        """Elements by type."""
        return self.record.type_map

    @property
    def window(self) -> TrainingWindow:
        """What the models have seen."""
        return self.record.training


def read_record(path: Path) -> PotentialRecord:
    """Return the content of a potential.json, whatever lies beside it.

    Raises:
        InputError: it is missing or damaged.
    """
    return read_json_as(path, FORMAT, lambda content: validated(PotentialRecord, content), remedy=_REMEDY)


def read_potential(path: Path) -> Potential:
    """Return the potential of a potential.json.

    Raises:
        InputError: it or a model is missing, damaged, or not as it was left.
    """
    record = read_record(path)
    models = tuple(path.parent / model.file for model in record.models)
    for model, file in zip(record.models, models, strict=True):
        if not file.is_file() or sha256_of(file) != model.sha256:
            raise InputError(f"{file} is not the model that {path.name} names; {_REMEDY}, or copy both again")
    return Potential(models=models, record=record)


def require_same_kind(record: PotentialRecord, section: PotentialSection, type_map: Sequence[str]) -> None:
    """Require models that a training by [potential] can go on from: the same elements and the same networks.

    Raises:
        InputError: they differ.
    """
    if tuple(type_map) != record.type_map:
        raise InputError(
            f"[potential] start is of {', '.join(record.type_map)}, in this order, and the molecules have "
            f"{', '.join(type_map)}; leave it out, or train one of these elements"
        )
    own = plain(section.model_dump(mode="json", include=set(_KIND)))
    for key in _KIND:
        given, known = own[key], record.settings.get(key)
        if given != known:
            raise InputError(
                f"[potential] {key} = {given} is not that of start, {known}; write {key} = {json.dumps(known)}, or "
                "leave start out"
            )


def model_files(models: Sequence[Path], *, seeds: Sequence[int], steps: int) -> tuple[ModelFile, ...]:
    """Return the records of frozen models, under the names that `write_potential` gives them."""
    return tuple(
        ModelFile(file=f"model-{number}.pb", sha256=sha256_of(path), seed=seed, steps=steps)
        for number, (path, seed) in enumerate(zip(models, seeds, strict=True))
    )


def write_potential(folder: Path, models: Sequence[Path], record: PotentialRecord) -> None:
    """Write models and potential.json, the latter last.

    Args:
        folder: of the potential; models that it had beyond these are removed.
        models: in the order of the record.
        record: what they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = {model.file for model in record.models}
    for path in folder.glob("model-*.pb"):
        if path.name not in names:
            path.unlink()
    for model, path in zip(record.models, models, strict=True):
        with replacing(folder / model.file) as temporary:
            shutil.copyfile(path, temporary)
    write_json(folder / POTENTIAL_RECORD, FORMAT, asdict(record))
