"""Figures of the resistance law: Y(X) with residuals, the Pareto front, R against charge and against time."""

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
    new_figure,
    scale_for,
    shown_slits,
    slit_colours,
    styled,
)
from ionspice.pipeline.results.curves import ElementCurve

type Curves = tuple[ElementCurve, ...]

_BESIDE: Any = {"textcoords": "offset points"}


@styled
def draw_law(curves: Curves) -> Figure:
    """Draw Y against X for the elements that have a law, with the law and its residuals below."""
    figure = new_figure(4.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2.6, 1))
    named = shown_slits(len(curves))
    for k, (curve, colour) in enumerate(zip(curves, slit_colours(len(curves)), strict=True)):
        if curve.resistance is None:
            continue
        x, y = curve.normalised
        fit = curve.law_integral
        every = max(1, len(x) // 25)
        label = f"element {curve.element}" if k in named else None
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
    figure = new_figure(3.1)
    axes = figure.add_subplot()
    axes.plot(complexity, error, "o-", color=BLUE, markersize=5, linewidth=1.0, drawstyle="steps-post")
    if chosen is not None:
        axes.plot(complexity[chosen], error[chosen], "o", color=VERMILION, markersize=9)
        axes.annotate("chosen", (complexity[chosen], error[chosen]), (9, 6), color=VERMILION, **_BESIDE)
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("complexity of the expression")
    axes.set_ylabel("error of Y")
    return figure


@styled
def draw_resistance_charge(curves: Curves) -> Figure:
    """Draw R against charge: the law as lines, the field model's ratio while charging as points."""
    figure = new_figure(3.5)
    axes = figure.add_subplot()
    charge_factor, charge_unit = scale_for([c.charge.max() for c in curves], "C/m")
    factor, unit = _resistance_scale(curves)
    named = shown_slits(len(curves))
    for k, (curve, colour) in enumerate(zip(curves, slit_colours(len(curves)), strict=True)):
        if curve.resistance is None:
            continue
        grid = np.linspace(0, curve.charge.max(), 200)
        law = curve.law_resistance(grid) * factor
        ratio = np.where(curve.charging, curve.field_resistance(), np.nan) * factor
        axes.plot(curve.charge * charge_factor, ratio, ".", color=colour, markersize=2.5, alpha=0.6)
        axes.plot(grid * charge_factor, law, color=colour)
        if k in named:
            end = (grid[-1] * charge_factor, law[-1])
            axes.annotate(str(curve.element), end, (4, 0), color=colour, va="center", **_BESIDE)
    _limit_resistance(axes, curves, factor)
    axes.set_xlim(0, 1.08 * max(c.charge.max() for c in curves) * charge_factor)
    axes.set_xlabel(f"charge Q / {charge_unit}")
    axes.set_ylabel(f"resistance R / {unit}")
    return figure


@styled
def draw_resistance_time(curves: Curves, charging_end: float) -> Figure:
    """Draw R over the cycle: the law at the charge of the moment as lines, the fields' ratio as points."""
    figure = new_figure(3.5)
    axes = figure.add_subplot()
    time_factor, time_unit = scale_for(charging_end, "s")
    factor, unit = _resistance_scale(curves)
    axes.axvline(charging_end * time_factor, color=MUTED, linewidth=0.6, linestyle=(0, (2, 2)))
    named = shown_slits(len(curves))
    for k, (curve, colour) in enumerate(zip(curves, slit_colours(len(curves)), strict=True)):
        if curve.resistance is None:
            continue
        time = curve.time * time_factor
        label = f"element {curve.element}" if k in named else None
        axes.plot(time, curve.field_resistance() * factor, ".", color=colour, markersize=2.5, alpha=0.6)
        axes.plot(time, curve.law_resistance(curve.charge) * factor, color=colour, label=label)
    _limit_resistance(axes, curves, factor)
    axes.set_xlim(0, curves[0].time[-1] * time_factor)
    axes.set_xlabel(f"time / {time_unit}")
    axes.set_ylabel(f"resistance R / {unit}")
    axes.legend(loc="best")
    return figure


def _law_values(curves: Curves) -> list[float]:
    return [
        float(value)
        for curve in curves
        if curve.resistance is not None
        for value in curve.law_resistance(np.linspace(0, curve.charge.max(), 50))
    ]


def _resistance_scale(curves: Curves) -> tuple[float, str]:
    return scale_for(_law_values(curves), "ohm m")


def _limit_resistance(axes: Axes, curves: Curves, factor: float) -> None:
    """Show the law's range with room; single ratios near a reversal of the current may lie outside."""
    axes.set_ylim(0, 1.35 * max(_law_values(curves)) * factor)
    axes.tick_params(color=INK)
