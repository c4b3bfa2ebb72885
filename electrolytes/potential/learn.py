"""Train the models of a potential on labels, judge them on what was held out, and write them with their record."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core.console import Advance
from ionspice.core.json_files import plain
from ionspice.electrolytes.environment.tools import dp_version
from ionspice.electrolytes.files import POTENTIAL_RECORD
from ionspice.electrolytes.potential.judging import errors_of, window_of
from ionspice.electrolytes.potential.labels import Division
from ionspice.electrolytes.potential.record import (
    Potential,
    PotentialRecord,
    model_files,
    read_potential,
    write_potential,
)
from ionspice.electrolytes.potential.training import Training, model_seed, train
from ionspice.electrolytes.potential.training_input import Neighbourhood, neighbourhood_of
from ionspice.electrolytes.study.jobs import JobsSection
from ionspice.electrolytes.study.potential import PotentialSection

if TYPE_CHECKING:
    from ase import Atoms

_LOGGER = logging.getLogger(__name__)


def learn(
    name: str,
    division: Division,
    *,
    type_map: Sequence[str],
    section: PotentialSection,
    jobs: JobsSection,
    directory: Path,
    steps: int,
    fresh: int = 0,
    start: Potential | None = None,
    other_theory: bool = False,
    advance: Advance = lambda done, whole: None,
) -> Potential:
    """Return a potential that was trained on labels; it lies in the folder of its name.

    Args:
        name: of its folder, and of its training's.
        division: labels for training, and those by which it is judged.
        type_map: elements by type.
        section: the study's [potential].
        jobs: where it is trained.
        directory: folder of the liquid.
        steps: of training.
        fresh: how many of the labels for training, the last ones, are new to the potential from which it begins.
        start: potential from which it begins, default random weights.
        other_theory: whether that one learnt another level of theory.
        advance: moves the progress bar.

    Raises:
        RunError: a training failed.
    """
    training = Training(
        name=name,
        frames=division.training,
        type_map=tuple(type_map),
        neighbourhood=_neighbourhood(division.training, type_map, section, start),
        section=section,
        steps=steps,
        fresh=fresh,
        start=start.models if start else (),
        other_theory=other_theory,
    )
    models = train(training, jobs, directory, advance=advance)
    record = PotentialRecord(
        type_map=training.type_map,
        models=model_files(models, seeds=[model_seed(section, number) for number in range(len(models))], steps=steps),
        settings=plain(section.model_dump(mode="json")),
        cutoff=section.cutoff,
        neighbourhood=training.neighbourhood,
        training=window_of(division),
        errors=errors_of(models, division, threads=jobs.threads),
        program=f"DeePMD-kit {dp_version()}",
    )
    write_potential(directory / name, models, record)
    return read_potential(directory / name / POTENTIAL_RECORD)


def _neighbourhood(
    frames: Sequence["Atoms"], type_map: Sequence[str], section: PotentialSection, start: Potential | None
) -> Neighbourhood:
    """Return what the descriptor has room for: a model that goes on keeps its room."""
    own = neighbourhood_of(frames, type_map, section.cutoff)
    if start is None:
        return own
    known = start.record.neighbourhood
    for element, room, count in zip(type_map, known.selection, own.most, strict=True):
        if count > room:
            _LOGGER.warning(
                "an atom of the labels has %d neighbours %s, and the descriptor takes the nearest %d; pretrain on "
                "denser frames",
                count,
                element,
                room,
            )
    return Neighbourhood(most=known.most, least_distance=min(known.least_distance, own.least_distance))
