"""A ladder of equal gaps and slits, compiled: currents, potentials and impedances within milliseconds.

The equations are those of `model.ladder`. In a stage of a step (`steps`) of length h the voltages u_i solve

    C_i g(u_i) = q_i* + a h (J_i - J_(i+1)),   J_i = (u_(i-1) - u_i)/R_i,   J_1 = (V - u_1)/(R_open + R_1)

by Newton's method, tridiagonal, with resistances that follow the charges from one iteration to the next. Under a
given current I the terminal has V = u_1 + J_1 (R_open + R_1), J_1 = I - V/R_leak. g and R/Rc are read from tables.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from ionspice.circuits.fitting.steps import STAGE, Steps
from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.ladder import NanoCircuit, relative_resistance, slit_charges
from ionspice.circuits.simulation.spectroscopy import exact_impedance
from ionspice.core import InputError
from ionspice.discovery.evolution.stack_machine import compiled

_CELLS = 1024  # of the table of the charge over the voltage
_LAW_CELLS = 256  # of the table of the resistance over the relative charge
_REACH = 2.0  # relative charge to which the law is a table; it goes straight on beyond
_STRAIGHT = 1.0  # V, half the table of a constant capacitance
_NEVER = 1e30  # ohm: no leakage
_ITERATIONS = 60
_TOLERANCE = 1e-10  # of the largest voltage
_READINGS = {"passed": 0, "stored": 1, "local": 2}


class _Line(NamedTuple):
    """A ladder as compiled functions take it: numbers, tables in place of functions."""

    #: R_open, ohm
    mouth: float
    #: ohm
    leakage: float
    #: Rc_i, ohm, Qmax_i, C, and C_i, F, shape (slits,)
    resistance: FloatArray
    scale: FloatArray
    capacitance: FloatArray
    #: number of the charge that resistances read, of `_READINGS`
    reading: int
    #: begin of the table of the charge and length of its cells, V
    low: float
    cell: float
    #: q/C, V, and its slope, 1, at the ends of the cells
    held: FloatArray
    slope: FloatArray
    #: R/Rc without the floor at relative charges from 0 to `_REACH`
    shares: FloatArray
    #: rmin
    floor: float


class LadderDevice:
    """A circuit and, once a transient is asked for, its tables."""

    def __init__(self, circuit: NanoCircuit) -> None:
        """Take a circuit whose gaps and slits differ by their scales only.

        Raises:
            InputError: they differ by more, or the circuit has a C_open or a Donnan potential.
        """
        curve = circuit.slit_curve
        same = all(np.ptp(v, axis=0).max(initial=0.0) == 0 for v in (curve.weight, curve.centre, curve.width))
        if len(set(circuit.shape)) > 1 or np.ptp(circuit.gamma) or not same:
            raise InputError("a circuit that is fitted has gaps of one law and slits of one curve; give such a one")
        if circuit.open_capacitance or circuit.donnan_slope:
            raise InputError("a circuit that is fitted has no C_open and no Donnan potential; set them to 0")
        self.circuit = circuit

    @cached_property
    def _line(self) -> _Line:
        circuit, curve = self.circuit, self.circuit.slit_curve
        low, high = (float(curve.low[0]), float(curve.high[0])) if curve.modes else (-_STRAIGHT, _STRAIGHT)
        grid = np.linspace(low, high, _CELLS + 1)
        slope = curve.at([0]).slope(grid[:, None])[:, 0]
        cell = float(grid[1] - grid[0])
        held = np.concatenate([[0.0], np.cumsum((slope[1:] + slope[:-1]) / 2 * cell)])
        held -= float(np.interp(0.0, grid, held))
        return _Line(
            mouth=circuit.open_resistance,
            leakage=min(circuit.leakage, _NEVER),
            resistance=circuit.resistance_zero,
            scale=circuit.charge_max,
            capacitance=circuit.slit_capacitance,
            reading=_READINGS[circuit.charge],
            low=low,
            cell=cell,
            held=held,
            slope=slope,
            shares=_law_table(circuit),
            floor=circuit.resistance_floor,
        )

    def respond(self, steps: Steps, start: float) -> FloatArray:
        """Return the current (A) or the potential (V) of the terminal at all times of the steps.

        Args:
            steps: of a potential or a current.
            start: voltage of every slit at the beginning, V.

        Returns:
            Shape (steps + 1,); NaN from a step on that found no solution.
        """
        drive = np.diff(steps.time), steps.begin, steps.first, steps.second, steps.current
        return np.asarray(_march(self._line, float(start), *drive))

    def impedance(self, frequency: FloatArray, bias: float) -> np.ndarray:
        """Return the impedance, ohm, complex, at frequencies (Hz) and a bias (V)."""
        return exact_impedance(self.circuit, frequency, bias)

    def charge(self, potential: float) -> float:
        """Return the charge at rest at a potential, C."""
        return float(slit_charges(self.circuit, np.full(self.circuit.slits, potential)).sum())


def _law_table(circuit: NanoCircuit) -> FloatArray:
    """Return R/Rc of the first gap at relative charges from 0 to `_REACH`."""
    grid = np.linspace(0.0, _REACH, _LAW_CELLS + 1)
    charges = np.zeros((grid.size, circuit.slits))
    charges[:, 0] = grid * circuit.charge_max[0]
    return np.ascontiguousarray(relative_resistance(circuit, charges)[:, 0])


@compiled
def _march(
    line: _Line,
    start: float,
    lengths: FloatArray,
    begin: float,
    first: FloatArray,
    second: FloatArray,
    current_given: bool,
) -> FloatArray:
    """Return the response of the terminal, see `LadderDevice.respond`."""
    u = np.full(line.resistance.size, start)
    q, _ = _stored(line, u)
    q0 = q.copy()
    out = np.full(lengths.size + 1, np.nan)
    out[0] = _terminal(line, u[0], begin, current_given, line.mouth + _gaps(line, q)[0])
    reach = max(abs(start), line.cell)
    if not current_given:
        reach = max(reach, np.abs(second).max())
    for k in range(lengths.size):
        length = STAGE * lengths[k]
        good, q1 = _stage(line, u, q0, length, first[k], current_given, reach)
        if not good:
            break
        known = q0 + (1 - STAGE) / STAGE * (q1 - q0)
        good, q0 = _stage(line, u, known, length, second[k], current_given, reach)
        if not good:
            break
        out[k + 1] = _terminal(line, u[0], second[k], current_given, line.mouth + _gaps(line, q0)[0])
    return out


@compiled
def _stage(
    line: _Line, u: FloatArray, known: FloatArray, length: float, drive: float, current_given: bool, reach: float
) -> tuple[bool, FloatArray]:
    """Solve one stage for the voltages, in place; return whether it was found, and the charges."""
    n = u.size
    upper, rest = np.empty(n), np.empty(n)
    for _ in range(_ITERATIONS):
        q, steep = _stored(line, u)
        gaps = _gaps(line, q)
        first = line.mouth + gaps[0]
        if current_given:
            conductance = 1 / (line.leakage + first)
            source = drive / (1 + first / line.leakage)
        else:
            conductance = 1 / first
            source = drive / first
        flow = source - conductance * u[0]
        # elimination of the tridiagonal system from the mouth inwards
        before, left = 0.0, conductance * length
        largest = 0.0
        for i in range(n):
            right = length / gaps[i + 1] if i + 1 < n else 0.0
            following = (u[i] - u[i + 1]) / gaps[i + 1] if i + 1 < n else 0.0
            wrong = q[i] - known[i] - length * (flow - following)
            diagonal = steep[i] + left + right
            if i > 0:
                diagonal += left * before
                wrong += left * rest[i - 1]
            before = -right / diagonal
            upper[i] = before
            rest[i] = wrong / diagonal
            flow, left = following, right
        change = rest[n - 1]
        u[n - 1] -= change
        largest = abs(change)
        for i in range(n - 2, -1, -1):
            change = rest[i] - upper[i] * change
            u[i] -= change
            largest = max(largest, abs(change))
        if not largest < 1e6:
            return False, q
        reach = max(reach, abs(u[0]))
        if largest < _TOLERANCE * reach:
            q, _ = _stored(line, u)
            return True, q
    return False, known


@compiled
def _stored(line: _Line, u: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the charges of the slits and their derivatives, from tables that go straight on."""
    held, slope, cell = line.held, line.slope, line.cell
    n, last = u.size, slope.size - 1
    q, steep = np.empty(n), np.empty(n)
    for i in range(n):
        place = (u[i] - line.low) / cell
        if place <= 0:
            value, derivative = held[0] + slope[0] * place * cell, slope[0]
        elif place >= last:
            value, derivative = held[last] + slope[last] * (place - last) * cell, slope[last]
        else:
            k = int(place)
            share = place - k
            change = slope[k + 1] - slope[k]
            derivative = slope[k] + change * share
            value = held[k] + cell * share * (slope[k] + change * share / 2)
        q[i] = line.capacitance[i] * value
        steep[i] = line.capacitance[i] * derivative
    return q, steep


@compiled
def _gaps(line: _Line, q: FloatArray) -> FloatArray:
    """Return the resistances of the gaps from the charges of the slits (`model.ladder.law_charges`)."""
    shares = line.shares
    n, last = q.size, shares.size - 1
    gaps = np.empty(n)
    passed = 0.0
    for i in range(n - 1, -1, -1):
        passed += q[i]
        seen = q[i]
        if line.reading == 0:
            seen = passed
        elif line.reading == 2 and i > 0:
            seen = (q[i - 1] + q[i]) / 2
        place = min(abs(seen) / line.scale[i] / _REACH * last, 1e6)
        k = min(int(place), last - 1)
        share = shares[k] + (place - k) * (shares[k + 1] - shares[k])
        gaps[i] = line.resistance[i] * max(line.floor, share)
    return gaps


@compiled
def _terminal(line: _Line, voltage: float, drive: float, current_given: bool, first: float) -> float:
    """Return the current of a given potential, or the potential of a given current."""
    if current_given:
        flow = (drive - voltage / line.leakage) / (1 + first / line.leakage)
        return voltage + flow * first
    return (drive - voltage) / first + drive / line.leakage
