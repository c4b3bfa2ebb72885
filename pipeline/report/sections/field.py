"""The report's sections on the field model: geometry and mesh, maps at half charge, ions and fluxes."""

import math

import numpy as np
import xarray as xr

from ionspice.pipeline.report.figures.cycle import draw_flux_parts, draw_net_ions_in_time
from ionspice.pipeline.report.figures.field import draw_geometry, draw_mesh_detail, draw_net_ions, draw_potential
from ionspice.pipeline.report.page import Picture, ReportSection, Table, abridged, percent, significant
from ionspice.pipeline.report.sections.shape import Shape, shape_of
from ionspice.pipeline.results.curves import Array, charge_balances, direction_shares, flux_parts, net_ions
from ionspice.pipeline.results.files import RunFiles


def geometry_section(run: RunFiles) -> ReportSection:
    """Return the section on the computed strip and its mesh."""
    title = "Geometry and mesh"
    if run.mesh is None:
        return ReportSection(name="geometry", title=title, missing=(f"No mesh to draw: {run.missing['mesh']}.",))
    grading, own, shape = run.case.grading, run.case.mesh.file, run_shape(run)
    strip = Picture(
        name="geometry",
        figure=draw_geometry(run.mesh, electrode=shape.electrode, part=shape.part),
        alt=f"Computed strip, {shape.sizes}, and its mesh",
        caption=shape.strip,
    )
    has_sheets = run.case.geometry.kind in ("stack", "membrane")
    along = f" across slits and of {grading.along.growth:g} along the sheets" if has_sheets else ""
    graded = (
        f"Cells are at most {grading.wall_spacing * 1e9:.4g} nm at every wall and grow by a factor of "
        f"{grading.growth:g}{along}, to resolve the double layer."
    )
    resolution = "It is the user’s own." if own else graded
    details = (
        [
            Picture(
                name="mesh_detail",
                figure=draw_mesh_detail(run.mesh, electrode=shape.electrode.removesuffix("s"), part=shape.part),
                alt="Enlarged mesh around the first gap",
                caption=f"The mesh around the first gap. {resolution}",
            )
        ]
        if run.layers > 1
        else []
    )
    width = float(run.fields.attrs["strip_width"])
    return ReportSection(
        name="geometry",
        title=title,
        paragraphs=(
            f"{shape.sizes[0].upper()}{shape.sizes[1:]}; strip width {width * 1e9:.4g} nm; {run.mesh.cells} cells, "
            f"{int(run.fields.attrs['unknowns'])} unknowns.",
            *([shape.reading] if shape.reading else []),
        ),
        pictures=(strip, *details),
    )


def run_shape(run: RunFiles) -> Shape:
    """Return the words for the geometry of a run."""
    return shape_of(run.case.geometry, layers=run.layers, own_mesh=bool(run.case.mesh.file))


def maps_section(run: RunFiles) -> ReportSection:
    """Return the section with the maps at half charge."""
    title = "Fields at half charge"
    if run.half_charge is None:
        return ReportSection(name="maps", title=title, missing=(f"No fields to draw: {run.missing['half_charge']}.",))
    field = run.half_charge
    low, high = (significant(float(v) * 1e3, 3) for v in (field.potential.min(), field.potential.max()))
    potential = Picture(
        name="potential",
        figure=draw_potential(field),
        alt="Map of the electric potential over the strip at half charge",
        caption=f"Electric potential half-way through charging, {low} to {high} mV. Across every slit it sinks "
        "from the walls to the centre line; along the stack it shows how far charging has come.",
    )
    extreme = significant(float(field.net_ions[np.argmax(np.abs(field.net_ions))]), 3)
    ions = Picture(
        name="net_ions_map",
        figure=draw_net_ions(field),
        alt="Map of cations minus anions over the strip at half charge",
        caption="Net ions half-way through charging. The open electrolyte is neutral outside its double layer; in "
        "the slits the net charge sits at the walls. The colour scale ends at the 98th percentile; the extreme is "
        f"{extreme} mol/L.",
    )
    return ReportSection(name="maps", title=title, pictures=(potential, ions))


