"""Circuits under the drives that the field model knows, and bands of their current over parameter errors."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ionspice.circuits.model.ladder import NanoCircuit
from ionspice.circuits.model.waveform import Waveform
from ionspice.circuits.simulation.ensemble import current_band, simulate_many
from ionspice.circuits.simulation.galvanostatic import simulate_galvanostatic
from ionspice.circuits.simulation.transient import simulate, stack_models
from ionspice.core import InputError
from ionspice.core.drives import GalvanostaticDrive, PotentialDrive, SineDrive, TriangularDrive

_JUMP = 1e-9  # of a run: flank of a jump at its start
_CURVE_POINTS = 200  # in a period of a sine: straight lines are then within 2e-4 of it


def drive_circuits(models: Mapping[str, NanoCircuit], drive: PotentialDrive | GalvanostaticDrive) -> xr.Dataset:
    """Return the states of circuits of equal size by name, dimension `model`, under one drive.

    A constant current leaves the potential to each model: `electrode_potential` then has the dimension `model`
    too, values are NaN after a model's end, and `turning_time(model, turn)` (s) lists reversals and end.

    Raises:
        RunError: ngspice is missing or failed, or a constant current does not reach its limits.
    """
    if not drive.prescribes_current:
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


def current_bands(
    models: Mapping[str, list[NanoCircuit]], drive: PotentialDrive | GalvanostaticDrive, time: NDArray[np.float64]
) -> xr.Dataset:
    """Return between which currents 95 % of the circuits lie, at `time` (s).

    Returns:
        `electrode_current_low(model, time)` and `electrode_current_high(model, time)`, A/m.

    Raises:
        InputError: a drive that prescribes the current.
        RunError: ngspice is missing or failed.
    """
    if drive.prescribes_current:
        raise InputError(
            'bands are of the current, which kind = "current" prescribes; leave --samples out or use another drive'
        )
    waveform = waveform_of(drive)
    bands = [current_band(list(simulate_many(circuits, waveform)), time) for circuits in models.values()]
    both = xr.concat(bands, dim="model", combine_attrs="drop_conflicts").assign_coords(model=list(models))
    return both[["low", "high"]].rename(low="electrode_current_low", high="electrode_current_high")


def waveform_of(drive: PotentialDrive) -> Waveform:
    """Return the straight lines on which a potential runs, or is taken to run if it is a sine or jumps."""
    end = drive.corners[-1]
    times = np.array([0.0, *drive.corners])
    if isinstance(drive, SineDrive):
        times = np.linspace(0.0, end, _CURVE_POINTS * drive.cycles + 1)
    elif not isinstance(drive, TriangularDrive):  # it may jump at the start
        times = np.union1d(times, [_JUMP * end])
    return Waveform(time=times, value=np.array([drive.potential(time) for time in times]))
