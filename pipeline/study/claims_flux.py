"""Claims A-D and H: fluxes, order of the slits' potentials, and profiles."""

from typing import Any

import numpy as np
import xarray as xr

from ionspice.pipeline.results.curves import Array, direction_shares, flux_parts, same_direction_share
from ionspice.pipeline.results.measures import ordered_shares, part_ratio, slit_direction_shares
from ionspice.pipeline.study.claims import STATEMENTS, WHOLE, Claim, verdict_of
from ionspice.pipeline.study.conditions import AXES, DEFAULT
from ionspice.pipeline.study.files import StudyFiles

#: the study's border between the slits in which the steric flux follows migration and those in which it opposes it
_STERIC_BORDER = 2e-9
#: the study's rise of the net ions in the middle of a slit of 1.5 nm
_RISE = 0.21
#: a rise within this factor of the study's counts as the same, and below this share a profile counts as unchanged
_RISE_FACTOR, _UNCHANGED = 2.0, 0.1
#: thickness of the layer next to a wall that counts as along the surface
_SURFACE = 0.304e-9  # Debye length of the default electrolyte


def open_electrolyte(study: StudyFiles) -> Claim:
    """Judge claim A."""
    points = study.axis("slit")
    opposed = {"diffusion": [], "steric": []}  # type: dict[str, list[float]]
    for _, name in points:
        fields = study.field(name)
        parts = flux_parts(fields["open_flux"])
        scale = max(float(np.abs(part).max()) for part in parts.values())
        for other, shares in opposed.items():
            same = same_direction_share(fields["time"].values, parts["migration"], parts[other], scale)
            shares.append(1 - same)
    default = [name for _, name in points].index(DEFAULT)
    # A part that carries nothing (NaN) opposes nothing and contradicts nothing.
    held = [not min(row) < WHOLE for row in zip(*opposed.values(), strict=True)]
    lost = [f"{d * 1e9:.3g} nm" for (d, _), whole in zip(points, held, strict=True) if not whole]
    return Claim(
        id="A",
        statement=STATEMENTS["A"],
        value=opposed["diffusion"][default],
        unit="share of the cycle, default case",
        condition="plane half a slit width in front of the first sheet; "
        + (
            "holds at all d" if not lost else f"not at d = {', '.join(lost)}, where the plane leaves the double layer"
        ),
        verdict=verdict_of(held),
        evidence=study.evidence(name for _, name in points),
        detail=f"At the default it opposes diffusion during {opposed['diffusion'][default]:.1%} and the steric flux "
        f"during {opposed['steric'][default]:.1%} of the cycle; the least over d is {min(opposed['diffusion']):.1%}.",
        values={"slit": [d for d, _ in points], **opposed},
    )


def slit_directions(study: StudyFiles) -> Claim:
    """Judge claim B."""
    points = study.axis("slit")
    slits = [_least(study.field(name), "slit_flux", 0) for _, name in points]
    gaps = [_least(study.field(name), "gap_flux", 0, first=1) for _, name in points]
    mouths = [float(slit_direction_shares(study.field(name), "gap_flux")[0, 0]) for _, name in points]
    return Claim(
        id="B",
        statement=STATEMENTS["B"],
        value=min(slits),
        unit="least share of the cycle over slits and d",
        condition="flux along the middle of every slit; the gap at the mouth, in the outer double layer, is no slit",
        verdict=verdict_of(share >= WHOLE for share in slits),
        evidence=study.evidence(name for _, name in points),
        detail=f"At least {min(slits):.1%} of the cycle in slits and {min(gaps):.1%} in inner gaps over all d; "
        f"the rest is the reversal of the drive. In the first gap it is {min(mouths):.1%} to {max(mouths):.1%}.",
        values={"slit": [d for d, _ in points], "slits": slits, "inner_gaps": gaps, "first_gap": mouths},
    )


