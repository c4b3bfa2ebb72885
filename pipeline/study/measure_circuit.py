"""Numbers for claims K-N: circuits against the field model, loops of many layers, peaks and cost.

Circuits come from the default case's law and capacitances; nothing is fitted to a voltammogram.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import numpy as np

from ionspice.circuits import (
    NanoCircuit,
    least_gamma_with_peak,
    loop_asymmetry,
    peak_map,
    peak_prominence,
    peaks_only_with_gamma,
    simulate,
    transmission_line,
    triangular,
)
from ionspice.pipeline.results.comparison import Comparison
from ionspice.pipeline.results.devices import read_device
from ionspice.pipeline.study.conditions import DEEP, DEEP_CYCLES, DEEP_SLOW, DEFAULT
from ionspice.pipeline.study.files import StudyFiles, comparison_file
from ionspice.pipeline.study.measures import Measured, measured

#: half cycles of loops, as multiples of the default, fast to slow
RATES = (1 / 3, 1.0, 3.0)
_LAYERS = (6, 20)
#: relaxation times after which a loop is periodic
_SETTLED = 8.0
_GAMMAS = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0)
_SCALES = (0.3, 1.0, 3.0, 10.0)
_PEAK_LAYERS = 6


def device(
    study: StudyFiles, layers: int, terms: int | None = None, charge: Literal["law", "local"] = "law"
) -> NanoCircuit:
    """Return the circuit of a stack from the default case's law and capacitances.

    Args:
        study: whose default case.
        layers: number of sheets.
        terms: of q(v) beyond a constant capacitance, default the default case's.
        charge: what the resistances read.
    """
    if terms is None:
        terms = study.cases[DEFAULT].circuit.capacitance_terms
    return read_device(study.path(DEFAULT), layers=layers, terms=terms, charge=charge)


def half_cycle_of(study: StudyFiles, name: str) -> float:
    """Return the half cycle of a case, which every case of the study gives [s]."""
    half_cycle = study.cases[name].drive.half_cycle
    assert half_cycle is not None
    return float(half_cycle)


def agreement(study: StudyFiles) -> Measured:
    """Measure the circuits' deviation from the field model, and that of 20 layers predicted from the law of 6."""
    rows = study.comparison(DEFAULT)
    files = study.evidence([DEFAULT], comparison_file(DEFAULT, DEFAULT))
    deep: list[Comparison] = []
    if DEEP in study.cases:
        deep = study.comparison(DEEP, law_of=DEFAULT)
        files += study.evidence([DEEP], comparison_file(DEEP, DEFAULT))
    terms = study.cases[DEFAULT].circuit.capacitance_terms
    return measured({"capacitance_terms": terms, "layers_6": _table(rows), "layers_20_from_6": _table(deep)}, files)


def loops(study: StudyFiles) -> Measured:
    """Measure periodic loops with constant capacitances, so that only the resistances are nonlinear."""
    half_cycle = half_cycle_of(study, DEFAULT)
    rows = [row for layers in _LAYERS for rate in RATES for row in _loops(study, layers, half_cycle * rate)]
    files = study.evidence([DEFAULT], "law.json", "observables.nc")
    field = None
    if DEEP_CYCLES in study.cases:
        fields = study.field(DEEP_CYCLES)
        field = loop_asymmetry(fields["electrode_current"], float(fields.attrs["charging_end"]))
        files += study.evidence([DEEP_CYCLES])
    return measured({"half_cycle": half_cycle, "loops": rows, "field_second_cycle": field}, files)


