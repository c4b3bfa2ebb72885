"""Transient simulation of circuits by ngspice: cyclic voltammetry and any other piecewise linear drive.

Where ngspice does not come to the end, looser tolerances with shorter steps are tried, then SciPy; the attribute
`solver` tells what did it. Results are xarray datasets per metre of depth with the signs of `observables.nc`:
charges are net ionic, so a positive electrode potential makes them negative, and `electrode_current` is positive
into the electrode.
"""

import logging
import time as clock
from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ionspice.circuits.dialects.bench import EFFORTS, STEPS_PER_RAMP, Effort, transient_bench
from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.ladder import NanoCircuit, passed_charges, slit_charges, transmission_line
from ionspice.circuits.model.waveform import Waveform, triangular
from ionspice.circuits.simulation.ngspice import StoppedEarlyError, run_netlist
from ionspice.circuits.simulation.reference import solve_ladder
from ionspice.core import InputError

logger = logging.getLogger(__name__)

_SCIPY_RTOL = 1e-8
_UNITS = {
    "electrode_potential": ("V", "potential of the electrode"),
    "electrode_current": ("A/m", "current into the electrode per metre of depth"),
    "slit_charge": ("C/m", "net ionic charge of the slit per metre of depth"),
    "passed_charge": ("C/m", "net ionic charge passed through the gap in front of the slit"),
    "node_potential": ("V", "potential of the node"),
}


def simulate(circuit: NanoCircuit, drive: Waveform, *, steps: int = STEPS_PER_RAMP) -> xr.Dataset:
    """Run one uncharged half cell under a potential drive and return its states at ngspice's own time points.

    Args:
        circuit: the half cell.
        drive: potential of the electrode, V, 0 at time 0.
        steps: maximum steps in a piece of the drive, on the mean over its pieces.

    Returns:
        Dataset with `electrode_potential(time)`, `electrode_current(time)`, `slit_charge(time, slit)`,
        `passed_charge(time, slit)`, `node_potential(time, node)` and the attributes `wall_time` (s) and `solver`.

    Raises:
        InputError: the drive does not start at 0 V.
        RunError: ngspice is missing, or it and SciPy failed.
    """
    if drive.value[0] != 0:
        raise InputError(f"the drive starts at {drive.value[0]:g} V; an uncharged cell starts at 0 V")
    begin = clock.perf_counter()
    try:
        vectors, solver = run_transient(
            lambda effort: transient_bench(circuit, drive, steps=steps, effort=effort), drive.duration
        )
    except StoppedEarlyError as error:
        logger.warning("%s; SciPy takes its place", error)
        dataset = by_scipy(circuit, drive, steps)
        dataset.attrs.update(wall_time=clock.perf_counter() - begin, solver="SciPy")
        return dataset
    wall_time = clock.perf_counter() - begin
    chosen = _distinct(vectors["time"], drive.duration)
    nodes = np.stack([vectors[f"x1.n{i}"][chosen] for i in range(circuit.layers)], axis=1)
    dataset = state_dataset(
        circuit,
        time=np.minimum(vectors["time"][chosen], drive.duration),
        electrode=vectors["el"][chosen],
        current=-vectors["vel#branch"][chosen],
        nodes=nodes,
    )
    dataset.attrs.update(wall_time=wall_time, solver=solver)
    return dataset


def run_transient(bench: Callable[[Effort], str], duration: float) -> tuple[Mapping[str, NDArray[np.float64]], str]:
    """Run a bench with the first effort that ngspice brings to the end, and return its vectors and how.

    Args:
        bench: netlist of an effort.
        duration: last time, s.

    Raises:
        RunError: ngspice is missing or refuses the netlist; `StoppedEarlyError` where no effort helps.
    """
    for effort in EFFORTS[:-1]:
        try:
            return run_netlist(bench(effort), duration), str(effort)
        except StoppedEarlyError as error:
            logger.warning("%s: %s; tried again with looser tolerances", effort, error)
    return run_netlist(bench(EFFORTS[-1]), duration), str(EFFORTS[-1])