def transport_section(run: RunFiles) -> ReportSection:
    """Return the section on net ions per slit and on the three parts of the net-ion flux."""
    return ReportSection(
        name="transport",
        title="Ions and fluxes",
        paragraphs=(
            "The net-ion current (cations minus anions) is the sum of diffusion, migration and a steric part. It "
            "is positive where it brings positive charge towards the closed end.",
        ),
        pictures=(*([_net_ions_picture(run)] if run.layers > 1 else []), *_flux_pictures(run)),
        tables=(_direction_table(run.fields), _balance_table(run.fields)),
    )


def _net_ions_picture(run: RunFiles) -> Picture:
    time, end = run.fields["time"].values, float(run.fields.attrs["charging_end"])
    ions = net_ions(run.fields)
    last = ions[int(np.argmin(np.abs(time - end)))]
    return Picture(
        name="net_ions",
        figure=draw_net_ions_in_time(time, ions, end),
        alt="Net ions per slit over the cycle",
        caption="Net ions of every slit per nanometre of depth; dotted: end of charging, when slit 1 holds "
        f"{significant(last[0], 3)} and slit {len(last)} holds {significant(last[-1], 3)} per nanometre.",
    )


def _flux_pictures(run: RunFiles) -> list[Picture]:
    fields, slit = run.fields, min(2, run.fields.sizes["slit"])
    places = [("flux_open", "through the open electrolyte", fields["open_flux"])]
    if slit:
        places += [
            ("flux_gap", f"through the gap into slit {slit}", fields["gap_flux"].sel(slit=slit)),
            ("flux_slit", f"through the middle of slit {slit}", fields["slit_flux"].sel(slit=slit)),
        ]
    return [
        Picture(
            name=name,
            figure=draw_flux_parts(fields["time"].values, flux_parts(flux), float(fields.attrs["charging_end"])),
            alt=f"Parts of the net-ion current {place} over the cycle",
            caption=f"Net-ion current {place}, by parts. {_describe_directions(fields['time'].values, flux)}",
        )
        for name, place, flux in places
    ]


def _describe_directions(time: Array, flux: xr.DataArray) -> str:
    with_diffusion, steric = direction_shares(time, flux)
    if math.isnan(with_diffusion):
        return "Diffusion of net ions stays below 1 % of the largest part."
    text = f"Migration runs with diffusion during {percent(with_diffusion, 3)} of the cycle"
    return text + ("." if math.isnan(steric) else f", the steric part with migration during {percent(steric, 3)}.")


def _direction_table(fields: xr.Dataset) -> Table:
    time = fields["time"].values
    places = [("open electrolyte", fields["open_flux"])]
    for slit in fields["slit"].values:
        places.append((f"gap {slit}", fields["gap_flux"].sel(slit=slit)))
        places.append((f"middle of slit {slit}", fields["slit_flux"].sel(slit=slit)))
    return Table(
        caption="Share of the cycle during which two parts of the net-ion current point the same way. Moments "
        "when one of them is below 1 % of the largest part are left out; – if that is always so.",
        head=("Where", "migration with diffusion", "steric with migration"),
        rows=abridged(
            tuple((place, *(percent(share, 3) for share in direction_shares(time, flux))) for place, flux in places)
        ),
        numeric=frozenset({1, 2}),
    )


def _balance_table(fields: xr.Dataset) -> Table:
    balances = charge_balances(fields)
    return Table(
        caption="Conservation of charge in the field solution: largest violation over all steps, as a share of "
        "the peak. The last is no error but the field lines that end in the reservoir.",
        head=("Balance", "violation"),
        rows=(
            ("change of a slit’s charge against its gap currents", significant(balances.gaps, 2)),
            ("sum of the three flux parts against the trans-slit current", significant(balances.parts, 2)),
            ("electrode charge against all net ions", significant(balances.cell, 2)),
        ),
        numeric=frozenset({1}),
    )
