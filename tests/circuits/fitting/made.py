"""Measurements of a known device, made by other solvers than the fit's own."""

from collections.abc import Sequence

import numpy as np

from ionspice.circuits import (
    NanoCircuit,
    exact_impedance,
    simulate_legs,
    solve_ladder,
    triangular,
    uniform_circuit,
)
from ionspice.circuits.measurements.records import ChargeDischarge, Measurement, Spectrum, Voltammogram
from ionspice.circuits.model.ladder import Charge
from ionspice.core.drives import GalvanostaticDrive

#: of the whole device
LINE, MOUTH, CAPACITANCE = 40.0, 2.0, 1.0
RATES = (0.005, 0.01, 0.02, 0.05, 0.1)
CURRENTS = (0.005, 0.02)


def known_device(gamma: float, *, layers: int = 9, charge: Charge = "passed") -> NanoCircuit:
    """Return a device of 1 F and 1 V, ohm and F of the whole, charge scale at 1 V."""
    slits = layers - 1
    return uniform_circuit(
        layers=layers,
        resistance=LINE / slits,
        gamma=gamma,
        slit_charge=CAPACITANCE / slits,
        slit_capacitance=CAPACITANCE / slits,
        open_resistance=MOUTH,
        strip_width=1.0,
        charge=charge,
    )


def measured(
    circuit: NanoCircuit,
    generator: np.random.Generator,
    *,
    noise: float = 0.01,
    rates: Sequence[float] = RATES,
    currents: Sequence[float] = CURRENTS,
    points: int = 300,
) -> list[Measurement]:
    """Return voltammograms, charge-discharge curves and a spectrum with noise of their peak, swing and modulus."""
    voltammograms = [_voltammogram(circuit, rate, points) for rate in rates]
    cycles = [_cycle(circuit, current, points) for current in currents]
    found: list[Measurement] = []
    for name, time, potential, current in voltammograms:
        current = current + noise * np.abs(current).max() * generator.normal(size=points)
        found.append(Voltammogram(name=name, time=time, potential=potential, current=current))
    for name, time, potential, current in cycles:
        potential = potential + noise * np.ptp(potential) * generator.normal(size=points)
        found.append(ChargeDischarge(name=name, time=time, potential=potential, current=current))
    frequency = np.geomspace(1e3, 1e-3, 49)
    impedance = exact_impedance(circuit, frequency)
    errors = generator.normal(size=frequency.size) + 1j * generator.normal(size=frequency.size)
    noisy = impedance * 1.0 + noise * np.abs(impedance) * errors
    return [*found, Spectrum(name="spectrum", frequency=frequency, impedance=noisy)]


def _voltammogram(circuit: NanoCircuit, rate: float, points: int) -> tuple[str, np.ndarray, np.ndarray, np.ndarray]:
    drive = triangular(1.0, 1.0 / rate)
    time = np.linspace(0.0, drive.duration, points)
    return f"{rate:g} V/s", time, drive.at(time), solve_ladder(circuit, drive, time, rtol=1e-7).current


def _cycle(circuit: NanoCircuit, size: float, points: int) -> tuple[str, np.ndarray, np.ndarray, np.ndarray]:
    run = simulate_legs(circuit, GalvanostaticDrive(current=size, lower=0.0, upper=1.0, cycles=1))
    turn, end = run.attrs["leg_ends"]
    time = np.linspace(0.0, end, points)
    potential = np.interp(time, run["time"], run["electrode_potential"])
    return f"{size:g} A", time, potential, np.where(time <= turn, size, -size)
