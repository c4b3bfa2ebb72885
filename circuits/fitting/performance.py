"""Numbers by which devices are compared: capacitance against the rate, energy against power.

C = int |I| dt / (2 Delta V) of a loop,   C = I t/Delta V of a discharge behind its jump
E = int V I dt of a discharge,   P = E/t
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.integrate import trapezoid

from ionspice.circuits.fitting.experiments import Device
from ionspice.circuits.fitting.legs import current_legs, sweeps_of
from ionspice.circuits.fitting.steps import make_steps
from ionspice.circuits.measurements.records import ChargeDischarge, Measurement, Voltammogram
from ionspice.circuits.model.charge import FloatArray

_POINTS = 400  # of a simulated leg
_LEAST_SHARE = 0.05  # of the window: a discharge that is over sooner says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePoint:
    """The capacitance at one rate."""

    name: str
    rate: float  #: V/s
    capacitance: float  #: F


@dataclass(frozen=True, slots=True, kw_only=True)
class RagonePoint:
    """Energy and mean power of one discharge."""

    name: str
    power: float  #: W
    energy: float  #: J


def measured_rates(records: Iterable[Measurement]) -> list[RatePoint]:
    """Return the capacitance of every voltammogram that is a loop, slowest first."""
    found = []
    for record in records:
        if isinstance(record, Voltammogram) and record.swing:
            sweeps = sweeps_of(record.time, record.potential)
            if not sweeps.straight or sweeps.time.size < 3:
                continue
            rate = float(np.median(np.abs(np.diff(sweeps.potential) / np.diff(sweeps.time))))
            path = float(np.abs(np.diff(sweeps.potential)).sum())
            charge = float(trapezoid(np.abs(record.current), record.time))
            found.append(RatePoint(name=record.name, rate=rate, capacitance=charge / path))
    return sorted(found, key=lambda point: point.rate)


def modelled_rates(device: Device, window: tuple[float, float], rates: Sequence[float]) -> list[RatePoint]:
    """Return the capacitance of loops from the lower to the upper end of a window (V) at rates, V/s."""
    low, high = window
    found = []
    for rate in rates:
        corners = (high - low) / rate * np.arange(3.0)
        samples = np.linspace(0.0, corners[-1], 2 * _POINTS)
        steps = make_steps(corners, samples, _loop(corners, low, high), current=False)
        charge = float(trapezoid(np.abs(device.respond(steps, low)), steps.time))
        found.append(RatePoint(name="model", rate=rate, capacitance=charge / (2 * (high - low))))
    return found


def measured_ragone(records: Iterable[Measurement]) -> list[RagonePoint]:
    """Return energy and power of the first discharge of every charge-discharge curve."""
    found = []
    for record in records:
        if not isinstance(record, ChargeDischarge):
            continue
        legs = current_legs(record.time, record.current)
        begins = np.concatenate([record.time[:1], legs.first])
        ends = np.concatenate([legs.last, record.time[-1:]])
        for begin, end, current in zip(begins, ends, legs.current, strict=True):
            inside = (record.time >= begin) & (record.time <= end) & (record.potential > 0)
            if current < 0 and inside.sum() > 2 and np.ptp(record.potential[inside]) > _LEAST_SHARE * record.swing:
                found.append(_discharge(record.name, record.time[inside], record.potential[inside], -current))
                break
    return sorted(found, key=lambda point: point.power)


def modelled_ragone(device: Device, window: tuple[float, float], currents: Sequence[float]) -> list[RagonePoint]:
    """Return energy and power of the device, charged from rest and discharged at currents, A, as it is measured.

    Currents that take the potential from one end of the window (V) to the other at once have no energy and are left
    out.
    """
    low, high = window
    found = []
    for current in currents:
        longest = _longest(device, high - low, current)
        charging = _leg(device, (0.0, longest), low, current)
        turn = charging[0][int(np.argmax(charging[1] >= high))]
        if not turn > 0:
            continue
        time, potential = _leg(device, (0.0, turn, turn + longest), low, current)
        inside = (time > turn) & (potential > max(low, 0.0))
        end = int(np.argmax((time > turn) & ~inside)) or time.size
        kept = np.flatnonzero(inside[:end])
        if kept.size > 2:
            found.append(_discharge("model", time[kept], potential[kept], current))
    return sorted(found, key=lambda point: point.power)


def _leg(device: Device, corners: tuple[float, ...], start: float, current: float) -> tuple[FloatArray, FloatArray]:
    """Return time and potential of a device that is charged, and behind the second corner discharged."""
    ends = np.array(corners)
    steps = make_steps(
        ends,
        np.linspace(ends[0], ends[-1], _POINTS),
        lambda _, within: np.where(within < ends[1], current, -current),
        current=True,
    )
    return steps.time, device.respond(steps, start)


def _loop(corners: FloatArray, low: float, high: float) -> Callable[[FloatArray, FloatArray], FloatArray]:
    return lambda at, _: np.interp(at, corners, [low, high, low])


def _longest(device: Device, potential: float, current: float) -> float:
    """Return a time after which a leg is over, s: that of twice the charge of a slow spectrum's capacitance."""
    slow = np.array([1e-6])
    reactance = max(abs(float(device.impedance(slow, potential / 2).imag[0])), 1e-30)
    return potential / (float(np.pi * slow[0]) * reactance * current)


def _discharge(name: str, time: FloatArray, potential: FloatArray, current: float) -> RagonePoint:
    energy = float(trapezoid(potential * current, time))
    return RagonePoint(name=name, power=energy / float(time[-1] - time[0]), energy=energy)