def steric_direction(study: StudyFiles) -> Claim:
    """Judge claim C, with the conditions under which the steric flux opposes migration."""
    points = study.axis("slit")
    least = [_least(study.field(name), "slit_flux", 1) for _, name in points]
    most = [_most(study.field(name), "slit_flux", 1) for _, name in points]
    narrow = [share >= WHOLE for (d, _), share in zip(points, least, strict=True) if d < _STERIC_BORDER]
    wide = [share <= 1 - WHOLE for (d, _), share in zip(points, most, strict=True) if d > _STERIC_BORDER]
    rows = [_steric_row(study, axis.name, value, name) for axis in AXES for value, name in study.axis(axis.name)]
    wide_rows = [row for row in rows if row["axis"] == "slit" and row["value"] > _STERIC_BORDER]
    opposing = sorted({row["case"] for row in rows if row["first_gap_ratio"] < 0})
    elsewhere = sorted({row["case"] for row in rows if min(row["slit_ratio"]) < 0})
    inner = min(min(row["inner_gap_ratio"]) for row in rows)
    return Claim(
        id="C",
        statement=STATEMENTS["C"],
        value=min(least),
        unit="least share of the cycle in which it follows, over slits and d",
        condition="follows in all slits at every d; it opposes migration, on the mean of charging, only in the gap "
        f"at the mouth ({_list(opposing)}) and in the closed last slit ({_list(elsewhere)})",
        verdict="reproduced" if all(narrow) and wide and all(wide) else "refuted" if not any(wide) else "depends",
        evidence=study.evidence({row["case"] for row in rows}),
        detail=f"It follows during at least {min(least):.1%} of the cycle at every d. It carries "
        f"{_span(wide_rows, 'slit_ratio')} of the charge that migration carries in slits wider than 2 nm, at least "
        f"{inner:.3f} in inner gaps at all conditions. In local equilibrium the ions add up to 2 c0 cosh u/(1 + 2 nu "
        "sinh²(u/2)), which grows with |u| for any packing fraction nu < 1: the steric flux then follows at any d.",
        values={"slit": [d for d, _ in points], "least_share": least, "most_share": most, "conditions": rows},
    )


def slit_order(study: StudyFiles) -> Claim:
    """Judge claim D."""
    names = [name for _, name in study.axis("slit")]
    shares = {name: ordered_shares(study.field(name)) for name in names}
    inner = {name: float(np.nanmin(values[:-1])) for name, values in shares.items()}
    last = {name: float(values[-1]) for name, values in shares.items()}
    return Claim(
        id="D",
        statement=STATEMENTS["D"],
        value=min(inner.values()),
        unit="least share of the cycle over pairs of open slits and d",
        condition="electric potential in the middle of the slits, d = 1.5 to 5 nm; holds among slits of equal walls, "
        "not for the last slit, whose closed sheet has more surface",
        verdict=verdict_of(share >= WHOLE for share in (*inner.values(), *last.values())),
        evidence=study.evidence(names),
        detail=f"The fuller slit has the lower potential during {inner[DEFAULT]:.1%} of the cycle at the default and "
        f"at least {min(inner.values()):.1%} at all d, with the last slit during {last[DEFAULT]:.1%} and at least "
        f"{min(last.values()):.1%}.",
        values={"case": names, "open_slits": [inner[n] for n in names], "last_pair": [last[n] for n in names]},
    )


