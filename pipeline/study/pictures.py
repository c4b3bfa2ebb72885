"""Pictures of the study's report: stored numbers, and the words under them from pictures.toml.

Every function raises InputError where there are no numbers.
"""

import tomllib
from importlib.resources import files
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ionspice.core import InputError
from ionspice.pipeline.cases.case import Case
from ionspice.pipeline.report.figures.circuit import (
    draw_capacitances,
    draw_current_map,
    draw_loops,
    draw_slit_charges,
)
from ionspice.pipeline.report.figures.cycle import Voltammogram, draw_flux_parts, draw_voltammograms
from ionspice.pipeline.report.figures.law import draw_law, draw_resistance_time
from ionspice.pipeline.report.page import Picture, percent, significant
from ionspice.pipeline.results.files import RunFiles
from ionspice.pipeline.study.claims import Claim
from ionspice.pipeline.study.conditions import AXES, axis_value
from ionspice.pipeline.study.figures import draw_extremes, draw_peak_map, draw_profiles, draw_trends
from ionspice.pipeline.study.measures import Measured

_TEXTS = tomllib.loads(files(__package__).joinpath("pictures.toml").read_text(encoding="utf-8"))


def _picture(text: str, figure: Figure, name: str = "", **words: Any) -> Picture:
    """Return a figure with its words; its name is that of the text unless given."""
    told = {key: template.format(**words) for key, template in _TEXTS[text].items()}
    return Picture(name=name or text, figure=figure, **told)


def flux(entry: Measured, name: str) -> Picture:
    """Return the parts of the net-ion current in open electrolyte (1c) or in a slit (1f)."""
    numbers = entry.read()
    parts = {part: np.array(values) for part, values in numbers["parts"].items()}
    figure = draw_flux_parts(np.array(numbers["time"]), parts, numbers["charging_end"])
    return _picture(name, figure, file=entry.evidence[0])


def law(run: RunFiles) -> Picture:
    """Return integrals and law of the default case (2a)."""
    return _picture("law", draw_law(run.curves))


def resistance_in_time(run: RunFiles) -> Picture:
    """Return the resistance of the default case over the cycle (2b)."""
    return _picture("resistance_time", draw_resistance_time(run.curves, float(run.fields.attrs["charging_end"])))


def extremes(entry: Measured) -> Picture:
    """Return the largest and the smallest resistance against the slit width (2c)."""
    numbers = entry.read()
    readings = {name: numbers[name] for name in ("electrochemical", "electric")}
    return _picture("extremes", draw_extremes(numbers["slit"], readings))


def profiles(entry: Measured) -> Picture:
    """Return net ions across a narrow and a wide slit (2d)."""
    rows = entry.read()["profiles"]
    figure = draw_profiles({r["label"]: (np.array(r["position"]), np.array(r["net_ions"])) for r in rows})
    return _picture("profiles", figure)


def trends(entry: Measured, constant: str, label: str) -> Picture:
    """Return a constant of the law over every axis (S8 to S10)."""
    numbers = entry.read()["curves"]["electrochemical"]
    curves = {}
    for axis in AXES:
        curve = numbers[axis.name]
        if len(curve["x"]) < 2:
            continue
        values, found = np.array(curve["x"], dtype=float), np.array(curve[constant], dtype=float)
        own = int(np.argmin(np.abs(values / axis_value(Case(), axis) - 1)))
        curves[axis.symbol] = (values / values[own], found / found[own])
    return _picture("trends", draw_trends(curves, label), f"trends_{constant}", constant=constant)


def voltammograms(entry: Measured) -> Picture:
    """Return the voltammograms of the field model and of circuits (3c, 3d)."""
    numbers = entry.read()
    layers = numbers["layers"]
    curves = tuple(
        Voltammogram(model=model, **{key: np.array(values) for key, values in curve.items()})
        for model, curve in numbers["curves"].items()
    )
    errors = ", ".join(f"{model} {percent(error)}" for model, error in numbers["errors"].items())
    name = f"voltammogram_{layers}_layers"
    return _picture("voltammogram", draw_voltammograms(curves), name, layers=layers, errors=errors)


def loops(entry: Measured, name: str) -> Picture:
    """Return loops of 20 layers at three rates, or of growing numbers of layers at the default rate (S12)."""
    found = {
        label: {model: (np.array(loop["potential"]), np.array(loop["current"])) for model, loop in models.items()}
        for label, models in entry.read()["loops"].items()
    }
    return _picture(name, draw_loops(found, "current over scan rate / F m⁻²"))


def peak_map(entry: Measured, claim: Claim) -> Picture:
    """Return claim M's map over gamma and Rc (3g)."""
    numbers = entry.read()
    figure = draw_peak_map(np.array(numbers["fall"]), numbers["gamma"], numbers["Rc_scale"])
    return _picture("peak_map", figure, condition=claim.condition)


def current_map(run: RunFiles, entry: Measured) -> Picture:
    """Return the potential of the default case at half charge with arrows of the net-ion current (3a)."""
    numbers = entry.read()
    if run.half_charge is None:
        raise InputError(run.missing["half_charge"])
    at, density = np.array(numbers["at"]), np.array(numbers["density"])
    largest = significant(float(np.hypot(*density.T).max()) * 1e-4)
    figure = draw_current_map(run.half_charge, at, density)
    return _picture("current_map", figure, file=entry.evidence[0], largest=largest)


def ions_in_slits(entry: Measured) -> Picture:
    """Return the charge of three slits of 20 layers by field model, NCM and TLM (3e, 3f)."""
    numbers = entry.read()
    charges = {model: (np.array(one["time"]), np.array(one["charge"])) for model, one in numbers["models"].items()}
    largest = {model: float(np.abs(values[:, -1]).max()) for model, (_, values) in charges.items()}
    ncm, tlm = (significant(largest[model] / largest["mPNP"]) for model in ("NCM", "TLM"))
    figure = draw_slit_charges(charges, numbers["slits"])
    return _picture("ions_in_slits", figure, file=entry.evidence[0], ncm=ncm, tlm=tlm)


def slit_capacitances(entry: Measured, claim: Claim) -> Picture:
    """Return the capacitance of every slit of the default case against its charge (S11)."""
    numbers = entry.read()
    figure = draw_capacitances(np.array(numbers["charge"]), np.array(numbers["capacitance"]))
    return _picture("slit_capacitance", figure, change=percent(claim.value or 0.0))
