"""Pictures of the study's report: stored numbers and the words under them.

Every function raises InputError where there are no numbers.
"""

import numpy as np

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


def open_flux(entry: Measured) -> Picture:
    """Return the parts of the net-ion current in open electrolyte (1c)."""
    return _flux(
        entry,
        "open_flux",
        "open electrolyte in front of the first sheet",
        "Migration runs against diffusion (the study's figure 1c).",
    )


def slit_flux(entry: Measured) -> Picture:
    """Return the parts of the net-ion current in a slit (1f)."""
    return _flux(
        entry,
        "slit_flux",
        "middle of the middle slit",
        "Diffusion and migration point the same way (figure 1f).",
    )


def _flux(entry: Measured, name: str, place: str, seen: str) -> Picture:
    numbers = entry.read()
    parts = {part: np.array(values) for part, values in numbers["parts"].items()}
    return Picture(
        name=name,
        figure=draw_flux_parts(np.array(numbers["time"]), parts, numbers["charging_end"]),
        alt=f"Parts of the net-ion current in the {place}",
        caption=f"Parts of the net-ion current in the {place}, default case ({entry.evidence[0]}). {seen}",
    )


def law(run: RunFiles) -> Picture:
    """Return integrals and law of the default case (2a)."""
    return Picture(
        name="law",
        figure=draw_law(run.curves),
        alt="Integral of the potential difference against the charge passed, and the law",
        caption="Integrals (points) and the discovered law (lines) of the default case; below the residuals "
        "(figure 2a; cases/default/law.json).",
    )


def resistance_in_time(run: RunFiles) -> Picture:
    """Return the resistance of the default case over the cycle (2b)."""
    return Picture(
        name="resistance_time",
        figure=draw_resistance_time(run.curves, float(run.fields.attrs["charging_end"])),
        alt="Resistance of every gap over the cycle",
        caption="Resistance over the cycle: the law at the charge of the moment (lines) and the fields' own ratio "
        "(points); it is largest at the start of charging and smallest when discharging starts (figure 2b).",
    )


def extremes(entry: Measured) -> Picture:
    """Return the largest and the smallest resistance against the slit width (2c)."""
    numbers = entry.read()
    readings = {name: numbers[name] for name in ("electrochemical", "electric")}
    return Picture(
        name="extremes",
        figure=draw_extremes(numbers["slit"], readings),
        alt="Largest and smallest resistance against the slit width",
        caption="Largest and smallest resistance of the inner gaps against the slit width, from the "
        "electrochemical and the electric node potential (figure 2c; claim G).",
    )


def profiles(entry: Measured) -> Picture:
    """Return net ions across a narrow and a wide slit (2d)."""
    rows = entry.read()["profiles"]
    return Picture(
        name="profiles",
        figure=draw_profiles({r["label"]: (np.array(r["position"]), np.array(r["net_ions"])) for r in rows}),
        alt="Net ions across slits of two widths, early and at the end of charging",
        caption="Net ions across the first sampled slit early in the ramp and at its end: in the narrow slit the "
        "double layers overlap and the middle fills too (figure 2d).",
    )


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
    return Picture(
        name=f"trends_{constant}",
        figure=draw_trends(curves, label),
        alt=f"{constant} over the study's conditions, relative to the default case",
        caption=f"{constant} of the inner gaps when one condition changes, all relative to the default case; steep "
        "lines are strong dependences (figures S8 to S10; claim I).",
    )


def voltammograms(entry: Measured) -> Picture:
    """Return the voltammograms of the field model and of circuits (3c, 3d)."""
    numbers = entry.read()
    layers = numbers["layers"]
    curves = tuple(
        Voltammogram(
            model=model, potential=np.array(curve["potential"]), current_density=np.array(curve["current_density"])
        )
        for model, curve in numbers["curves"].items()
    )
    errors = [f"{model} {percent(error)}" for model, error in numbers["errors"].items()]
    return Picture(
        name=f"voltammogram_{layers}_layers",
        figure=draw_voltammograms(curves),
        alt=f"Voltammograms of the field model and the circuits, {layers} layers",
        caption=f"{layers} layers: field model (mPNP, grey) and circuits with law and capacitances of the 6-layer "
        "run, nothing fitted to a voltammogram. Rms deviation, of the peak: "
        f"{', '.join(errors)} (figures 3c, 3d).",
    )


