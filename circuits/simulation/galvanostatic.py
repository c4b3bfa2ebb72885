"""Charging and discharging at constant current between two potentials, as batteries are cycled.

ngspice is driven by a current source whose corners are the turning times. Those are found in turn: a run with the
turning times known so far and a last piece that is long enough tells when the potential crosses the next limit.
"""

import time as clock

import numpy as np
import xarray as xr

from ionspice.circuits.dialects.bench import STEPS_PER_RAMP, transient_bench
from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.ladder import NanoCircuit, slit_charges
from ionspice.circuits.model.waveform import Waveform
from ionspice.circuits.simulation.transient import run_transient, state_dataset
from ionspice.core import InputError, RunError

#: duration of a current reversal in units of the shortest possible half cycle
_FLANK = 1e-6
#: where the search for a turning time keeps the potential, in units of the larger limit
_CLAMP = 1.02


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
        RunError: ngspice failed, or a limit is not reached.
    """
    _check(current, lower, upper, cycles)
    begin = clock.perf_counter()
    span = max(upper, upper - lower)
    voltage = np.full(circuit.slits, span)
    capacity = float(slit_charges(circuit, voltage).sum()) + circuit.open_capacitance * span
    turning: list[float] = []
    for half in range(2 * cycles):
        turning.append(_next_turn(circuit, turning, current, lower, upper, 1.5 * capacity / current, half, steps))
    drive = _drive(turning, current)
    vectors, solver = run_transient(
        lambda effort: transient_bench(circuit, drive, steps=steps, current_drive=True, effort=effort), drive.duration
    )
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


def _next_turn(
    circuit: NanoCircuit,
    turning: list[float],
    current: float,
    lower: float,
    upper: float,
    longest: float,
    half: int,
    steps: int,
) -> float:
    """Return when the potential crosses the limit of half cycle `half`, s."""
    last = turning[-1] if turning else 0.0
    drive = _drive([*turning, last + longest], current)
    clamp = _CLAMP * max(abs(upper), abs(lower))
    vectors, _ = run_transient(
        lambda effort: transient_bench(circuit, drive, steps=steps, current_drive=True, clamp=clamp, effort=effort),
        drive.duration,
    )
    time, potential = vectors["time"], vectors["el"]
    sign, limit = (1, upper) if half % 2 == 0 else (-1, lower)
    beyond = np.flatnonzero((time > last * (1 + 2 * _FLANK)) & (sign * (potential - limit) >= 0))
    if beyond.size == 0:
        raise RunError(
            f"the cell did not reach {limit:g} V within {longest:g} s; raise the current or move the limit"
        )
    k = int(beyond[0])
    if k == 0 or sign * (potential[k - 1] - limit) >= 0:
        raise RunError(f"the potential steps past {limit:g} V at once (ohmic drop); lower the current")
    return float(np.interp(0.0, sign * (potential[k - 1 : k + 1] - limit), time[k - 1 : k + 1]))


def _drive(turning: list[float], current: float) -> Waveform:
    """Return the current (A/m) with reversals at the turning times, on short flanks."""
    time: list[float] = [0.0]
    value: list[float] = [current]
    sign = 1.0
    for turn in turning[:-1]:
        flank = _FLANK * turn
        time += [turn, turn + flank]
        value += [sign * current, -sign * current]
        sign = -sign
    times: FloatArray = np.array([*time, turning[-1]])
    return Waveform(time=times, value=np.array([*value, sign * current]))
