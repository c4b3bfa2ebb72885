"""Claims K-N: circuits against the field model, loops of many layers, peaks and cost.

Circuits come from the default case's law and capacitances; nothing is fitted to a voltammogram.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

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
from ionspice.pipeline.study.claims import STATEMENTS, Claim, verdict_of
from ionspice.pipeline.study.conditions import DEEP, DEEP_CYCLES, DEFAULT
from ionspice.pipeline.study.files import StudyFiles

#: rms deviation of two voltammograms that agree, of the peak
_AGREE = 0.02
#: half cycles of the loops, as multiples of the default, fast to slow
_RATES = (1 / 3, 1.0, 3.0)
_LAYERS = (6, 20)
#: asymmetry that counts as none: round-off of the integrator and what is left of the first cycles
_SYMMETRIC = 0.005
#: relaxation times after which a loop is periodic
_SETTLED = 8.0
_GAMMAS = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0)
_SCALES = (0.3, 1.0, 3.0, 10.0)
_PEAK_LAYERS = 6
#: "seconds" for the circuit of 20 layers [s]
_SECONDS = 10.0


def agreement(study: StudyFiles) -> Claim:
    """Judge claim K, with the prediction of 20 layers from the law of 6 beside it."""
    rows = study.comparison(DEFAULT)
    terms = study.cases[DEFAULT].circuit.capacitance_terms
    own = _error(rows, "electrochemical", terms, "NCM")
    study_reading = _error(rows, "electric", 0, "NCM")
    deep = study.comparison(DEEP, law_of=DEFAULT) if DEEP in study.cases else []
    best, best_deep = _best(rows), _best(deep)
    files = study.evidence([DEFAULT], "comparison.json")
    far = ""
    if deep:
        files += study.evidence([DEEP], f"comparison_law_of_{DEFAULT}.json")
        far = (
            f" At 20 layers, predicted from 6: NCM {_show(deep, 'electrochemical', terms, 'NCM')}, with the local "
            f"charge {_show(deep, 'electrochemical', terms, 'NCM, local charge')}, TLM "
            f"{_show(deep, 'electrochemical', terms, 'TLM')}; best {_name(best_deep)}."
        )
    return Claim(
        id="K",
        statement=STATEMENTS["K"],
        value=own,
        unit="rms deviation over the peak, electrochemical potential",
        condition=f"agreement means at most {_AGREE:.0%} of the peak; the slit capacitance has to depend on voltage: "
        f"with constant capacitance and electric potentials, as in the study, it is {_percent(study_reading)}",
        verdict=verdict_of([_small(own), _small(study_reading)]),
        evidence=files,
        detail=f"NCM {_percent(own)}, with the local charge "
        f"{_show(rows, 'electrochemical', terms, 'NCM, local charge')}, TLM "
        f"{_show(rows, 'electrochemical', terms, 'TLM')}, TLM of the mean resistance "
        f"{_show(rows, 'electrochemical', terms, 'TLM, mean R')}; NCM with electric potentials "
        f"{_show(rows, 'electric', terms, 'NCM')}; best {_name(best)}.{far}",
        values={"layers_6": _table(rows), "layers_20_from_6": _table(deep)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """What a periodic voltammogram of a circuit shows."""

    model: str
    layers: int
    half_cycle: float  #: [s]
    asymmetry: float  #: rms of the half-wave symmetric part of the current over its rms [1]
    area: float  #: enclosed by current over potential [W/m]
    deepest_charge: float  #: largest charge of the last slit [C/m]
    inner_charge: float  #: largest charge of all slits but the first [C/m]


def loops(study: StudyFiles) -> Claim:
    """Judge claim L with constant capacitances, so that only the resistances are nonlinear."""
    drive = study.cases[DEFAULT].drive
    assert drive.half_cycle is not None  # of every case of the study
    found = [
        loop
        for layers in _LAYERS
        for rate in _RATES
        for loop in _loops(study, layers, float(drive.amplitude), float(drive.half_cycle) * rate)
    ]
    ncm = {(x.layers, x.half_cycle): x for x in found if x.model == "NCM"}
    local = {(x.layers, x.half_cycle): x for x in found if x.model == "NCM, local charge"}
    tlm = {(x.layers, x.half_cycle): x for x in found if x.model == "TLM"}
    halves = [float(drive.half_cycle) * rate for rate in _RATES]
    deepest = (_LAYERS[1], float(drive.half_cycle))
    many = ncm[deepest].asymmetry
    deep = [key for key in ncm if key[0] == _LAYERS[1]]
    over_rate = [ncm[_LAYERS[1], half].asymmetry for half in halves]  # fast to slow
    parts = {
        "NCM of 20 layers asymmetric": many > 2 * _SYMMETRIC,
        "more with layers, at every rate": all(
            ncm[_LAYERS[1], half].asymmetry > ncm[_LAYERS[0], half].asymmetry for half in halves
        ),
        "more with rate": over_rate == sorted(over_rate, reverse=True),
        "TLM symmetric": max(x.asymmetry for x in tlm.values()) < _SYMMETRIC,
        "NCM loop larger": all(ncm[key].area > tlm[key].area for key in deep),
        "NCM stores more ions inside": all(ncm[key].inner_charge > tlm[key].inner_charge for key in deep),
    }
    field = _field_asymmetry(study)
    return Claim(
        id="L",
        statement=STATEMENTS["L"],
        value=many,
        unit="asymmetry of the periodic loop, NCM of 20 layers, default rate",
        condition="periodic loops, constant capacitances; " + _yes_or_no(parts),
        verdict=verdict_of(parts.values()),
        evidence=study.evidence([DEFAULT], "law.json", "observables.nc")
        + (study.evidence([DEEP_CYCLES]) if DEEP_CYCLES in study.cases else ()),
        detail=f"Asymmetry of the NCM {_over_rates(ncm)}; with the local charge {_over_rates(local)}; TLM at most "
        f"{max(x.asymmetry for x in tlm.values()):.2%}. At 20 layers the NCM's loop is "
        f"{ncm[deepest].area / tlm[deepest].area - 1:+.1%} and its deepest slit's charge "
        f"{ncm[deepest].deepest_charge / tlm[deepest].deepest_charge - 1:+.1%} against the TLM's."
        + ("" if field is None else f" The field model's second cycle at 20 layers has {field:.1%}."),
        values={"loops": [_record(x) for x in found], "parts": parts, "field_second_cycle": field},
    )


def current_peaks(study: StudyFiles) -> Claim:
    """Judge claim M on a map over gamma and Rc with constant capacitances, and with the field's own ones."""
    base = read_device(study.path(DEFAULT), layers=_PEAK_LAYERS, terms=0)
    drive = study.cases[DEFAULT].drive
    assert drive.half_cycle is not None
    half_cycle = float(drive.half_cycle)
    peaks = peak_map(base, _GAMMAS, _SCALES, triangular(float(drive.amplitude), half_cycle))
    table = peaks["prominence"].transpose("gamma", "rc_scale").values.tolist()
    real = read_device(study.path(DEFAULT), layers=_PEAK_LAYERS, terms=2)
    bent = {
        name: _peak(circuit, float(drive.amplitude), half_cycle)
        for name, circuit in (("NCM", real), ("TLM", transmission_line(real)))
    }
    fields = {name: _field_peak(study.field(name)) for _, name in study.axis("window")}
    largest = max(max(row) for row in table)
    first = least_gamma_with_peak(peaks)
    at_one = table[-1]
    return Claim(
        id="M",
        statement=STATEMENTS["M"],
        value=largest,
        unit="largest fall of the current behind its peak, of the peak",
        condition=f"{_PEAK_LAYERS} layers, constant capacitances; peaks "
        + ("nowhere on the map" if first is None else f"from gamma = {first:g} of {_GAMMAS}")
        + "; in the field model they come from the crowding that lowers the capacitance",
        verdict=verdict_of([peaks_only_with_gamma(peaks), first is not None and at_one[1] > at_one[0]]),
        evidence=study.evidence([DEFAULT], "law.json", "observables.nc"),
        detail="Fall behind the peak at gamma = 1: "
        + ", ".join(f"{fall:.1%} at {scale:g} Rc" for scale, fall in zip(_SCALES, at_one, strict=True))
        + f"; none at gamma = 0. With the field's capacitances q(v): NCM {bent['NCM']:.1%}, TLM {bent['TLM']:.1%}. "
        "Field model: " + ", ".join(f"{fall:.1%} at {name}" for name, fall in fields.items()) + ".",
        values={
            "gamma": _GAMMAS,
            "Rc_scale": _SCALES,
            "fall": table,
            "with_field_capacitance": bent,
            "field": fields,
        },
    )


