"""Numbers for claims E-G, I and J: the resistance, its law and its trends, and the slit capacitance.

Trends are elasticities d ln y/d ln x of the constants of the study's form, R = Rc (1 - gamma Q/Qmax), fitted to
the inner elements of every case of an axis, under both readings of the node potential.
"""

from typing import Any, get_args

import numpy as np

from ionspice.core.observables import PotentialReading
from ionspice.pipeline.results.curves import ElementCurve, element_curves
from ionspice.pipeline.results.measures import (
    capacitance_spread,
    elasticity,
    extreme_moments,
    is_linear,
    is_monotone,
    is_ordered,
    ratio_spread,
)
from ionspice.pipeline.study.conditions import AXES, DEFAULT
from ionspice.pipeline.study.files import StudyFiles
from ionspice.pipeline.study.measures import Measured, measured

_STUDY_FORM = "quadratic (study)"
_READINGS: tuple[PotentialReading, ...] = get_args(PotentialReading.__value__)
#: Rc and Rd = Rc (1 - gamma) [ohm m], gamma [1], gamma/Qmax [m/C]
_CONSTANTS = ("gamma", "Rc", "Rd", "gamma/Qmax")


def constants(study: StudyFiles, name: str, potential: PotentialReading) -> dict[str, float]:
    """Return means over the inner elements: Rc and Rd = Rc (1 - gamma) [ohm m], gamma, Qmax [C/m], gamma/Qmax.

    The study's form is fitted to all cases, whatever form was discovered, so that its constants can be compared.
    """
    from ionspice.circuits import LINEAR, charging_ramp, fit_element

    ramp = charging_ramp(study.field(name), potential)
    elements = [fit_element(ramp, number, LINEAR, "passed") for number in range(2, ramp.slits + 1)]
    rc = float(np.mean([element.resistance for element in elements]))
    gamma = float(np.mean([element.gamma for element in elements]))
    charge = float(np.mean([element.charge_max for element in elements]))
    rd = float(np.mean([element.resistance * (1 - element.gamma) for element in elements]))
    return {"Rc": rc, "gamma": gamma, "Rd": rd, "Qmax": charge, "gamma/Qmax": gamma / charge}


def resistance_ratio(study: StudyFiles) -> Measured:
    """Measure by what factor potential difference over current varies, and whether the integrals are monotone."""
    curves = {reading: _curves(study, DEFAULT, reading) for reading in _READINGS}
    found = {
        "spread": {reading: ratio_spread(one) for reading, one in curves.items()},
        "monotone": {reading: all(map(is_monotone, one[1:])) for reading, one in curves.items()},
    }
    return measured(found, study.evidence([DEFAULT]))


def forms(study: StudyFiles) -> Measured:
    """Measure how the study's form does among the laws of every condition."""
    names = axis_cases(study)
    found = {"conditions": [_form_row(study, name) for name in names]}
    return measured(found, study.evidence(names, "law.json"))


def extremes(study: StudyFiles) -> Measured:
    """Measure the largest and the smallest resistance over d, and when they are reached."""
    points = study.axis("slit")
    found: dict[str, Any] = {"slit": [d for d, _ in points]}
    spread, slope = {}, {}
    for reading in _READINGS:
        rows = [constants(study, name, reading) for _, name in points]
        largest, smallest = [row["Rc"] for row in rows], [row["Rd"] for row in rows]
        found[reading] = {"R_max": largest, "R_min": smallest}
        spread[reading] = float(np.ptp(largest) / np.mean(largest))
        slope[reading] = elasticity(list(zip(found["slit"], smallest, strict=True)))
    found |= {"R_max_spread": spread, "R_min_slope": slope, "moments": [_moments(study, name) for _, name in points]}
    return measured(found, study.evidence(name for _, name in points))


def trends(study: StudyFiles) -> Measured:
    """Measure the constants over every axis, and their elasticities where it has more than one point."""
    curves = {reading: {axis.name: _axis_curve(study, axis.name, reading) for axis in AXES} for reading in _READINGS}
    rows = [
        _trend_row(curves, constant, axis.name)
        for axis in AXES
        for constant in _CONSTANTS
        if len(curves[_READINGS[0]][axis.name]["x"]) > 1
    ]
    return measured({"trends": rows, "curves": curves}, study.evidence(axis_cases(study)))


def capacitance(study: StudyFiles) -> Measured:
    """Measure how much a slit's charge over potential varies while charging, over d and over the window."""
    points, windows = study.axis("slit"), study.axis("window")
    found = {
        "slit": [d for d, _ in points],
        "electrochemical": [capacitance_spread(study.field(name)) for _, name in points],
        "electric": [capacitance_spread(study.field(name), "slit_potential") for _, name in points],
        "window": [x for x, _ in windows],
        "over_window": [capacitance_spread(study.field(name)) for _, name in windows],
    }
    return measured(found, study.evidence(name for _, name in [*points, *windows]))


def axis_cases(study: StudyFiles) -> list[str]:
    """Return the cases of all axes, each once."""
    return list(dict.fromkeys(name for axis in AXES for _, name in study.axis(axis.name)))


def _curves(study: StudyFiles, name: str, potential: PotentialReading) -> tuple[ElementCurve, ...]:
    return element_curves(study.field(name), "passed", potential, {})


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


def _axis_curve(study: StudyFiles, axis: str, potential: PotentialReading) -> dict[str, list[float]]:
    """Return x and every constant along an axis, the default among its points."""
    points = study.axis(axis)
    found = [constants(study, name, potential) for _, name in points]
    return {"x": [x for x, _ in points], **{key: [row[key] for row in found] for key in found[0]}}


def _trend_row(curves: dict[PotentialReading, Any], constant: str, axis: str) -> dict[str, Any]:
    pairs = {r: list(zip(one[axis]["x"], one[axis][constant], strict=True)) for r, one in curves.items()}
    return {
        "constant": constant,
        "axis": axis,
        "slope": {reading: elasticity(points) for reading, points in pairs.items()},
        "ordered": {reading: is_ordered(points) for reading, points in pairs.items()},
    }


def _moments(study: StudyFiles, name: str) -> tuple[float, float]:
    """Return when R of the middle element is largest and smallest, in half cycles."""
    curves = _curves(study, name, "electrochemical")
    largest, smallest = extreme_moments(curves[len(curves) // 2])
    end = float(study.field(name).attrs["charging_end"])
    return largest / end, smallest / end
