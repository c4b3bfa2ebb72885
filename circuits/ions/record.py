"""The parameter record of a circuit with one rail per ion, rails.json.

It holds the lengths of the geometry with their standard errors, the electrolyte, and how well the rails describe the
run that they were learnt from; `rails_of` builds the circuit of any number of layers from it alone.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ionspice.circuits.dialects.header import Origin
from ionspice.circuits.ions.constants import RailConstants
from ionspice.circuits.ions.extraction import RailFit, extract_rails
from ionspice.circuits.ions.rails import RailCircuit
from ionspice.circuits.ions.series import ion_series
from ionspice.circuits.ions.solution import solution_of
from ionspice.circuits.ions.stack import full_cell, half_cell, sectioned_rails
from ionspice.core import InputError
from ionspice.core.electrolyte import Electrolyte, Species
from ionspice.core.json_files import plain, read_json, write_json

FORMAT = "ionspice-rails/1"
_REMEDY = "make it with `ionspice run` or `ionspice predict`"
#: nodes across half a slit with which a netlist is within 1 % of its peak of the field model (docs/rails.md)
NETLIST_NODES = 8
#: the same of an open face, whose column is all there is
FACE_NETLIST_NODES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class RailRecord:
    """What a circuit of any number of layers needs."""

    constants: RailConstants  #: lengths of the geometry
    electrolyte: Electrolyte  #: the ions, SI
    stern_layer: float  #: lambda_S [m]
    layers: int  #: sheets of the run that it was learnt from
    sealed: bool  #: a full cell of two stacks instead of one before a reservoir
    window: tuple[float, float]  #: least and largest electrode potential that the run has seen [V]
    standard_errors: dict[str, list[float | None]] = field(default_factory=dict)  #: by name of the constant [m]
    errors: dict[str, float | None] = field(default_factory=dict)  #: rms errors against the run, shares of the peak
    files: dict[str, str] = field(default_factory=dict)  #: SHA-256 by name of the files that it was made of


def learn_rails(
    observables: xr.Dataset,
    electrolyte: Electrolyte,
    *,
    slit_width: float,
    open_length: float,
    stern_layer: float = 0.0,
    face: float | None = None,
    files: dict[str, str] | None = None,
) -> RailRecord:
    """Return the record that a field run of a stack or of a pore in sections makes.

    Args:
        observables: observables.nc of the run, loaded; whether the pore is a cylinder stands there.
        electrolyte: of the run.
        slit_width: d, or the diameter of a cylindrical pore, m.
        open_length: electrolyte in front of the first sheet, m.
        stern_layer: lambda_S, m.
        face: as of `extract_rails`, m.
        files: SHA-256 by name of the files behind.

    Raises:
        InputError: a run too short or without the ions of every species.
        RunError: an equilibrium was not found.
    """
    solution = solution_of(electrolyte)
    series = ion_series(observables, solution)
    fit = extract_rails(
        series,
        solution,
        slit_width=slit_width,
        open_length=open_length,
        stern_layer=stern_layer,
        cylindrical=bool(observables.attrs.get("axisymmetric", 0)),
        face=face,
    )
    potential = observables["electrode_potential"].values
    return RailRecord(
        constants=fit.constants,
        electrolyte=electrolyte,
        stern_layer=stern_layer,
        layers=int(observables.attrs["layers"]),
        sealed=series.sealed,
        window=(float(potential.min()), float(potential.max())),
        standard_errors={name: plain(values) for name, values in fit.standard_errors.items()},
        errors=_errors(fit),
        files=files or {},
    )


def rails_of(
    record: RailRecord,
    layers: int | None = None,
    *,
    window: float | None = None,
    nodes: int = 24,
    sections: int | None = None,
) -> RailCircuit:
    """Return the circuit of a stack, or of two that face each other.

    Args:
        record: what was learnt.
        layers: number of sheets, the record's own unless given.
        window: largest potential of the electrode that is meant, V; the record's unless given.
        nodes: of the cells across half a slit; a netlist has enough with `NETLIST_NODES`.
        sections: of which a long stack has at most so many (`sectioned_rails`); all its slits unless given.

    Raises:
        InputError: fewer than 2 layers or sections.
    """
    half = half_cell(
        record.constants,
        solution_of(record.electrolyte),
        layers=record.layers if layers is None else layers,
        window=max(map(abs, record.window)) if window is None else abs(window),
        stern_layer=record.stern_layer,
        nodes=nodes,
    )
    if sections is not None:
        half = sectioned_rails(half, sections)
    return full_cell(half) if record.sealed else half


def write_rails(path: str | Path, record: RailRecord) -> None:
    """Write rails.json.

    Raises:
        InputError: the folder cannot be written.
    """
    known = record.standard_errors
    constants = {
        name: {"unit": "1/m" if name == "open_crossing" else "m", "value": value, "standard_error": known.get(name)}
        for name, value in record.constants.to_dict().items()
        if name != "cylindrical"
    }
    electrolyte = {
        name: getattr(record.electrolyte, name)
        for name in ("temperature", "relative_permittivity", "ion_diameter", "solvent_diameter", "correlation_length")
    }
    species = [{name: getattr(s, name) for name in Species.__dataclass_fields__} for s in record.electrolyte.species]
    content = {
        "constants": constants,
        "electrolyte": electrolyte | {"species": species},
        "stern_layer": record.stern_layer,
        "layers": record.layers,
        "sealed": record.sealed,
        "cylindrical": record.constants.cylindrical,
        "window": {"potential": record.window},
        "errors": record.errors,
        "provenance": {"files": record.files},
    }
    write_json(path, FORMAT, content)


def read_rails(path: str | Path) -> RailRecord:
    """Read rails.json.

    Raises:
        InputError: the file is missing, damaged, of another format, or no circuit follows from it.
    """
    content = read_json(path, FORMAT, remedy=_REMEDY)
    try:
        electrolyte = dict(content["electrolyte"])
        species = tuple(Species(**entry) for entry in electrolyte.pop("species"))
        low, high = content["window"]["potential"]
        record = RailRecord(
            constants=_constants(content["constants"], cylindrical=bool(content.get("cylindrical", False))),
            electrolyte=Electrolyte(**electrolyte, species=species),
            stern_layer=float(content["stern_layer"]),
            layers=int(content["layers"]),
            sealed=bool(content["sealed"]),
            window=(float(low), float(high)),
            standard_errors={
                name: entry["standard_error"]
                for name, entry in content["constants"].items()
                if entry["standard_error"] is not None
            },
            errors=dict(content["errors"]),
            files=dict(content["provenance"]["files"]),
        )
        rails_of(record)
    except InputError as error:
        raise InputError(f"{path}: {error}; {_REMEDY}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"cannot read {path}: {error!r}; {_REMEDY}") from error
    return record


def rails_origin(record: RailRecord, source: str, sha256: str) -> Origin:
    """Return the origin of a device of a record.

    Args:
        record: rails.json.
        source: run or case that it was made of.
        sha256: hash of rails.json.
    """
    known = {name: value for name, value in record.errors.items() if value is not None}
    parts = ", ".join(f"{name.replace('_', ' ')} {100 * value:.2g} %" for name, value in known.items())
    told = f"rms against its run, of ions as shares of their swing, of currents as shares of their peak: {parts}"
    return Origin(
        source=source,
        files={"rails.json": sha256} | record.files,
        potential=record.window,
        errors=(told,) if parts else (),
        learnt=bool(record.files),
    )


def _constants(entries: dict[str, Any], *, cylindrical: bool) -> RailConstants:
    values = {name: np.array(entry["value"], dtype=float) for name, entry in entries.items()}
    numbers = {name: v if v.ndim else float(v) for name, v in values.items()}
    return RailConstants.from_dict(numbers | {"cylindrical": cylindrical})


def _errors(fit: RailFit) -> dict[str, float | None]:
    held_out = list(fit.held_out_errors.values())
    numbers = {
        "slit_ions": fit.storage_error,
        "inner_gaps": fit.gap_error,
        "inner_gaps_held_out": float(np.sqrt(np.mean(np.square(held_out)))) if held_out else float("nan"),
        "first_gap": fit.first_gap_error,
        "reservoir": fit.open_error,
    }
    return {name: plain(float(value)) for name, value in numbers.items()}
