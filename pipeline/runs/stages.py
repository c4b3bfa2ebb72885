r"""The chain of a single run: what each stage reads and writes in its folder, and what it does.

    case -> mesh -> solve -> discover -> circuit -> simulate, compare -> export -> report
                       \-> rails -> rail runs --------------------------/

Heavy libraries are imported by the stage that needs them, so that the others run without.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ionspice.core import InputError
from ionspice.core.drives import potential_range
from ionspice.core.drives.protocol import check_charging
from ionspice.core.mpi import on_first_rank, rank_of
from ionspice.core.npz import DamagedArchiveError
from ionspice.core.run_files import (
    CHECKPOINT,
    CIRCUIT,
    CIRCUIT_RUNS,
    COMPARISON,
    CONDUCTANCE,
    CURRENT_VOLTAGE,
    HALF_CHARGE_FIELDS,
    LAW,
    MESH,
    OBSERVABLES,
    RAIL_RUNS,
    RAILS,
    REPORT,
    library_name,
    rails_library_name,
)
from ionspice.core.stages import Stage, Workplace
from ionspice.pipeline.cases.case import Case
from ionspice.pipeline.results.comparison import compare, comparison_errors, write_comparison
from ionspice.pipeline.results.device_size import DeviceSize
from ionspice.pipeline.results.devices import export_device, learn_circuit, simulate_devices
from ionspice.pipeline.results.permeation import has_current_voltage, write_current_voltage
from ionspice.pipeline.results.rails import (
    export_rails,
    find_conductance,
    has_gaps,
    learn_rails_of,
    simulate_rails_of,
)
from ionspice.pipeline.runs.own_mesh import convert_own_mesh

_LOGGER = logging.getLogger(__name__)
#: sections of the case that the field model reads beside the mesh
_OF_FIELDS = (
    "electrolyte",
    "electrode",
    "second_reservoir",
    "surfaces",
    "solids",
    "reactions",
    "leakages",
    "homogeneous_reactions",
    "drive",
    "solver",
    "sampling",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInputs:
    """What the user asks of a run."""

    case: Case
    restart: bool = False  #: `solve` goes on from its checkpoint, where one was saved
    hall_of_fame: Path | None = None  #: file that the search for a law goes on from and keeps


def single_run() -> tuple[Stage[RunInputs], ...]:
    """Return the stages from a case to its report."""
    return (*_field_stages(), *_law_stages(), *_rail_stages(), *_device_stages(), _report_stage())


def _field_stages() -> tuple[Stage[RunInputs], ...]:
    """Return the mesh and the fields on it."""
    return (
        Stage(
            name="mesh",
            act=_mesh,
            values=lambda inputs: _sections("geometry", "mesh")(inputs) | _spacing(inputs.case),
            reads=lambda inputs: [inputs.case.mesh.file] if inputs.case.mesh.file else [],
            writes=lambda inputs: [MESH],
        ),
        Stage(
            name="solve",
            act=_solve,
            values=_sections(*_OF_FIELDS),
            reads=lambda inputs: [MESH],
            writes=lambda inputs: [
                OBSERVABLES,
                HALF_CHARGE_FIELDS,
                *([CURRENT_VOLTAGE] if has_current_voltage(inputs.case) else []),
            ],
            collective=True,
            revision=3,
        ),
    )


def _law_stages() -> tuple[Stage[RunInputs], ...]:
    """Return the law and the circuit that is made of it."""
    return (
        Stage(
            name="discover",
            act=_discover,
            values=_sections("discovery"),
            reads=lambda inputs: [OBSERVABLES],
            writes=lambda inputs: [LAW],
            collective=True,
            optional=True,
            excuse=lambda inputs: _no_law(inputs.case),
        ),
        Stage(
            name="circuit",
            act=_circuit,
            values=lambda inputs: inputs.case.circuit.model_dump(include={"capacitance_terms", "charge"}),
            reads=lambda inputs: [OBSERVABLES, LAW],
            writes=lambda inputs: [CIRCUIT],
            optional=True,
            revision=2,
            needs=("discover",),
        ),
    )


def _rail_stages() -> tuple[Stage[RunInputs], ...]:
    """Return what is learnt of every ion, the circuit with one rail for each, and its runs."""
    return (
        Stage(
            name="conductance",
            act=_conductance,
            values=lambda inputs: {
                "seed": inputs.case.discovery.seed,
                **_sections("geometry", "electrolyte")(inputs),
            },
            reads=lambda inputs: [OBSERVABLES],
            writes=lambda inputs: [CONDUCTANCE],
            optional=True,
            excuse=lambda inputs: _no_gaps(inputs.case),
        ),
        Stage(
            name="rails",
            act=_rails,
            values=_sections("geometry", "electrolyte", "electrode", "circuit"),
            reads=lambda inputs: [OBSERVABLES],
            writes=lambda inputs: [RAILS, *map(rails_library_name, inputs.case.circuit_layers)],
            optional=True,
            revision=3,
            excuse=lambda inputs: inputs.case.only_fields,
        ),
        Stage(
            name="rail-runs",
            act=_rail_runs,
            values=_sections("circuit", "drive"),
            reads=lambda inputs: [RAILS],
            writes=lambda inputs: [RAIL_RUNS],
            optional=True,
            revision=2,
            needs=("rails",),
            excuse=lambda inputs: _idle(inputs.case),
        ),
    )


def _device_stages() -> tuple[Stage[RunInputs], ...]:
    """Return the runs of the law's circuit, the comparison and the libraries."""
    return (
        Stage(
            name="simulate",
            act=_simulate,
            values=_sections("circuit", "drive"),
            reads=lambda inputs: [CIRCUIT],
            writes=lambda inputs: [CIRCUIT_RUNS],
            optional=True,
            needs=("circuit",),
        ),
        Stage(
            name="compare",
            act=_compare,
            values=_sections("circuit", "drive", "discovery"),
            reads=lambda inputs: [OBSERVABLES, LAW, CIRCUIT, RAIL_RUNS],
            writes=lambda inputs: [COMPARISON],
            optional=True,
            excuse=lambda inputs: inputs.case.only_fields or _idle(inputs.case),
        ),
        Stage(
            name="export",
            act=_export,
            values=_sections("circuit"),
            reads=lambda inputs: [CIRCUIT, COMPARISON],
            writes=lambda inputs: [library_name(layers) for layers in inputs.case.circuit_layers],
            optional=True,
            revision=2,
            needs=("circuit",),
        ),
    )


