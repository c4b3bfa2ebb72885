"""Claims E-G, I and J: the resistance, its law and its trends, and the slit capacitance.

Trends are elasticities d ln y/d ln x of the constants of the study's form, R = Rc (1 - gamma Q/Qmax), fitted to
the inner elements of every case of an axis, under both readings of the node potential.
"""

from typing import Any, get_args

import numpy as np
import sympy

from ionspice.core.observables import PotentialReading as Potential
from ionspice.discovery import Law
from ionspice.pipeline.results.measures import (
    capacitance_spread,
    elasticity,
    extreme_moments,
    is_monotone,
    is_ordered,
    ratio_spread,
)
from ionspice.pipeline.study.claims import STATEMENTS, Claim, verdict_of
from ionspice.pipeline.study.conditions import AXES, DEFAULT
from ionspice.pipeline.study.files import StudyFiles

#: a ratio that varies by more than this factor is no constant resistance
_VARIES = 1.1
#: least R^2 of the study's form, and the factor in held-out error by which another form beats it
_FITS, _BEATS = 0.999, 2.0
#: largest relative change that counts as nearly none, of a resistance over d and of a capacitance while charging
_NEARLY = 0.1
#: elasticity below which a constant is insensitive, and above which it has a trend
_INSENSITIVE = 0.1
_TREND = 0.05
_STUDY_FORM = "quadratic (study)"
_READINGS: tuple[Potential, ...] = get_args(Potential.__value__)

#: sub-claims of I: constant, axis, and the sign of the study's trend; 0 is insensitive
TRENDS = (
    ("gamma", "ion_diameter", -1),
    ("gamma", "window", 1),
    ("gamma", "slit", -1),
    ("gamma", "concentration", -1),
    ("gamma", "permittivity", -1),
    ("gamma", "diffusivity", 0),
    ("gamma", "length", 0),
    ("Rc", "diffusivity", -1),
    ("Rc", "concentration", -1),
    ("Rc", "length", 1),
    ("Rc", "ion_diameter", 1),
    ("Rd", "ion_diameter", 1),
)


def constants(study: StudyFiles, name: str, potential: Potential) -> dict[str, float]:
    """Return means over the inner elements: Rc and Rd = Rc (1 - gamma) [ohm m], gamma, Qmax [C/m], gamma/Qmax."""
    elements = study.study_form(name, potential)
    rc = float(np.mean([element.resistance for element in elements]))
    gamma = float(np.mean([element.gamma for element in elements]))
    charge = float(np.mean([element.charge_max for element in elements]))
    rd = float(np.mean([element.resistance * (1 - element.gamma) for element in elements]))
    return {"Rc": rc, "gamma": gamma, "Rd": rd, "Qmax": charge, "gamma/Qmax": gamma / charge}


def no_constant_resistance(study: StudyFiles) -> Claim:
    """Judge claim E."""
    spreads = {reading: ratio_spread(study.curves(DEFAULT, reading)) for reading in _READINGS}
    monotone = {reading: all(map(is_monotone, study.curves(DEFAULT, reading)[1:])) for reading in _READINGS}
    factor = spreads["electrochemical"]
    return Claim(
        id="E",
        statement=STATEMENTS["E"],
        value=factor,
        unit="max/min of the ratio while charging, inner elements",
        condition="default case, inner elements, either node potential",
        verdict=verdict_of(spreads[reading] > _VARIES and monotone[reading] for reading in _READINGS),
        evidence=study.evidence([DEFAULT]),
        detail=f"The ratio varies by a factor of {factor:.3g} (electrochemical) and {spreads['electric']:.3g} "
        f"(electric); the integrals are {'monotone' if all(monotone.values()) else 'not monotone everywhere'}.",
        values={"spread": spreads, "monotone": monotone},
    )


