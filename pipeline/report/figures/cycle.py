"""Figures over the cycle: the voltammogram, net ions per slit, and the parts of the net-ion current.

Currents are positive where they charge a positive electrode; current densities are per projected electrode
area, that is per metre of depth divided by the strip width W.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ionspice.pipeline.report.figures.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    VERMILION,
    new_figure,
    scale_for,
    shown_slits,
    slit_colours,
    styled,
)

type Array = NDArray[np.float64]

_PARTS = {"diffusion": BLUE, "migration": VERMILION, "steric": GREEN}
_MODELS = {"mPNP": (INK, "-"), "NCM": (BLUE, "-"), "TLM": (VERMILION, "--")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voltammogram:
    """One model's current over the cycle."""

    model: str  #: mPNP, NCM, TLM or a variant of them
    potential: Array  #: electrode potential phi_m [V]
    current_density: Array  #: per projected electrode area [A/m^2]


@styled
def draw_voltammograms(curves: tuple[Voltammogram, ...]) -> Figure:
    """Draw current density against electrode potential, the field model in ink."""
    factor, unit = scale_for(np.concatenate([c.current_density for c in curves]) * 1e-4, "A/cm^2")
    figure = new_figure(3.7)
    axes = figure.add_subplot()
    axes.axhline(0, color=MUTED, linewidth=0.6)
    for curve in curves:
        axes.plot(curve.potential, curve.current_density * 1e-4 * factor, **model_line(curve.model))
    axes.set_xlabel("electrode potential $\\varphi_m$ / V")
    axes.set_ylabel(f"current density / {unit}")
    axes.legend(loc="best")
    return figure


def model_line(model: str) -> dict[str, Any]:
    """Return how a model's line is drawn, as keywords of `Axes.plot`; the field model is broad and pale."""
    colour, line = _MODELS.get(model, (GREEN, "-."))
    field = model == "mPNP"
    width, alpha = (2.4, 0.55) if field else (1.4, 1.0)
    return {"color": colour, "linestyle": line, "linewidth": width, "alpha": alpha, "label": model}


@styled
def draw_net_ions_in_time(time: Array, ions: Array, charging_end: float) -> Figure:
    """Draw the net ions of every slit over time.

    Args:
        time: shape (time,) [s].
        ions: cations minus anions per nanometre of depth, shape (time, slit) [1/nm].
        charging_end: end of the first charging ramp [s].
    """
    figure = new_figure(3.4)
    axes, factor = _time_axes(figure, time, charging_end)
    _draw_slits(axes, time * factor, ions)
    axes.set_ylabel("net ions per nm of depth / nm$^{-1}$")
    return figure


@styled
def draw_flux_parts(time: Array, parts: dict[str, Array], charging_end: float) -> Figure:
    """Draw diffusion, migration and steric parts of a net-ion current and their sum over time.

    Args:
        time: shape (time,) [s].
        parts: net-ion current per part, shape (time,) each [A/m].
        charging_end: end of the first charging ramp [s].
    """
    total = np.sum(list(parts.values()), axis=0)
    factor, unit = scale_for([*parts.values(), total], "A/m")
    figure = new_figure(3.1)
    axes, time_factor = _time_axes(figure, time, charging_end)
    axes.axhline(0, color=MUTED, linewidth=0.6)
    axes.plot(time * time_factor, total * factor, color=INK, linewidth=2.2, alpha=0.55, label="sum")
    for name, part in parts.items():
        axes.plot(time * time_factor, part * factor, color=_PARTS[name], label=name)
    axes.set_ylabel(f"net-ion current / {unit}")
    axes.legend(loc="best", ncols=2)
    return figure


def _time_axes(figure: Figure, time: Array, charging_end: float) -> tuple[Axes, float]:
    factor, unit = scale_for(charging_end, "s")
    axes = figure.add_subplot()
    axes.axvline(charging_end * factor, color=MUTED, linewidth=0.6, linestyle=(0, (2, 2)))
    axes.set_xlim(0, time[-1] * factor)
    axes.set_xlabel(f"time / {unit}")
    return axes, factor


def _draw_slits(axes: Axes, time: Array, values: Array) -> None:
    count = values.shape[1]
    named = shown_slits(count)
    for k, colour in enumerate(slit_colours(count)):
        axes.plot(time, values[:, k], color=colour, label=f"slit {k + 1}" if k in named else None)
    axes.legend(loc="best")