def _report_stage() -> Stage[RunInputs]:
    return Stage(
        name="report",
        act=_report,
        values=_sections(*Case.model_fields),
        reads=lambda inputs: [
            MESH,
            OBSERVABLES,
            HALF_CHARGE_FIELDS,
            LAW,
            CIRCUIT,
            CIRCUIT_RUNS,
            CONDUCTANCE,
            RAILS,
            RAIL_RUNS,
            COMPARISON,
        ],
        writes=lambda inputs: [REPORT],
    )


def _sections(*names: str) -> Callable[[RunInputs], dict[str, Any]]:
    """Return what reads sections of the case, less the key that changes how a stage runs but not what it makes."""

    def values(inputs: RunInputs) -> dict[str, Any]:
        kept = {"solver": {"checkpoint_interval"}} if "solver" in names else None
        sections = inputs.case.model_dump(mode="json", include=set(names), exclude=kept)
        # the field model's own number of layers is one of the circuits'
        return sections | ({"circuits": inputs.case.circuit_layers} if "circuit" in names else {})

    return values


def _spacing(case: Case) -> dict[str, Any]:
    """Return what the mesh takes from the other sections."""
    return {} if case.mesh.file else {"spacing": case.grading.wall_spacing}


def _mesh(inputs: RunInputs, place: Workplace) -> None:
    from ionspice.meshes import write_mesh

    case, path = inputs.case, place.directory / MESH
    if case.mesh.file:
        convert_own_mesh(case.mesh.file, path, case.geometry)
    else:
        write_mesh(path, case.geometry.build(), case.grading)


