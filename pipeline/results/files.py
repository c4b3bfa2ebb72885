"""The files of a run as the report needs them; only observables.nc must be there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import xarray as xr

from ionspice.circuits import CircuitRecord, read_circuit, read_circuit_record
from ionspice.circuits.ions.record import RailRecord, read_rails
from ionspice.core import InputError
from ionspice.core.manifest import read_manifest
from ionspice.core.observables import load_observables
from ionspice.core.run_files import (
    CASE,
    CIRCUIT,
    CIRCUIT_RUNS,
    COMPARISON,
    CONDUCTANCE,
    FIELDS_FOLDER,
    HALF_CHARGE_FIELDS,
    LAW,
    MESH,
    OBSERVABLES,
    RAIL_RUNS,
    RAILS,
)
from ionspice.discovery import Law, read_law
from ionspice.discovery.laws.conductance import ConductanceLaw
from ionspice.discovery.laws.conductance_file import read_conductance
from ionspice.pipeline.cases.case import Case, parse_case, read_case
from ionspice.pipeline.results.comparison import Comparison, read_comparison
from ionspice.pipeline.results.curves import ElementCurve, element_curves
from ionspice.pipeline.results.field_files import FieldMap, StripMesh, read_field_map, read_strip
from ionspice.pipeline.results.rails import beside


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFiles:
    """What a run left in its folder."""

    directory: Path
    fields: xr.Dataset  #: observables.nc
    case: Case
    mesh: StripMesh | None
    half_charge: FieldMap | None
    law: Law | None
    record: CircuitRecord | None  #: circuit.json
    rails: RailRecord | None  #: rails.json
    conductance: ConductanceLaw | None  #: conductance.json; None also where there is no gap between slits
    circuits: dict[int, xr.Dataset]  #: runs of circuit.nc by number of layers; empty without the file
    comparison: tuple[Comparison, ...]  #: circuits of either node potential; empty without the file
    curves: tuple[ElementCurve, ...]
    missing: dict[str, str]  #: why a part is None, by its name here

    @property
    def layers(self) -> int:
        """Number of sheets that the fields have, which an own mesh may set apart from the case."""
        return self.fields.sizes["slit"] + 1

    @property
    def potential(self) -> Literal["electrochemical", "electric"]:
        """Reading of the node potential: the law's, without a law the case's."""
        return self.law.potential if self.law else self.case.discovery.potential


#: stages whose failure explains that a command's file is not there, first one first
_LEADING_TO = {
    "simulate": ("discover", "circuit", "simulate"),
    "run": ("discover", "circuit", "compare"),
    "rails": ("rails", "rail-runs"),
}


def read_run(directory: Path) -> RunFiles:
    """Read the files of a run.

    Raises:
        InputError: observables.nc is missing, damaged or incomplete.
    """
    fields = load_observables(directory / OBSERVABLES)
    failures = {stage: record.failure for stage, record in read_manifest(directory).items() if record.failure}
    missing: dict[str, str] = {}

    def optional[T](name: str, stage: str, read: Callable[[Path], T], *places: str) -> T | None:
        path = next((directory / place for place in places if (directory / place).is_file()), None)
        if path is None:
            reasons = [failures[earlier] for earlier in _LEADING_TO.get(stage, (stage,)) if earlier in failures]
            missing[name] = reasons[0] if reasons else f"{places[0]} is not there; run `ionspice {stage}`"
            return None
        try:
            return read(path)
        except InputError as error:
            missing[name] = str(error)
            return None

    law, case = optional("law", "discover", read_law, LAW), _read_case(directory, fields)
    return RunFiles(
        directory=directory,
        fields=fields,
        case=case,
        law=law,
        comparison=tuple(optional("comparison", "run", read_comparison, COMPARISON) or ()),
        record=optional("record", "run", read_circuit_record, CIRCUIT),
        rails=optional("rails_record", "rails", read_rails, RAILS),
        conductance=optional("conductance", "conductance", read_conductance, CONDUCTANCE),
        circuits=beside(
            optional("circuits", "simulate", read_circuit, CIRCUIT_RUNS) or {},
            optional("rails", "rails", read_circuit, RAIL_RUNS) or {},
        ),
        curves=element_curves(
            fields,
            law.charge if law else case.discovery.charge,
            law.potential if law else case.discovery.potential,
            {element: partial(law.resistance_at, element) for element in law.elements} if law else {},
        ),
        mesh=optional("mesh", "mesh", read_strip, MESH),
        half_charge=optional(
            "half_charge", "solve", read_field_map, HALF_CHARGE_FIELDS, f"{FIELDS_FOLDER}/{HALF_CHARGE_FIELDS}"
        ),
        missing=missing,
    )


def _read_case(directory: Path, fields: xr.Dataset) -> Case:
    """Return the case of the folder; without its file, the case that the fields carry."""
    path = directory / CASE
    if path.is_file():
        return read_case(path)
    return parse_case(fields.attrs["case"], source=f"{directory / OBSERVABLES}, attribute case")
