"""report.html of a fitted device: data, fit, residuals, spectra, models, constants, capacitance, energy and power."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from ionspice.circuits.fitting.comparison import FittedModel
from ionspice.circuits.fitting.device_fit import DeviceFit
from ionspice.circuits.fitting.experiments import Experiment
from ionspice.circuits.fitting.intervals import gamma_verdict
from ionspice.circuits.fitting.kramers_kronig import LIMIT
from ionspice.circuits.fitting.performance import (
    measured_ragone,
    measured_rates,
    modelled_ragone,
    modelled_rates,
)
from ionspice.circuits.measurements.records import Transient
from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.ladder import differential_capacitances, relative_resistance
from ionspice.pipeline.report.figures.device import (
    MeasuredCurve,
    draw_against,
    draw_constants,
    draw_curves,
    draw_law,
    draw_relaxations,
    draw_residuals,
    draw_spectra,
)
from ionspice.pipeline.report.page import Page, Picture, ReportSection, Table, percent, significant
from ionspice.pipeline.report.run_report import write_page

_ANSWER = {
    "yes": "Yes: the device needs a resistance that depends on its charge.",
    "no": "No: resistances that depend on the charge describe the device no better than constant ones.",
    "undecided": "It cannot be told from these measurements whether resistances depend on the charge.",
}
_TITLES = {
    "voltammogram": "Voltammograms",
    "charge-discharge": "Potential at constant current",
    "impedance": "Impedance, Nyquist and Bode",
}
_CURVE_POINTS = 25  # of the model's curves over rate and current


def write_fit_report(fit: DeviceFit, directory: Path) -> Path:
    """Write report.html and figures/ of a fit into a folder; return the path of report.html.

    Raises:
        InputError: the folder cannot be written.
    """
    return write_page(fit_page(fit), directory)


def fit_page(fit: DeviceFit) -> Page:
    """Return the report as data."""
    kinds = sorted({one.kind for one in fit.experiments})
    return Page(
        title="A measured device as a circuit",
        lead=f"{len(fit.records)} measurements ({', '.join(kinds)}) fitted by {len(fit.comparison.models)} models.",
        sections=(
            _answer_section(fit),
            _data_section(fit),
            _models_section(fit),
            _constants_section(fit),
            *_law_sections(fit),
            *_relaxation_sections(fit),
            _performance_section(fit),
            _files_section(fit),
        ),
        footer="Written by ionspice. The figures are also in figures/, as SVG and PNG; all numbers are in fit.json.",
    )


def _answer_section(fit: DeviceFit) -> ReportSection:
    comparison = fit.comparison
    misses = comparison.misses
    verdicts = tuple(text for text in (gamma_verdict(one.certainty) for one in comparison.models) if text)
    return ReportSection(
        name="answer",
        title="Does the resistance depend on the charge?",
        key_values=(
            ("Best model", comparison.best.name),
            ("Circuit", comparison.best_circuit.name),
            ("Rms error of the files", _range(comparison.best.solution.errors)),
        ),
        paragraphs=(
            _ANSWER[comparison.charge_dependent],
            f"{comparison.reason}.",
            *(f"{text[0].upper()}{text[1:]}." for text in verdicts[:1]),
        ),
        missing=tuple(f"No model describes {name} within 10 %; take the constants with care." for name in misses),
    )


def _data_section(fit: DeviceFit) -> ReportSection:
    best = fit.comparison.best
    device = best.model.device(best.solution.values)
    curves: dict[str, list[MeasuredCurve]] = {}
    residuals = []
    for one, own in zip(fit.experiments, best.solution.nuisances, strict=True):
        found = one.predict(device, own)
        curves.setdefault(one.kind, []).append(_curve(fit, one, found))
        error = (found - one.observed) / one.scale
        residuals.append(
            MeasuredCurve(name=one.name, x=np.linspace(0, 1, error.size), y=error, fit=np.zeros(error.size))
        )
    pictures = [
        Picture(
            name=kind,
            figure=_draw(kind, own),
            alt=f"{_TITLES[kind]}: measured points and the lines of the fit",
            caption=f"{_TITLES[kind]}: measured (dots) and {best.name} (lines).",
        )
        for kind, own in curves.items()
    ]
    pictures.append(
        Picture(
            name="residuals",
            figure=draw_residuals(residuals),
            alt="Errors of the fit along every file",
            caption="Errors of the fit: of the peak current, of the swing of the potential, of the modulus of the "
            "impedance (real parts, then imaginary ones).",
        )
    )
    return ReportSection(name="data", title="Data, fit, residuals", pictures=tuple(pictures))


def _draw(kind: str, curves: Sequence[MeasuredCurve]) -> Figure:
    if kind == "impedance":
        return draw_spectra(curves)
    if kind == "voltammogram":
        return draw_curves(curves, ("potential", "V"), ("current", "A"))
    return draw_curves(curves, ("time", "s"), ("potential", "V"))


def _curve(fit: DeviceFit, experiment: Experiment, found: FloatArray) -> MeasuredCurve:
    observed = experiment.observed
    if experiment.kind == "impedance":
        half = observed.size // 2
        both = (values[:half] + 1j * values[half:] for values in (observed, found))
        data, line = both
        return MeasuredCurve(name=experiment.name, x=experiment.place, y=data, fit=line)
    if experiment.kind == "charge-discharge":
        return MeasuredCurve(name=experiment.name, x=experiment.place, y=observed, fit=found)
    record = next(one for one in fit.records if one.name == experiment.name)
    assert isinstance(record, Transient)
    potential = np.interp(experiment.place, record.time - record.time[0], record.potential)
    return MeasuredCurve(name=experiment.name, x=potential, y=observed, fit=found)


def _models_section(fit: DeviceFit) -> ReportSection:
    models = fit.comparison.models
    least = models[0].bic
    rows = tuple(
        (
            one.name,
            str(one.solution.jacobian.shape[1]),
            significant(one.bic - least),
            significant(one.aicc - min(other.aicc for other in models)),
            _range(one.solution.errors),
            percent(one.held_out_error),
        )
        for one in models
    )
    return ReportSection(
        name="models",
        title="Models compared",
        paragraphs=(
            "All models but R-CPE have the same form of the capacitance over the potential, so that a resistance is "
            "not asked to do what a capacitance does. The last column leaves every file out once and predicts it "
            "from the others.",
        ),
        tables=(
            Table(
                caption="Models, the best first.",
                head=("Model", "unknowns", "ΔBIC", "ΔAICc", "rms errors of the files", "files left out"),
                rows=rows,
                numeric=frozenset({1, 2, 3, 4, 5}),
                marked=0,
            ),
        ),
    )


def _constants_section(fit: DeviceFit) -> ReportSection:
    one = fit.comparison.best
    tables = [_constants_table(one), _correlation_table(one)]
    if one is not fit.comparison.best_circuit:
        tables.append(_constants_table(fit.comparison.best_circuit))
    circuit = fit.circuit()
    low, high = fit.scales.window
    potential = np.linspace(low, high, 200)
    voltages = np.repeat(potential[:, None], circuit.slits, axis=1)
    capacitance = differential_capacitances(circuit, voltages).sum(axis=1)
    share = np.linspace(0, 1, 100)
    charges = np.zeros((share.size, circuit.slits))
    charges[:, 0] = share * circuit.charge_max[0]
    resistance = relative_resistance(circuit, charges)[:, 0]
    return ReportSection(
        name="constants",
        title="Constants",
        paragraphs=(
            "Intervals hold 95 %, from the derivatives of the fit and the errors of the data, which count for less "
            "where they follow each other. Rline is the resistance of all gaps of the uncharged ladder, gamma the "
            "share of it that is lost at the end of the window.",
        ),
        pictures=(
            Picture(
                name="constants",
                figure=draw_constants(potential, capacitance, share, resistance),
                alt="Capacitance over potential and resistance over charge",
                caption=f"Capacitance and resistance of the circuit ({fit.comparison.best_circuit.name}).",
            ),
        ),
        tables=tuple(tables),
    )


def _constants_table(fitted: FittedModel) -> Table:
    return Table(
        caption=f"Constants of {fitted.name}.",
        head=("Constant", "value", "95 % from", "to", "unit", ""),
        rows=tuple(
            (
                one.name,
                significant(one.value, 4),
                significant(one.interval[0]) if one.determined else "–",
                significant(one.interval[1]) if one.determined else "–",
                one.unit,
                "" if one.determined else "not determined",
            )
            for one in fitted.certainty.constants
        ),
        numeric=frozenset({1, 2, 3}),
    )


def _correlation_table(fitted: FittedModel) -> Table:
    names = [one.name for one in fitted.certainty.constants]
    rows = tuple(
        (name, *(f"{value:.2f}".replace("-", "−") for value in row))
        for name, row in zip(names, fitted.certainty.correlation.tolist(), strict=True)
    )
    return Table(
        caption=f"Correlation of the constants of {fitted.name}.",
        head=("", *names),
        rows=rows,
        numeric=frozenset(range(1, len(names) + 1)),
    )


def _law_sections(fit: DeviceFit) -> tuple[ReportSection, ...]:
    """Return what the data say of R(Q), where resistances depend on the charge."""
    law = fit.comparison.law
    if law is None:
        return ()
    circuit = fit.circuit()
    charges = np.zeros((law.relative_charge.size, circuit.slits))
    charges[:, 0] = law.relative_charge * circuit.charge_max[0]
    chosen = relative_resistance(circuit, charges)[:, 0]
    picture = Picture(
        name="law",
        figure=draw_law(law.relative_charge, law.relative_resistance, law.band, chosen),
        alt="Resistance over charge, free of a form with its band, and the law of the circuit",
        caption="R over the charge: free of a form with its 95 % band, and the law of the circuit (dashed).",
    )
    text = f"{law.verdict[0].upper()}{law.verdict[1:]}."
    return (ReportSection(name="law", title="Resistance over charge", paragraphs=(text,), pictures=(picture,)),)


def _relaxation_sections(fit: DeviceFit) -> tuple[ReportSection, ...]:
    """Return the distribution of relaxation times of all spectra."""
    if not fit.relaxations:
        return ()
    rows = tuple(
        (name, significant(peak.time), significant(peak.resistance), percent(found.error))
        for name, found in fit.relaxations.items()
        for peak in found.peaks
    )
    picture = Picture(
        name="relaxation_times",
        figure=draw_relaxations([(name, one.time, one.density) for name, one in fit.relaxations.items()]),
        alt="Distribution of relaxation times of every spectrum",
        caption="Distribution of relaxation times, beside a series resistance and a series capacitance.",
    )
    table = Table(
        caption="Peaks of the distribution; the last column is its rms error of the spectrum's modulus.",
        head=("Spectrum", "time / s", "resistance / ohm", "error"),
        rows=rows,
        numeric=frozenset({1, 2, 3}),
    )
    return (
        ReportSection(
            name="relaxation_times",
            title="Relaxation times",
            paragraphs=(
                "A transmission line of R and C that ends blocked relaxes with R C/(k π)², k = 1, 2, ..., with the "
                "resistances 2 R/(k π)²; one resistance with one capacitance shows no peak.",
            ),
            pictures=(picture,),
            tables=(table,),
        ),
    )


def _performance_section(fit: DeviceFit) -> ReportSection:
    best = fit.comparison.best
    device = best.model.device(best.solution.values)
    window = fit.scales.window
    rates, discharges = measured_rates(fit.records), measured_ragone(fit.records)
    swing = window[1] - window[0]
    slowest, fastest = _rates(fit, swing)
    curve = modelled_rates(device, window, np.geomspace(slowest, fastest, _CURVE_POINTS).tolist())
    pictures = [
        Picture(
            name="capacitance",
            figure=draw_against(
                (np.array([p.rate for p in rates]), np.array([p.capacitance for p in rates])),
                (np.array([p.rate for p in curve]), np.array([p.capacitance for p in curve])),
                "scan rate / V s⁻¹",
                "capacitance / F",
            ),
            alt="Capacitance over scan rate",
            caption="Capacitance of a loop, half the charge that flows over the window, against the scan rate.",
        )
    ]
    currents = fit.scales.capacitance * np.geomspace(slowest, fastest, _CURVE_POINTS)
    ragone = modelled_ragone(device, window, currents.tolist()) if window[1] > 0 else []
    if ragone:
        pictures.append(
            Picture(
                name="ragone",
                figure=draw_against(
                    (np.array([p.power for p in discharges]), np.array([p.energy for p in discharges])),
                    (np.array([p.power for p in ragone]), np.array([p.energy for p in ragone])),
                    "power / W",
                    "energy / J",
                ),
                alt="Energy over power",
                caption="Energy of a discharge behind a charging at the same current, against its mean power.",
            )
        )
    return ReportSection(name="performance", title="Capacitance, energy and power", pictures=tuple(pictures))


def _rates(fit: DeviceFit, swing: float) -> tuple[float, float]:
    """Return scan rates, V/s, from that of a slow charging to that of the device's own time."""
    own = fit.scales.capacitance * (fit.scales.line + fit.scales.mouth)
    return swing / own / 100, swing / own * 10


def _files_section(fit: DeviceFit) -> ReportSection:
    best = fit.comparison.best
    held_out = best.held_out if best.held_out.size else np.full(len(fit.experiments), np.nan)
    rows = []
    for one, error, left_out in zip(fit.experiments, best.solution.errors, held_out, strict=True):
        test = fit.tests.get(one.name)
        passed = "" if test is None else f"{percent(test.error)}{'' if test.holds else ', fails'}"
        rows.append((one.name, one.kind, str(one.observed.size), percent(error), percent(left_out), passed))
    return ReportSection(
        name="files",
        title="Files",
        tables=(
            Table(
                caption="Measurements; the last column is the rms error of the linear test of Kramers and Kronig, "
                f"which a spectrum passes below {percent(LIMIT)}.",
                head=("File", "kind", "values", "rms error", "left out", "Kramers-Kronig"),
                rows=tuple(rows),
                numeric=frozenset({2, 3, 4, 5}),
            ),
        ),
    )


def _range(errors: FloatArray) -> str:
    low, high = float(errors.min()), float(errors.max())
    return percent(low) if errors.size == 1 else f"{percent(low)} to {percent(high)}"
