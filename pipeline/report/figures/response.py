"""How models answer a drive: voltammograms, current after a step, potential at constant current."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ionspice.pipeline.report.figures.cycle import Array, Voltammogram, draw_voltammograms, model_line
from ionspice.pipeline.report.figures.style import MUTED, POTENTIAL, new_axes, new_figure, scale_for, styled

_LASTING = 1000  # parts of a run; a current that lasts for less than one is a jump's


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Voltammogram):
    """One model's current and potential over time."""

    time: Array  #: [s]
    band: tuple[Array, Array] | None = None  #: lowest and highest current density over parameter errors [A/m^2]


def responses(run: xr.Dataset, strip_width: float) -> tuple[Response, ...]:
    """Return the models of a circuit run, as of circuit.nc.

    Args:
        run: with `electrode_current(model, time)` [A/m] and `electrode_potential` [V].
        strip_width: metres of electrode per metre of depth and length [m].
    """
    found = []
    for model in run["model"].values:
        one = run.sel(model=model).dropna("time", subset=["electrode_current"])  # every model has an end of its own
        band = None
        if "electrode_current_low" in one:
            low, high = one["electrode_current_low"].values, one["electrode_current_high"].values
            band = low / strip_width, high / strip_width
        found.append(
            Response(
                model=str(model),
                time=one["time"].values,
                potential=one["electrode_potential"].values,
                current_density=one["electrode_current"].values / strip_width,
                band=band,
            )
        )
    return tuple(found)


@styled
def draw_responses(curves: tuple[Response, ...], kind: str) -> Figure:
    """Draw what the drive leaves open.

    Args:
        curves: the models.
        kind: of the drive, as in [drive]: `step` draws the current over time, `current` the potential over time,
            `protocol` both, the others the current over the potential.
    """
    if kind == "protocol":
        return draw_courses(curves)
    if kind not in ("step", "current"):
        figure = draw_voltammograms(curves)
        factor, _ = scale_for(np.concatenate([c.current_density for c in curves]) * 1e-4, "A/cm^2")
        for curve in curves:
            _shade(figure.axes[0], curve, curve.potential, factor)
        return figure
    factor, unit = scale_for(max(float(c.time[-1]) for c in curves), "s")
    figure, axes = new_axes(3.4, f"time / {unit}", POTENTIAL, zero=True)
    if kind == "current":
        for curve in curves:
            axes.plot(curve.time * factor, curve.potential, **model_line(curve.model))
    else:
        # The jump itself charges the open double layer at once; the scale is that of what follows.
        shown = [c.current_density[c.time > 0.01 * c.time[-1]] for c in curves]
        density, density_unit = scale_for(np.concatenate(shown) * 1e-4, "A/cm^2")
        axes.set_ylabel(f"current density / {density_unit}")
        for curve in curves:
            axes.plot(curve.time * factor, curve.current_density * 1e-4 * density, **model_line(curve.model))
            _shade(axes, curve, curve.time * factor, density)
        top = max(float(values.max()) for values in shown) * 1e-4 * density
        axes.set_ylim(min(0.0, *(float(values.min()) * 1e-4 * density for values in shown)), 1.1 * top)
    axes.legend(loc="best")
    return figure


@styled
def draw_courses(curves: tuple[Response, ...]) -> Figure:
    """Draw potential and current over time, one above the other.

    The scale of the current is that of what lasts: jumps charge the double layer at once and leave the figure.
    """
    time, time_unit = scale_for(max(float(c.time[-1]) for c in curves), "s")
    lasting = [
        np.interp(np.linspace(c.time[0], c.time[-1], _LASTING)[1:], c.time, c.current_density) * 1e-4 for c in curves
    ]
    density, density_unit = scale_for(np.concatenate(lasting), "A/cm^2")
    figure = new_figure(4.6)
    above, below = figure.subplots(2, 1, sharex=True)
    for curve in curves:
        above.plot(curve.time * time, curve.potential, **model_line(curve.model))
        below.plot(curve.time * time, curve.current_density * 1e-4 * density, **model_line(curve.model))
        _shade(below, curve, curve.time * time, density)
    low, high = (density * float(limit(np.concatenate(lasting))) for limit in (np.min, np.max))
    margin = 0.05 * ((high - low) or 1.0)
    below.set_ylim(low - margin, high + margin)
    below.axhline(0, color=MUTED, linewidth=0.6)
    above.set_ylabel(POTENTIAL)
    below.set_ylabel(f"current density / {density_unit}")
    below.set_xlabel(f"time / {time_unit}")
    above.legend(loc="best")
    return figure


def _shade(axes: Axes, curve: Response, abscissa: Array, factor: float) -> None:
    if curve.band is not None:
        low, high = (edge * 1e-4 * factor for edge in curve.band)
        axes.fill_between(abscissa, low, high, color=model_line(curve.model)["color"], alpha=0.25, linewidth=0)
