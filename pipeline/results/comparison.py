"""How well circuits of either node potential predict what the fields that they come from answer to their drive.

Kirchhoff's laws hold for the electrochemical potential (Henrique, Zuk, Gupta, PNAS 2024); the reference study
reads the electric one. Nothing is fitted to the answer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from ionspice.core import IonspiceError
from ionspice.core.json_files import read_json_as, write_json
from ionspice.core.observables import PotentialReading
from ionspice.core.run_files import COMPARISON, OBSERVABLES, RAIL_RUNS
from ionspice.pipeline.cases.case import Case
from ionspice.pipeline.results.curves import model_error
from ionspice.pipeline.results.devices import learn_circuit, read_record
from ionspice.pipeline.results.rails import MODEL as RAILS_MODEL

if TYPE_CHECKING:
    import xarray as xr

    from ionspice.circuits import CircuitRecord

_FORMAT = "ionspice-comparison/1"

#: the law's circuit, the circuit of the local charge, the transmission line with the resistance of empty slits, and
#: one with the law's mean resistance
MODELS = ("NCM", "NCM, local charge", "TLM", "TLM, mean R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One circuit against the fields."""

    potential: PotentialReading  #: node potential of law and capacitances
    #: saturating terms of q(v), 0 for a constant capacitance; None: rails, whose storage is an equilibrium
    capacitance_terms: int | None
    model: str  #: one of `MODELS`, or that of one rail per ion
    #: rms deviation of the current, or of the potential at constant current, share of the field's peak; None: no
    #: such circuit
    error: float | None
    reason: str = ""  #: why not


def compare(directory: Path, case: Case, law_directory: Path | None = None) -> list[Comparison]:
    """Compare circuits of the field's own number of layers with its current; first what rails.nc answers.

    Args:
        directory: the folder of a run, with observables.nc.
        case: its drive, and the search for the law of the other node potential.
        law_directory: the run that circuits are learnt from, of any number of layers and any drive; default the same
            run. Its own circuit is circuit.json where that is there.

    Raises:
        InputError: a file is missing or damaged.
        RunError: ngspice is missing or failed on the run's own circuit.
    """
    rows = [] if law_directory else _rails_rows(directory, case)
    try:
        return rows + _circuit_rows(directory, case, law_directory)
    except IonspiceError:
        if not rows:
            raise
        return rows  # the stage that could not make a circuit has the reason on record


def _rails_rows(directory: Path, case: Case) -> list[Comparison]:
    from ionspice.circuits import read_circuit, read_field

    path = directory / RAIL_RUNS
    if not path.is_file():
        return []
    field, answer = read_field(directory / OBSERVABLES), answer_of(case)
    run = read_circuit(path)[int(field.attrs["layers"])].sel(model=RAILS_MODEL)
    error = model_error(field[answer], run[answer]).rms
    return [Comparison(potential="electrochemical", capacitance_terms=None, model=RAILS_MODEL, error=error)]


def _circuit_rows(directory: Path, case: Case, law_directory: Path | None) -> list[Comparison]:
    from ionspice.circuits import read_field

    origin = law_directory or directory
    own = read_record(origin, case.circuit.capacitance_terms)
    field = read_field(directory / OBSERVABLES)
    terms = sorted({0, own.capacitance_terms})
    records = [own if order == own.capacitance_terms else learn_circuit(origin, terms=order) for order in terms]
    rows = [row for record in records for row in _rows(record, field, case)]
    other: PotentialReading = next(p for p in get_args(PotentialReading.__value__) if p != own.potential)
    try:
        rows += [row for record in _discovered(origin, case, other, terms) for row in _rows(record, field, case)]
    except IonspiceError as error:  # the other reading need not give a circuit; the run's own has to
        rows += [
            Comparison(potential=other, capacitance_terms=order, model=model, error=None, reason=str(error))
            for order in terms
            for model in MODELS
        ]
    return rows


def answer_of(case: Case) -> str:
    """Return the name of what the drive leaves open: the potential where it prescribes currents, else the current."""
    return "electrode_potential" if case.drive.build().prescribes_current else "electrode_current"


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
    return read_json_as(
        path, _FORMAT, lambda content: [_comparison(**row) for row in content["circuits"]], remedy=remedy
    )


def comparison_errors(directory: Path) -> list[str]:
    """Return what comparison.json of a folder says of its circuit, for comments in files; nothing where it is absent.

    Raises:
        InputError: the file is damaged.
    """
    path = directory / COMPARISON
    if not path.is_file():
        return []
    record = read_record(directory)
    own = (record.potential, record.capacitance_terms)
    kinds = {"NCM": "law", "NCM, local charge": "local"}
    return [
        f"{100 * row.error:.2g} % rms of the peak against the field model of {record.layers} layers and its drive "
        f"({row.model})"
        for row in read_comparison(path)
        if row.error is not None and row.model in kinds and (row.potential, row.capacitance_terms) == own
    ]


def _comparison(**row: Any) -> Comparison:
    """Return a row of the file.

    Raises:
        ValueError: a value is of another kind than it has to be.
    """
    found = Comparison(**row)
    texts = (found.potential, found.model, found.reason)
    if not all(isinstance(text, str) for text in texts) or not isinstance(found.capacitance_terms, int | None):
        raise ValueError("a row with a name that is no text")
    if not isinstance(found.error, int | float | None) or (found.error is None and not found.reason):
        raise ValueError(f"error = {found.error!r} of {found.model}")
    return found


def _discovered(
    directory: Path, case: Case, potential: PotentialReading, terms: Iterable[int]
) -> list["CircuitRecord"]:
    """Return records of the law that a run's fields have in another node potential, one for each order of q(v)."""
    from ionspice.circuits import charging_ramp, extract_capacitances, learn_record, read_field
    from ionspice.discovery import discover_law, read_observables

    settings = replace(case.discovery.build(), potential=potential)
    law = discover_law(read_observables(directory / OBSERVABLES, settings.charge, potential), settings)
    ramp = charging_ramp(read_field(directory / OBSERVABLES), potential)
    return [learn_record(law, extract_capacitances(ramp, order=order), ramp) for order in terms]


def _rows(record: "CircuitRecord", field: "xr.Dataset", case: Case) -> Iterator[Comparison]:
    from ionspice.circuits import circuit_of, drive_circuits, mean_resistance_line, transmission_line

    layers = int(field.attrs["layers"])
    circuit = circuit_of(record, layers, charge="law")
    models = {"NCM": circuit, "TLM": transmission_line(circuit), "TLM, mean R": mean_resistance_line(circuit)}
    if "local" in record.gaps:
        models["NCM, local charge"] = circuit_of(record, layers, charge="local")
    run = drive_circuits({name: models[name] for name in MODELS if name in models}, case.circuit_drive())
    answer = answer_of(case)
    for model in MODELS:
        known = model in models
        yield Comparison(
            potential=record.potential,
            capacitance_terms=record.capacitance_terms,
            model=model,
            error=model_error(field[answer], run[answer].sel(model=model)).rms if known else None,
            reason="" if known else "no resistance of this charge is positive in every gap",
        )
