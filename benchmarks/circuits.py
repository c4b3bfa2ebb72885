"""Accuracy and speed of circuit simulation, measured in one run: ngspice against SciPy on the same ladders.

    python benchmarks/circuits.py [observables.nc law.json]

With the files of a run it also compares the circuits' voltammograms with the field model's current.
"""

import sys
import time

import numpy as np
import xarray as xr

from ionspice.circuits import (
    NanoCircuit,
    Waveform,
    build_circuit,
    charging_ramp,
    extract_capacitances,
    read_field,
    simulate,
    simulate_coarse,
    simulate_cv,
    solve_ladder,
    triangular,
    uniform_circuit,
)
from ionspice.discovery import read_law

CYCLES = 3
SAMPLES = 500


def ladder(slits: int, gamma: float) -> NanoCircuit:
    return uniform_circuit(
        layers=slits + 1,
        resistance=0.28,
        gamma=gamma,
        slit_charge=2.6e-9,
        slit_capacitance=2.4e-8,
        open_resistance=0.115,
        open_capacitance=1.2e-8,
    )


def errors(circuit: NanoCircuit, drive: Waveform, run: xr.Dataset) -> tuple[float, float]:
    """Return the largest current error at kinks and away from them, as shares of the peak."""
    behind = drive.mean_piece * np.geomspace(1e-5, 0.02, 10)
    near = (drive.time[:-1, None] + behind).ravel()
    times = np.unique(np.concatenate([near, np.linspace(0, drive.duration, SAMPLES)[1:-1]]))
    exact = solve_ladder(circuit, drive, times).current
    error = np.abs(np.interp(times, run["time"], run["electrode_current"]) - exact) / np.abs(exact).max()
    at_kink = np.abs(times[:, None] - drive.time).min(axis=1) <= 0.02 * drive.mean_piece
    return float(error[at_kink].max()), float(error[~at_kink].max())


def accuracy_and_speed() -> None:
    print("200 steps a ramp; ramp in units of the ladder's slowest relaxation time; CPU seconds")
    print("slits cycles gamma   ramp   at kinks  elsewhere  ngspice s")
    cases = [(n, CYCLES, g, r) for n in (1, 6, 20, 100) for g in (0.0, 0.5, 0.9) for r in (0.05, 20.0)]
    for slits, cycles, gamma, ramp in [*cases, *((1000, CYCLES, 0.9, ramp) for ramp in (0.05, 1.0, 20.0))]:
        circuit = ladder(slits, gamma)
        drive = triangular(0.11, ramp * circuit.time_constant, cycles)
        begin = time.process_time()
        run = simulate(circuit, drive)
        took = time.process_time() - begin
        kink, away = errors(circuit, drive, run)
        print(
            f"{slits:5d} {cycles:6d} {gamma:5.1f} {ramp:6.2f}   {kink:8.1e}   {away:8.1e}   {took:8.2f}", flush=True
        )


def against_radau() -> None:
    circuit = ladder(20, 0.9)
    drive = triangular(0.11, circuit.time_constant, CYCLES)
    times = np.linspace(0, drive.duration, SAMPLES)[1:-1]
    begin = time.process_time()
    simulate(circuit, drive)
    spice = time.process_time() - begin
    for rtol in (1e-6, 1e-10):
        begin = time.process_time()
        solve_ladder(circuit, drive, times, rtol=rtol, method="Radau")
        radau = time.process_time() - begin
        print(f"20 slits, {CYCLES} cycles: ngspice {spice:.2f} s, Radau at rtol {rtol:g} {radau:.2f} s")


def macroscopic() -> None:
    circuit = ladder(100_000, 0.6)
    begin = time.perf_counter()
    coarse = simulate_coarse(circuit, triangular(0.11, circuit.time_constant))
    took = time.perf_counter() - begin
    print(f"100 000 slits as {coarse.sizes.size} sections: {took:.2f} s, estimated error {100 * coarse.error:.2f} %")


def against_field(observables: str, law_file: str) -> None:
    field, law = read_field(observables), read_law(law_file)
    ramp = charging_ramp(field, law.potential)
    time_, current = field["time"].to_numpy(), field["electrode_current"].to_numpy()
    amplitude, half = float(field["electrode_potential"].max()), float(field.attrs["charging_end"])
    weights = np.gradient(time_)
    for order in (0, 1, 2, 3):
        circuit = build_circuit(law, extract_capacitances(ramp, order), ramp)
        run = simulate_cv(circuit, amplitude=amplitude, half_cycle=half, cycles=round(time_[-1] / half / 2))
        shares = []
        for model in ("NCM", "TLM"):
            error = np.interp(time_, run["time"], run["electrode_current"].sel(model=model)) - current
            rms = np.sqrt((weights * error**2).sum() / weights.sum()) / np.abs(current).max()
            shares.append(f"{model} {100 * rms:.2f} %")
        print(f"{law.potential}, {order} terms of q(v): rms current error {', '.join(shares)} of the peak")


if __name__ == "__main__":
    accuracy_and_speed()
    against_radau()
    macroscopic()
    if len(sys.argv) == 3:
        against_field(*sys.argv[1:])
