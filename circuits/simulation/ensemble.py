"""Many circuits at once: Monte Carlo over parameter errors and runs in parallel processes.

libngspice keeps one simulator a process, so parallel runs go to processes that are spawned, not forked: a forked
one would share the parent's loaded simulator.
"""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import xarray as xr

from ionspice.circuits.model.ladder import NanoCircuit
from ionspice.circuits.model.waveform import Waveform
from ionspice.circuits.simulation.transient import simulate
from ionspice.core import InputError


def simulate_many(circuits: Sequence[NanoCircuit], drive: Waveform, *, processes: int = 1) -> Iterator[xr.Dataset]:
    """Yield the runs of `simulate` in the order of the circuits.

    Args:
        circuits: half cells.
        drive: potential of the electrode, V.
        processes: 1 runs in this process; a script that asks for more needs the usual
            `if __name__ == "__main__"` guard.

    Raises:
        InputError: fewer than 1 process.
        RunError: ngspice failed.
    """
    if processes < 1:
        raise InputError(f"processes = {processes}; at least 1 is needed")
    if processes == 1:
        yield from (simulate(circuit, drive) for circuit in circuits)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield from pool.map(simulate, circuits, [drive] * len(circuits))


def perturbed(
    circuit: NanoCircuit,
    generator: np.random.Generator,
    count: int,
    *,
    resistance: float = 0.0,
    gamma: float = 0.0,
    capacitance: float = 0.0,
) -> list[NanoCircuit]:
    """Return `count` circuits with independent errors in every element.

    Args:
        circuit: the mean.
        generator: source of randomness.
        count: number of circuits.
        resistance: relative standard deviation of Rc, 1; log-normal, so Rc stays positive.
        gamma: standard deviation of gamma, 1; clipped to [0, 1].
        capacitance: relative standard deviation of the slit capacitances, 1; log-normal.
    """
    return [
        replace(
            circuit,
            resistance_zero=circuit.resistance_zero * _lognormal(generator, resistance, circuit.slits),
            gamma=np.clip(circuit.gamma + gamma * generator.standard_normal(circuit.slits), 0.0, 1.0),
            slit_capacitance=circuit.slit_capacitance * _lognormal(generator, capacitance, circuit.slits),
        )
        for _ in range(count)
    ]


def current_band(runs: Sequence[xr.Dataset], time: np.ndarray, share: float = 0.95) -> xr.Dataset:
    """Return median and central band of the electrode current (A/m) over runs, at `time` (s).

    Args:
        runs: of the same drive.
        time: s, shape (time,).
        share: part of the runs within the band, 1.
    """
    currents = np.array([np.interp(time, run["time"], run["electrode_current"]) for run in runs])
    low, median, high = np.quantile(currents, [(1 - share) / 2, 0.5, (1 + share) / 2], axis=0)
    band = xr.Dataset(
        {"low": ("time", low), "median": ("time", median), "high": ("time", high)},
        coords={"time": time},
        attrs={"share": share, "runs": len(runs)},
    )
    for name in band.data_vars:
        band[name].attrs.update(units="A/m", long_name=f"{name} of the electrode current")
    return band


def _lognormal(generator: np.random.Generator, relative: float, size: int) -> np.ndarray:
    sigma = np.sqrt(np.log1p(relative**2))
    return np.asarray(np.exp(sigma * generator.standard_normal(size) - sigma**2 / 2))
