"""Figures of a measured device: data with the fit, residuals, spectra, capacitance over rate, energy over power."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ionspice.pipeline.report.figures.cycle import Array
from ionspice.pipeline.report.figures.style import (
    BLUE,
    INK,
    MUTED,
    VERMILION,
    new_axes,
    new_figure,
    scale_for,
    slit_colours,
    styled,
)

_MOST_POINTS = 80  # of a curve, drawn as dots


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredCurve:
    """Data of one file and the fit at the same points."""

    #: of the file
    name: str
    #: what the horizontal axis shows, in SI, shape (n,)
    x: Array
    #: data, in SI, complex for spectra, shape (n,)
    y: np.ndarray
    #: the fit, likewise
    fit: np.ndarray


@styled
def draw_curves(curves: Sequence[MeasuredCurve], x: tuple[str, str], y: tuple[str, str]) -> Figure:
    """Draw data as dots and fits as lines.

    Args:
        curves: one a file.
        x: name and unit of the horizontal axis.
        y: name and unit of the vertical axis.
    """
    across, unit = scale_for(np.concatenate([c.x for c in curves]), x[1])
    up, other = scale_for(np.concatenate([c.y for c in curves]), y[1])
    figure, axes = new_axes(3.8, f"{x[0]} / {unit}", f"{y[0]} / {other}", zero=True)
    for curve, colour in zip(curves, slit_colours(len(curves)), strict=True):
        every = max(1, curve.x.size // _MOST_POINTS)
        axes.plot(curve.x[::every] * across, curve.y[::every] * up, ".", color=colour, markersize=4)
        axes.plot(curve.x * across, curve.fit * up, color=colour, linewidth=1.2, label=curve.name)
    _legend(axes)
    return figure


@styled
def draw_spectra(curves: Sequence[MeasuredCurve]) -> Figure:
    """Draw Nyquist and Bode plots of spectra (x in Hz, y in ohm) with their fits."""
    figure = new_figure(7.4)
    nyquist, size, phase = figure.subplots(3, 1, height_ratios=(3, 1.5, 1.5))
    factor, unit = scale_for(np.concatenate([np.abs(c.y) for c in curves]), "ohm")
    for curve, colour in zip(curves, slit_colours(len(curves)), strict=True):
        order = np.argsort(curve.x)
        for z, style in ((curve.y[order], "."), (curve.fit[order], "-")):
            label = curve.name if style == "-" else None
            nyquist.plot(z.real * factor, -z.imag * factor, style, color=colour, markersize=4, label=label)
            size.loglog(curve.x[order], np.abs(z) * factor, style, color=colour, markersize=4)
            phase.semilogx(curve.x[order], np.degrees(np.angle(z)), style, color=colour, markersize=4)
    nyquist.set(xlabel=f"Re Z / {unit}", ylabel=f"−Im Z / {unit}")
    nyquist.set_aspect("equal", adjustable="datalim")
    size.set(ylabel=f"|Z| / {unit}")
    phase.set(xlabel="frequency / Hz", ylabel="phase / °")
    _legend(nyquist)
    return figure


@styled
def draw_residuals(curves: Sequence[MeasuredCurve]) -> Figure:
    """Draw errors of the fit, of the scale of their file, along each file (x from 0 to 1, y the error)."""
    figure, axes = new_axes(3.2, "position in the file", "fit − data, of the file’s scale / %", zero=True)
    for curve, colour in zip(curves, slit_colours(len(curves)), strict=True):
        axes.plot(curve.x, 100 * curve.y, color=colour, linewidth=0.8, label=curve.name)
    _legend(axes)
    return figure


@styled
def draw_against(
    measured: tuple[Array, Array],
    modelled: tuple[Array, Array],
    x: str,
    y: str,
) -> Figure:
    """Draw measured points and a model's curve, the horizontal axis logarithmic.

    Args:
        measured: x and y of the points.
        modelled: x and y of the curve.
        x: label of the horizontal axis.
        y: label of the vertical axis.
    """
    figure, axes = new_axes(3.2, x, y)
    axes.semilogx(*modelled, color=BLUE, label="fitted circuit")
    if measured[0].size:
        axes.semilogx(*measured, "o", color=VERMILION, markersize=4.5, label="measured")
    axes.set_ylim(bottom=0)
    _legend(axes)
    return figure


@styled
def draw_constants(potential: Array, capacitance: Array, charge_share: Array, resistance: Array) -> Figure:
    """Draw C(v) in F over the potential in V, and R/Rc over the relative charge."""
    figure = new_figure(4.6)
    above, below = figure.subplots(2, 1)
    factor, unit = scale_for(capacitance, "F")
    above.plot(potential, capacitance * factor, color=INK)
    above.set(xlabel="potential / V", ylabel=f"C / {unit}")
    above.set_ylim(0, 1.1 * float(capacitance.max()) * factor)
    below.plot(charge_share, resistance, color=INK)
    below.axhline(1, color=MUTED, linewidth=0.6)
    below.set(xlabel="charge / that of the full window", ylabel="R / Rc")
    below.set_ylim(0, 1.1)
    return figure


@styled
def draw_law(charge_share: Array, free: Array, band: Array, chosen: Array) -> Figure:
    """Draw R/Rc over the relative charge, free of a form with half of its band, and by the chosen law."""
    figure, axes = new_axes(3.2, "charge / that of the full window", "R / Rc")
    axes.fill_between(charge_share, free - band, free + band, color=BLUE, alpha=0.25, linewidth=0)
    axes.plot(charge_share, free, color=BLUE, label="free")
    axes.plot(charge_share, chosen, "--", color=INK, label="law of the circuit")
    axes.set_ylim(bottom=0)
    _legend(axes)
    return figure


@styled
def draw_relaxations(spectra: Sequence[tuple[str, Array, Array]]) -> Figure:
    """Draw distributions of relaxation times, each by its name, times in s, and density in ohm."""
    factor, unit = scale_for(np.concatenate([density for _, _, density in spectra]), "ohm")
    figure, axes = new_axes(3.2, "relaxation time / s", f"resistance in an e-fold / {unit}")
    for (name, time, density), colour in zip(spectra, slit_colours(len(spectra)), strict=True):
        axes.semilogx(time, density * factor, color=colour, label=name)
    axes.set_ylim(bottom=0)
    _legend(axes)
    return figure


def _legend(axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if 0 < len(labels) <= 12:
        axes.legend(handles, labels, loc="best", fontsize=7.5)
