"""Figures of an impedance spectrum: Nyquist and Bode."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from ionspice.pipeline.report.figures.style import BLUE, VERMILION, new_figure, scale_for, styled


@styled
def draw_impedance(spectrum: xr.Dataset) -> Figure:
    """Draw a Nyquist plot with equal scales above a Bode plot of modulus and phase.

    Args:
        spectrum: as of `ionspice.circuits.simulate_impedance`.
    """
    frequency = spectrum["frequency"].to_numpy()
    impedance = spectrum["impedance_real"].to_numpy() + 1j * spectrum["impedance_imaginary"].to_numpy()
    figure = new_figure(7.2)
    nyquist, bode = figure.subplots(2, 1, height_ratios=(3, 2))
    factor, unit = scale_for(np.abs(impedance), spectrum["impedance_real"].attrs["units"])
    real, imaginary = impedance.real * factor, -impedance.imag * factor
    nyquist.plot(real, imaginary, "o-", color=BLUE, markersize=3, linewidth=1)
    reach = 1.5 * float(real.max())  # the capacitive end would hide everything else
    nyquist.set_xlim(0, reach)
    nyquist.set_ylim(0, reach)
    nyquist.set_aspect("equal")
    nyquist.set_xlabel(f"Re Z / {unit}")
    nyquist.set_ylabel(f"−Im Z / {unit}")
    bode.loglog(frequency, np.abs(impedance) * factor, color=BLUE)
    bode.set_xlabel("frequency / Hz")
    bode.set_ylabel(f"|Z| / {unit}", color=BLUE)
    phase = bode.twinx()
    phase.spines["right"].set_visible(True)
    phase.plot(frequency, np.degrees(np.angle(impedance)), "--", color=VERMILION)
    phase.set_ylim(-95, 5)
    phase.set_ylabel("phase / °", color=VERMILION)
    return figure
