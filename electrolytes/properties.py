"""The chain from the runs of a liquid to its electrolyte: what each stage reads and writes in the folder.

dynamics/*/run.json -> analysis/* -> transport.json -> electrolyte.toml
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from ionspice.core import InputError
from ionspice.core.stages import Stage, Workplace
from ionspice.electrolytes.analysis.diffusion import arrhenius
from ionspice.electrolytes.analysis.elements import formula_of
from ionspice.electrolytes.analysis.reading import Source, read_trajectory
from ionspice.electrolytes.analysis.trajectory import Trajectory
from ionspice.electrolytes.boxes.molecules import read_bonding
from ionspice.electrolytes.environment.extra import ANALYSIS as ANALYSIS_PACKAGES
from ionspice.electrolytes.environment.extra import check_extra
from ionspice.electrolytes.files import ANALYSIS, ELECTROLYTE, TRANSPORT
from ionspice.electrolytes.study.analysis import AnalysisSection
from ionspice.electrolytes.study.file import LiquidStudy
from ionspice.electrolytes.study.transfer import TransferSection
from ionspice.electrolytes.transfer.electrolyte_file import write_electrolyte
from ionspice.electrolytes.transfer.make import read_electrolyte_of
from ionspice.electrolytes.transport.measure import measure, without_start
from ionspice.electrolytes.transport.record import (
    ActivationRecord,
    Diffusion,
    RunTransport,
    TransportRecord,
    read_runs,
    write_run,
    write_transport,
)
from ionspice.electrolytes.transport.runs import RunDescription
from ionspice.electrolytes.transport.subject import molecules_of
from ionspice.electrolytes.transport.tables import TABLES, write_tables

_RUN = "run.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyInputs:
    """What is measured of which runs."""

    runs: tuple[RunDescription, ...]
    charges: dict[str, int]  #: of molecules, by formula [e]
    names: dict[str, str]  #: of molecules in reports, by formula
    analysis: AnalysisSection
    transfer: TransferSection


def property_chain(inputs: PropertyInputs, *, transfer: bool = True) -> tuple[Stage[PropertyInputs], ...]:
    """Return the stages from runs to an electrolyte: one a run, transport, transfer if wanted."""
    return (
        *(_analysis_of(run) for run in inputs.runs),
        Stage(
            name="transport",
            act=_transport,
            reads=lambda inputs: [f"{ANALYSIS}/{run.name}/{_RUN}" for run in inputs.runs],
            writes=lambda inputs: [TRANSPORT],
        ),
        *([transfer_stage()] if transfer else []),
    )


def transfer_stage() -> Stage[PropertyInputs]:
    """Return the stage from transport.json to electrolyte.toml."""
    return Stage(
        name="transfer",
        act=_transfer,
        values=lambda inputs: inputs.transfer.model_dump(mode="json", exclude={"case"}),
        reads=lambda inputs: [TRANSPORT],
        writes=lambda inputs: [ELECTROLYTE],
    )


def transfer_inputs(study: LiquidStudy) -> PropertyInputs:
    """Return the inputs of `transfer_stage`, which reads what runs told from transport.json."""
    return PropertyInputs(runs=(), charges={}, names={}, analysis=study.analysis, transfer=study.transfer)


def inputs_of(study: LiquidStudy, directory: Path, runs: Iterable[RunDescription]) -> PropertyInputs:
    """Return what a study says of its runs; formulas are those of the folder's molecules.

    Raises:
        InputError: molecules.json is missing or damaged.
    """
    bonding = read_bonding(directory)
    charges, names = {}, {}
    for molecule in study.molecules:
        if molecule.name not in bonding:
            raise InputError(f"{directory} has no molecule {molecule.name}; make it with ionspice electrolyte build")
        elements = bonding[molecule.name]["elements"]
        assert isinstance(elements, list)  # as molecules.json has it
        formula = formula_of(elements)
        charges[formula], names[formula] = molecule.charge, molecule.title
    return PropertyInputs(
        runs=tuple(runs), charges=charges, names=names, analysis=study.analysis, transfer=study.transfer
    )


def table_files(inputs: PropertyInputs) -> list[str]:
    """Return the names of all tables that the runs may have."""
    return [f"{ANALYSIS}/{run.name}/{name}" for run in inputs.runs for name in TABLES]


def _analysis_of(run: RunDescription) -> Stage[PropertyInputs]:
    described = {key: value for key, value in asdict(run).items() if not isinstance(value, Path)}
    return Stage(
        name=f"analyse {run.name}",
        act=partial(_analyse, run),
        values=lambda inputs: {
            "run": described,
            "charges": inputs.charges,
            "names": inputs.names,
            "analysis": inputs.analysis.model_dump(mode="json"),
        },
        reads=lambda inputs: [path.resolve() for path in run.files],
        writes=lambda inputs: [f"{ANALYSIS}/{run.name}/{name}" for name in (_RUN, *TABLES)],
    )


def _analyse(run: RunDescription, inputs: PropertyInputs, place: Workplace) -> None:
    check_extra(*ANALYSIS_PACKAGES)
    trajectory = _read(run, run.positions)
    trajectory = without_start(trajectory, run.skip) if run.skip else trajectory
    velocities = None if run.velocities is None else _read(run, run.velocities)
    record, curves = measure(run, trajectory, velocities, molecules_of(inputs.charges, inputs.names), inputs.analysis)
    folder = place.directory / ANALYSIS / run.name
    write_tables(folder, curves)
    write_run(folder / _RUN, record)


def _read(run: RunDescription, path: Path) -> Trajectory:
    source = Source(
        timestep=run.timestep,
        interval=run.interval,
        type_map=run.type_map,
        data_file=run.data_file,
        topology=run.topology,
        cell=run.cell,
    )
    return read_trajectory(path, source)


def _transport(inputs: PropertyInputs, place: Workplace) -> None:
    runs = read_runs(place.directory / ANALYSIS / run.name / _RUN for run in inputs.runs)
    write_transport(place.directory / TRANSPORT, TransportRecord(runs=runs, activation=activations(runs)))


def activations(runs: Iterable[RunTransport]) -> tuple[ActivationRecord, ...]:
    """Return activation energies of every species and element that diffuses freely at two temperatures or more."""
    motions: dict[tuple[str, str], list[tuple[float, Diffusion]]] = {}
    for run in runs:
        named = {one.name: one.diffusion for one in run.species}
        for name, motion in (run.elements | named).items():
            if motion.diffusive and motion.coefficient.low > 0:
                motions.setdefault((run.composition, name), []).append((run.temperature, motion))
    found = []
    for (composition, name), points in motions.items():
        temperatures = tuple(sorted({temperature for temperature, _ in points}))
        if len(temperatures) < 2:
            continue
        line = arrhenius([temperature for temperature, _ in points], [motion.coefficient for _, motion in points])
        found.append(
            ActivationRecord(
                composition=composition,
                species=name,
                energy=line.energy,
                prefactor=line.prefactor,
                temperatures=temperatures,
            )
        )
    return tuple(found)


def _transfer(inputs: PropertyInputs, place: Workplace) -> None:
    composition, made = read_electrolyte_of(place.directory / TRANSPORT, inputs.transfer)
    heading = [
        f"{composition} at {inputs.transfer.temperature:g} K, made of trajectories by ionspice electrolyte transfer.",
        f'Use it as [electrolyte] file = "{ELECTROLYTE}".',
        *made.notes,
        "",
    ]
    write_electrolyte(place.directory / ELECTROLYTE, made.electrolyte, heading=heading)
