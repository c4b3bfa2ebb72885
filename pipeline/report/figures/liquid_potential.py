"""How well a potential says what its teacher says: parity, learning curve, rounds of refining."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from ionspice.pipeline.report.figures.style import BLUE, MUTED, VERMILION, new_axes, new_figure, slit_colours, styled

#: points of a panel; more of them look alike
_MOST = 4000
#: range of an axis that is logarithmic, as a ratio
_WIDE = 10

type Pairs = Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]]


@styled
def draw_parity(energies: Pairs, forces: Pairs) -> Figure:
    """Draw the potential's energies and forces over the teacher's.

    Args:
        energies: the teacher's and the potential's [eV/atom] by composition; each is drawn from its mean on.
        forces: components [eV/angstrom] likewise.
    """
    figure = new_figure(2.7)
    left, right = figure.subplots(1, 2)
    shifted = {name: (one - one.mean(), other - one.mean()) for name, (one, other) in energies.items() if len(one)}
    _parity(left, {name: (1e3 * one, 1e3 * other) for name, (one, other) in shifted.items()}, "energy / meV per atom")
    _parity(right, forces, "force / eV Å⁻¹")
    right.legend(*left.get_legend_handles_labels(), markerscale=3, loc="upper left", handletextpad=0.2)
    return figure


def _parity(axes: Axes, pairs: Pairs, label: str) -> None:
    rng = np.random.default_rng(1)
    for (name, (teacher, potential)), colour in zip(pairs.items(), slit_colours(len(pairs)), strict=True):
        shown = rng.permutation(len(teacher))[: _MOST // max(1, len(pairs))]
        axes.scatter(teacher[shown], potential[shown], s=3, color=colour, label=name, linewidths=0, rasterized=True)
    reach = [min(axes.get_xlim()[0], axes.get_ylim()[0]), max(axes.get_xlim()[1], axes.get_ylim()[1])]
    axes.plot(reach, reach, color=MUTED, linewidth=0.6, zorder=0)
    axes.set_xlim(*reach)
    axes.set_ylim(*reach)
    axes.set_xlabel(f"teacher's {label}")
    axes.set_ylabel("potential's")
    axes.set_aspect("equal")


@styled
def draw_learning(frames: Sequence[float], force: Sequence[float], energy: Sequence[float]) -> Figure:
    """Draw errors on frames held out over the number of frames learnt from.

    Args:
        frames: numbers.
        force: errors [eV/angstrom].
        energy: errors [eV/atom].
    """
    figure, axes = new_axes(2.4, "frames learnt from", "force error / eV Å⁻¹")
    axes.plot(frames, force, "o-", color=BLUE, markersize=4)
    axes.yaxis.label.set_color(BLUE)
    milli = 1e3 * np.asarray(energy, dtype=float)
    other = axes.twinx()
    other.plot(frames, milli, "s--", color=VERMILION, markersize=4)
    other.set_ylabel("energy error / meV per atom", color=VERMILION)
    other.spines["right"].set_visible(True)
    if max(frames) > _WIDE * min(frames):  # else ticks of powers stand on each other
        axes.set_xscale("log")
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    for one, errors in ((axes, force), (other, milli)):
        if max(errors) > _WIDE * min(errors):
            one.set_yscale("log")
        else:
            one.set_ylim(0, 1.1 * max(errors))
    return figure


@styled
def draw_comparison(
    curves: Sequence[tuple[str, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]],
) -> Figure:
    """Draw radial distributions of the potential over the teacher's.

    Args:
        curves: title, r [angstrom], the potential's and the teacher's g of each.
    """
    figure = new_figure(1.3 * len(curves) + 0.5)
    panels = figure.subplots(len(curves), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (title, r, ours, teachers) in zip(panels, curves, strict=True):
        axes.plot(r, teachers, color=MUTED, linewidth=2.6, label="teacher")
        axes.plot(r, ours, color=BLUE, linewidth=1.1, label="potential")
        axes.set_ylabel(f"g, {title}", fontsize=8)
        axes.set_ylim(bottom=0)
    panels[0].legend(ncols=2, loc="upper right")
    panels[-1].set_xlabel("r / Å")
    return figure
