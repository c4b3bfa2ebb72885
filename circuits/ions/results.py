"""Runs of the rails as datasets with the names, units and signs of `observables.nc`."""

import time as clock

import numpy as np
import xarray as xr
from scipy import constants

from ionspice.circuits.ions.evolution import RailSolution, simulate_rails
from ionspice.circuits.ions.legs import simulate_rail_legs
from ionspice.circuits.ions.rails import RailCircuit
from ionspice.circuits.ions.solution import FloatArray
from ionspice.circuits.model.waveform import Waveform
from ionspice.core.drives import Drive

_UNITS = {
    "electrode_potential": ("V", "electrode potential against the bulk"),
    "electrode_charge": ("C/m", "electrode charge"),
    "electrode_current": ("A/m", "current into the electrode"),
    "slit_charge": ("C/m", "net ionic charge of the slit"),
    "passed_charge": ("C/m", "net ionic charge passed through the gap into the slit"),
    "node_potential": ("V", "mean of mu_s/(z_s e) weighted by z_s^2 D_s n_s, of the mouth and the slits"),
    "slit_species_ions": ("1/m", "number of ions of each species in the slit"),
    "slit_electrochemical_potential": ("V", "mu_i/(z_i e) of the slit"),
}


def drive_rails(circuit: RailCircuit, drive: Waveform | Drive) -> xr.Dataset:
    """Return the states of a circuit under a drive at its own time points.

    Args:
        circuit: a half cell, or a full cell, of which the stack of the electrode is told.
        drive: potential of the electrode, V, 0 at time 0; or any legs.

    Returns:
        Dataset as of `rail_dataset` with the attribute `wall_time` (s).

    Raises:
        InputError: straight lines that do not start at 0 V.
        RunError: no convergence, or a limit is not reached.
    """
    begin = clock.perf_counter()
    run = simulate_rails(circuit, drive) if isinstance(drive, Waveform) else simulate_rail_legs(circuit, drive)
    return rail_dataset(circuit, run).assign_attrs(wall_time=clock.perf_counter() - begin)


def rail_dataset(circuit: RailCircuit, run: RailSolution) -> xr.Dataset:
    """Return the states of the electrode's slits, 1 nearest the bulk, per metre of depth."""
    solution = circuit.solution
    stack = np.flatnonzero(circuit.polarity > 0)  # the mouth, then the slits
    slits = stack[1:]
    ions = run.ions[:, slits]
    charge = constants.e * ions @ solution.valence
    names = solution.names or tuple(f"ion {s + 1}" for s in range(solution.species))
    dataset = xr.Dataset(
        {
            "electrode_potential": ("time", run.electrode),
            "electrode_charge": ("time", run.charge),
            "electrode_current": ("time", run.current),
            "slit_charge": (("time", "slit"), charge),
            "passed_charge": (("time", "slit"), np.cumsum(charge[:, ::-1], axis=1)[:, ::-1]),
            "node_potential": (("time", "node"), _conduction_potential(circuit, run)[:, stack]),
            "slit_species_ions": (("time", "slit", "species"), ions),
            "slit_electrochemical_potential": (
                ("time", "slit", "species"),
                run.potential[:, slits] / solution.valence * solution.thermal_voltage,
            ),
        },
        coords={
            "time": run.time,
            "slit": np.arange(1, slits.size + 1),
            "node": np.arange(stack.size),
            "species": list(names),
        },
        attrs={
            "solver": "SciPy",
            "layers": int(slits.size) + 1,
            "strip_width": circuit.strip_width,
            "area": circuit.strip_width,
            "full_cell": int(not circuit.reservoir),
        },
    )
    dataset["time"].attrs.update(units="s", long_name="time")
    for name, (units, long_name) in _UNITS.items():
        dataset[name].attrs.update(units=units, long_name=long_name)
    return dataset


def _conduction_potential(circuit: RailCircuit, run: RailSolution) -> FloatArray:
    """Return the mean of mu_s/(z_s e) weighted by z_s^2 D_s n_s, V, shape (time, nodes); 0 in the bulk."""
    ions = circuit.solution
    weights = ions.valence**2 * ions.diffusivity * run.ions
    total = weights.sum(axis=-1)
    mean = (weights * run.potential / ions.valence).sum(axis=-1)
    return np.asarray(ions.thermal_voltage * np.divide(mean, total, out=np.zeros_like(mean), where=total > 0))
