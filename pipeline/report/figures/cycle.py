"""Figures over the cycle: the voltammogram, net ions per slit, and the parts of the net-ion current.

Currents are positive where they charge a positive electrode; current densities are per projected electrode
area, that is per metre of depth divided by the strip width W.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ionspice.pipeline.report.figures.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    POTENTIAL,
    VERMILION,
    new_axes,
    scale_for,
    shown_slits,
    slit_colours,
    styled,
    time_axes,
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
    figure, axes = new_axes(3.7, POTENTIAL, f"current density / {unit}", zero=True)
    for curve in curves:
        axes.plot(curve.potential, curve.current_density * 1e-4 * factor, **model_line(curve.model))
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
    label = "net ions per nm of depth / nm$^{-1}$"
    figure, axes, factor = time_axes(3.4, label, time[-1], charging_end)
    named = shown_slits(ions.shape[1])
    for k, colour in enumerate(slit_colours(ions.shape[1])):
        axes.plot(time * factor, ions[:, k], color=colour, label=f"slit {k + 1}" if k in named else None)
    axes.legend(loc="best")
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
    figure, axes, time_factor = time_axes(3.1, f"net-ion current / {unit}", time[-1], charging_end)
    axes.axhline(0, color=MUTED, linewidth=0.6)
    axes.plot(time * time_factor, total * factor, color=INK, linewidth=2.2, alpha=0.55, label="sum")
    for name, part in parts.items():
        axes.plot(time * time_factor, part * factor, color=_PARTS[name], label=name)
    axes.legend(loc="best", ncols=2)
    return figure
