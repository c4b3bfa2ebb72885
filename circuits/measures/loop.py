"""What the loop of a voltammogram shows: asymmetry and peaks.

A linear circuit under a periodic triangle answers with i(t + T/2) = -i(t), because the drive less its mean does.
The half-wave symmetric part

    i_s(t) = [i(t) + i(t + T/2)] / 2

is therefore zero for a transmission line with any parameters, and the rms of i_s is the least error that any of them
can have on the loop. On the rising flank a linear ladder's current only grows (exact ladder: a sum of rising
exponentials), so a current peak without redox is a mark of the nonlinear resistors as well.
"""

import numpy as np
import xarray as xr

from ionspice.circuits.model.charge import FloatArray
from ionspice.core import InputError

_POINTS = 1000


def loop_asymmetry(current: xr.DataArray, half_cycle: float) -> float:
    """Return rms(i_s) / rms(i) of the last cycle, 1; half-wave antisymmetric loops have 0.

    Args:
        current: electrode current, A/m, with the coordinate `time` (s), of an integer number of cycles.
        half_cycle: s.

    Raises:
        InputError: the run is shorter than a cycle.
    """
    rising, falling = _last_cycle(current, half_cycle)
    return float(np.sqrt(np.mean((rising + falling) ** 2) / 2 / np.mean(rising**2 + falling**2)))


def peak_prominence(current: xr.DataArray, half_cycle: float) -> float:
    """Return by what share of its maximum the current has fallen at the end of the last rising flank, 1.

    Args:
        current: electrode current, A/m, with the coordinate `time` (s), of an integer number of cycles.
        half_cycle: s.

    Raises:
        InputError: the run is shorter than a cycle.
    """
    rising, _ = _last_cycle(current, half_cycle)
    return float(1 - rising[-1] / rising.max())


def _last_cycle(current: xr.DataArray, half_cycle: float) -> tuple[FloatArray, FloatArray]:
    """Return the current on the rising and on the falling flank of the last cycle, each at equal times."""
    time = current["time"].to_numpy()
    cycles = round(time[-1] / (2 * half_cycle))
    if cycles < 1:
        raise InputError(f"the run ends at {time[-1]:g} s, before one cycle of {2 * half_cycle:g} s")
    within = (np.arange(_POINTS) + 0.5) / _POINTS * half_cycle
    start = 2 * (cycles - 1) * half_cycle
    rising, falling = (np.interp(start + k * half_cycle + within, time, current.to_numpy()) for k in (0, 1))
    return rising, falling
