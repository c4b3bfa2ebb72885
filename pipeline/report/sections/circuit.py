"""The report's section on circuits: voltammograms of the field model, the NCM and the TLM."""

import math
from collections.abc import Iterator

import numpy as np
import xarray as xr

from ionspice.circuits import CircuitRecord
from ionspice.circuits.model.record import Constants, ElementForm
from ionspice.pipeline.report.figures.response import Response, draw_responses, responses
from ionspice.pipeline.report.figures.style import scale_for
from ionspice.pipeline.report.page import (
    Picture,
    ReportSection,
    Table,
    number_column,
    percent,
    significant,
    table_of_columns,
)
from ionspice.pipeline.results.comparison import Comparison, answer_of
from ionspice.pipeline.results.curves import ModelError, model_error
from ionspice.pipeline.results.files import RunFiles
from ionspice.pipeline.results.rails import MODEL as RAILS_MODEL

#: rms deviation of a circuit that needs no better one, of the peak
_GOOD_ENOUGH = 0.015
_TITLES = {"step": "Current after a step", "current": "Charging at constant current", "protocol": "Protocol"}


def circuit_section(run: RunFiles) -> ReportSection:
    """Return the section that compares the circuits' answers to the drive with the field model's."""
    pictures = [_comparison(run), *([_loops(run)] if run.case.drive.kind == "protocol" else [])]
    tables = [_error_table(run)] if run.circuits else []
    missing = []
    if "circuits" in run.missing:
        what = "circuit of one resistance a gap" if run.circuits else "circuit to compare with"
        missing.append(f"No {what}: {run.missing['circuits']}.")
    if any(row.capacitance_terms is not None for row in run.comparison):
        tables.append(_comparison_table(run))
    else:
        why = run.missing.get("comparison") or run.missing.get("record") or "no circuit of one resistance a gap"
        missing.append(f"No comparison of node potentials: {why}.")
    if run.record is None:
        missing.append(f"No capacitances: {run.missing['record']}.")
    elif run.record.slits.elements is not None:
        tables.append(_capacitance_table(run.record, run.record.slits, run.record.slits.elements))
    for layers, circuit in run.circuits.items():
        if layers != run.layers:
            pictures.append(_without_field(run, layers, circuit))
    return ReportSection(
        name="voltammograms",
        title=_title(run),
        missing=tuple(missing),
        paragraphs=(
            "Current density per projected electrode area (current per metre of depth over the strip width) "
            "and the potential of one electrode; a full cell of two such electrodes has twice the potential.",
            *_advice(run),
        ),
        pictures=tuple(pictures),
        tables=tuple(tables),
    )


def model_errors(run: RunFiles) -> dict[str, ModelError]:
    """Return the deviation of every circuit model from the field model at the field model's number of layers."""
    circuit = run.circuits.get(run.layers)
    if circuit is None:
        return {}
    answer = answer_of(run.case)
    return {
        str(model): model_error(run.fields[answer], circuit[answer].sel(model=model))
        for model in circuit["model"].values
    }


def _what(layers: int) -> str:
    return "planar electrode" if layers == 1 else f"{layers} layers"


def _advice(run: RunFiles) -> Iterator[str]:
    """Say which circuit to take, and why."""
    errors = model_errors(run)
    rails, ladder = errors.get(RAILS_MODEL), errors.get("NCM")
    if rails is None:
        return
    potential = np.abs(run.fields["electrode_potential"].values).max()
    window = f"learnt up to {potential:.3g} V"
    if ladder is None:
        yield (
            f"Take the circuit with one rail per ion (rms deviation {percent(rails.rms)}, {window}): no circuit with "
            "one resistance a gap follows from this run."
        )
    elif ladder.rms <= _GOOD_ENOUGH or ladder.rms <= rails.rms:
        yield (
            f"Take the NCM (rms deviation {percent(ladder.rms)}, {window}): it is small and quick. For wider "
            "windows, other drives and other numbers of layers one rail per ion is safer "
            f"({percent(rails.rms)} here), because its constants are lengths of the geometry."
        )
    else:
        yield (
            f"Take the circuit with one rail per ion (rms deviation {percent(rails.rms)}, {window}): one resistance "
            f"of one charge misses by {percent(ladder.rms)}, because the ions flow under potentials of their own."
        )


def field_response(run: RunFiles) -> Response:
    """Return the field model's answer to the drive."""
    return Response(
        model="mPNP",
        time=run.fields["time"].values,
        potential=run.fields["electrode_potential"].values,
        current_density=run.fields["electrode_current"].values / run.fields.attrs["strip_width"],
    )


def _title(run: RunFiles) -> str:
    return _TITLES.get(run.case.drive.kind, "Voltammograms")


def _answer(run: RunFiles) -> str:
    return answer_of(run.case).removeprefix("electrode_")


def _circuit_responses(run: RunFiles, circuit: xr.Dataset) -> tuple[Response, ...]:
    return responses(circuit, run.fields.attrs["strip_width"])


def _comparison(run: RunFiles) -> Picture:
    layers, field = run.layers, field_response(run)
    circuit = run.circuits.get(layers)
    errors = model_errors(run)
    models = " and ".join(["mPNP", *errors])
    rms = ", ".join(f"{name} {percent(error.rms)}" for name, error in errors.items())
    curves = (field, *_circuit_responses(run, circuit)) if circuit is not None else (field,)
    return Picture(
        name="voltammogram",
        figure=draw_responses(curves, run.case.drive.kind),
        alt=f"{_title(run)} of {models} for {layers} layers",
        caption=f"{_what(layers).capitalize()}. Grey: field model (mPNP)."
        + (f" Rms deviation from it in time, as a share of its peak {_answer(run)}: {rms}." if errors else ""),
    )


