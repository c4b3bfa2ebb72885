"""Charging and discharging at constant current between two potentials, as batteries are cycled.

ngspice is driven by a current source whose corners are the turning times, which the ladder's own equations give.
"""

import logging
import time as clock
from itertools import cycle, pairwise

import numpy as np
import xarray as xr

from ionspice.circuits.dialects.bench import STEPS_PER_RAMP, transient_bench
from ionspice.circuits.model.ladder import NanoCircuit
from ionspice.circuits.model.waveform import Waveform
from ionspice.circuits.simulation.legs import simulate_legs
from ionspice.circuits.simulation.ngspice import StoppedEarlyError
from ionspice.circuits.simulation.transient import run_transient, state_dataset
from ionspice.core import InputError, RunError
from ionspice.core.drives import GalvanostaticDrive

logger = logging.getLogger(__name__)

#: duration of a current reversal in units of the shortest possible half cycle
_FLANK = 1e-6


def simulate_galvanostatic(
    circuit: NanoCircuit, *, current: float, lower: float, upper: float, cycles: int = 1, steps: int = STEPS_PER_RAMP
) -> xr.Dataset:
    """Charge an empty half cell at `current` to `upper`, discharge it to `lower`, and so on.

    Args:
        circuit: the half cell.
        current: magnitude into the electrode, A/m.
        lower: potential at which charging starts again, V, below `upper`.
        upper: potential at which discharging starts, V, above 0.
        cycles: number of full cycles.
        steps: maximum steps in a half cycle, on the mean.

    Returns:
        Dataset as of `simulate`; the attribute `turning_times` (s) lists the reversals and the end.

    Raises:
        InputError: values out of order.
        RunError: ngspice is missing, or it and SciPy failed, or a limit is not reached.
    """
    _check(current, lower, upper, cycles)
    begin = clock.perf_counter()
    reference = simulate_legs(circuit, GalvanostaticDrive(current=current, lower=lower, upper=upper, cycles=cycles))
    turning = reference.attrs.pop("leg_ends")
    if not turning[-1] > 0:
        raise RunError(f"the potential steps past {upper:g} V at once (ohmic drop); lower the current")
    drive = _drive(turning, current)
    try:
        vectors, solver = run_transient(
            lambda effort: transient_bench(circuit, drive, steps=steps, current_drive=True, effort=effort),
            drive.duration,
        )
    except StoppedEarlyError as error:
        logger.warning("%s; SciPy takes its place", error)
        reference.attrs.update(wall_time=clock.perf_counter() - begin, turning_times=turning)
        return reference
    keep = np.flatnonzero(np.diff(vectors["time"], prepend=-1.0) > 1e-12 * turning[-1])
    dataset = state_dataset(
        circuit,
        time=vectors["time"][keep],
        electrode=vectors["el"][keep],
        current=drive.at(vectors["time"][keep]),
        nodes=np.stack([vectors[f"x1.n{i}"][keep] for i in range(circuit.layers)], axis=1),
    )
    dataset.attrs.update(wall_time=clock.perf_counter() - begin, turning_times=turning, solver=solver)
    return dataset


def _check(current: float, lower: float, upper: float, cycles: int) -> None:
    finite = np.isfinite([current, upper, lower]).all()
    if not (finite and current > 0 and upper > 0 and lower < upper and cycles >= 1):
        raise InputError(
            f"current = {current:g} A/m between {lower:g} and {upper:g} V for {cycles} cycles is not possible; "
            "give current > 0, lower < upper, upper > 0 and at least 1 cycle"
        )


def _drive(turning: list[float], current: float) -> Waveform:
    """Return the current (A/m) with reversals at the turning times, on short flanks.

    A half cycle whose ohmic drop passes its limit at once has no length.
    """
    ends = zip(pairwise([0.0, *turning]), cycle((current, -current)))
    pieces = [(begin, end, value) for (begin, end), value in ends if end > begin]
    time, value = [0.0], [pieces[0][2]]
    for (_, turn, before), (_, _, behind) in pairwise(pieces):
        if before != behind:
            time += [turn, turn + _FLANK * turn]
            value += [before, behind]
    return Waveform(time=np.array([*time, turning[-1]]), value=np.array([*value, pieces[-1][2]]))
