"""What one run shows of ion transport, resistance and capacitance, in a number or two each."""

import math
from collections.abc import Iterator

import numpy as np

from ionspice.discovery import Law
from ionspice.pipeline.report.figures.style import scale_for
from ionspice.pipeline.report.page import Table, percent, significant
from ionspice.pipeline.report.sections.circuit import model_errors
from ionspice.pipeline.report.sections.law import inner_name
from ionspice.pipeline.results.curves import Array, direction_shares
from ionspice.pipeline.results.files import RunFiles
from ionspice.pipeline.results.measures import (
    capacitance_spread,
    extreme_moments,
    is_linear,
    ordered_shares,
    ratio_spread,
    slit_direction_shares,
)


def findings_table(run: RunFiles) -> Table:
    """Return what the fields, the law and the circuits of a run show."""
    return Table(
        caption="What this run shows of transport, resistance and capacitance; shares are of the cycle.",
        head=("What was measured", "This run"),
        rows=(_open_transport(run), *((*_transport(run), *_resistance(run), *_circuit(run)) if run.curves else ())),
    )


def _open_transport(run: RunFiles) -> tuple[str, str]:
    return "Migration of net ions against diffusion, open electrolyte", _open_electrolyte(run)


def _transport(run: RunFiles) -> Iterator[tuple[str, str]]:
    with_diffusion, steric = _least_slit_shares(run)
    yield (
        "Migration along diffusion in slits",
        f"during {percent(with_diffusion, 3)} of the cycle in the slit where it holds least",
    )
    yield (
        "Steric flux along migration in slits",
        f"during {percent(steric, 3)} of the cycle at d = {run.case.geometry.pore_width * 1e9:.4g} nm, in the slit "
        "where it holds least",
    )
    yield "The fuller of two neighbouring slits has the lower potential", _describe_order(ordered_shares(run.fields))


def _resistance(run: RunFiles) -> Iterator[tuple[str, str]]:
    spread = ratio_spread(run.curves)
    yield (
        "Potential difference over current of an inner gap",
        "no current that tells"
        if math.isnan(spread)
        else f"their ratio varies by a factor of {significant(spread, 3)} while charging",
    )
    if run.law is not None:
        yield "Resistance against charge", _describe_form(run.law)
        yield "When the resistance is extreme", _extremes(run)


def _circuit(run: RunFiles) -> Iterator[tuple[str, str]]:
    yield (
        "Slit capacitance while charging",
        f"q/(φm − v) varies by {percent(capacitance_spread(run.fields))} of its mean in the slit where it does most",
    )
    errors = model_errors(run)
    if errors:
        yield (
            "Circuits against the field model (mPNP)",
            "rms deviation " + ", ".join(f"{name} {percent(e.rms)}" for name, e in errors.items()) + " of the peak",
        )


def _describe_form(law: Law) -> str:
    fits = dict(zip(law.elements, law.r_squared, strict=True))
    lowest = min([fit for element, fit in fits.items() if element > 1] or fits.values())
    found = "linear in Q, Rc (1 − γ Q/Qmax)" if is_linear(law) else "not linear in Q"
    return f"{found}; R² of Y(X) at least {lowest:.6f} in the {inner_name(law)}"


def _open_electrolyte(run: RunFiles) -> str:
    share, _ = direction_shares(run.fields["time"].values, run.fields["open_flux"])
    if np.isnan(share):
        return "diffusion below 1 % of the net-ion current in the plane that was measured"
    return f"during {percent(1 - share, 3)} of the cycle"


def _least_slit_shares(run: RunFiles) -> list[float]:
    """Return the least share of migration along diffusion, and of steric along migration; NaN where none is known."""
    columns = slit_direction_shares(run.fields)[:, :2].T
    known = [column[np.isfinite(column)].tolist() for column in columns]
    return [min(column, default=math.nan) for column in known]


def _describe_order(shares: Array) -> str:
    if not shares.size:
        return "a single slit has no neighbour"
    pairs = [f"{k}–{k + 1} {percent(share, 3)}" for k, share in enumerate(shares, start=1)]
    shown = pairs if len(pairs) <= 5 else [*pairs[:2], "…", *pairs[-2:]]
    return f"share of the cycle for slits {', '.join(shown)}"


def _extremes(run: RunFiles) -> str:
    """State when the ratio of potential difference and current of the middle element is extreme."""
    curve = run.curves[len(run.curves) // 2]
    end = float(run.fields.attrs["charging_end"])
    factor, unit = scale_for(end, "s")
    moments = [significant(moment * factor, 3) for moment in extreme_moments(curve)]
    return (
        f"element {curve.element}: Δv/I largest at {moments[0]} {unit}, smallest at {moments[1]} {unit}; charging "
        f"ends at {end * factor:.4g} {unit}"
    )
