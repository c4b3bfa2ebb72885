"""Ladders under any drive of legs, potentials and currents in turn, by SciPy's LSODA.

The unknowns are those of `reference`: the charges Q_0 (passed through the terminal, where C_open stores some of it)
and Q_1 ... Q_n. Under a given current I the terminal's potential follows from them,

    v_EL = I R_open + u_open(Q_0 - Q_1),   without C_open   v_EL = I (R_open + R_1) + D(u_1) + u_1

with I the current into the ladder, which is v_EL/R_leak less than that into the terminal. So both controls are
ordinary differential equations, and what ends a leg is an event of theirs.
"""

import math
import time as clock
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import xarray as xr
from scipy.integrate import solve_ivp

from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.ladder import (
    NanoCircuit,
    donnan_potential,
    law_charges,
    open_charge,
    passed_charges,
    relative_resistance,
    slit_charges,
)
from ionspice.circuits.simulation.reference import has_mouth_state, ladder_rates
from ionspice.circuits.simulation.spectroscopy import slit_voltage
from ionspice.circuits.simulation.transient import state_dataset
from ionspice.core import RunError
from ionspice.core.drives import (
    ConstantCurrent,
    CurrentBelow,
    Drive,
    Leg,
    Oscillation,
    PotentialReached,
    Ramp,
)
from ionspice.core.drives.following import follow

_RTOL = 1e-8
#: of a leg, where states are recorded beside those of the integrator; at its beginning potential or current may jump
_SHARES = np.union1d(np.geomspace(1e-9, 1.0, 64), np.linspace(0.0, 1.0, 151))
_ENOUGH = 3.0  # charges of a full circuit after which a current has surely reached its limit


def simulate_legs(circuit: NanoCircuit, drive: Drive) -> xr.Dataset:
    """Run one half cell from equilibrium under a drive and return its states.

    Args:
        circuit: the half cell.
        drive: any legs.

    Returns:
        Dataset as of `simulate`; the attribute `leg_ends` (s) lists when legs ended.

    Raises:
        RunError: the integrator gave up, or a current does not reach its limit.
    """
    begin = clock.perf_counter()
    ladder = _Ladder(circuit)
    start = ladder.equilibrium(drive.start)[None]
    rest = _Piece(np.zeros(1), start, np.array([drive.start]), np.zeros(1))
    full = _full_charge(circuit, drive.swing)
    pieces = follow(drive, rest, lambda leg, last: _run_leg(_Equations(ladder, leg), last, full))
    time = np.concatenate([piece.time for piece in pieces])
    kept = np.diff(time, prepend=-1.0) > 0  # a leg that ended at once adds no time
    charge = np.concatenate([piece.charge for piece in pieces])[kept]
    electrode = np.concatenate([piece.electrode for piece in pieces])[kept]
    current = np.concatenate([piece.current for piece in pieces])[kept]
    mouth = (current - electrode / circuit.leakage) * circuit.open_resistance
    nodes = np.column_stack([mouth, electrode[:, None] - ladder.voltage(charge)])
    dataset = state_dataset(circuit, time=time[kept], electrode=electrode, current=current, nodes=nodes)
    dataset.attrs.update(
        wall_time=clock.perf_counter() - begin,
        solver="SciPy",
        leg_ends=[float(piece.time[-1]) for piece in pieces[1:]],
    )
    return dataset


@dataclass(frozen=True, slots=True)
class _Ladder:
    """Equations of a half cell whose charges are (Q_0,) Q_1 ... Q_n, C/m."""

    circuit: NanoCircuit

    @property
    def has_open_charge(self) -> bool:
        """Whether Q_0 is an unknown."""
        return self.circuit.open_capacitance > 0

    def equilibrium(self, potential: float) -> FloatArray:
        """Return the charges at rest at a potential of the terminal, V."""
        circuit = self.circuit
        passed = passed_charges(slit_charges(circuit, np.full(circuit.slits, slit_voltage(circuit, potential))))
        if not self.has_open_charge:
            return passed
        return np.append(passed[0] + open_charge(circuit, potential), passed)

    def jumped(self, charge: FloatArray, potential: float) -> FloatArray:
        """Return the charges after a jump of the potential, which C_open follows at once where nothing resists."""
        if not self.has_open_charge or has_mouth_state(self.circuit):
            return charge
        return np.append(charge[1] + open_charge(self.circuit, potential), charge[1:])

    def voltage(self, charge: FloatArray) -> FloatArray:
        """Return u_i, V, of charges of shape (..., unknowns)."""
        circuit = self.circuit
        return circuit.slit_curve.voltage(self._stored(charge) / circuit.slit_capacitance)

    def electrode(self, charge: FloatArray, current: float) -> float:
        """Return the potential of the terminal, V, at a current into it, A/m, of which some leaks."""
        circuit = self.circuit
        if self.has_open_charge:
            held = np.atleast_1d(charge[0] - charge[1]) / circuit.open_capacitance
            resistance, behind = circuit.open_resistance, float(circuit.open_curve.voltage(held)[0])
        else:
            first = float(self.voltage(charge)[0])
            shares = relative_resistance(circuit, law_charges(circuit, self._stored(charge)))
            resistance = circuit.open_resistance + float(circuit.resistance_zero[0] * shares[0])
            behind = float(donnan_potential(circuit, first)) + first
        return (current * resistance + behind) / (1 + resistance / circuit.leakage)

    def rates(self, charge: FloatArray, electrode: float, slope: float) -> FloatArray:
        """Return the currents, A/m, at a potential (V) that changes by `slope` (V/s); the first is the terminal's."""
        circuit = self.circuit
        if not self.has_open_charge or has_mouth_state(circuit):
            return ladder_rates(circuit, electrode, charge)
        inner = ladder_rates(circuit, electrode, charge[1:])
        capacitance = circuit.open_capacitance * float(circuit.open_curve.slope(np.array([electrode]))[0])
        return np.append(inner[0] + capacitance * slope, inner)

    def _stored(self, charge: FloatArray) -> FloatArray:
        passed = charge[..., -self.circuit.slits :]
        return np.asarray(-np.diff(passed, axis=-1, append=0.0))