def _solve(inputs: RunInputs, place: Workplace) -> None:
    path = place.directory / CHECKPOINT
    saved = on_first_rank(place.comm, path.is_file)
    if inputs.restart and not saved and rank_of(place.comm) == 0:
        _LOGGER.warning("%s: nothing was saved yet, so --restart begins from the start", path)
    try:
        _solve_fields(inputs.case, place, restart=saved and (inputs.restart or place.unfinished))
    except DamagedArchiveError as error:
        # It only costs computing again; the file is kept for who wants to look.
        aside = path.with_name(f"{path.stem}_damaged{path.suffix}")
        on_first_rank(place.comm, lambda: path.replace(aside))
        if rank_of(place.comm) == 0:
            _LOGGER.warning("%s; set aside as %s, the run begins from the start", error, aside.name)
        _solve_fields(inputs.case, place, restart=False)
    except InputError:
        if inputs.restart or not (saved and place.unfinished):
            raise
        _solve_fields(inputs.case, place, restart=False)  # a checkpoint of an older version


def _solve_fields(case: Case, place: Workplace, *, restart: bool) -> None:
    from ionspice.fem import solve

    solve(
        place.directory / MESH,
        electrolyte=case.electrolyte.build(),
        drive=case.drive.build(),
        surroundings=case.surroundings(),
        settings=case.solver.build(),
        sampling=case.sampling.build(),
        comm=place.comm,
        directory=place.directory,
        case_text=case.to_toml(),
        restart=restart,
        progress=place.advance,
    )
    if has_current_voltage(case):
        on_first_rank(place.comm, lambda: write_current_voltage(place.directory))


def _discover(inputs: RunInputs, place: Workplace) -> None:
    from ionspice.discovery import read_observables
    from ionspice.pipeline.results.laws import find_law

    settings = inputs.case.discovery.build()
    find_law(
        lambda: read_observables(place.directory / OBSERVABLES, settings.charge, settings.potential),
        settings,
        place.directory / LAW,
        comm=place.comm,
        hall_of_fame=inputs.hall_of_fame,
    )


def _no_gaps(case: Case) -> str:
    """Return why a run says nothing of gaps; empty if it does."""
    return (
        case.only_fields
        if has_gaps(case)
        else f'[geometry] kind = "{case.geometry.kind}" has no slits, so no gap has a law'
    )


def _no_law(case: Case) -> str:
    """Return why no law can be learnt; empty if one can."""
    if excuse := _no_gaps(case):
        return excuse
    try:
        check_charging(case.drive.build())
    except InputError as error:
        return str(error)
    return ""


def _idle(case: Case) -> str:
    """Return why there is nothing to compare circuits by; empty if there is."""
    rests = potential_range(case.drive.build()) == (0.0, 0.0)
    return "the drive rests at 0 V, where nothing charges an electrode" if rests else ""


def _circuit(inputs: RunInputs, place: Workplace) -> None:
    from ionspice.circuits import write_circuit_record

    section = inputs.case.circuit
    record = learn_circuit(place.directory, terms=section.capacitance_terms, charge=section.charge)
    write_circuit_record(place.directory / CIRCUIT, record)


def _conductance(inputs: RunInputs, place: Workplace) -> None:
    from ionspice.discovery.laws.conductance_file import write_conductance

    write_conductance(place.directory / CONDUCTANCE, find_conductance(place.directory, inputs.case))


def _rails(inputs: RunInputs, place: Workplace) -> None:
    from ionspice.circuits.ions.record import write_rails

    write_rails(place.directory / RAILS, learn_rails_of(place.directory, inputs.case))
    for layers in inputs.case.circuit_layers:
        export_rails(place.directory, layers, inputs.case.circuit.area)


def _rail_runs(inputs: RunInputs, place: Workplace) -> None:
    simulate_rails_of(place.directory, inputs.case, inputs.case.circuit_layers)


def _export(inputs: RunInputs, place: Workplace) -> None:
    section = inputs.case.circuit
    for layers in inputs.case.circuit_layers:
        path = place.directory / library_name(layers)
        export_device(
            place.directory,
            inputs.case,
            dialect="ngspice",
            layers=layers,
            size=DeviceSize(area=section.area),
            path=path,
            errors=comparison_errors(place.directory),
        )


def _simulate(inputs: RunInputs, place: Workplace) -> None:
    simulate_devices(place.directory, inputs.case, layers=inputs.case.circuit_layers)


def _compare(inputs: RunInputs, place: Workplace) -> None:
    write_comparison(place.directory / COMPARISON, compare(place.directory, inputs.case))


def _report(inputs: RunInputs, place: Workplace) -> None:
    from ionspice.pipeline.report.run_report import write_report

    write_report(place.directory)
