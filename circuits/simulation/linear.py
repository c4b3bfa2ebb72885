"""The exact current of a transmission line under a piecewise linear drive.

With constant R and C the ladder is linear. In the voltages w_i = v_EL - v_i over the capacitors

    C_i dw_i/dt = -(G w)_i + g v_EL(t) at the node next to the bulk,   current = g (v_EL - w_first) + C_0 dv_EL/dt

where g joins that node to the bulk and C_0 lies directly across the terminals (C_open without R_open). Scaled by the
roots of C the conductances G are a symmetric tridiagonal matrix; on each straight piece of the drive every one of its
modes is an exponential plus a line. Nothing is stepped, so a fit may call this thousands of times.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh_tridiagonal

from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.ladder import NanoCircuit
from ionspice.circuits.model.waveform import Waveform
from ionspice.core import InputError


def line_current(circuit: NanoCircuit, drive: Waveform, time: ArrayLike) -> FloatArray:
    """Return the current into the electrode of the initially uncharged line, A/m, at `time` (s).

    At a corner of the drive the current is the one before it.

    Args:
        circuit: a ladder with gamma = 0 and constant capacitances.
        drive: potential of the electrode terminal, V.
        time: within the drive, s, shape (time,).

    Raises:
        InputError: a circuit that is not linear; times outside the drive.
    """
    if circuit.gamma.any() or not circuit.is_linear:
        raise InputError(
            "the circuit is not linear; give it gamma = 0, constant capacitances and no Donnan potential"
        )
    samples = np.asarray(time, dtype=float)
    if samples.size and (samples.min() < 0 or samples.max() > drive.duration):
        raise InputError(f"the sample times must lie within 0 and {drive.duration:g} s")
    resistance, capacitance, across = _nodes(circuit)
    rates, weight = _modes(resistance, capacitance)
    slope = np.diff(drive.value) / np.diff(drive.time)
    # Every mode follows z' = rate (v_EL - z); the first node's voltage is the weighted sum of the modes.
    state = np.zeros_like(rates)
    current = np.zeros_like(samples)
    piece = np.clip(np.searchsorted(drive.time, samples) - 1, 0, slope.size - 1)
    for k in range(slope.size):
        chosen = piece == k
        lag = state - drive.value[k] + slope[k] / rates
        since = samples[chosen] - drive.time[k]
        first = _follow(lag, rates, drive.value[k], slope[k], since) @ weight
        electrode = drive.value[k] + slope[k] * since
        current[chosen] = (electrode - first) / resistance[0] + across * slope[k]
        state = _follow(lag, rates, drive.value[k], slope[k], np.diff(drive.time)[k : k + 1])[0]
    return current


def _follow(lag: FloatArray, rates: FloatArray, value: float, slope: float, since: FloatArray) -> FloatArray:
    """Return the modes, V, shape (time, mode), at times after a corner."""
    particular = value + slope * (since[:, None] - 1 / rates)
    return np.asarray(particular + lag * np.exp(-rates * since[:, None]))


def _nodes(circuit: NanoCircuit) -> tuple[FloatArray, FloatArray, float]:
    """Return resistances in front of the nodes, capacitances of the nodes, and that across the terminals."""
    resistance, capacitance = circuit.resistance_zero.copy(), circuit.slit_capacitance
    if circuit.open_resistance == 0:
        return resistance, capacitance, circuit.open_capacitance
    if circuit.open_capacitance == 0:
        resistance[0] += circuit.open_resistance
        return resistance, capacitance, 0.0
    return (
        np.append(circuit.open_resistance, resistance),
        np.append(circuit.open_capacitance, capacitance),
        0.0,
    )


def _modes(resistance: FloatArray, capacitance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the rates of the modes, 1/s, and their shares of the first node's voltage, 1 (their sum is 1)."""
    conductance = 1 / resistance
    root = np.sqrt(capacitance)
    diagonal = (conductance + np.append(conductance[1:], 0.0)) / capacitance
    rates, modes = eigh_tridiagonal(diagonal, -conductance[1:] / (root[:-1] * root[1:]))
    return rates, modes[0] * (modes.T @ root) / root[0]
