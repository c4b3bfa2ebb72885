"""Circuits under the drives that the field model knows, and bands of their current over parameter errors."""

import math
from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ionspice.circuits.model.ladder import NanoCircuit
from ionspice.circuits.model.waveform import Waveform
from ionspice.circuits.simulation.ensemble import current_band, simulate_many
from ionspice.circuits.simulation.galvanostatic import simulate_galvanostatic
from ionspice.circuits.simulation.legs import simulate_legs
from ionspice.circuits.simulation.transient import simulate, stack_models
from ionspice.core import InputError
from ionspice.core.drives import (
    CaseDrive,
    ConstantCurrent,
    GalvanostaticDrive,
    LegSequence,
    SineDrive,
    TriangularDrive,
    keeps_time,
)

_JUMP = 1e-9  # of a run: flank of a jump at its start
_JUMP_SHARE = 1e-3  # of a leg, its longest flank
_NO_JUMP = 1e-12  # of the swing
_CURVE_POINTS = 200  # in a period of a sine: straight lines are then within 2e-4 of it


def drive_circuits(models: Mapping[str, NanoCircuit], drive: CaseDrive) -> xr.Dataset:
    """Return the states of circuits of equal size by name, dimension `model`, under one drive.

    A constant current leaves the potential to each model: `electrode_potential` then has the dimension `model`
    too, values are NaN after a model's end, and `turning_time(model, turn)` (s) lists reversals and end. So it is,
    without `turning_time`, where a protocol prescribes currents or ends steps by them.

    Raises:
        RunError: ngspice is missing or failed, or a constant current does not reach its limits.
    """
    if isinstance(drive, LegSequence) and not (keeps_time(drive) and drive.start == 0):
        runs = {name: simulate_legs(model, drive) for name, model in models.items()}
        return stack_models(runs, common_potential=keeps_time(drive))
    if not isinstance(drive, GalvanostaticDrive):
        waveform = waveform_of(drive)
        return stack_models({name: simulate(model, waveform) for name, model in models.items()})
    runs = {
        name: simulate_galvanostatic(
            model, current=drive.current, lower=drive.lower, upper=drive.upper, cycles=drive.cycles
        )
        for name, model in models.items()
    }
    stacked = stack_models(runs, common_potential=False)
    turns = np.array([run.attrs["turning_times"] for run in runs.values()])
    stacked["turning_time"] = (("model", "turn"), turns, {"units": "s", "long_name": "reversals and end"})
    return stacked


def current_bands(models: Mapping[str, list[NanoCircuit]], drive: CaseDrive, time: NDArray[np.float64]) -> xr.Dataset:
    """Return between which currents 95 % of the circuits lie, at `time` (s).

    Returns:
        `electrode_current_low(model, time)` and `electrode_current_high(model, time)`, A/m.

    Raises:
        InputError: a drive that leaves times to the cell.
        RunError: ngspice is missing or failed.
    """
    if not keeps_time(drive) or drive.start:
        raise InputError(
            "bands are of the current under a given potential from 0 V on; leave --samples out or use another drive "
            "than a current, a protocol whose steps the cell ends, or one that starts charged"
        )
    waveform = waveform_of(drive)
    bands = [current_band(list(simulate_many(circuits, waveform)), time) for circuits in models.values()]
    both = xr.concat(bands, dim="model", combine_attrs="drop_conflicts").assign_coords(model=list(models))
    return both[["low", "high"]].rename(low="electrode_current_low", high="electrode_current_high")


def waveform_of(drive: CaseDrive) -> Waveform:
    """Return the straight lines on which a potential runs, or is taken to run if it is a sine or jumps.

    Raises:
        InputError: the potential at every time is not known beforehand.
    """
    if isinstance(drive, GalvanostaticDrive) or not keeps_time(drive):
        raise InputError(
            "the drive prescribes a current, or the cell ends some of its steps, so that its potential is not known "
            "beforehand; use another drive"
        )
    if isinstance(drive, LegSequence):
        return _waveform_of_legs(drive)
    end = drive.corners[-1]
    times = np.array([0.0, *drive.corners])
    if isinstance(drive, SineDrive):
        times = np.linspace(0.0, end, _CURVE_POINTS * drive.cycles + 1)
    elif not isinstance(drive, TriangularDrive):  # it may jump at the start
        times = np.union1d(times, [_JUMP * end])
    return Waveform(time=times, value=np.array([drive.potential(time) for time in times]))


def _waveform_of_legs(drive: LegSequence) -> Waveform:
    """Return the straight lines of holds and sweeps, with flanks where the potential jumps."""
    legs = [leg for leg in drive.legs if leg.duration > 0]
    flank = _JUMP * math.fsum(leg.duration for leg in legs)
    times, values = [0.0], [drive.start]
    for leg in legs:
        assert not isinstance(leg.control, ConstantCurrent)
        begin, first, last = times[-1], leg.control.potential(0.0), leg.control.potential(leg.duration)
        if abs(first - values[-1]) > _NO_JUMP * drive.swing:
            times.append(begin + min(flank, _JUMP_SHARE * leg.duration))
            values.append(first)
        times.append(begin + leg.duration)
        values.append(last)
    return Waveform(time=np.array(times), value=np.array(values))