@dataclass(frozen=True, slots=True)
class _Equations:
    """The equations of a ladder in one leg, of the time since its beginning, s, and the charges."""

    ladder: _Ladder
    leg: Leg

    def electrode(self, elapsed: float, charge: FloatArray) -> float:
        """Return the potential of the terminal, V."""
        control = self.leg.control
        if isinstance(control, ConstantCurrent):
            return self.ladder.electrode(charge, control.current)
        return control.potential(elapsed)

    def rates(self, elapsed: float, charge: FloatArray) -> FloatArray:
        """Return the currents, A/m, the first one into the ladder."""
        electrode = self.electrode(elapsed, charge)
        rates = self.ladder.rates(charge, electrode, self._slope(elapsed))
        if isinstance(self.leg.control, ConstantCurrent):
            # not what round-off leaves of it
            rates[0] = self.leg.control.current - electrode / self.ladder.circuit.leakage
        return rates

    def current(self, elapsed: float, charge: FloatArray) -> float:
        """Return the current into the terminal, A/m."""
        if isinstance(self.leg.control, ConstantCurrent):
            return self.leg.control.current
        leaking = self.electrode(elapsed, charge) / self.ladder.circuit.leakage
        return float(self.rates(elapsed, charge)[0]) + leaking

    def events(self) -> list[Callable[[float, FloatArray], float]]:
        """Return what rises through 0 where a limit ends the leg."""
        potentials = [partial(self._potential_excess, limit) for limit in self.leg.limits]
        currents = [partial(self._current_excess, limit) for limit in self.leg.current_limits]
        return [_terminal(excess) for excess in (*potentials, *currents)]

    def _potential_excess(self, limit: PotentialReached, elapsed: float, charge: FloatArray) -> float:
        return limit.excess(self.electrode(elapsed, charge))

    def _current_excess(self, limit: CurrentBelow, elapsed: float, charge: FloatArray) -> float:
        return limit.excess(self.current(elapsed, charge))

    def _slope(self, elapsed: float) -> float:
        match self.leg.control:
            case Ramp(start, stop, duration):
                return (stop - start) / duration
            case Oscillation(amplitude, frequency):
                return amplitude * math.tau * frequency * math.cos(math.tau * frequency * elapsed)
        return 0.0


def _terminal(excess: Callable[[float, FloatArray], float]) -> Callable[[float, FloatArray], float]:
    """Return an event in the form of `solve_ivp` that ends the integration."""

    def event(elapsed: float, charge: FloatArray) -> float:
        return excess(elapsed, charge)

    event.terminal, event.direction = True, 1.0  # type: ignore[attr-defined]
    return event


@dataclass(frozen=True, slots=True)
class _Piece:
    """What was recorded of a leg."""

    time: FloatArray  #: s
    charge: FloatArray  #: C/m, shape (time, unknowns)
    electrode: FloatArray  #: V
    current: FloatArray  #: A/m

    @property
    def stored(self) -> FloatArray:
        """The charges."""
        return self.charge

    @property
    def potential(self) -> float:
        """Potential of the terminal at the end, V."""
        return float(self.electrode[-1])


def _run_leg(equations: _Equations, last: _Piece, full: float) -> _Piece:
    """Return the states of a leg that begins with the last ones; `full` is the charge of a full circuit, C/m."""
    ladder, leg, charge = equations.ladder, equations.leg, last.charge[-1]
    if not leg.prescribes_current:
        charge = ladder.jumped(charge, equations.electrode(0.0, charge))
    longest = leg.duration if math.isfinite(leg.duration) else _ENOUGH * leg.expected_duration(full)
    events, band = equations.events(), min(1, charge.size - 1)
    elapsed, charges = np.zeros(1), charge[None]
    if not any(event(0.0, charge) >= 0 for event in events):
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # its failure is told below
            found = solve_ivp(
                equations.rates,
                (0.0, longest),
                charge,
                "LSODA",
                dense_output=True,
                events=events or None,
                rtol=_RTOL,
                atol=_RTOL * full / ladder.circuit.slits,
                lband=band,
                uband=band,
            )
        if not found.success or (found.status == 0 and math.isinf(leg.duration)):
            raise RunError(
                f"a leg of {leg.control} did not come to its end within {longest:g} s ({found.message}); "
                "change the drive"
            )
        elapsed = np.union1d(found.t, found.t[-1] * _SHARES)
        elapsed = elapsed[np.diff(last.time[-1] + elapsed, prepend=last.time[-1]) > 0]
        charges = found.sol(elapsed).T
    rows = list(zip(elapsed, charges, strict=True))
    return _Piece(
        time=last.time[-1] + elapsed,
        charge=charges,
        electrode=np.array([equations.electrode(t, q) for t, q in rows]),
        current=np.array([equations.current(t, q) for t, q in rows]),
    )


def _full_charge(circuit: NanoCircuit, potential: float) -> float:
    """Return the charge that a circuit holds at a potential, C/m."""
    return float(slit_charges(circuit, np.full(circuit.slits, potential)).sum() + open_charge(circuit, potential))
