"""Impedance spectra of circuits by ngspice's `.ac` analysis at a bias.

At a bias V every slit holds q_i(V), so R_i = Rc_i (1 - gamma_i s_i(Q_i/Qmax_i)) and C_i = q_i'(V) exactly:
`exact_impedance` evaluates the ladder's continued fraction with these values and is the oracle of the tests.
"""

from pathlib import Path

import numpy as np
import xarray as xr
from scipy.optimize import root_scalar

from ionspice.circuits.dialects.bench import impedance_bench
from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.ladder import (
    NanoCircuit,
    differential_capacitances,
    donnan_potential,
    law_charges,
    relative_resistance,
    slit_charges,
)
from ionspice.circuits.simulation.ngspice import run_netlist
from ionspice.core import InputError, replacing


def simulate_impedance(
    circuit: NanoCircuit,
    *,
    bias: float = 0.0,
    low: float | None = None,
    high: float | None = None,
    points: int = 10,
) -> xr.Dataset:
    """Return the impedance of a half cell charged to `bias`.

    Args:
        circuit: the half cell.
        bias: potential of the electrode, V.
        low: lowest frequency, Hz; a thousandth of the slowest relaxation's unless given.
        high: highest frequency, Hz; a hundred times the fastest relaxation's unless given.
        points: frequencies in a decade.

    Returns:
        Dataset with `impedance_real(frequency)` and `impedance_imaginary(frequency)`, ohm m (per metre of
        depth: divide by the depth), frequency in Hz.

    Raises:
        InputError: frequencies out of order, or no points.
        RunError: ngspice is missing or failed.
    """
    fastest = float((circuit.resistance_zero * circuit.slit_capacitance).min())
    first = 1e-3 / (2 * np.pi * circuit.time_constant) if low is None else low
    last = 1e2 / (2 * np.pi * fastest) if high is None else high
    if not 0 < first < last or points < 1 or not np.isfinite([first, last, bias]).all():
        raise InputError(
            f"a spectrum from {first:g} to {last:g} Hz with {points} points a decade at {bias:g} V is not "
            "possible; give 0 < low < high and at least 1 point"
        )
    vectors = run_netlist(impedance_bench(circuit, bias, first, last, points))
    return impedance_dataset(
        np.real(vectors["frequency"]),
        -1 / vectors["vel#branch"],
        bias=bias,
        layers=circuit.layers,
        strip_width=circuit.strip_width,
    )


def exact_impedance(circuit: NanoCircuit, frequency: FloatArray, bias: float = 0.0) -> np.ndarray:
    """Return the impedance (ohm m, complex) of the ladder linearised at `bias` (V) at `frequency` (Hz)."""
    omega = 2j * np.pi * np.asarray(frequency)
    voltage = np.full(circuit.slits, slit_voltage(circuit, bias))
    stored = slit_charges(circuit, voltage)
    seen = law_charges(circuit, stored)
    resistance = circuit.resistance_zero * relative_resistance(circuit, seen)
    capacitance = differential_capacitances(circuit, voltage)
    jump = circuit.donnan_slope * circuit.donnan_curve.slope(voltage[:1])[0]
    total = np.full(omega.shape, np.inf, dtype=complex)
    for i in range(circuit.slits - 1, -1, -1):
        behind = 1 / (omega * capacitance[i] + 1 / total)
        total = resistance[i] + behind * (1 + jump if i == 0 else 1)
    mouth = circuit.open_capacitance * circuit.open_curve.slope([bias])[0]
    ladder = circuit.open_resistance + 1 / (omega * mouth + 1 / total)
    return np.asarray(1 / (1 / ladder + 1 / circuit.leakage))


def impedance_dataset(
    frequency: FloatArray, impedance: np.ndarray, *, bias: float, layers: int, strip_width: float
) -> xr.Dataset:
    """Return a spectrum (Hz, ohm m) as a dataset of its real and imaginary parts, which netCDF can hold."""
    dataset = xr.Dataset(
        {
            "impedance_real": ("frequency", impedance.real),
            "impedance_imaginary": ("frequency", impedance.imag),
        },
        coords={"frequency": frequency},
        attrs={"bias": bias, "layers": layers, "strip_width": strip_width},
    )
    dataset["frequency"].attrs.update(units="Hz", long_name="frequency")
    dataset["impedance_real"].attrs.update(units="ohm m", long_name="real part of the impedance of a metre of depth")
    dataset["impedance_imaginary"].attrs.update(units="ohm m", long_name="imaginary part")
    return dataset


def impedance_of_area(spectrum: xr.Dataset, area: float) -> xr.Dataset:
    """Return the spectrum of a device, ohm, from that of a metre of depth, ohm m.

    Args:
        spectrum: of `simulate_impedance`.
        area: of the electrode, m^2; of a circuit that is of a whole device, its own.
    """
    device: xr.Dataset = spectrum * (spectrum.attrs["strip_width"] / area)
    device.attrs = spectrum.attrs | {"area": area}
    for name in device.data_vars:
        part = str(spectrum[name].attrs["long_name"]).removesuffix(" of the impedance of a metre of depth")
        device[name].attrs.update(units="ohm", long_name=f"{part} of the device's impedance")
    device["frequency"].attrs.update(spectrum["frequency"].attrs)
    return device


def write_impedance_csv(path: str | Path, spectrum: xr.Dataset) -> None:
    """Write frequency, real and imaginary part under a header with their units.

    The header is a comment, as impedance.py and NumPy leave out.

    Raises:
        InputError: the folder cannot be written.
    """
    names = ("frequency", "impedance_real", "impedance_imaginary")
    header = ",".join(f"{name} [{spectrum[name].attrs['units']}]" for name in names)
    columns = np.stack([spectrum[name].to_numpy() for name in names], axis=1)
    with replacing(path) as temporary:
        np.savetxt(temporary, columns, fmt="%.17g", delimiter=",", header=header)


def slit_voltage(circuit: NanoCircuit, bias: float) -> float:
    """Return the voltage of every slit in equilibrium, V: the bias less the Donnan potential."""
    if not circuit.donnan_slope:
        return bias
    found = root_scalar(lambda u: u + float(donnan_potential(circuit, u)) - bias, x0=bias, x1=0.9 * bias + 1e-6)
    return float(found.root)
