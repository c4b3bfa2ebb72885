"""The ladder as a banded system of ordinary differential equations, solved by SciPy's LSODA.

The equations of `ladder` in a form that shares nothing with SPICE: the unknowns are the passed charges Q_0
(the whole half cell) and Q_1 ... Q_n, so that

    dQ_i/dt = (v_i - v_(i-1)) / R_i(Q_i),   v_i = v_EL(t) - u_i(Q_i - Q_(i+1)),   dQ_0/dt = v_0 / R_open

has a tridiagonal Jacobian. Without R_open, node 0 is the bulk; without C_open, R_open and R_1 are in series;
in both cases Q_0 is no unknown. Used to verify netlists and coarse-grained ladders.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp

from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.ladder import NanoCircuit, donnan_potential, law_charges, relative_resistance
from ionspice.circuits.model.waveform import Waveform
from ionspice.core import InputError, RunError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LadderSolution:
    """States of the ladder under a potential drive, per metre of depth."""

    #: s, shape (time,)
    time: FloatArray
    #: current into the electrode terminal, A/m, shape (time,)
    current: FloatArray
    #: q_i, C/m, shape (time, slits)
    slit_charge: FloatArray


def solve_ladder(
    circuit: NanoCircuit, drive: Waveform, time: ArrayLike, rtol: float = 1e-10, method: str = "LSODA"
) -> LadderSolution:
    """Solve the initially uncharged ladder under `drive` (V) and return its states at `time`.

    The integration is restarted at every corner of the drive. At a corner the current is the one before it.

    Args:
        circuit: the ladder.
        drive: potential of the electrode terminal, V; 0 at time 0.
        time: increasing times within the drive, s.
        rtol: relative tolerance of the integrator.
        method: any implicit method of `scipy.integrate.solve_ivp`.

    Raises:
        InputError: times that do not increase or leave the drive.
        RunError: the integrator gave up.
    """
    samples = np.asarray(time, dtype=float)
    if samples.size == 0 or (np.diff(samples) <= 0).any() or samples[0] < 0 or samples[-1] > drive.duration:
        raise InputError(f"the sample times must increase within 0 and {drive.duration:g} s")
    grid = np.union1d(samples, drive.time)
    charge = np.zeros((grid.size, circuit.slits + has_mouth_state(circuit)))
    current = np.zeros(grid.size)
    for k in range(drive.time.size - 1):
        inside = np.flatnonzero((grid >= drive.time[k]) & (grid <= drive.time[k + 1]))
        charge[inside] = _integrate(circuit, drive, k, charge[inside[0]], grid[inside], rtol, method)
        slope = float(np.diff(drive.value)[k] / np.diff(drive.time)[k])
        rates = [ladder_rates(circuit, float(drive.at(grid[j])), charge[j]) for j in inside]
        current[inside] = np.array(rates)[:, 0] + slope * _unresisted_capacitance(circuit, drive.at(grid[inside]))
    chosen = np.searchsorted(grid, samples)
    passed = charge[chosen][:, -circuit.slits :]
    current += drive.at(grid) / circuit.leakage
    return LadderSolution(time=samples, current=current[chosen], slit_charge=-np.diff(passed, axis=1, append=0.0))


def _integrate(
    circuit: NanoCircuit,
    drive: Waveform,
    piece: int,
    start: FloatArray,
    grid: FloatArray,
    rtol: float,
    method: str,
) -> FloatArray:
    scale = float(np.abs(drive.value).max() * circuit.slit_capacitance.max())
    band = min(1, start.size - 1)
    solution = solve_ivp(
        lambda t, q: ladder_rates(circuit, float(drive.at(t)), q),
        (drive.time[piece], drive.time[piece + 1]),
        start,
        method,
        grid,
        rtol=rtol,
        atol=rtol * scale,
        **({"lband": band, "uband": band} if method == "LSODA" else {}),
    )
    if not solution.success:
        raise RunError(f"{method} stopped before {drive.time[piece + 1]:g} s: {solution.message}; loosen rtol")
    return np.asarray(solution.y.T)


def ladder_rates(circuit: NanoCircuit, electrode: float, state: FloatArray) -> FloatArray:
    """Return dQ/dt, A/m, of the unknowns."""
    passed = state[-circuit.slits :]
    stored = passed - np.append(passed[1:], 0.0)
    voltage = circuit.slit_curve.voltage(stored / circuit.slit_capacitance)
    node = electrode - voltage
    resistance = circuit.resistance_zero * relative_resistance(circuit, law_charges(circuit, stored))
    jump = float(donnan_potential(circuit, voltage[0]))
    if not has_mouth_state(circuit):
        resistance[0] += circuit.open_resistance
        return np.asarray(np.diff(node, prepend=jump) / resistance)
    mouth = electrode - circuit.open_curve.voltage((state[:1] - passed[:1]) / circuit.open_capacitance)
    return np.append(mouth / circuit.open_resistance, np.diff(node, prepend=mouth + jump) / resistance)


def has_mouth_state(circuit: NanoCircuit) -> bool:
    """Return whether the charge passed through R_open, behind which C_open stores some of it, is an unknown."""
    return circuit.open_resistance > 0 and circuit.open_capacitance > 0


def _unresisted_capacitance(circuit: NanoCircuit, electrode: FloatArray) -> FloatArray:
    """Return the differential capacitance (F/m) that sits directly across the terminals at `electrode` (V)."""
    capacitance = circuit.open_capacitance if circuit.open_resistance == 0 else 0.0
    return np.asarray(capacitance * circuit.open_curve.slope(electrode[:, None])[:, 0])
