"""Figures of the resistance law: Y(X) with residuals, the Pareto front, R against charge and against time."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ionspice.pipeline.report.figures.style import (
    BLUE,
    INK,
    MUTED,
    VERMILION,
    new_axes,
    new_figure,
    scale_for,
    shown_slits,
    slit_colours,
    styled,
    time_axes,
)
from ionspice.pipeline.results.curves import ElementCurve

type Curves = tuple[ElementCurve, ...]

_BESIDE: Any = {"textcoords": "offset points"}


@styled
def draw_law(curves: Curves) -> Figure:
    """Draw Y against X for the elements that have a law, with the law and its residuals below."""
    figure = new_figure(4.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2.6, 1))
    for curve, colour, label in _with_law(curves):
        x, y = curve.normalised
        fit = curve.law_integral
        every = max(1, len(x) // 25)
        upper.plot(x[::every], y[::every], "o", color=colour, markersize=3.5, label=label)
        upper.plot(x, fit, color=colour, linewidth=1.2)
        lower.plot(x, (y - fit) * 100, color=colour, linewidth=1.2)
    upper.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)), label="constant resistance")
    upper.set_ylabel("Y = ∫Δv dt / its maximum")
    upper.legend(loc="best")
    lower.axhline(0, color=MUTED, linewidth=0.6)
    lower.set_ylabel("Y − law / %")
    lower.set_xlabel("X = Q / its maximum")
    lower.set_xlim(0, 1.01)
    return figure


@styled
def draw_front(complexity: list[int], error: list[float], chosen: int | None) -> Figure:
    """Draw the Pareto front of discovery: error against complexity, the chosen law marked.

    Args:
        complexity: of every law on the front.
        error: likewise, positive.
        chosen: position of the chosen law, None where it does not stand on the front.
    """
    figure, axes = new_axes(3.1, "complexity of the expression", "error of Y")
    axes.plot(complexity, error, "o-", color=BLUE, markersize=5, linewidth=1.0, drawstyle="steps-post")
    if chosen is not None:
        axes.plot(complexity[chosen], error[chosen], "o", color=VERMILION, markersize=9)
        axes.annotate("chosen", (complexity[chosen], error[chosen]), (9, 6), color=VERMILION, **_BESIDE)
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


@styled
def draw_resistance_charge(curves: Curves) -> Figure:
    """Draw R against charge: the law as lines, the field model's ratio while charging as points."""
    charge_factor, charge_unit = scale_for([c.charge.max() for c in curves], "C/m")
    factor, ylabel = _resistance_scale(curves)
    figure, axes = new_axes(3.5, f"charge Q / {charge_unit}", ylabel)
    for curve, colour, label in _with_law(curves):
        grid = np.linspace(0, curve.charge.max(), 200)
        law = curve.law_resistance(grid) * factor
        ratio = np.where(curve.charging, curve.field_resistance(), np.nan) * factor
        axes.plot(curve.charge * charge_factor, ratio, ".", color=colour, markersize=2.5, alpha=0.6)
        axes.plot(grid * charge_factor, law, color=colour)
        if label:
            end = (grid[-1] * charge_factor, law[-1])
            axes.annotate(str(curve.element), end, (4, 0), color=colour, va="center", **_BESIDE)
    _limit_resistance(axes, curves, factor)
    axes.set_xlim(0, 1.08 * max(c.charge.max() for c in curves) * charge_factor)
    return figure


@styled
def draw_resistance_time(curves: Curves, charging_end: float) -> Figure:
    """Draw R over the cycle: the law at the charge of the moment as lines, the fields' ratio as points."""
    factor, ylabel = _resistance_scale(curves)
    figure, axes, time_factor = time_axes(3.5, ylabel, curves[0].time[-1], charging_end)
    for curve, colour, label in _with_law(curves):
        time = curve.time * time_factor
        axes.plot(time, curve.field_resistance() * factor, ".", color=colour, markersize=2.5, alpha=0.6)
        axes.plot(time, curve.law_resistance(curve.charge) * factor, color=colour, label=label)
    _limit_resistance(axes, curves, factor)
    axes.legend(loc="best")
    return figure


def _with_law(curves: Curves) -> Iterator[tuple[ElementCurve, str, str]]:
    """Yield the elements that have a law with their colour and, of some, the name for a legend."""
    named = shown_slits(len(curves))
    for k, (curve, colour) in enumerate(zip(curves, slit_colours(len(curves)), strict=True)):
        if curve.resistance is not None:
            yield curve, colour, f"element {curve.element}" if k in named else ""


def _law_values(curves: Curves) -> list[float]:
    with_law = [curve for curve, _, _ in _with_law(curves)]
    return [float(r) for c in with_law for r in c.law_resistance(np.linspace(0, c.charge.max(), 50))]


def _resistance_scale(curves: Curves) -> tuple[float, str]:
    """Return the factor on R and the label of its axis."""
    factor, unit = scale_for(_law_values(curves), "ohm m")
    return factor, f"resistance R / {unit}"


def _limit_resistance(axes: Axes, curves: Curves, factor: float) -> None:
    """Show the law's range with room; single ratios near a reversal of the current may lie outside."""
    axes.set_ylim(0, 1.35 * max(_law_values(curves)) * factor)
    axes.tick_params(color=INK)
