"""Figures of a reproduction: constants of the law over the study's axes, extremes of R, profiles, the peak map."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from ionspice.pipeline.report.figures.style import BLUE, GREEN, INK, MUTED, VERMILION, new_axes, styled

type Array = NDArray[np.float64]

_COLOURS = (INK, BLUE, VERMILION, GREEN, "#cc79a7", "#e69f00", "#56b4e9", "#8073ac")
_MARKERS = "osD^vPX*"


@styled
def draw_trends(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]], ylabel: str) -> Figure:
    """Draw a constant over the axes of the study, both relative to the default, on logarithmic scales.

    Args:
        curves: by name of the axis its values and the constant's, each over that of the default case.
        ylabel: of the constant.
    """
    figure, axes = new_axes(3.9, "value over that of the default case", ylabel)
    axes.axhline(1, color=MUTED, linewidth=0.6)
    axes.axvline(1, color=MUTED, linewidth=0.6)
    for number, (name, (x, y)) in enumerate(curves.items()):
        colour, marker = _COLOURS[number % 8], _MARKERS[number % 8]
        axes.plot(x, y, label=name, markersize=4, linewidth=1.2, color=colour, marker=marker)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:g}")
    figure.legend(loc="outside lower center", ncols=4)
    return figure


@styled
def draw_extremes(slit: Sequence[float], extremes: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Draw R_max and R_min against the slit width.

    Args:
        slit: d [m], shape (points,).
        extremes: by node potential `R_max` and `R_min` [ohm m], shape (points,).
    """
    figure, axes = new_axes(3.6, "slit width d / nm", "resistance / Ω m")
    for (potential, rows), line in zip(extremes.items(), ("-", "--"), strict=False):
        for (name, colour), marker in zip((("R_max", VERMILION), ("R_min", BLUE)), "os", strict=True):
            label = f"$R_{{\\mathrm{{{name[2:]}}}}}$, {potential}"
            axes.plot(np.array(slit) * 1e9, rows[name], line, color=colour, marker=marker, markersize=4, label=label)
    axes.set_ylim(bottom=0)
    axes.legend()
    return figure


@styled
def draw_profiles(profiles: Mapping[str, tuple[Array, Array]]) -> Figure:
    """Draw net-ion concentration across slits.

    Args:
        profiles: by label position over the slit width [1] and net ions |c+ - c-| [mol/L], shape (points,).
    """
    figure, axes = new_axes(3.6, "position across the slit / d", "net ions |c₊ − c₋| / mol L⁻¹")
    for number, (label, (position, ions)) in enumerate(profiles.items()):
        axes.plot(position, ions, "-" if number % 2 == 0 else "--", color=_COLOURS[1 + number // 2], label=label)
    axes.set_ylim(bottom=0)
    axes.legend()
    return figure


@styled
def draw_peak_map(fall: Array, gammas: Sequence[float], scales: Sequence[float]) -> Figure:
    """Draw by what share the current falls behind its maximum, over gamma and the factor on Rc.

    Args:
        fall: shape (gammas, scales) [1].
        gammas: of the law.
        scales: factors on Rc.
    """
    figure, axes = new_axes(3.4, "γ", "factor on $R_c$")
    shares = fall.T
    mesh = axes.pcolormesh(np.arange(shares.shape[1] + 1), np.arange(shares.shape[0] + 1), shares, cmap="cividis")
    for row, column in np.ndindex(*shares.shape):
        share = shares[row, column]
        colour = "white" if share < 0.5 * shares.max() else "black"
        axes.text(column + 0.5, row + 0.5, f"{100 * share:.0f}", ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(np.arange(shares.shape[1]) + 0.5, [f"{value:g}" for value in gammas])
    axes.set_yticks(np.arange(shares.shape[0]) + 0.5, [f"{value:g}" for value in scales])
    figure.colorbar(mesh, ax=axes, format=PercentFormatter(1, decimals=0), label="fall behind the maximum")
    return figure