def _loops(run: RunFiles) -> Picture:
    """Return the current over the potential, of a drive that is shown over time first."""
    circuit = run.circuits.get(run.layers)
    curves = (field_response(run), *(_circuit_responses(run, circuit) if circuit is not None else ()))
    return Picture(
        name="protocol_voltammogram",
        figure=draw_responses(curves, "triangular"),
        alt=f"Current of {' and '.join(curve.model for curve in curves)} over the potential",
        caption=f"{_what(run.layers).capitalize()}. The same current over the potential.",
    )


def _without_field(run: RunFiles, layers: int, circuit: xr.Dataset) -> Picture:
    curves = _circuit_responses(run, circuit)
    density = {c.model: float(np.nanmax(np.abs(c.current_density))) * 1e-4 for c in curves}
    peaks = ", ".join(f"{model} {significant(peak, 3)} A/cm²" for model, peak in density.items())
    return Picture(
        name=f"voltammogram_{layers}_layers",
        figure=draw_responses(curves, run.case.drive.kind),
        alt=f"{_title(run)} of {' and '.join(density)} for {layers} layers",
        caption=f"{layers} layers, circuits only, from the inner elements' law of the {run.layers}-layer field "
        f"model{_reading_words(run, layers)}. Peak current: {peaks}.",
    )


def _reading_words(run: RunFiles, layers: int) -> str:
    """Say what the resistances read where it is not what they read at the field's own number of layers."""
    if run.record is None or run.record.reading(layers) == run.record.reading(run.layers):
        return ""
    return f"; their resistances read the {run.record.reading(layers)} charge, which carries over better"


def _error_table(run: RunFiles) -> Table:
    return Table(
        caption=f"Deviation of the circuits' {_answer(run)} from the field model's, {_what(run.layers)}, as a share "
        f"of the field model's peak; node potential: {run.potential}.",
        head=("Model", "rms", "largest", f"peak {_answer(run)} / mPNP's"),
        rows=tuple(
            (name, percent(error.rms), percent(error.largest), significant(error.peak_ratio, 4))
            for name, error in model_errors(run).items()
        ),
        numeric=frozenset({1, 2, 3}),
    )


def _comparison_table(run: RunFiles) -> Table:
    """Return the rms deviation of circuits of either node potential, with constant capacitances and with q(u)."""
    rows = [row for row in run.comparison if row.capacitance_terms is not None]
    choices = list(dict.fromkeys((row.potential, row.capacitance_terms) for row in rows))
    models = list(dict.fromkeys(row.model for row in rows))
    found = {(row.potential, row.capacitance_terms, row.model): row for row in rows}
    own = (run.potential, run.case.circuit.capacitance_terms)
    reasons = dict.fromkeys(row.reason for row in rows if row.error is None)
    return Table(
        caption=f"Rms deviation of the {_answer(run)} from the field model’s, of its peak, when law and capacitances "
        "are taken from the electrochemical node potential, for which Kirchhoff’s laws hold, or from the electric "
        "one; bold: the circuit of this run. Local charge: resistors read the mean charge of "
        "the slits around their gap, not the charge passed. TLM: R = Rc, the resistance of empty slits; mean R: "
        "the mean of the law over the charging half." + "".join(f" No circuit: {reason}." for reason in reasons),
        head=("Node potential", "capacitance", *models),
        rows=tuple(
            (
                potential,
                f"q(u), {terms} saturating term{'s' * (terms > 1)}" if terms else "constant",
                *(_share(found[potential, terms, model]) for model in models),
            )
            for potential, terms in choices
        ),
        numeric=frozenset(range(2, 2 + len(models))),
        marked=choices.index(own) if own in choices else None,
    )


def _share(row: Comparison) -> str:
    return percent(row.error) if row.error is not None else "no circuit"


def _capacitance_table(record: CircuitRecord, slits: ElementForm, own: Constants) -> Table:
    """Return the capacitances of the circuit, of its own slits and of the mouth."""
    mouth, resistance = record.mouth, record.mouth.resistance.value
    factor, unit = scale_for(resistance, "ohm m")
    places = [*(f"slit {k}" for k in range(1, len(own[next(iter(own))].value) + 1)), "open electrolyte"]

    def column(name: str) -> tuple[list[float], list[float]]:
        """Return values and standard errors of a constant or derived number of all places, NaN where unknown."""
        slit = own[name] if name in own else slits.derived[name]
        at_mouth = {**mouth.constants, **mouth.derived}[name]
        known = [*slit.standard_error, at_mouth.standard_error]
        return [*slit.value, at_mouth.value], [math.nan if error is None else error for error in known]

    columns = [("Where", places)]
    if "C" in slits.derived:
        columns.append(number_column("C", *column("C"), "F/m"))
    for name in (name for name in own if name not in ("ulow", "uhigh")):
        columns.append(number_column(name, column(name)[0], unit=own[name].unit))
    if "rms" in slits.derived:
        columns.append(("rms error of q", [percent(share) for share in column("rms")[0]]))
    return table_of_columns(
        columns,
        caption=f"Capacitances of the circuit (circuit.json): {_charge_words(slits, own)}, u the electrode potential "
        f"minus the node potential ({record.potential}), fitted to the fields while charging; per metre of depth. "
        f"The open electrolyte’s resistance is {significant(resistance * factor)} {unit}.",
    )


def _charge_words(slits: ElementForm, own: Constants) -> str:
    if "ulow" not in own:
        return f"q = {slits.form}"
    low, high = (own[name].value[len(own[name].value) // 2] for name in ("ulow", "uhigh"))
    return (
        f"q = {slits.form} from {low:.3g} V to {high:.3g} V, with dq/du as at the ends beyond, which is positive for "
        "every u; C is dq/du at u = 0"
    )
