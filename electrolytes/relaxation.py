"""What CP2K and a potential add to molecules and boxes: geometries, charges, normal modes, relaxed boxes.

    molecules -> ions -> modes,    boxes -> relaxed-boxes

None of it is needed by the other stages, which use what is there: refined geometries go before those of GFN-xTB.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionspice.core import IonspiceError, RunError
from ionspice.core.console import Reporter
from ionspice.core.stages import Stage, Workplace, run_chain
from ionspice.electrolytes.boxes.build import plans_of, read_box, write_box
from ionspice.electrolytes.boxes.molecules import read_geometries
from ionspice.electrolytes.boxes.relaxing import relax_box
from ionspice.electrolytes.files import (
    BOXES,
    GEOMETRIES,
    ION_GEOMETRIES,
    IONS,
    MODES,
    POTENTIAL,
    POTENTIAL_RECORD,
    PRODUCTION_BOXES,
    RELAXED_BOXES,
)
from ionspice.electrolytes.ions.modes import modes_of_calculator, modes_of_cp2k
from ionspice.electrolytes.ions.record import ModeSet, write_ions, write_modes
from ionspice.electrolytes.ions.refine import refine_molecules
from ionspice.electrolytes.ions.store import read_refined
from ionspice.electrolytes.labels.cp2k.settings import Cp2kSettings
from ionspice.electrolytes.study.file import LiquidStudy

if TYPE_CHECKING:
    from ase import Atoms

_POTENTIAL = f"{POTENTIAL}/{POTENTIAL_RECORD}"
#: box of so many atoms and more that is relaxed by a potential or not at all
_TOO_LARGE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaxationInputs:
    """What is refined."""

    study: LiquidStudy
    vibrations: bool = False  #: whether CP2K computes normal modes, which takes it an hour or more
    production: bool = False  #: whether the large boxes are relaxed too


def relaxation_chain() -> tuple[Stage[RelaxationInputs], ...]:
    """Return the stages ions, modes and relaxed-boxes."""
    return (
        Stage(
            name="ions",
            act=_ions,
            values=lambda inputs: asdict(_settings(inputs.study)),
            reads=lambda inputs: [GEOMETRIES],
            writes=lambda inputs: [IONS, ION_GEOMETRIES],
        ),
        Stage(
            name="modes",
            act=_modes,
            values=lambda inputs: {"vibrations": inputs.vibrations},
            reads=lambda inputs: [GEOMETRIES, IONS, _POTENTIAL],
            writes=lambda inputs: [MODES],
        ),
        Stage(
            name="relaxed-boxes",
            act=_relaxed_boxes,
            values=lambda inputs: {"method": _method(inputs)},
            reads=lambda inputs: [_POTENTIAL, *_box_files(inputs)],
            writes=lambda inputs: [_relaxed(name) for name in _box_files(inputs)],
        ),
    )


def run_relaxation(
    study: LiquidStudy,
    directory: Path,
    *,
    stages: Iterable[str],
    vibrations: bool = False,
    production: bool = False,
    reporter: Reporter | None = None,
) -> None:
    """Bring stages of the relaxation up to date.

    Args:
        study: whose molecules and boxes are in the folder.
        directory: the folder.
        stages: names of the stages wanted.
        vibrations: whether CP2K computes normal modes.
        production: whether the large boxes are relaxed too.
        reporter: where progress is shown.

    Raises:
        InputError: molecules or boxes are not there.
        RunError: a program is not there, or failed.
    """
    wanted = set(stages)
    chain = [stage for stage in relaxation_chain() if stage.name in wanted]
    inputs = RelaxationInputs(study=study, vibrations=vibrations, production=production)
    run_chain(chain, inputs, directory, reporter=reporter)


def _settings(study: LiquidStudy) -> Cp2kSettings:
    return study.teacher.build() or Cp2kSettings()


def _ions(inputs: RelaxationInputs, place: Workplace) -> None:
    folders = _refined(inputs, place, vibrations=False)
    write_ions(
        place.directory, {name: read_refined(folder) for name, folder in folders.items()}, inputs.study.charges
    )


def _refined(inputs: RelaxationInputs, place: Workplace, *, vibrations: bool) -> dict[str, Path]:
    study = inputs.study
    return refine_molecules(
        read_geometries(place.directory, refined=False),
        study.charges,
        _settings(study),
        study.jobs,
        place.directory,
        vibrations=vibrations,
        advance=place.advance,
    )


def _modes(inputs: RelaxationInputs, place: Workplace) -> None:
    sets: list[ModeSet] = []
    missing: dict[str, str] = {}
    if inputs.vibrations or (place.directory / IONS).is_file():
        sets += modes_of_cp2k(_refined(inputs, place, vibrations=inputs.vibrations))
    if not sets:
        missing["CP2K"] = "not computed; ionspice electrolyte build --vibrations does, in an hour or more"
    try:
        sets += _modes_of_potential(place.directory)
    except IonspiceError as error:
        missing["potential"] = str(error)
    write_modes(place.directory, sets, missing)


def _modes_of_potential(directory: Path) -> Iterator[ModeSet]:
    with _potential(directory) as calculator, tempfile.TemporaryDirectory() as folder:
        for name, molecule in read_geometries(directory).items():
            if len(molecule) > 1:
                yield modes_of_calculator(name, molecule, calculator, by="potential", folder=Path(folder))


@contextmanager
def _potential(directory: Path) -> Iterator[Any]:
    """Yield the calculator of the folder's potential.

    Raises:
        InputError: there is none.
    """
    from ionspice.electrolytes.potential.calculator import DeepPotential
    from ionspice.electrolytes.potential.record import read_potential

    with DeepPotential(read_potential(directory / _POTENTIAL).models[:1]) as potential:
        yield potential.calculator()


def _box_files(inputs: RelaxationInputs) -> list[str]:
    study = inputs.study
    kinds = {BOXES: study.compositions} | (
        {PRODUCTION_BOXES: study.production.compositions} if inputs.production else {}
    )
    return [f"{folder}/{plan.name}.extxyz" for folder, mixtures in kinds.items() for plan in plans_of(mixtures)]


def _relaxed(name: str) -> str:
    return f"{RELAXED_BOXES}/{Path(name).name}"


def _relaxed_boxes(inputs: RelaxationInputs, place: Workplace) -> None:
    names = _box_files(inputs)
    boxes = {name: read_box(place.directory / name) for name in names}
    if (place.directory / _POTENTIAL).is_file():
        with _potential(place.directory) as calculator:
            _relax_all(boxes, calculator, "potential", place)
        return
    large = next((name for name, box in boxes.items() if len(box) >= _TOO_LARGE), None)
    if large is not None:
        raise RunError(
            f"{large} has {len(boxes[large])} atoms, too many for {_method(inputs)}, and there is no "
            "potential yet; make one with ionspice electrolyte train"
        )
    from tblite.ase import TBLite

    method = _method(inputs)
    _relax_all(boxes, TBLite(method=method, verbosity=0), method, place)


def _method(inputs: RelaxationInputs) -> str:
    """Return the cheap method of [frames]."""
    method = inputs.study.frames.method
    return "GFN1-xTB" if method == "teacher" else method


def _relax_all(boxes: Mapping[str, "Atoms"], calculator: Any, by: str, place: Workplace) -> None:
    for number, (name, box) in enumerate(boxes.items()):
        place.advance(number, len(boxes))
        path = place.directory / _relaxed(name)
        if place.unfinished and path.is_file():
            continue  # made by the run that did not reach the end
        write_box(path, relax_box(box, calculator, by=by))