def form_of_law(study: StudyFiles) -> Claim:
    """Judge claim F."""
    rows = [_form_row(study, name) for name in _axis_cases(study)]
    default = next(row for row in rows if row["case"] == DEFAULT)
    beaten = [row["case"] for row in rows if row["held_out_ratio"] > _BEATS]
    poor = [row["case"] for row in rows if row["r_squared"] < _FITS]
    lowest = min(rows, key=lambda row: row["r_squared"])
    return Claim(
        id="F",
        statement=STATEMENTS["F"],
        value=lowest["r_squared"],
        unit="least R² of the study's form over all conditions",
        condition=f"another form is better than twofold in held-out error at {', '.join(beaten) or 'no condition'}; "
        f"the study's form has R² below {_FITS} at {', '.join(poor) or 'no condition'}",
        verdict=verdict_of([default["linear"], not beaten and not poor]),
        evidence=study.evidence([row["case"] for row in rows], "law.json"),
        detail=f"Found at the default: {default['resistance']}. This form is the discovered one at "
        f"{sum(row['linear'] for row in rows)} of {len(rows)} conditions; its R² is lowest at {lowest['case']}, "
        f"{lowest['r_squared']:.5f}.",
        values={"conditions": rows},
    )


def extremes(study: StudyFiles) -> Claim:
    """Judge claim G."""
    points = study.axis("slit")
    values: dict[str, Any] = {"slit": [d for d, _ in points]}
    parts: dict[str, bool] = {}
    for reading in _READINGS:
        found = [constants(study, name, reading) for _, name in points]
        largest, smallest = [row["Rc"] for row in found], [row["Rd"] for row in found]
        values[reading] = {"R_max": largest, "R_min": smallest}
        parts[f"R_max nearly independent of d, {reading}"] = bool(np.ptp(largest) / np.mean(largest) < _NEARLY)
        parts[f"R_min grows with d, {reading}"] = elasticity(_pairs(points, smallest)) > _TREND
    moments = [_moments(study, name) for _, name in points]
    parts["R_max at the start of charging"] = all(0 <= start < 0.25 for start, _ in moments)
    parts["R_min at the start of discharging"] = all(0.9 <= turn < 1.25 for _, turn in moments)
    first = values["electrochemical"]
    change = first["R_max"][-1] / first["R_max"][0] - 1
    return Claim(
        id="G",
        statement=STATEMENTS["G"],
        value=change,
        unit="change of R_max from the smallest to the largest d",
        condition="; ".join(f"{name}: {'yes' if held else 'no'}" for name, held in parts.items()),
        verdict=verdict_of(parts.values()),
        evidence=study.evidence(name for _, name in points),
        detail=f"From d = {points[0][0] * 1e9:.3g} to {points[-1][0] * 1e9:.3g} nm R_max goes from "
        f"{first['R_max'][0]:.4f} to {first['R_max'][-1]:.4f} ohm m and R_min from {first['R_min'][0]:.4f} to "
        f"{first['R_min'][-1]:.4f} ohm m (electrochemical), R_max from {values['electric']['R_max'][0]:.4f} to "
        f"{values['electric']['R_max'][-1]:.4f} ohm m (electric). At the default the ratio is largest at "
        f"{moments[0][0]:.2f} and smallest at {moments[0][1]:.2f} half cycles.",
        values=values | {"parts": parts, "moments": moments},
    )


def trends(study: StudyFiles) -> Claim:
    """Judge claim I, with the trend of gamma over eps_r under both readings."""
    axes = {axis.name: study.axis(axis.name) for axis in AXES}
    curves: dict[str, Any] = {}
    for reading in _READINGS:
        for axis, points in axes.items():
            found = [constants(study, name, reading) for _, name in points]
            curves.setdefault(reading, {})[axis] = {
                "x": [x for x, _ in points],
                **{key: [row[key] for row in found] for key in found[0]},
            }
    rows = [_trend_row(curves, *trend) for trend in TRENDS if len(axes[trend[1]]) > 1]
    held = [row["holds"]["electrochemical"] for row in rows]
    slopes = {r: _slope(curves[r]["permittivity"], "gamma") for r in _READINGS}
    at_charge = {r: _slope(curves[r]["permittivity"], "gamma/Qmax") for r in _READINGS}
    failed = [f"{row['constant']}({row['axis']})" for row in rows if not row["holds"]["electrochemical"]]
    return Claim(
        id="I",
        statement=STATEMENTS["I"],
        value=slopes["electrochemical"],
        unit="elasticity of gamma in eps_r",
        condition=f"{sum(held)} of {len(held)} trends hold; not {', '.join(failed) or 'any'}",
        verdict=verdict_of(held),
        evidence=study.evidence(_axis_cases(study)),
        detail="Elasticities (electrochemical / electric): "
        + "; ".join(
            f"{row['constant']}({row['axis']}) "
            f"{row['slope']['electrochemical']:+.2f} / {row['slope']['electric']:+.2f}"
            for row in rows
        )
        + f". gamma grows with eps_r under both readings; per charge, gamma/Qmax, it is "
        f"{at_charge['electrochemical']:+.2f} / {at_charge['electric']:+.2f}.",
        values={"trends": rows, "curves": curves},
    )


