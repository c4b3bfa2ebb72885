"""What one run says about the claims of the study that a single condition can test.

The letters are those under which the documentation lists the study's claims. A claim about trends over slit
widths, electrolytes or rates needs a campaign and is not tested here.
"""

from collections.abc import Iterator

import numpy as np
import sympy

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
    ordered_shares,
    ratio_spread,
    slit_direction_shares,
)


def claim_table(run: RunFiles) -> Table:
    """Return the claims with this run's number each."""
    return Table(
        caption="Claims of the study that one run can test, with what this run shows.",
        head=("", "The study", "This run"),
        rows=tuple(_claims(run)),
    )


def _claims(run: RunFiles) -> Iterator[tuple[str, str, str]]:
    yield "A", "In open electrolyte migration of net ions opposes diffusion.", _open_electrolyte(run)
    with_diffusion, steric = _least_slit_shares(run)
    yield (
        "B",
        "In slits diffusion and migration point the same way during the whole cycle.",
        f"during {percent(with_diffusion, 3)} of the cycle in the slit where it holds least",
    )
    yield (
        "C",
        "In slits narrower than 2 nm the steric flux follows migration, in wider ones it opposes it.",
        f"follows it during {percent(steric, 3)} of the cycle at d = {run.case.geometry.slit * 1e9:.4g} nm, in the "
        "slit where it does so least",
    )
    yield (
        "D",
        "More counter-ions in slit i than in slit i + 1 means a lower potential in slit i.",
        _describe_order(ordered_shares(run.fields)),
    )
    yield (
        "E",
        "Potential difference over current is no constant resistance.",
        f"their ratio varies by a factor of {significant(ratio_spread(run.curves), 3)} while charging",
    )
    if run.law is not None:
        yield "F", "R = Rc (1 − γ Q/Qmax).", _describe_form(run.law)
        study = "R is largest at the start of charging, smallest at the start of discharging."
        yield "G", study, _extremes(run)
    yield (
        "J",
        "The slit capacitance is constant during charging (d > 1 nm).",
        f"q/(φm − v) varies by {percent(capacitance_spread(run.fields))} of its mean in the slit where it does most",
    )
    errors = model_errors(run)
    if errors:
        yield (
            "K",
            "The NCM’s voltammogram agrees with the mPNP’s.",
            "rms deviation " + ", ".join(f"{name} {percent(e.rms)}" for name, e in errors.items()) + " of the peak",
        )


def _describe_form(law: Law) -> str:
    charge = next((s for s in law.resistance.free_symbols if s.name == "Q"), sympy.Symbol("Q"))
    slope = sympy.diff(law.resistance, charge)
    linear = slope != 0 and sympy.simplify(sympy.diff(slope, charge)) == 0
    fits = dict(zip(law.elements, law.r_squared, strict=True))
    lowest = min([fit for element, fit in fits.items() if element > 1] or fits.values())
    found = "this form was found" if linear else "another form was found"
    return f"{found}; R² of Y(X) at least {lowest:.6f} in the {inner_name(law)}"


def _open_electrolyte(run: RunFiles) -> str:
    share, _ = direction_shares(run.fields["time"].values, run.fields["open_flux"])
    if np.isnan(share):
        return "diffusion below 1 % of the net-ion current in the plane that was measured"
    return f"during {percent(1 - share, 3)} of the cycle"


def _least_slit_shares(run: RunFiles) -> tuple[float, float]:
    shares = slit_direction_shares(run.fields)
    return float(np.nanmin(shares[:, 0])), float(np.nanmin(shares[:, 1]))


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
