"""`ionspice fit`: from files of measurements to circuit.json, fit.json and a report."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from ionspice.circuits import circuit_of, read_circuit_record, write_circuit_record
from ionspice.circuits.fitting.arrhenius import arrhenius
from ionspice.circuits.fitting.device_fit import DeviceFit, FitSettings, fit_device
from ionspice.circuits.fitting.least_squares import Prior
from ionspice.circuits.fitting.record import fit_content, fitted_record
from ionspice.circuits.measurements.reader import read_all
from ionspice.circuits.model.record import CircuitRecord, Provenance
from ionspice.core import InputError, sha256_of
from ionspice.core.json_files import write_json
from ionspice.core.locks import locked
from ionspice.core.run_files import ACTIVATION, CIRCUIT, FIT
from ionspice.pipeline.report.fit_report import write_fit_report
from ionspice.pipeline.results.fits import FORMAT

_ACTIVATION_FORMAT = "ionspice-activation/1"
#: m^2, of a device whose area nobody told: 1 cm^2
_AREA = 1e-4
_PRIOR_LINE, _PRIOR_GAMMA = 0.2, 0.05  # least errors of a prior: of Rc relative, of gamma


def fit_files(
    paths: Sequence[Path],
    directory: Path,
    settings: FitSettings,
    *,
    area: float | None = None,
    temperature: float | None = None,
    prior: Path | None = None,
    others: Sequence[Path] = (),
    say: Callable[[str], None],
) -> None:
    """Fit a device to files and write what was found.

    Args:
        paths: files of measurements, or folders of such.
        directory: for circuit.json, fit.json, report.html and figures/.
        settings: of the fit.
        area: of the electrode, m^2; what the files say unless given.
        temperature: of the measurements, K.
        prior: circuit.json of a field run or campaign whose Rc and gamma are expected.
        others: folders of fits of the same device at other temperatures.
        say: prints a line.

    Raises:
        InputError: a file cannot be read, the folder cannot be written, or a temperature is not known.
    """
    colder_or_warmer = [_at_temperature(folder) for folder in others]
    if others and temperature is None:
        raise InputError("--other compares temperatures; say with --temperature that of these measurements")
    records = read_all(paths)
    square_metres = area or next((one.area for one in records if one.area), _AREA)
    if prior is not None:
        settings = _with_prior(settings, prior, square_metres)
    for one in records:
        say(f"{one.name}: {type(one).__name__}, {one.points} points")
    fit = fit_device(records, settings, lambda name: say(f"fitting: {name}"))
    hashes = _hashes(paths)
    best = fit.comparison.best_circuit
    provenance = Provenance(
        case=directory.resolve().name, version=version("ionspice"), files=hashes, temperature=temperature
    )
    record = fitted_record(best, fit.circuit(), area=square_metres, window=fit.scales.window, provenance=provenance)
    with locked(directory):
        report = _write(fit, record, directory, hashes, square_metres)
    for line in _summary(fit):
        say(line)
    if others:
        _tell_activation([_resistance_of(record, directory), *colder_or_warmer], directory, say)
    for path in (directory / CIRCUIT, directory / FIT, report):
        say(str(path))


def _at_temperature(folder: Path) -> tuple[float, float, float | None]:
    """Return temperature, K, resistance of the uncharged line, ohm, and its relative error of a fit's folder.

    Raises:
        InputError: the record cannot be read, or has no temperature.
    """
    return _resistance_of(read_circuit_record(folder / CIRCUIT), folder)


def _resistance_of(record: CircuitRecord, folder: Path) -> tuple[float, float, float | None]:
    if record.provenance.temperature is None:
        raise InputError(f"{folder / CIRCUIT} has no temperature; fit it again with --temperature")
    circuit = circuit_of(record)
    line = float(circuit.resistance_zero.sum()) * circuit.strip_width / record.extent.width
    column = record.gaps[record.charge].other_layers["Rc"]
    error = column.standard_error[1]
    return record.provenance.temperature, line, None if error is None else error / column.value[1]


def _tell_activation(
    fits: Sequence[tuple[float, float, float | None]], directory: Path, say: Callable[[str], None]
) -> None:
    """Write and tell the activation of fits (`_resistance_of`) about the temperature of the first."""
    temperatures, lines, errors = zip(*fits, strict=True)
    found = arrhenius(temperatures, lines, errors, temperatures[0])
    tc1, tc2 = found.coefficients
    content = {
        "temperature": temperatures,
        "Rline": lines,
        "relative_error": errors,
        "reference": found.reference,
        "energy": found.energy,
        "energy_error": found.energy_error,
        "energy_interval_95": found.energy_interval,
        "residual": found.residual,
        "tc1": tc1,
        "tc2": tc2,
        "units": {
            **dict.fromkeys(("temperature", "reference"), "K"),
            **dict.fromkeys(("energy", "energy_error", "energy_interval_95"), "J/mol"),
            "Rline": "ohm",
            "tc1": "1/K",
            "tc2": "1/K^2",
        },
    }
    write_json(directory / ACTIVATION, _ACTIVATION_FORMAT, content)
    say(
        f"Rline is activated by {found.energy / 1e3:.3g} kJ/mol (standard error {found.energy_error / 1e3:.2g}); "
        f"at the instance of a part: tc1={tc1:.4g} tc2={tc2:.3g}"
    )
    say(str(directory / ACTIVATION))


def _write(fit: DeviceFit, record: CircuitRecord, directory: Path, hashes: dict[str, str], area: float) -> Path:
    """Write circuit.json, fit.json and the report; return the path of the report."""
    settings = fit.settings
    write_circuit_record(directory / CIRCUIT, record)
    asked = {
        "layers": settings.layers,
        "readings": list(settings.readings),
        "reference": settings.reference,
        "area": area,
        "version": version("ionspice"),
    }
    named = {one.name: one for one in fit.records}
    content = fit_content(fit.comparison, named, hashes, fit.tests, fit.relaxations, asked)
    write_json(directory / FIT, FORMAT, content)
    return write_fit_report(fit, directory)


def _with_prior(settings: FitSettings, path: Path, area: float) -> FitSettings:
    """Return settings with the Rc and gamma of a record, of a device of an area (m^2), as prior.

    Raises:
        InputError: the record cannot be read.
    """
    record = read_circuit_record(path / CIRCUIT if path.is_dir() else path)
    circuit = circuit_of(record, settings.layers)
    share = circuit.strip_width / area
    gaps = record.gaps[circuit.charge].other_layers
    line = Prior(name="Rline", value=float(circuit.resistance_zero.sum()) * share, error=_PRIOR_LINE)
    known = [error for error in gaps["gamma"].standard_error if error is not None]
    gamma = Prior(name="gamma", value=float(circuit.gamma.mean()), error=max([_PRIOR_GAMMA, *known]))
    return replace(settings, priors=(line, gamma))


def _hashes(paths: Sequence[Path]) -> dict[str, str]:
    files = [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    return {file.name: sha256_of(file) for file in files if file.is_file()}


def _summary(fit: DeviceFit) -> list[str]:
    comparison = fit.comparison
    best = comparison.best
    lines = [f"best model: {best.name} (rms errors {_percents(best.solution.errors)} of the files' scales)"]
    lines += [
        f"  {one.name} = {one.value:.4g} {one.unit if one.unit != '1' else ''}".rstrip()
        + f" ({one.interval[0]:.4g} to {one.interval[1]:.4g})" * one.determined
        + " (not determined)" * (not one.determined)
        for one in best.certainty.constants
    ]
    if comparison.best_circuit is not best:
        lines.append(f"circuit.json has the best that a ladder can be: {comparison.best_circuit.name}")
    answer = {
        "yes": "the device needs a charge-dependent resistance",
        "no": "the device does not need a charge-dependent resistance",
        "undecided": "whether the device needs a charge-dependent resistance cannot be told",
    }
    lines.append(f"{answer[comparison.charge_dependent]}: {comparison.reason}")
    if comparison.law is not None:
        lines.append(f"R(Q): {comparison.law.verdict}")
    if comparison.misses:
        lines.append(f"no model describes {', '.join(comparison.misses)} within 10 %; take the constants with care")
    for name, test in fit.tests.items():
        if test is None:
            lines.append(f"{name}: no test of Kramers and Kronig without impedance.py; pip install impedance")
        elif not test.holds:
            lines.append(f"{name}: fails the test of Kramers and Kronig, {100 * test.error:.2g} % rms off")
    return lines


def _percents(errors: np.ndarray) -> str:
    return ", ".join(f"{100 * error:.2g} %" for error in errors)