def current_peaks(study: StudyFiles) -> Measured:
    """Measure peaks over gamma and Rc with constant capacitances, with the field's own ones, and in the fields."""
    waveform = triangular(float(study.cases[DEFAULT].drive.amplitude), half_cycle_of(study, DEFAULT))
    peaks = peak_map(device(study, _PEAK_LAYERS, terms=0), _GAMMAS, _SCALES, waveform)
    real = device(study, _PEAK_LAYERS, terms=2)
    bent = {
        name: peak_prominence(simulate(circuit, waveform)["electrode_current"], half_cycle_of(study, DEFAULT))
        for name, circuit in (("NCM", real), ("TLM", transmission_line(real)))
    }
    fields = {name: study.field(name) for _, name in study.axis("window")}
    found = {
        "layers": _PEAK_LAYERS,
        "gamma": _GAMMAS,
        "Rc_scale": _SCALES,
        "fall": peaks["prominence"].transpose("gamma", "rc_scale").values,
        "least_gamma_with_peak": least_gamma_with_peak(peaks),
        "peaks_only_with_gamma": peaks_only_with_gamma(peaks),
        "with_field_capacitance": bent,
        "field": {
            name: peak_prominence(one["electrode_current"], float(one.attrs["charging_end"]))
            for name, one in fields.items()
        },
    }
    return measured(found, study.evidence([DEFAULT], "law.json", "observables.nc"))


def cost(study: StudyFiles) -> Measured:
    """Measure the wall times of the circuit and of the field model of 20 layers."""
    return measured(_cost(study, DEEP, cycles=1), study.evidence([DEEP]))


def costs(study: StudyFiles) -> Measured:
    """Measure the wall times of the circuit and of the field model of several cases, each under its own drive."""
    names = [name for name in (DEFAULT, DEEP, DEEP_SLOW, DEEP_CYCLES) if name in study.cases]
    rows = [{"case": name, **_cost(study, name, cycles=study.cases[name].drive.cycles)} for name in names]
    return measured({"cases": rows}, study.evidence(names))


def _cost(study: StudyFiles, name: str, cycles: int) -> dict[str, Any]:
    case, fields = study.cases[name], study.field(name)
    layers = int(fields.attrs["layers"])
    circuit = device(study, layers, terms=case.circuit.capacitance_terms)
    run = simulate(circuit, triangular(float(case.drive.amplitude), half_cycle_of(study, name), cycles))
    return {
        "circuit": float(run.attrs["wall_time"]),
        "field": float(fields.attrs["wall_time"]),
        "layers": layers,
        "unknowns": int(fields.attrs["unknowns"]),
        "ranks": int(fields.attrs["ranks"]),
    }


def _loops(study: StudyFiles, layers: int, half_cycle: float) -> Iterator[dict[str, Any]]:
    """Yield what the periodic voltammogram of every circuit shows.

    Its asymmetry is the rms of the half-wave symmetric part of the current over its rms [1], its area that enclosed
    by current over potential [W/m]; the charges are the largest of the last slit, and of all slits but the first
    [C/m].
    """
    circuit, local = (device(study, layers, terms=0, charge=charge) for charge in ("law", "local"))
    cycles = 1 + math.ceil(_SETTLED * circuit.time_constant / (2 * half_cycle))
    drive = triangular(float(study.cases[DEFAULT].drive.amplitude), half_cycle, cycles)
    models = {"NCM": circuit, "NCM, local charge": local, "TLM": transmission_line(circuit)}
    for model, chosen in models.items():
        run = simulate(chosen, drive)
        last = run.isel(time=run["time"].values >= 2 * (cycles - 1) * half_cycle * (1 - 1e-9))
        charge = np.abs(last["slit_charge"].values)
        yield {
            "model": model,
            "layers": layers,
            "half_cycle": half_cycle,
            "asymmetry": loop_asymmetry(run["electrode_current"], half_cycle),
            "area": float(np.trapezoid(last["electrode_current"].values, last["electrode_potential"].values)),
            "deepest_charge": float(charge[:, -1].max()),
            "inner_charge": float(charge[:, 1:].sum(axis=1).max()),
        }


def _table(rows: Iterable[Comparison]) -> list[dict[str, Any]]:
    return [
        {"potential": r.potential, "capacitance_terms": r.capacitance_terms, "model": r.model, "error": r.error}
        for r in rows
    ]
