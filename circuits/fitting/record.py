"""circuit.json of a fitted device, and fit.json with all numbers of the fit."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ionspice.circuits.fitting.comparison import Comparison, FittedModel
from ionspice.circuits.fitting.free_law import FoundLaw
from ionspice.circuits.fitting.intervals import FittedConstant, gamma_verdict
from ionspice.circuits.fitting.kramers_kronig import KramersKronig
from ionspice.circuits.fitting.ladder_device import LadderDevice
from ionspice.circuits.fitting.relaxation_times import RelaxationTimes
from ionspice.circuits.measurements.records import Measurement
from ionspice.circuits.model.assembly import record_of
from ionspice.circuits.model.ladder import NanoCircuit
from ionspice.circuits.model.record import (
    CircuitRecord,
    ConstantColumn,
    Constants,
    Extent,
    Provenance,
    Window,
    constant,
    constant_column,
)

_DEVICE_UNITS = {"ohm m": "ohm", "F/m": "F", "C/m": "C"}
_CHOSEN = ("u", "s")  # first letters of constants of q(u) that a fit takes as given


def fitted_record(
    fitted: FittedModel,
    circuit: NanoCircuit,
    *,
    area: float,
    window: tuple[float, float],
    provenance: Provenance,
) -> CircuitRecord:
    """Return the record of a fitted ladder.

    Args:
        fitted: the model.
        circuit: its ladder, with every slit.
        area: of the electrode, m^2.
        window: least and largest potential of the measurements, V.
        provenance: where the measurements come from.
    """
    errors = {one.name: one for one in fitted.certainty.constants}
    plain = record_of(circuit, "measured")
    shares = {
        "Rc": _error(errors, "Rline", "R") / circuit.slits,
        "gamma": _error(errors, "gamma"),
        **{name: one.standard_error / circuit.slits for name, one in errors.items() if _is_capacitance(name)},
    }
    leakage = errors["Rleak"]
    held = LadderDevice(circuit)
    charges = [held.charge(end) / circuit.slits for end in window]
    mouth = errors.get("Ropen")
    return plain.model_copy(
        update={
            "gaps": {
                charge: gap.model_copy(
                    update={part: _with_errors(getattr(gap, part), shares) for part in ("elements", "other_layers")}
                )
                for charge, gap in plain.gaps.items()
            },
            "slits": plain.slits.model_copy(
                update={
                    part: _with_errors(getattr(plain.slits, part), shares) for part in ("elements", "other_layers")
                }
            ),
            "mouth": plain.mouth.model_copy(
                update={
                    "resistance": constant(
                        "ohm", circuit.open_resistance, "measured", mouth.standard_error if mouth else 0.0
                    ),
                    "constants": {"C": constant("F", 0.0, "chosen")},
                }
            ),
            "leakage": constant("ohm", leakage.value, "measured", leakage.standard_error)
            if leakage.determined
            else None,
            "window": Window(potential=window, slit_charge=(min(charges), max(charges))),
            "resistance_floor": constant("1", circuit.resistance_floor, "chosen"),
            "extent": Extent(area=area),
            "provenance": provenance,
        }
    )


def fit_content(
    comparison: Comparison,
    records: Mapping[str, Measurement],
    hashes: Mapping[str, str],
    tests: Mapping[str, KramersKronig | None],
    relaxations: Mapping[str, RelaxationTimes],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the content of fit.json.

    Args:
        comparison: of all models.
        records: the measurements by name.
        hashes: SHA-256 of the files by name.
        tests: of Kramers and Kronig by the name of the spectrum; None where it could not be done.
        relaxations: relaxation times by the name of the spectrum.
        settings: what the user asked for.
    """
    best = comparison.best
    files = [
        {
            "name": one.name,
            "kind": one.kind,
            "points": records[one.name].points,
            "compared": one.observed.size,
            "error": float(error),
            "autocorrelation": float(correlation),
            "kramers_kronig": _test_content(tests.get(one.name)),
            "relaxation_times": _relaxation_content(relaxations.get(one.name)),
        }
        for one, error, correlation in zip(
            best.problem.experiments, best.solution.errors, best.solution.correlation, strict=True
        )
    ]
    return {
        "best": best.name,
        "circuit": comparison.best_circuit.name,
        "charge_dependent_resistance": comparison.charge_dependent,
        "reason": comparison.reason,
        "gamma": next((v for v in (gamma_verdict(one.certainty) for one in comparison.models) if v), None),
        "files": files,
        "law": _law_content(comparison.law),
        "models": [_model_content(one) for one in comparison.models],
        "settings": dict(settings),
        "sha256": dict(hashes),
    }


def _model_content(fitted: FittedModel) -> dict[str, Any]:
    names = [one.name for one in fitted.certainty.constants]
    files = [one.name for one in fitted.problem.experiments]
    return {
        "name": fitted.name,
        "aicc": fitted.aicc,
        "bic": fitted.bic,
        "held_out_error": fitted.held_out_error,
        "errors": dict(zip(files, fitted.solution.errors.tolist(), strict=True)),
        "held_out_errors": dict(zip(files, fitted.held_out.tolist(), strict=False)),
        "constants": {
            one.name: {
                "unit": one.unit,
                "value": one.value,
                "standard_error": one.standard_error,
                "interval_95": list(one.interval),
                "determined": one.determined,
            }
            for one in fitted.certainty.constants
        },
        "correlation": {"names": names, "matrix": fitted.certainty.correlation},
        "gamma": gamma_verdict(fitted.certainty) or None,
    }


def _test_content(test: KramersKronig | None) -> dict[str, Any] | None:
    if test is None:
        return None
    return {
        "holds": test.holds,
        "error": test.error,
        "largest": test.largest,
        "frequency": test.frequency,
        "elements": test.elements,
    }


def _relaxation_content(found: RelaxationTimes | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "time": found.time,
        "density": found.density,
        "series_resistance": found.series_resistance,
        "capacitance": found.capacitance if np.isfinite(found.capacitance) else None,
        "error": found.error,
        "peaks": [{"time": one.time, "resistance": one.resistance} for one in found.peaks],
        "units": {
            "time": "s",
            **dict.fromkeys(("density", "series_resistance", "resistance"), "ohm"),
            "capacitance": "F",
        },
    }


def _law_content(law: FoundLaw | None) -> dict[str, Any] | None:
    if law is None:
        return None
    return {
        "relative_charge": law.relative_charge,
        "relative_resistance": law.relative_resistance,
        "band_95": law.band,
        "shape": None if law.shape is None else str(law.shape),
        "verdict": law.verdict,
    }


def _is_capacitance(name: str) -> bool:
    return name[0] == "C" and name[1:].isdigit()


def _error(errors: Mapping[str, FittedConstant], *names: str) -> float:
    return next((errors[name].standard_error for name in names if name in errors), np.nan)


def _with_errors(columns: Constants, errors: Mapping[str, float]) -> Constants:
    """Return columns in the units of a device, with errors where they are known."""
    return {name: _with_error(name, column, errors.get(name, np.nan)) for name, column in columns.items()}


def _with_error(name: str, column: ConstantColumn, error: float) -> ConstantColumn:
    count = len(column.value)
    return constant_column(
        _DEVICE_UNITS.get(column.unit, column.unit),
        column.value,
        [error] * count,
        "chosen" if name[0] in _CHOSEN else "measured",
    )
