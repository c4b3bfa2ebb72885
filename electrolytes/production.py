"""The stages behind a potential: dynamics of the mixtures of [production], and barriers of reactions.

production-boxes, potential -> dynamics -> dynamics/*/run.json
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core import InputError, sha256_of
from ionspice.core.stages import Stage, Workplace
from ionspice.electrolytes.barriers.reactions import reaction_paths
from ionspice.electrolytes.barriers.record import write_paths
from ionspice.electrolytes.boxes.build import read_box
from ionspice.electrolytes.boxes.molecules import read_geometries
from ionspice.electrolytes.boxes.packing import MOLECULE
from ionspice.electrolytes.dynamics.campaign import run_orders
from ionspice.electrolytes.dynamics.order import RUN, Order
from ionspice.electrolytes.dynamics.runs import ProductionRun, production_runs
from ionspice.electrolytes.dynamics.window import beyond, check_elements, unreliable
from ionspice.electrolytes.files import BARRIER, DYNAMICS, GEOMETRIES, POTENTIAL, POTENTIAL_RECORD
from ionspice.electrolytes.inputs import LiquidInputs, sections
from ionspice.electrolytes.lammps.guard import PROGRESS
from ionspice.electrolytes.lammps.script import DATA, POSITIONS, VELOCITIES
from ionspice.electrolytes.potential.judging import ALL
from ionspice.electrolytes.potential.record import Potential, read_potential

if TYPE_CHECKING:
    from ase import Atoms

_LOGGER = logging.getLogger(__name__)
_RECORD = f"{POTENTIAL}/{POTENTIAL_RECORD}"


def production_chain() -> tuple[Stage[LiquidInputs], ...]:
    """Return the stages from a potential to trajectories."""
    return (
        Stage(
            name="dynamics",
            act=_dynamics,
            values=sections("production", "compositions"),
            reads=lambda inputs: [_RECORD, GEOMETRIES, *dict.fromkeys(run.box for run in _runs(inputs))],
            writes=lambda inputs: [f"{DYNAMICS}/{run.name}/{file}" for run in _runs(inputs) for file in _files(run)],
        ),
        Stage(
            name="barrier",
            act=_barrier,
            values=lambda inputs: {**sections("barriers")(inputs), "teacher": inputs.study.teacher.settings()},
            reads=lambda inputs: [
                _RECORD,
                GEOMETRIES,
                *(path for one in inputs.study.barriers for path in (one.start, one.end) if path),
            ],
            writes=lambda inputs: [BARRIER],
        ),
    )


def _runs(inputs: LiquidInputs) -> list[ProductionRun]:
    return production_runs(inputs.study.production)


def _files(run: ProductionRun) -> list[str]:
    velocities = [VELOCITIES] if run.plan.velocities_steps else []
    return [RUN, DATA, PROGRESS, POSITIONS, *velocities]


def _dynamics(inputs: LiquidInputs, place: Workplace) -> None:
    runs = _runs(inputs)
    if not runs:
        raise InputError(
            "[production] has no compositions, so there is nothing to run; add [[production.compositions]]"
        )
    potential = read_potential(place.directory / _RECORD)
    mixtures = _mixtures(inputs, place.directory)
    # All are looked at before one runs for hours.
    orders = {
        place.directory / DYNAMICS / run.name: _order(run, potential, mixtures, place.directory) for run in runs
    }
    for folder, order in orders.items():
        for note in order.notes:
            _LOGGER.warning("%s: %s", folder.name, note)
    run_orders(orders, inputs.study.jobs, place.directory, advance=place.advance)


def _order(
    run: ProductionRun, potential: Potential, mixtures: Mapping[str, Mapping[str, int]], directory: Path
) -> Order:
    path = (directory / run.box).resolve()
    box = read_box(path)
    check_elements(box, potential.type_map, run.box)
    notes = beyond(
        potential.window,
        temperature=run.plan.temperature,
        density=density_of(box),
        mixture=_mixture_in(box),
        mixtures=mixtures,
    )
    return Order(
        composition=run.composition,
        box=str(path),
        box_sha256=sha256_of(path),
        models=tuple(str(model.resolve()) for model in potential.models),
        models_sha256=tuple(model.sha256 for model in potential.record.models),
        type_map=potential.type_map,
        plan=run.plan,
        notes=(*unreliable(potential.record.errors.get("held_out", {}).get(ALL)), *notes),
    )


def _barrier(inputs: LiquidInputs, place: Workplace) -> None:
    study = inputs.study
    if not study.barriers:
        raise InputError("the study names no reaction, so there is no barrier to look for; add [[barriers]]")
    record = place.directory / _RECORD
    models = read_potential(record).models if record.is_file() else ()
    geometries = read_geometries(place.directory)
    paths = []
    for number, section in enumerate(study.barriers):
        place.advance(number, len(study.barriers))
        for path in reaction_paths(section, geometries, models, study.teacher, study.jobs, place.directory):
            paths.append((section.name, path))
            # What is there is worth keeping if the next one fails.
            write_paths(place.directory, paths)


def density_of(box: "Atoms") -> float:
    """Return the mass density of a box [g/cm^3]."""
    from ase.units import _amu

    return float(box.get_masses().sum() * _amu * 1e27 / box.get_volume())


def _mixture_in(box: "Atoms") -> dict[str, int]:
    """Return the numbers of molecules in a box, by name."""
    names = {int(number): str(name) for number, name in zip(box.arrays[MOLECULE], box.arrays["residue"], strict=True)}
    counts = list(names.values())
    return {name: counts.count(name) for name in dict.fromkeys(counts)}


def _mixtures(inputs: LiquidInputs, directory: Path) -> dict[str, dict[str, int]]:
    """Return the molecules of the compositions of a study, by composition."""
    study = inputs.study
    sizes = {name: len(geometry) for name, geometry in read_geometries(directory).items()}
    return {one.name: one.molecules(sizes, study.charges) for one in study.compositions}