def loops_over_rates(entry: Measured) -> Picture:
    """Return loops of 20 layers at three rates (S12)."""
    return _loops(
        entry,
        "loops_over_rates",
        "Second loop of NCM and TLM of 20 layers at three rates",
        "Second cycle of 20 layers by the circuits at three half cycles, current over scan rate: the faster, "
        "the less of the stack takes part (figure S12; claim L).",
    )


def loops_over_layers(entry: Measured) -> Picture:
    """Return loops of stacks of growing number of layers at the default rate (S12)."""
    return _loops(
        entry,
        "loops_over_layers",
        "Second loop of NCM and TLM of 6, 20 and 100 layers",
        "Second cycle by the circuits at the default rate, current over scan rate: 100 layers "
        "take little more than 20, for the ions do not get there (figure S12).",
    )


def _loops(entry: Measured, name: str, alt: str, caption: str) -> Picture:
    loops = {
        label: {model: (np.array(loop["potential"]), np.array(loop["current"])) for model, loop in models.items()}
        for label, models in entry.read()["loops"].items()
    }
    figure = draw_loops(loops, "current over scan rate / F m⁻²")
    return Picture(name=name, figure=figure, alt=alt, caption=caption)


def peak_map(entry: Measured, claim: Claim) -> Picture:
    """Return claim M's map over gamma and Rc (3g)."""
    numbers = entry.read()
    return Picture(
        name="peak_map",
        figure=draw_peak_map(np.array(numbers["fall"]), numbers["gamma"], numbers["Rc_scale"]),
        alt="Fall of the current behind its peak over gamma and Rc",
        caption="By what share the circuit's current falls behind its maximum while charging, in per cent: "
        f"{claim.condition} (figure 3g; claim M).",
    )


def current_map(run: RunFiles, entry: Measured) -> Picture:
    """Return the potential of the default case at half charge with arrows of the net-ion current (3a)."""
    numbers = entry.read()
    if run.half_charge is None:
        raise InputError(run.missing["half_charge"])
    at, density = np.array(numbers["at"]), np.array(numbers["density"])
    return Picture(
        name="current_map",
        figure=draw_current_map(run.half_charge, at, density),
        alt="Potential of the stack at half charge with arrows of the ionic current",
        caption="Potential at half charge and net-ion current: the current winds through the gaps, which lie on "
        "opposite sides in turn, and weakens from slit to slit because each keeps a part of it (figure 3a; "
        f"{entry.evidence[0]}). The length of an arrow grows with the root of the density; the "
        f"largest is {significant(float(np.hypot(*density.T).max()) * 1e-4)} A/cm².",
    )


def ions_in_slits(entry: Measured) -> Picture:
    """Return the charge of three slits of 20 layers by field model, NCM and TLM (3e, 3f)."""
    numbers = entry.read()
    charges = {model: (np.array(one["time"]), np.array(one["charge"])) for model, one in numbers["models"].items()}
    largest = {model: float(np.abs(values[:, -1]).max()) for model, (_, values) in charges.items()}
    return Picture(
        name="ions_in_slits",
        figure=draw_slit_charges(charges, numbers["slits"]),
        alt="Charge of the first, middle and last slit of 20 layers over time by three models",
        caption="Net ionic charge of the first, middle and last slit of 20 layers: field model (broad), NCM (law and "
        "capacitances of 6 layers) and TLM (dashed); deep slits lag, and go on charging while the electrode already "
        f"discharges (figures 3e, 3f; {entry.evidence[0]}). Largest charge of the last slit over the field model's: "
        f"NCM {significant(largest['NCM'] / largest['mPNP'])}, TLM {significant(largest['TLM'] / largest['mPNP'])}.",
    )


def slit_capacitances(entry: Measured, claim: Claim) -> Picture:
    """Return the capacitance of every slit of the default case against its charge (S11)."""
    numbers = entry.read()
    return Picture(
        name="slit_capacitance",
        figure=draw_capacitances(np.array(numbers["charge"]), np.array(numbers["capacitance"])),
        alt="Charge over potential of every slit against its charge",
        caption="Slit capacitance, charge over the potential difference between electrode and slit, while charging, "
        f"default case (figure S11). Largest change while charging, of all widths: {percent(claim.value or 0.0)} "
        "(claim J).",
    )
