"""Currents of ladders whose relaxation times span many decades, by backward Euler on given steps.

Unknowns are the voltages u_i of the slits and u_0 of the mouth's capacitor. Every step solves

    q_i(u_i) - q_i(before) = h (J_i - J_(i+1)),   J_i = (u_(i-1) - u_i - D_i)/R_i,   J_0 = (V - u_0)/R_open

by Newton's method with resistances that follow the charges from one iteration to the next. The current is the charge
that a step brings over its length, so that nothing cancels where a drive is slow. The method is of first order:
it tells how far ladders differ on the same steps, not how either of them runs to five digits.
"""

import numpy as np
from scipy.linalg import solve_banded

from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.ladder import (
    NanoCircuit,
    differential_capacitances,
    donnan_potential,
    law_charges,
    open_charge,
    relative_resistance,
    slit_charges,
)
from ionspice.circuits.model.waveform import Waveform
from ionspice.core import RunError

_TOLERANCE = 1e-9  # of the largest voltage
_ITERATIONS = 100
_LEAST_MOUTH = 1e-9  # of the mean Rc: an open electrolyte that has no resistance
_FIRST_STEP = 1e-4  # of a piece of the drive
_STEPS = 100  # of a piece


def graded_times(drive: Waveform) -> FloatArray:
    """Return times, s, from 0 on, whose steps grow behind every corner of a drive."""
    shares = np.geomspace(_FIRST_STEP, 1.0, _STEPS)
    pieces = zip(drive.time[:-1], drive.time[1:], strict=True)
    return np.concatenate([[drive.time[0]], *(begin + (end - begin) * shares for begin, end in pieces)])


def implicit_currents(circuit: NanoCircuit, drive: Waveform, time: FloatArray) -> FloatArray:
    """Return the mean current in every step, A/m, shape (times - 1,), of an initially uncharged ladder.

    Args:
        circuit: the ladder.
        drive: potential of the electrode, V, 0 at time 0.
        time: increasing times from 0 on, s.

    Raises:
        RunError: a step that Newton's method cannot do.
    """
    voltage = np.zeros(circuit.slits + 1)
    charge = _charges(circuit, voltage)
    total = np.zeros(time.size)
    scale = float(np.abs(drive.value).max())
    for k in range(1, time.size):
        voltage = _step(circuit, voltage, charge, float(drive.at(time[k])), float(time[k] - time[k - 1]), scale)
        charge = _charges(circuit, voltage)
        total[k] = charge.sum()
    leak = np.asarray(drive.at((time[1:] + time[:-1]) / 2)) / circuit.leakage
    return np.asarray(np.diff(total) / np.diff(time) + leak)


def _step(
    circuit: NanoCircuit, voltage: FloatArray, before: FloatArray, electrode: float, length: float, scale: float
) -> FloatArray:
    """Return the voltages, V, shape (slits + 1,), at the end of a step."""
    u = voltage.copy()
    for _ in range(_ITERATIONS):
        charge = _charges(circuit, u)
        conductance = length / _resistances(circuit, charge[1:])
        slope = np.append(
            circuit.open_capacitance * circuit.open_curve.slope(u[:1, None])[0],
            differential_capacitances(circuit, u[1:]),
        )
        jump = float(donnan_potential(circuit, u[1]))
        flow = conductance * (np.append(electrode, u[:-1]) - u)
        flow[1] -= conductance[1] * jump
        rest = charge - before - flow + np.append(flow[1:], 0.0)
        steepness = circuit.donnan_slope * float(circuit.donnan_curve.slope(u[1:2, None])[0, 0])
        change = _newton(slope, conductance, steepness, rest)
        u -= change
        if np.abs(change).max() < _TOLERANCE * scale:
            return u
    raise RunError(f"a ladder of {circuit.slits} slits found no end of a step of {length:g} s to {electrode:g} V")


def _newton(slope: FloatArray, conductance: FloatArray, steepness: float, rest: FloatArray) -> FloatArray:
    """Return the change that the linearised step asks for, V."""
    behind = np.append(conductance[1:], 0.0)
    bands = np.zeros((3, slope.size))
    bands[0, 1:] = -conductance[1:]
    bands[1] = slope + conductance + behind
    bands[2, :-1] = -conductance[1:]
    # the Donnan potential adds to the voltage of the first slit, as its own gap sees it
    bands[0, 1] *= 1 + steepness
    bands[1, 1] += conductance[1] * steepness
    return np.asarray(solve_banded((1, 1), bands, rest))


def _charges(circuit: NanoCircuit, voltage: FloatArray) -> FloatArray:
    return np.append(open_charge(circuit, voltage[0]), slit_charges(circuit, voltage[1:]))


def _resistances(circuit: NanoCircuit, stored: FloatArray) -> FloatArray:
    """Return those of the mouth and of every gap, ohm m."""
    gaps = circuit.resistance_zero * relative_resistance(circuit, law_charges(circuit, stored))
    least = _LEAST_MOUTH * float(circuit.resistance_zero.mean())
    return np.append(max(circuit.open_resistance, least), gaps)
