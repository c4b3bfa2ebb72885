"""The current between two reservoirs over their potential difference."""

import numpy as np
from matplotlib.figure import Figure

from ionspice.pipeline.report.figures.style import INK, MUTED, new_axes, scale_for, slit_colours, styled
from ionspice.pipeline.results.permeation import CurrentVoltage


@styled
def draw_current_voltage(curve: CurrentVoltage) -> Figure:
    """Draw the current in ink, and that of every ion."""
    factor, unit = scale_for(np.column_stack([curve.current, curve.species_current]), curve.unit)
    figure, axes = new_axes(3.4, "potential of the second reservoir / V", f"current / {unit}", zero=True)
    axes.axvline(0, color=MUTED, linewidth=0.6)
    axes.plot(curve.potential, curve.current * factor, color=INK, linewidth=2.2, alpha=0.55, label="all")
    for k, colour in enumerate(slit_colours(len(curve.species))):
        if curve.species_current[:, k].any():
            axes.plot(curve.potential, curve.species_current[:, k] * factor, color=colour, label=curve.species[k])
    axes.legend(loc="best")
    return figure