def by_scipy(circuit: NanoCircuit, drive: Waveform, steps: int) -> xr.Dataset:
    """Return what `simulate` does from the reference solver."""
    time = np.union1d(drive.time, np.linspace(0.0, drive.duration, (drive.time.size - 1) * steps + 1))
    solution = solve_ladder(circuit, drive, time, rtol=_SCIPY_RTOL)
    electrode = drive.at(time)
    voltage = np.array([circuit.slit_curve.voltage(row / circuit.slit_capacitance) for row in solution.slit_charge])
    mouth = (solution.current - electrode / circuit.leakage) * circuit.open_resistance
    nodes = np.column_stack([mouth, electrode[:, None] - voltage])
    return state_dataset(circuit, time=time, electrode=electrode, current=solution.current, nodes=nodes)


def simulate_cv(
    circuit: NanoCircuit, *, amplitude: float, half_cycle: float, cycles: int = 1, steps: int = STEPS_PER_RAMP
) -> xr.Dataset:
    """Run the NCM and its transmission line (gamma = 0) under a triangular sweep 0 -> amplitude -> 0.

    Args:
        circuit: the NCM.
        amplitude: turning potential of the electrode, V.
        half_cycle: time from 0 to the amplitude, s.
        cycles: number of full cycles.
        steps: maximum steps in a half cycle.

    Returns:
        Dataset as of `simulate` with a dimension `model` (NCM, TLM), on the union of both runs' time points.

    Raises:
        InputError: a drive out of range.
        RunError: ngspice is missing or failed.
    """
    drive = triangular(amplitude, half_cycle, cycles)
    models = {"NCM": circuit, "TLM": transmission_line(circuit)}
    return stack_models({name: simulate(model, drive, steps=steps) for name, model in models.items()})


def stack_models(runs: Mapping[str, xr.Dataset], *, common_potential: bool = True) -> xr.Dataset:
    """Return the runs of one drive along a new dimension `model`, on the union of their times.

    Values between a run's own time points are linear, and NaN after its end. The electrode potential is one for all
    models unless `common_potential` is False. The attributes `wall_time` and `solver` list theirs
    in the order of the models.
    """
    union = np.unique(np.concatenate([run["time"].to_numpy() for run in runs.values()]))
    first = next(iter(runs.values()))
    on_union = [run.interp(time=union) for run in runs.values()]
    stacked = xr.concat(on_union, dim="model", combine_attrs="drop_conflicts").assign_coords(model=list(runs))
    if common_potential:
        stacked["electrode_potential"] = first["electrode_potential"].interp(time=union)
    stacked.attrs["wall_time"] = [run.attrs["wall_time"] for run in runs.values()]
    stacked.attrs["solver"] = [run.attrs["solver"] for run in runs.values()]
    return stacked


def state_dataset(
    circuit: NanoCircuit, *, time: FloatArray, electrode: FloatArray, current: FloatArray, nodes: FloatArray
) -> xr.Dataset:
    """Return a dataset of the states of a half cell.

    Args:
        circuit: the half cell.
        time: s, shape (time,).
        electrode: potential of the terminal, V, shape (time,).
        current: into the terminal, A/m, shape (time,).
        nodes: potentials of nodes 0 ... slits, V, shape (time, slits + 1).
    """
    charge = slit_charges(circuit, electrode[:, None] - nodes[:, 1:])
    dataset = xr.Dataset(
        {
            "electrode_potential": ("time", electrode),
            "electrode_current": ("time", current),
            "slit_charge": (("time", "slit"), -charge),
            "passed_charge": (("time", "slit"), -passed_charges(charge)),
            "node_potential": (("time", "node"), nodes),
        },
        coords={"time": time, "slit": np.arange(1, circuit.layers), "node": np.arange(circuit.layers)},
        attrs={"layers": circuit.layers, "strip_width": circuit.strip_width, "area": circuit.strip_width},
    )
    dataset["time"].attrs.update(units="s", long_name="time")
    for name, (units, long_name) in _UNITS.items():
        dataset[name].attrs.update(units=units, long_name=long_name)
    return dataset


def _distinct(time: FloatArray, duration: float) -> NDArray[np.intp]:
    """Return the indices of times that differ by more than round-off (ngspice repeats points at corners)."""
    return np.flatnonzero(np.diff(time, prepend=-1.0) > 1e-12 * duration)
