"""Numbers for claims A-D and H: fluxes, order of the slits' potentials, and profiles."""

from typing import Any

import numpy as np
import xarray as xr

from ionspice.pipeline.results.curves import Array, direction_shares, flux_parts, same_direction_share
from ionspice.pipeline.results.measures import ordered_shares, part_ratio, slit_direction_shares
from ionspice.pipeline.study.conditions import AXES
from ionspice.pipeline.study.files import StudyFiles
from ionspice.pipeline.study.measures import Measured, measured

#: thickness of the layer next to a wall that counts as along the surface: Debye length of the default electrolyte [m]
SURFACE = 0.304e-9


def open_electrolyte(study: StudyFiles) -> Measured:
    """Measure in which share of the cycle migration opposes the other parts in open electrolyte, over d."""
    points = study.axis("slit")
    opposed: dict[str, list[float]] = {"diffusion": [], "steric": []}
    for _, name in points:
        fields = study.field(name)
        parts = flux_parts(fields["open_flux"])
        scale = max(float(np.abs(part).max()) for part in parts.values())
        for other, shares in opposed.items():
            same = same_direction_share(fields["time"].values, parts["migration"], parts[other], scale)
            shares.append(1 - same)
    names = [name for _, name in points]
    return measured({"slit": [d for d, _ in points], "case": names, **opposed}, study.evidence(names))


def slit_directions(study: StudyFiles) -> Measured:
    """Measure in which share of the cycle diffusion follows migration: least over slits and inner gaps, over d."""
    points = study.axis("slit")
    fields = [study.field(name) for _, name in points]
    found = {
        "slit": [d for d, _ in points],
        "slits": [_least(one, "slit_flux", 0) for one in fields],
        "inner_gaps": [_least(one, "gap_flux", 0, first=1) for one in fields],
        "first_gap": [float(slit_direction_shares(one, "gap_flux")[0, 0]) for one in fields],
    }
    return measured(found, study.evidence(name for _, name in points))


def steric_direction(study: StudyFiles) -> Measured:
    """Measure where the steric flux follows migration: over d, and while charging under every condition."""
    points = study.axis("slit")
    rows = [_steric_row(study, axis.name, value, name) for axis in AXES for value, name in study.axis(axis.name)]
    found = {
        "slit": [d for d, _ in points],
        "least_share": [_least(study.field(name), "slit_flux", 1) for _, name in points],
        "most_share": [float(np.nanmax(slit_direction_shares(study.field(name))[:, 1])) for _, name in points],
        "conditions": rows,
    }
    return measured(found, study.evidence(dict.fromkeys(row["case"] for row in rows)))


def slit_order(study: StudyFiles) -> Measured:
    """Measure in which share of the cycle the fuller slit has the lower potential, over d."""
    names = [name for _, name in study.axis("slit")]
    shares = [ordered_shares(study.field(name)) for name in names]
    found = {
        "case": names,
        "open_slits": [float(np.nanmin(values[:-1])) for values in shares],
        "last_pair": [float(values[-1]) for values in shares],
    }
    return measured(found, study.evidence(names))


def profiles(study: StudyFiles) -> Measured:
    """Measure the rise mid-slit under every reading, and the share of the current along the surface, over d."""
    points = [(d, name) for d, name in study.axis("slit") if "profile_net_ions" in study.field(name)]
    rises = [_rises(study.field(name)) for _, name in points]
    surface = [_surface_share(study.field(name)) for _, name in points]
    found = {
        "slit": [d for d, _ in points],
        "rise": {key: [row[key] for row in rises] for key in rises[0]} if rises else {},
        "surface": SURFACE,
        "surface_current_share": [share for share, _ in surface],
        "surface_width_share": [width for _, width in surface],
    }
    return measured(found, study.evidence(name for _, name in points))


def _least(fields: xr.Dataset, variable: str, column: int, first: int = 0) -> float:
    return float(np.nanmin(slit_direction_shares(fields, variable)[first:, column]))


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
    inside = np.linspace(min(SURFACE, width / 2), max(width - SURFACE, width / 2), 201)
    core = np.trapezoid(np.interp(inside, position, conductivity), inside)
    return float(1 - core / np.trapezoid(conductivity, position)), float(min(1, 2 * SURFACE / width))
