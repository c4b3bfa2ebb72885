"""Figures of a liquid's trajectories: structure, vibrations, displacements, species, activation."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ionspice.core.quantities import split_heading
from ionspice.pipeline.report.figures.style import BLUE, MUTED, VERMILION, new_axes, new_figure, slit_colours, styled

#: a formula's digits, and the sign at the end of a name
_DIGITS, _CHARGE = re.compile(r"(\d+)"), re.compile(r"[+-]$")
#: curves of a panel
_MOST = 6
#: share of the states that a spectrum shows; beyond lies a thermostat's noise
_SHOWN = 0.98


def title_of(name: str) -> str:
    """Return a species' name with digits below the line and a charge above it."""
    charge = _CHARGE.search(name)
    body = name[: charge.start()] if charge else name
    above = f"$^{{{charge[0].replace('-', chr(0x2212))}}}$" if charge else ""
    return _DIGITS.sub(r"$_{\1}$", body) + above


def pair_title(pair: str) -> str:
    """Return a pair of elements as it is set: Al−Cl."""
    return pair.replace("-", "−")


@styled
def draw_radial(table: pd.DataFrame, pairs: Sequence[str] = ()) -> Figure:
    """Draw radial distribution functions, the pairs given or the six with the highest peaks.

    Args:
        table: of radial.csv.
        pairs: such as Al-Cl.
    """
    known = [name[2:] for name in _names(table) if name.startswith("g ") and not name.endswith(" error")]
    chosen = [pair for pair in (pairs or known) if pair in known]
    if not pairs:
        chosen = sorted(chosen, key=lambda pair: -table[f"g {pair} [1]"].max())[:_MOST]
    figure, axes = new_axes(2.6, "r / Å", "g(r)")
    axes.axhline(1, color=MUTED, linewidth=0.6)
    for pair, colour in zip(chosen, slit_colours(len(chosen)), strict=True):
        axes.plot(table["r [angstrom]"], table[f"g {pair} [1]"], color=colour, label=pair_title(pair))
    axes.set_xlim(0, float(table["r [angstrom]"].max()))
    axes.set_ylim(bottom=0)
    axes.legend()
    return figure


@styled
def draw_vibrations(table: pd.DataFrame) -> Figure:
    """Draw vibrational densities of states, the whole above its parts.

    Args:
        table: of vdos.csv.
    """
    names = [name for name in _names(table)[1:] if not name.endswith(" error") and name != "all"]
    figure = new_figure(3.6)
    whole, parts = figure.subplots(2, 1, sharex=True)
    frequency = table["frequency [THz]"]
    whole.plot(frequency, table["all [1/THz]"], color=BLUE)
    for name, colour in zip(names, slit_colours(len(names)), strict=True):
        parts.plot(frequency, table[f"{name} [1/THz]"], color=colour, label=title_of(name), linewidth=1.1)
    parts.set_xlim(0, 1.15 * highest_states(table))
    for axes, label in ((whole, "all"), (parts, "parts")):
        axes.set_ylim(bottom=0)
        axes.set_ylabel(f"states, {label} / THz⁻¹")
    parts.set_xlabel("frequency / THz")
    legend_above(parts)
    return figure


def legend_above(axes: Axes, columns: int = 4) -> None:
    """Draw the legend of curves that fill their panel above them."""
    rows = -(-len(axes.get_legend_handles_labels()[0]) // columns)
    axes.set_ylim(0, axes.get_ylim()[1] * (1 + 0.2 * rows))
    axes.legend(ncols=columns, loc="upper center")


def highest_states(table: pd.DataFrame) -> float:
    """Return the frequency [THz] below which nearly all states lie.

    Args:
        table: of vdos.csv.
    """
    below = table["all [1/THz]"].clip(lower=0).cumsum().to_numpy()
    return float(table["frequency [THz]"].iloc[np.searchsorted(below, _SHOWN * below[-1])])


@styled
def draw_displacements(table: pd.DataFrame) -> Figure:
    """Draw mean squared displacements on logarithmic axes with the slope of diffusion.

    Args:
        table: of msd.csv.
    """
    names = [name for name in _names(table)[1:] if not name.endswith(" error") and name != "charge"]
    figure, axes = new_axes(2.8, "time / ps", "mean squared displacement / Å²")
    lag = table["lag [ps]"]
    for name, colour in zip(names, slit_colours(len(names)), strict=True):
        values, errors = (table[f"{name}{part} [angstrom^2]"] for part in ("", " error"))
        axes.plot(lag, values, color=colour, label=title_of(name))
        axes.fill_between(
            lag, np.maximum(values - 2 * errors, 0.5 * values), values + 2 * errors, color=colour, alpha=0.15
        )
    _guide(axes, lag.to_numpy(), table[f"{names[0]} [angstrom^2]"].to_numpy())
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.legend()
    return figure


def _guide(axes: Axes, lag: np.ndarray, values: np.ndarray) -> None:
    """Draw the slope 1 below a curve's end."""
    ends = np.array([lag[-1] / 10, lag[-1]])
    axes.plot(ends, 0.4 * values[-1] * ends / ends[-1], color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))


@styled
def draw_structure(table: pd.DataFrame) -> Figure:
    """Draw the structure factors of charge and number.

    Args:
        table: of structure.csv.
    """
    figure, axes = new_axes(2.6, "k / Å⁻¹", "structure factor")
    axes.axhline(1, color=MUTED, linewidth=0.6)
    for name, colour, label in (("S_qq", BLUE, "$S_{qq}$, charge"), ("S_NN", VERMILION, "$S_{NN}$, number")):
        axes.errorbar(
            table["k [1/angstrom]"],
            table[f"{name} [1]"],
            table[f"{name} error [1]"],
            fmt=".",
            color=colour,
            markersize=3,
            elinewidth=0.7,
            label=label,
        )
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.legend()
    return figure


@styled
def draw_species(table: pd.DataFrame) -> Figure:
    """Draw numbers of clusters in time above the conversions up to it.

    Args:
        table: of species.csv.
    """
    events = ("lasting conversions", "all conversions")
    names = [name for name in _names(table)[1:] if name not in events]
    names = sorted(names, key=lambda name: -table[f"{name} [1]"].mean())[:_MOST]
    figure = new_figure(3.6)
    counts, conversions = figure.subplots(2, 1, sharex=True)
    time = table["time [ps]"]
    for name, colour in zip(names, slit_colours(len(names)), strict=True):
        counts.plot(time, table[f"{name} [1]"], color=colour, label=title_of(name), drawstyle="steps-post")
    for name, colour in zip(events, (BLUE, MUTED), strict=True):
        conversions.plot(time, table[f"{name} [1]"], color=colour, label=name.split()[0], drawstyle="steps-post")
    counts.set_ylabel("clusters")
    conversions.set_ylabel("conversions")
    conversions.set_xlabel("time / ps")
    # room for the legend above the curves
    counts.set_ylim(0, 1.5 * max(float(table[f"{name} [1]"].max()) for name in names))
    counts.legend(ncols=3, loc="upper center")
    conversions.set_ylim(bottom=0)
    conversions.legend()
    return figure


def _names(table: pd.DataFrame) -> list[str]:
    return [split_heading(str(column))[0] for column in table.columns]
