"""How well circuits of either node potential predict what the fields that they come from answer to their drive.

Kirchhoff's laws hold for the electrochemical potential (Henrique, Zuk, Gupta, PNAS 2024); the reference study
reads the electric one. Nothing is fitted to the answer.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from ionspice.circuits.driving import drive_circuits
from ionspice.core import InputError, IonspiceError
from ionspice.core.json_files import read_json, write_json
from ionspice.pipeline.cases.case import Case
from ionspice.circuits.simulation.driving import drive_circuits
from ionspice.core.observables import PotentialReading
from ionspice.core.run_files import LAW, OBSERVABLES
from ionspice.pipeline.cases.case import Case
from ionspice.pipeline.results.curves import model_error

if TYPE_CHECKING:
    import xarray as xr

    from ionspice.discovery import Law

_FORMAT = "ionspice-comparison/1"

#: the law's circuit, the circuit of the local charge, the transmission line with the resistance of empty slits, and
#: one with the law's mean resistance
MODELS = ("NCM", "NCM, local charge", "TLM", "TLM, mean R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One circuit against the fields."""

    potential: PotentialReading  #: node potential of law and capacitances
    capacitance_terms: int  #: terms of q(v) beyond a constant capacitance
    model: str  #: one of `MODELS`
    #: rms deviation of the current, or of the potential at constant current, share of the field's peak; None: no
    #: such circuit
    error: float | None
    reason: str = ""  #: why not


def compare(directory: Path, case: Case, law_directory: Path | None = None) -> list[Comparison]:
    """Compare circuits of the field's own number of layers with its current.

    Args:
        directory: the folder of a run, with observables.nc.
        case: its drive, and the search for the law of the other node potential.
        law_directory: the run that law and capacitances are taken from, of any number of layers and any drive;
            default the same run.

    Raises:
        InputError: a file is missing or damaged.
        RunError: ngspice is missing or failed on the run's own circuit.
    """
    from ionspice.circuits import read_field
    from ionspice.discovery import read_law

    origin = law_directory or directory
    law, source, field = read_law(origin / LAW), read_field(origin / OBSERVABLES), read_field(directory / OBSERVABLES)
    terms = sorted({0, case.circuit.capacitance_terms})
    rows = [row for order in terms for row in _rows(law, source, field, case, order)]
    other: PotentialReading = next(p for p in get_args(PotentialReading.__value__) if p != law.potential)
    try:
        other_law = _discover(origin, case, other)
        rows += [row for order in terms for row in _rows(other_law, source, field, case, order)]
    except IonspiceError as error:  # the other reading need not give a circuit; the run's own has to
        rows += [
            Comparison(potential=other, capacitance_terms=order, model=model, error=None, reason=str(error))
            for order in terms
            for model in MODELS
        ]
    return rows


def answer_of(case: Case) -> str:
    """Return the name of what the drive leaves open: the potential at constant current, else the current."""
    return "electrode_potential" if case.drive.kind == "current" else "electrode_current"


def write_comparison(path: Path, rows: list[Comparison]) -> None:
    """Write comparison.json.

    Raises:
        InputError: the folder cannot be written.
    """
    write_json(path, _FORMAT, {"circuits": [asdict(row) for row in rows]})


def read_comparison(path: Path) -> list[Comparison]:
    """Read comparison.json.

    Raises:
        InputError: the file is missing, damaged or of another format.
    """
    remedy = "run `ionspice run` again"
    content = read_json(path, _FORMAT, remedy=remedy)
    try:
        return [Comparison(**row) for row in content["circuits"]]
    except (KeyError, TypeError) as error:
        raise InputError(f"cannot read {path}: {error}; {remedy}") from error


def _discover(directory: Path, case: Case, potential: PotentialReading) -> "Law":
    from ionspice.discovery import DiscoverySettings, discover_law, read_observables

    settings = DiscoverySettings(**case.discovery.model_dump() | {"potential": potential})
    return discover_law(read_observables(directory / OBSERVABLES, settings.charge, potential), settings)


def _rows(law: "Law", source: "xr.Dataset", field: "xr.Dataset", case: Case, terms: int) -> Iterator[Comparison]:
    from ionspice.circuits import (
        build_circuit,
        charging_ramp,
        extract_capacitances,
        mean_resistance_line,
        transmission_line,
    )

    ramp = charging_ramp(source, law.potential)
    capacitances, layers = extract_capacitances(ramp, order=terms), int(field.attrs["layers"])
    circuit = build_circuit(law, capacitances, ramp, layers)
    local = build_circuit(law, capacitances, ramp, layers, "local")
    models = (circuit, local, transmission_line(circuit), mean_resistance_line(circuit))
    run = drive_circuits(dict(zip(MODELS, models, strict=True)), case.drive.build())
    answer = answer_of(case)
    for model in run["model"].values:
        error = model_error(field[answer], run[answer].sel(model=model)).rms
        yield Comparison(potential=law.potential, capacitance_terms=terms, model=str(model), error=error)