def cost(study: StudyFiles) -> Claim:
    """Judge claim N."""
    case, fields = study.cases[DEEP], study.field(DEEP)
    circuit = read_device(study.path(DEFAULT), layers=_LAYERS[1], terms=case.circuit.capacitance_terms)
    assert case.drive.half_cycle is not None
    run = simulate(circuit, triangular(float(case.drive.amplitude), float(case.drive.half_cycle)))
    ours, theirs = float(run.attrs["wall_time"]), float(fields.attrs["wall_time"])
    return Claim(
        id="N",
        statement=STATEMENTS["N"],
        value=theirs,
        unit="s of the field model for 20 layers, one cycle",
        condition="the circuit in seconds: yes; the field model needs no weeks with a fully coupled implicit solver",
        verdict=verdict_of([ours < _SECONDS, theirs > 86400.0]),
        evidence=study.evidence([DEEP]),
        detail=f"NCM of 20 layers {ours:.2f} s, field model of 20 layers {theirs:.1f} s with "
        f"{int(fields.attrs['unknowns'])} unknowns on {int(fields.attrs['ranks'])} rank(s): a factor "
        f"{theirs / ours:.0f}.",
        values={"circuit": ours, "field": theirs, "unknowns": int(fields.attrs["unknowns"])},
    )