def profiles(study: StudyFiles) -> Claim:
    """Judge claim H under every reading of "+21 % mid-slit"."""
    points = [(d, name) for d, name in study.axis("slit") if "profile_net_ions" in study.field(name)]
    rises = [_rises(study.field(name)) for _, name in points]
    surface = [_surface_share(study.field(name)) for _, name in points]
    narrow, wide = rises[0], rises[-1]
    fits = {
        key: _RISE / _RISE_FACTOR <= narrow[key] <= _RISE * _RISE_FACTOR and abs(wide[key]) < _UNCHANGED
        for key in narrow
    }
    total, net = narrow["all ions"], narrow["net ions"]
    return Claim(
        id="H",
        statement=STATEMENTS["H"],
        value=total,
        unit="rise of all ions in the middle of slit 1 over the bulk, default case",
        condition="the rise fits for all ions together, not for net ions or counter-ions; the surface layer carries "
        "most of the current only where it fills much of the slit",
        verdict=verdict_of([*fits.values(), *(share > 0.5 for share, _ in surface)]),
        evidence=study.evidence(name for _, name in points),
        detail=f"All ions: {total:+.1%} at {points[0][0] * 1e9:.3g} nm, {wide['all ions']:+.1%} at "
        f"{points[-1][0] * 1e9:.3g} nm. Net ions over all ions of the bulk: {net:+.1%} and {wide['net ions']:+.1%}. "
        f"Layers of {_SURFACE * 1e9:.3f} nm at both walls carry {surface[0][0]:.0%} of the current at "
        f"{points[0][0] * 1e9:.3g} nm ({surface[0][1]:.0%} of the width) and {surface[-1][0]:.0%} at "
        f"{points[-1][0] * 1e9:.3g} nm ({surface[-1][1]:.0%} of the width).",
        values={
            "slit": [d for d, _ in points],
            "rise": {key: [row[key] for row in rises] for key in narrow},
            "fits": fits,
            "surface_current_share": [share for share, _ in surface],
            "surface_width_share": [width for _, width in surface],
        },
    )


def _least(fields: xr.Dataset, variable: str, column: int, first: int = 0) -> float:
    return float(np.nanmin(slit_direction_shares(fields, variable)[first:, column]))


def _most(fields: xr.Dataset, variable: str, column: int) -> float:
    return float(np.nanmax(slit_direction_shares(fields, variable)[:, column]))


def _steric_row(study: StudyFiles, axis: str, value: float, name: str) -> dict[str, Any]:
    fields = study.field(name)
    gaps, slits = (part_ratio(fields, variable, "steric") for variable in ("gap_flux", "slit_flux"))
    return {
        "axis": axis,
        "value": value,
        "case": name,
        "least_share": _least(fields, "slit_flux", 1),
        "first_gap_ratio": float(gaps[0]),
        "inner_gap_ratio": gaps[1:].tolist(),
        "slit_ratio": slits.tolist(),
        "open_share": direction_shares(fields["time"].values, fields["open_flux"])[1],
    }


def _rises(fields: xr.Dataset) -> dict[str, float]:
    """Return the rise in the middle of the first slit over the bulk when charging ends, per reading."""
    start, end = (
        fields.isel(profile_slit=0).sel(time=t, method="nearest") for t in (0, fields.attrs["charging_end"])
    )
    middle = fields.sizes["point"] // 2
    before, after = (part["profile_concentration"].values[middle] for part in (start, end))
    bulk = float(before.sum())
    net = np.abs(end["profile_net_ions"].values)
    position = end["profile_position"].values
    mean = float(np.trapezoid(net, position) / np.ptp(position))
    return {
        "all ions": float(after.sum() / bulk - 1),
        "counter-ions": float(after.max() / before.max() - 1),
        "net ions": float(net[middle] / bulk),
        "net ions, over the mean across": float(net[middle] / mean - 1),
    }


def _surface_share(fields: xr.Dataset) -> tuple[float, float]:
    """Return the shares of the current, and of the width, within the surface layers of the first slit.

    Across a slit in local equilibrium grad mu_i is uniform, so the current is spread as z_i^2 D_i c_i.
    """
    end = fields.isel(profile_slit=0).sel(time=fields.attrs["charging_end"], method="nearest")
    weight = (fields["species_valence"] ** 2 * fields["species_diffusivity"]).values
    conductivity: Array = end["profile_concentration"].values @ weight
    position = end["profile_position"].values
    width = float(np.ptp(position))
    inside = np.linspace(min(_SURFACE, width / 2), max(width - _SURFACE, width / 2), 201)
    core = np.trapezoid(np.interp(inside, position, conductivity), inside)
    return float(1 - core / np.trapezoid(conductivity, position)), float(min(1, 2 * _SURFACE / width))


def _list(names: list[str]) -> str:
    return ", ".join(names) if names else "none"


def _span(rows: list[dict[str, Any]], key: str) -> str:
    values = [value for row in rows for value in row[key]]
    return f"{min(values):+.3f} to {max(values):+.3f}" if values else "unknown"