def capacitance(study: StudyFiles) -> Claim:
    """Judge claim J."""
    points = study.axis("slit")
    spreads = [capacitance_spread(study.field(name)) for _, name in points]
    electric = [capacitance_spread(study.field(name), "slit_potential") for _, name in points]
    windows = [(x, capacitance_spread(study.field(name))) for x, name in study.axis("window")]
    return Claim(
        id="J",
        statement=STATEMENTS["J"],
        value=max(spreads),
        unit="largest spread of q/(phi_m - v) over its mean, over slits and d",
        condition=f"constant means within {_NEARLY:.0%}; d = {points[0][0] * 1e9:.3g} to "
        f"{points[-1][0] * 1e9:.3g} nm at the default window",
        verdict=verdict_of(spread < _NEARLY for spread in spreads),
        evidence=study.evidence(name for _, name in [*points, *study.axis("window")]),
        detail=f"Spread {min(spreads):.1%} to {max(spreads):.1%} over d with the electrochemical node potential, "
        f"{min(electric):.1%} to {max(electric):.1%} with the electric one; over the window "
        + ", ".join(f"{spread:.1%} at {x:.3g} V" for x, spread in windows)
        + ".",
        values={
            "slit": [d for d, _ in points],
            "electrochemical": spreads,
            "electric": electric,
            "window": [x for x, _ in windows],
            "over_window": [spread for _, spread in windows],
        },
    )


def is_linear(law: Law) -> bool:
    """Return whether R is linear in Q, and not constant."""
    charge = next((s for s in law.resistance.free_symbols if s.name == "Q"), sympy.Symbol("Q"))
    slope = sympy.diff(law.resistance, charge)
    return bool(slope != 0 and sympy.simplify(sympy.diff(slope, charge)) == 0)


def _form_row(study: StudyFiles, name: str) -> dict[str, Any]:
    law = study.law(name)
    rivals = {rival.name: rival for rival in law.rivals}
    own, best = rivals[_STUDY_FORM], law.rivals[0]
    return {
        "case": name,
        "linear": is_linear(law),
        "resistance": str(law.resistance),
        "r_squared": 1 - own.error**2,
        "held_out": own.held_out_error,
        "best": best.name,
        "best_held_out": best.held_out_error,
        "held_out_ratio": own.held_out_error / best.held_out_error,
    }


def _trend_row(curves: dict[str, Any], constant: str, axis: str, sign: int) -> dict[str, Any]:
    slope = {reading: _slope(curves[reading][axis], constant) for reading in _READINGS}
    return {
        "constant": constant,
        "axis": axis,
        "study": sign,
        "slope": slope,
        "ordered": {r: is_ordered(_pairs_of(curves[r][axis], constant)) for r in _READINGS},
        "holds": {r: abs(s) < _INSENSITIVE if sign == 0 else s * sign > _TREND for r, s in slope.items()},
    }


def _slope(curve: dict[str, list[float]], constant: str) -> float:
    return elasticity(_pairs_of(curve, constant))


def _pairs_of(curve: dict[str, list[float]], constant: str) -> list[tuple[float, float]]:
    return list(zip(curve["x"], curve[constant], strict=True))


def _pairs(points: list[tuple[float, str]], values: list[float]) -> list[tuple[float, float]]:
    return [(x, value) for (x, _), value in zip(points, values, strict=True)]


def _moments(study: StudyFiles, name: str) -> tuple[float, float]:
    """Return when R of the middle element is largest and smallest, in half cycles."""
    curves = study.curves(name)
    largest, smallest = extreme_moments(curves[len(curves) // 2])
    end = float(study.field(name).attrs["charging_end"])
    return largest / end, smallest / end


def _axis_cases(study: StudyFiles) -> list[str]:
    return list(dict.fromkeys(name for axis in AXES for _, name in study.axis(axis.name)))
