"""Answers of rails to a drive, as datasets like those of the ladder."""

import time as clock

import numpy as np
import xarray as xr
from scipy import constants

from ionspice.circuits.ions.evolution import RailSolution, simulate_rails
from ionspice.circuits.ions.rails import RailCircuit
from ionspice.circuits.model.waveform import Waveform
from ionspice.circuits.simulation.transient import UNITS


def drive_rails(circuit: RailCircuit, drive: Waveform) -> xr.Dataset:
    """Return the states of an uncharged circuit under a potential drive at its own time points.

    Args:
        circuit: a half cell, or a full cell, of which the stack of the electrode is told.
        drive: potential of the electrode, V, 0 at time 0.

    Returns:
        Dataset as of `simulate`: node potentials are means of mu_s/(z_s e) weighted by z_s^2 D_s n_s.

    Raises:
        InputError: the drive does not start at 0 V.
        RunError: no convergence.
    """
    begin = clock.perf_counter()
    solution = simulate_rails(circuit, drive)
    wall_time = clock.perf_counter() - begin
    stack = np.flatnonzero(circuit.polarity > 0)  # mouth and slits, the mouth first
    net = solution.ions[:, stack] @ circuit.solution.valence * constants.e
    slits = net[:, 1:]
    dataset = xr.Dataset(
        {
            "electrode_potential": ("time", solution.electrode),
            "electrode_current": ("time", solution.current),
            "slit_charge": (("time", "slit"), slits),
            "passed_charge": (("time", "slit"), np.cumsum(slits[:, ::-1], axis=1)[:, ::-1]),
            "node_potential": (("time", "node"), _conduction_potential(circuit, solution)[:, stack]),
        },
        coords={"time": solution.time, "slit": np.arange(1, stack.size), "node": np.arange(stack.size)},
        attrs={
            "layers": int(stack.size),
            "strip_width": circuit.strip_width,
            "area": circuit.strip_width,
            "wall_time": wall_time,
        },
    )
    dataset["time"].attrs.update(units="s", long_name="time")
    for name, (units, long_name) in UNITS.items():
        dataset[name].attrs.update(units=units, long_name=long_name)
    return dataset


def _conduction_potential(circuit: RailCircuit, solution: RailSolution) -> np.ndarray:
    """Return the mean of mu_s/(z_s e) weighted by z_s^2 D_s n_s, V, shape (time, nodes)."""
    ions = circuit.solution
    weights = ions.valence**2 * ions.diffusivity * solution.ions
    total = weights.sum(axis=-1)
    mean = (weights * solution.potential / ions.valence).sum(axis=-1)
    return np.asarray(ions.thermal_voltage * np.divide(mean, total, out=np.zeros_like(mean), where=total > 0))