def _loops(study: StudyFiles, layers: int, amplitude: float, half_cycle: float) -> Iterable[Loop]:
    circuit, local = (
        read_device(study.path(DEFAULT), layers=layers, terms=0, charge=charge) for charge in ("law", "local")
    )
    cycles = 1 + math.ceil(_SETTLED * circuit.time_constant / (2 * half_cycle))
    models = {"NCM": circuit, "NCM, local charge": local, "TLM": transmission_line(circuit)}
    for model, chosen in models.items():
        run = simulate(chosen, triangular(amplitude, half_cycle, cycles))
        last = run.isel(time=run["time"].values >= 2 * (cycles - 1) * half_cycle * (1 - 1e-9))
        charge = np.abs(last["slit_charge"].values)
        yield Loop(
            model=model,
            layers=layers,
            half_cycle=half_cycle,
            asymmetry=loop_asymmetry(run["electrode_current"], half_cycle),
            area=float(np.trapezoid(last["electrode_current"].values, last["electrode_potential"].values)),
            deepest_charge=float(charge[:, -1].max()),
            inner_charge=float(charge[:, 1:].sum(axis=1).max()),
        )


def _record(loop: Loop) -> dict[str, Any]:
    return {name: getattr(loop, name) for name in Loop.__dataclass_fields__}


def _over_rates(loops: dict[tuple[int, float], Loop]) -> str:
    return (
        ", ".join(
            "/".join(f"{loop.asymmetry:.1%}" for (number, _), loop in loops.items() if number == layers)
            + f" at {layers} layers"
            for layers in _LAYERS
        )
        + f" (half cycles {'/'.join(f'{half * 1e9:.0f}' for number, half in loops if number == _LAYERS[0])} ns)"
    )


def _field_asymmetry(study: StudyFiles) -> float | None:
    if DEEP_CYCLES not in study.cases:
        return None
    fields = study.field(DEEP_CYCLES)
    return loop_asymmetry(fields["electrode_current"], float(fields.attrs["charging_end"]))


def _peak(circuit: NanoCircuit, amplitude: float, half_cycle: float) -> float:
    run = simulate(circuit, triangular(amplitude, half_cycle))
    return peak_prominence(run["electrode_current"], half_cycle)


def _field_peak(fields: xr.Dataset) -> float:
    return peak_prominence(fields["electrode_current"], float(fields.attrs["charging_end"]))


def _error(rows: Iterable[Comparison], potential: str, terms: int, model: str) -> float | None:
    key = (potential, terms, model)
    return next((r.error for r in rows if (r.potential, r.capacitance_terms, r.model) == key), None)


def _show(rows: Iterable[Comparison], potential: str, terms: int, model: str) -> str:
    return _percent(_error(rows, potential, terms, model))


def _best(rows: Iterable[Comparison]) -> Comparison | None:
    fitted = [(row.error, k, row) for k, row in enumerate(rows) if row.error is not None]
    return min(fitted)[2] if fitted else None


def _name(row: Comparison | None) -> str:
    if row is None:
        return "none"
    return f"{_percent(row.error)} ({row.model}, {row.potential}, {row.capacitance_terms} terms of q(v))"


def _small(error: float | None) -> bool:
    return error is not None and error <= _AGREE


def _percent(error: float | None) -> str:
    return "no circuit" if error is None else f"{error:.2%}"


def _table(rows: Iterable[Comparison]) -> list[dict[str, Any]]:
    return [
        {"potential": r.potential, "capacitance_terms": r.capacitance_terms, "model": r.model, "error": r.error}
        for r in rows
    ]


def _yes_or_no(parts: dict[str, bool]) -> str:
    return "; ".join(f"{name}: {'yes' if held else 'no'}" for name, held in parts.items())
