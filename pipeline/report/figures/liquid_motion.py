"""Figures of several runs together: Arrhenius' lines, spectra with normal modes, barriers."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import constants

from ionspice.core.quantities import split_heading
from ionspice.pipeline.report.figures.liquid import highest_states, legend_above, title_of
from ionspice.pipeline.report.figures.style import BLUE, MUTED, new_axes, new_figure, slit_colours, styled

#: temperature [K], value, lower and upper end of its interval, whether it is sure
type Point = tuple[float, float, float, float, bool]


@styled
def draw_arrhenius(
    points: Mapping[str, Sequence[Point]], lines: Mapping[str, tuple[float, float]], label: str
) -> Figure:
    """Draw coefficients over 1000/T with Arrhenius' lines; guesses of short runs are hollow.

    Args:
        points: by species.
        lines: by species the factor before, in the unit of the points, and E [eV].
        label: of the axis.
    """
    figure, axes = new_axes(2.8, "1000 K / T", label)
    for (name, known), colour in zip(points.items(), slit_colours(len(points)), strict=True):
        for temperature, value, low, high, sure in known:
            spread = [[max(0.0, value - max(low, 1e-3 * value))], [max(0.0, high - value)]]
            axes.errorbar(
                1e3 / temperature,
                value,
                spread,
                fmt="o",
                color=colour,
                markersize=4,
                elinewidth=0.8,
                label=title_of(name),
                markerfacecolor=colour if sure else "none",
            )
        if name in lines:
            factor, energy = lines[name]
            ends = np.array([min(known)[0], max(known)[0]])
            axes.plot(
                1e3 / ends, factor * np.exp(-energy * constants.e / (constants.k * ends)), color=colour, linewidth=0.9
            )
    axes.set_yscale("log")
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    axes.legend(unique.values(), unique.keys())
    return figure


@styled
def draw_spectrum(table: pd.DataFrame, modes: Mapping[str, Sequence[float]]) -> Figure:
    """Draw a vibrational density of states above its parts, and below it the normal modes of isolated molecules.

    Args:
        table: of vdos.csv.
        modes: frequencies [THz] by what vibrates and who says so; may be empty.
    """
    names = [split_heading(str(column))[0] for column in table.columns][1:]
    names = [name for name in names if not name.endswith(" error") and name != "all"]
    figure = new_figure(3.4 + 0.22 * len(modes))
    ratios = [1.0, 1.0, *([0.12 * len(modes) + 0.1] if modes else [])]
    whole, parts, *below = figure.subplots(len(ratios), 1, sharex=True, gridspec_kw={"height_ratios": ratios})
    frequency = table["frequency [THz]"]
    whole.plot(frequency, table["all [1/THz]"], color=BLUE)
    for name, colour in zip(names, slit_colours(len(names)), strict=True):
        parts.plot(frequency, table[f"{name} [1/THz]"], color=colour, label=title_of(name), linewidth=1.1)
    for axes, label in ((whole, "all"), (parts, "parts")):
        axes.set_ylim(bottom=0)
        axes.set_ylabel(f"states, {label} / THz⁻¹")
    legend_above(parts)
    for axes in below:
        _sticks(axes, modes)
    last = (below or [parts])[-1]
    last.set_xlim(0, max([1.15 * highest_states(table), *(1.05 * max(lines) for lines in modes.values() if lines)]))
    last.set_xlabel("frequency / THz")
    return figure


def _sticks(axes, modes: Mapping[str, Sequence[float]]) -> None:  # type: ignore[no-untyped-def]
    for row, (lines, colour) in enumerate(zip(modes.values(), slit_colours(len(modes)), strict=True)):
        axes.vlines([line for line in lines if line > 0], -row - 0.4, -row + 0.4, color=colour, linewidth=0.9)
    axes.set_yticks([-row for row in range(len(modes))], list(modes), fontsize=7)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(0.7 - len(modes) - 0.2, 0.7)


@styled
def draw_barriers(paths: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> Figure:
    """Draw energies along reaction paths.

    Args:
        paths: coordinate [angstrom] and energy [eV] of the images, by who says so.
    """
    figure, axes = new_axes(2.6, "reaction coordinate / Å", "energy / eV")
    axes.axhline(0, color=MUTED, linewidth=0.6)
    for (name, (coordinate, energies)), colour in zip(paths.items(), slit_colours(len(paths)), strict=True):
        values = np.asarray(energies, dtype=float)
        axes.plot(coordinate, values - values[0], "o-", color=colour, markersize=4, label=name)
    axes.legend()
    return figure
