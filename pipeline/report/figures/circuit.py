"""Figures of circuits beside the field model: current arrows, slit capacitances, loops, ions in slits."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ionspice.pipeline.report.figures.field import draw_potential
from ionspice.pipeline.report.figures.style import INK, POTENTIAL, new_axes, scale_for, slit_colours, styled
from ionspice.pipeline.results.field_files import FieldMap

type Array = NDArray[np.float64]

_LINES = {"mPNP": ("-", 3.0, 0.35), "NCM": ("-", 1.3, 1.0), "TLM": ("--", 1.3, 1.0)}


@styled
def draw_current_map(field: FieldMap, at: Array, density: Array) -> Figure:
    """Map the potential, with arrows of the net-ion current whose length grows with the root of its density.

    Args:
        field: potential over the strip.
        at: where the arrows stand, shape (n, 2) [nm].
        density: current density there, shape (n, 2) [A/m^2].
    """
    figure = draw_potential(field)
    size = np.hypot(*density.T)
    arrows = density / np.sqrt(np.maximum(size, 1e-12 * size.max()))[:, None]
    shortest = float(np.ptp(field.points[:, 1])) / 7  # nm, of the longest arrow
    arrows *= shortest / np.sqrt(size.max())
    figure.axes[0].quiver(
        *at.T, *arrows.T, angles="xy", scale_units="xy", scale=1, pivot="mid", color="white", edgecolor=INK,
        linewidth=0.3, width=0.006, headwidth=3.5, headlength=4, headaxislength=3.5,
    )  # fmt: skip
    return figure


@styled
def draw_capacitances(charge: Array, capacitance: Array) -> Figure:
    """Draw q/u of every slit against its charge.

    Args:
        charge: magnitude, shape (time, slit) [C/m].
        capacitance: q/u, shape (time, slit) [F/m].
    """
    factor, unit = scale_for(charge, "C/m")
    farads, farad_unit = scale_for(capacitance, "F/m")
    figure, axes = new_axes(3.4, f"net ionic charge of the slit / {unit}", f"charge over potential / {farad_unit}")
    for k, colour in enumerate(slit_colours(charge.shape[1])):
        axes.plot(charge[:, k] * factor, capacitance[:, k] * farads, color=colour, label=f"slit {k + 1}")
    axes.set_ylim(bottom=0)
    axes.legend(ncols=2)
    return figure


@styled
def draw_loops(loops: Mapping[str, Mapping[str, tuple[Array, Array]]], ylabel: str) -> Figure:
    """Draw loops over the electrode potential; lines tell models apart, colours what varies.

    Args:
        loops: by label and model the potential [V] and the ordinate.
        ylabel: of the ordinate, with its unit.
    """
    figure, axes = new_axes(3.9, POTENTIAL, ylabel, zero=True)
    for colour, (label, models) in zip(slit_colours(len(loops)), loops.items(), strict=True):
        for model, (potential, values) in models.items():
            line, width, alpha = _LINES[model]
            name = f"{label}, {model}"
            axes.plot(potential, values, linestyle=line, linewidth=width, alpha=alpha, color=colour, label=name)
    figure.legend(loc="outside lower center", ncols=len(loops))
    return figure


@styled
def draw_slit_charges(charges: Mapping[str, tuple[Array, Array]], slits: Sequence[int]) -> Figure:
    """Draw the charge of chosen slits over time by every model.

    Args:
        charges: by model time [s], shape (time,), and net ionic charge, shape (time, len(slits)) [C/m].
        slits: their numbers.
    """
    time_factor, time_unit = scale_for(max(float(time[-1]) for time, _ in charges.values()), "s")
    factor, unit = scale_for(np.concatenate([values.ravel() for _, values in charges.values()]), "C/m")
    figure, axes = new_axes(3.9, f"time / {time_unit}", f"net ionic charge / {unit}")
    for model, (time, values) in charges.items():
        line, width, alpha = _LINES[model]
        for k, (slit, colour) in enumerate(zip(slits, slit_colours(len(slits)), strict=True)):
            label = f"slit {slit}, {model}"
            y = values[:, k] * factor
            axes.plot(time * time_factor, y, linestyle=line, linewidth=width, alpha=alpha, color=colour, label=label)
    axes.set_xlim(left=0)
    figure.legend(loc="outside lower center", ncols=len(charges))
    return figure
