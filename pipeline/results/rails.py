"""The circuit with one rail per ion in a run's folder: learnt from the fields, simulated, exported.

It needs no law: storage is the slits' local equilibrium, every ion's conductance is proportional to its number, and
what a run gives are lengths of the geometry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ionspice.core import InputError, replacing
from ionspice.core.drives import keeps_time, potential_range
from ionspice.core.files import sha256_of
from ionspice.core.observables import load_observables
from ionspice.core.run_files import OBSERVABLES, RAIL_RUNS, RAILS, rails_library_name
from ionspice.pipeline.cases.case import Case
from ionspice.pipeline.cases.geometry import GeometrySection
from ionspice.pipeline.results.devices import warn_beyond

if TYPE_CHECKING:
    import xarray as xr

    from ionspice.circuits.ions import PoreGeometry, StackGeometry
    from ionspice.circuits.ions.record import RailRecord
    from ionspice.discovery.laws.conductance import ConductanceLaw

#: name of the model in circuit.nc and reports
MODEL = "NCM, one rail per ion"


def learn_rails_of(directory: Path, case: Case) -> "RailRecord":
    """Return the record that a run's observables.nc makes.

    Raises:
        InputError: a damaged file.
        RunError: an equilibrium was not found.
    """
    from ionspice.circuits.ions import PoreGeometry
    from ionspice.circuits.ions.record import learn_rails

    geometry, path = case.geometry, directory / OBSERVABLES
    fields, files = load_observables(path), {OBSERVABLES: sha256_of(path)}
    if not has_gaps(case):
        potential = fields["electrode_potential"].values
        window = float(potential.min()), float(potential.max())
        return _face_record(case, float(fields.attrs["strip_width"]), window, files)
    shape = _geometry_of(geometry)
    return learn_rails(
        fields,
        case.electrolyte.build(),
        slit_width=geometry.pore_width,
        open_length=geometry.open_length,
        stern_layer=case.electrode.stern_layer,
        face=shape.face if isinstance(shape, PoreGeometry) else None,
        files=files,
    )


def has_gaps(case: Case) -> bool:
    """Return whether ions pass gaps, of which there is none before a planar electrode."""
    return case.geometry.circuit_layers > 1


def _face_record(
    case: Case, strip_width: float, window: tuple[float, float], files: dict[str, str] | None = None
) -> "RailRecord":
    """Return the record of a planar electrode, which geometry and electrolyte give."""
    from ionspice.circuits.ions import face_constants, solution_of
    from ionspice.circuits.ions.record import RailRecord

    electrolyte, length = case.electrolyte.build(), case.geometry.open_length
    debye_length = solution_of(electrolyte).debye_length
    return RailRecord(
        constants=face_constants(open_length=length, strip_width=strip_width, debye_length=debye_length),
        electrolyte=electrolyte,
        stern_layer=case.electrode.stern_layer,
        layers=1,
        sealed=case.geometry.counter,
        window=window,
        files=files or {},
    )


def find_conductance(directory: Path, case: Case) -> "ConductanceLaw | None":
    """Return the law of the ions' conductance that a run's observables.nc hold; None without a gap between slits.

    Raises:
        InputError: a damaged file.
        RunError: no law was found.
    """
    from ionspice.circuits.ions import ion_series, solution_of
    from ionspice.circuits.ions.conductances import gap_conductances
    from ionspice.discovery.laws.conductance import discover_conductance

    if not has_gaps(case):
        return None
    solution = solution_of(case.electrolyte.build())
    gaps = gap_conductances(ion_series(load_observables(directory / OBSERVABLES), solution), solution)
    return discover_conductance(gaps, seed=case.discovery.seed) if gaps else None


def predict_rails_of(case: Case) -> "RailRecord":
    """Return the record that a case's geometry and electrolyte give, without a field run.

    Raises:
        InputError: an own mesh, or ions with a correlation length between sheets.
        RunError: an equilibrium was not found.
    """
    from ionspice.circuits.ions import predict_rails, solution_of
    from ionspice.circuits.ions.record import RailRecord

    geometry, electrolyte, swing = case.geometry, case.electrolyte.build(), case.drive.build().swing
    if case.only_fields:
        raise InputError(f"{case.only_fields}; use `ionspice run`")
    if case.mesh.file:
        raise InputError("only what the case describes can be predicted, and no own mesh; use `ionspice run`")
    if not has_gaps(case):
        return _face_record(case, geometry.build().strip_width, (-swing, swing))
    constants = predict_rails(
        _geometry_of(geometry), solution_of(electrolyte), window=swing, stern_layer=case.electrode.stern_layer
    )
    return RailRecord(
        constants=constants,
        electrolyte=electrolyte,
        stern_layer=case.electrode.stern_layer,
        layers=geometry.circuit_layers,
        sealed=geometry.counter,
        window=(-swing, swing),
    )


def _geometry_of(section: GeometrySection) -> "StackGeometry | PoreGeometry":
    """Return what rails are predicted of; the section is no planar electrode."""
    from ionspice.circuits.ions import PoreGeometry, StackGeometry

    pore = section.pore()
    if pore is None:
        return StackGeometry(
            slit_width=section.slit,
            sheet_length=section.sheet_length,
            sheet_thickness=section.sheet_thickness,
            edge_gap=section.edge_gap,
            open_length=section.open_length,
        )
    return PoreGeometry(
        slit_width=2 * pore.half_width,
        section_length=pore.section_length,
        entrance=pore.entrance / 2,
        wall=pore.wall,
        open_length=pore.open_length,
        cylindrical=pore.cylindrical,
    )


def simulate_rails_of(directory: Path, case: Case, layers: Iterable[int]) -> None:
    """Write rails.nc with the answers of the rails of any size to the case's drive.

    Raises:
        InputError: rails.json is missing or damaged.
        RunError: no convergence, or a constant current does not reach its limits.
    """
    from ionspice.circuits import waveform_of, write_circuit
    from ionspice.circuits.ions.record import rails_of, read_rails
    from ionspice.circuits.ions.results import drive_rails
    from ionspice.circuits.simulation.transient import stack_models

    drive, record = case.circuit_drive(), read_rails(directory / RAILS)
    course = waveform_of(drive) if keeps_time(drive) and drive.start == 0 else drive
    warn_beyond_rails(record, potential_range(drive))
    runs = {
        number: stack_models(
            {MODEL: drive_rails(rails_of(record, number, window=drive.swing), course)},
            common_potential=keeps_time(drive),
        )
        for number in layers
    }
    write_circuit(directory / RAIL_RUNS, runs)


def warn_beyond_rails(record: "RailRecord", reach: tuple[float, float]) -> None:
    """Warn where an electrode goes beyond the potentials of a record; arguments as of `warn_beyond`."""
    seen = max(map(abs, record.window))  # what is learnt is the geometry's, whatever the sign
    warn_beyond((-seen, seen), reach)


def export_rails(
    directory: Path,
    layers: int | None,
    area: float | None,
    *,
    case: Case | None = None,
    dialect: str = "ngspice",
    path: Path | None = None,
    source: str = "",
    name: str | None = None,
    sections: int | Literal["auto"] | None = None,
) -> tuple[Path, ...]:
    """Write the rails as a device for a circuit simulator and return the files.

    Args:
        directory: the folder with rails.json.
        layers: number of sheets, the record's own unless given.
        area: of the electrode, m^2; one metre of depth of the strip unless given.
        case: for the drive of KiCad's example schematic; without one if its potential is not known beforehand.
        dialect: one of `ionspice.circuits.ions.RAIL_DIALECTS`.
        path: the file, a library of the folder unless given.
        source: what the record was made of, the folder's name unless given.
        name: of the device, by the number of sheets unless given.
        sections: in which the slits of a long stack are joined, or "auto" for as many as the estimate of their error
            asks for; none unless given.

    Raises:
        InputError: rails.json is missing or damaged, too few sections, a name that is refused, or a dialect that
            cannot express rails.
    """
    from ionspice.circuits import waveform_of
    from ionspice.circuits.ions import print_rail_files
    from ionspice.circuits.ions.record import (
        FACE_NETLIST_NODES,
        NETLIST_NODES,
        rails_of,
        rails_origin,
        read_rails,
    )
    from ionspice.circuits.ions.sections import rail_sections

    record = read_rails(directory / RAILS)
    nodes = NETLIST_NODES if record.constants.has_slits else FACE_NETLIST_NODES
    sheets = record.layers if layers is None else layers
    origin = rails_origin(record, source or directory.resolve().name, sha256_of(directory / RAILS))
    if sections == "auto":
        found = rail_sections(record, layers, nodes)
        sections, origin = found.count, replace(origin, errors=(*origin.errors, str(found)))
    circuit = rails_of(record, layers, nodes=nodes, sections=sections)
    drive = None if case is None else case.drive.build()
    waveform = waveform_of(drive) if drive is not None and keeps_time(drive) else None
    target = path or directory / rails_library_name(sheets)
    texts = print_rail_files(
        circuit, target, name or f"NCM{sheets}_IONS", dialect, area, waveform, origin, sheets=sheets
    )
    for file, text in texts.items():
        with replacing(file) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return tuple(texts)


def beside(circuits: "Mapping[int, xr.Dataset]", rails: "Mapping[int, xr.Dataset]") -> "dict[int, xr.Dataset]":
    """Return the runs of circuit.nc and of rails.nc together, by number of layers, on the union of their times."""
    from ionspice.circuits.simulation.transient import stack_models

    def both(number: int) -> "xr.Dataset":
        models = {**_models(circuits[number]), **_models(rails[number])}
        shared = set.intersection(*({str(name) for name in run.data_vars} for run in models.values()))
        common = "model" not in circuits[number]["electrode_potential"].dims
        return stack_models({name: run[sorted(shared)] for name, run in models.items()}, common_potential=common)

    return {
        number: both(number)
        if number in circuits and number in rails
        else (circuits if number in circuits else rails)[number]
        for number in sorted({*circuits, *rails})
    }


def _models(stacked: "xr.Dataset | None") -> "dict[str, xr.Dataset]":
    if stacked is None:
        return {}
    walls, solvers = (np.atleast_1d(stacked.attrs[name]) for name in ("wall_time", "solver"))
    return {
        str(model): stacked.sel(model=model, drop=True).assign_attrs(wall_time=float(wall_time), solver=str(solver))
        for model, wall_time, solver in zip(stacked["model"].values, walls, solvers, strict=True)
    }
