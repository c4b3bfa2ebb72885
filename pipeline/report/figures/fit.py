"""One figure of what discovery found in a table: data with fit above, the Pareto front below."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    shown_slits,
    slit_colours,
    styled,
)

_MOST_POINTS = 50  # of a series beside its line


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedSeries:
    """Data and the law's values at the same rows."""

    #: name in the legend, empty for none
    label: str
    #: what the horizontal axis shows, shape (n,)
    x: np.ndarray
    #: data, shape (n,)
    y: np.ndarray
    #: the law's values, shape (n,)
    fit: np.ndarray


@styled
def draw_front_and_fit(
    series: Sequence[FittedSeries],
    labels: tuple[str, str],
    complexity: Sequence[int],
    errors: Sequence[tuple[float, float]],
    chosen: int | None,
    *,
    diagonal: bool = False,
) -> Figure:
    """Draw data and fit, and errors of all laws of the front against their complexity.

    Args:
        series: what was fitted.
        labels: of the axes, x and y.
        complexity: of every law of the front.
        errors: fitted and held-out error of every law, over the standard deviation.
        chosen: position of the chosen law, None where it is not on the front.
        diagonal: whether the fit is the diagonal (predicted against given) instead of a curve.
    """
    figure = new_figure(5.6)
    upper, lower = figure.subplots(2, 1, height_ratios=(1.7, 1))
    named = shown_slits(len(series))
    for k, (one, colour) in enumerate(zip(series, slit_colours(len(series)), strict=True)):
        order = np.argsort(one.x, kind="stable")
        every = 1 if diagonal else max(1, len(order) // _MOST_POINTS)
        label = one.label if one.label and k in named else None
        upper.plot(one.x[order][::every], one.y[order][::every], "o", color=colour, markersize=3.5, label=label)
        if not diagonal:
            upper.plot(one.x[order], one.fit[order], color=INK if len(series) == 1 else colour, linewidth=1.2)
    if diagonal:
        ends = [min(s.x.min() for s in series), max(s.x.max() for s in series)]
        upper.plot(ends, ends, color=MUTED, linewidth=1.0)
    upper.set_xlabel(labels[0])
    upper.set_ylabel(labels[1])
    if len(series) > 1:
        upper.legend(loc="best")
    _draw_errors(lower, complexity, errors, chosen)
    return figure


def _draw_errors(
    axes: Axes, complexity: Sequence[int], errors: Sequence[tuple[float, float]], chosen: int | None
) -> None:
    fitted, held_out = (np.array([pair[k] for pair in errors]) for k in (0, 1))
    finite = np.concatenate([fitted, held_out])
    floor = max(float(np.min(finite[finite > 0.0], initial=1.0)) * 0.5, 1e-16)
    axes.plot(complexity, np.maximum(fitted, floor), "o-", color=BLUE, markersize=4.5, linewidth=1.0, label="fit")
    axes.plot(complexity, np.maximum(held_out, floor), "x", color=MUTED, markersize=5, label="held out")
    if chosen is not None:
        axes.plot(complexity[chosen], max(fitted[chosen], floor), "o", color=VERMILION, markersize=8, label="chosen")
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("complexity of the expression")
    axes.set_ylabel("error / standard deviation")
    axes.legend(loc="best")
