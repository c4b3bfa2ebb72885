"""A measurement as a fit sees it: what a device is asked, what was answered, and on which scale they are compared.

Some things of a record the instrument did not write down; they are nuisances, fitted with the device: the voltage at
which a charge-discharge curve begins, and when between two points its current was reversed.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ionspice.circuits.fitting.legs import CurrentLegs, Sweeps, current_legs, sweeps_of
from ionspice.circuits.fitting.steps import FINE, Resolution, Steps, make_steps
from ionspice.circuits.measurements.records import Measurement, Spectrum, Transient, Voltammogram
from ionspice.circuits.model.charge import FloatArray
from ionspice.core import InputError

#: legs of a curve that are simulated, from the first on
MOST_LEGS = 8
_LEVEL = 0.05  # rms of a constant current about its legs, of the largest
_CLOSED = 0.05  # of the swing: how near a loop ends where it began
_FLOWING = 0.2  # of the peak: a current that no device at rest has
_LOOPS = 3  # times that a loop is run to be periodic
_SOONEST = 1e-4  # of a leg: a doubt about its end that changes nothing
_DIFFERENT = 0.999  # of the time between two points: a current changes before the second one


class Device(Protocol):
    """What is fitted."""

    def respond(self, steps: Steps, start: float) -> FloatArray:
        """Return current (A) or potential (V) at all times of the steps, from rest at a voltage (V)."""
        ...

    def impedance(self, frequency: FloatArray, bias: float) -> np.ndarray:
        """Return the impedance (ohm, complex) at frequencies (Hz) and a bias (V)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Nuisance:
    """An unknown of one record."""

    name: str
    start: float
    low: float
    high: float
    #: change that a derivative is taken over
    step: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Experiment:
    """One record, with the positions of the points that are compared."""

    #: of the record
    name: str
    #: voltammogram, charge-discharge or impedance
    kind: str
    #: what is shown on the horizontal axis of residuals: s, or Hz
    place: FloatArray
    #: what was measured, A, V, or ohm (real parts, then imaginary ones); shape (values,)
    observed: FloatArray
    #: what an error is compared with, in the unit of `observed`, shape (values,)
    scale: FloatArray
    #: unknowns of the record
    nuisances: tuple[Nuisance, ...] = ()

    def predict(self, device: Device, nuisances: FloatArray) -> FloatArray:
        """Return what a device would have answered, in the form of `observed`."""
        raise NotImplementedError

    def misfit(self, device: Device, nuisances: FloatArray) -> FloatArray:
        """Return prediction less observation on their scale, 1; large where the device has no answer."""
        found = (self.predict(device, nuisances) - self.observed) / self.scale
        return np.clip(np.nan_to_num(found, nan=1e3, posinf=1e3, neginf=-1e3), -1e3, 1e3)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PotentialExperiment(Experiment):
    """The potential was prescribed and the current measured."""

    steps: Steps
    #: V: from rest there, or from the periodic state
    start: float

    def predict(self, device: Device, nuisances: FloatArray) -> FloatArray:
        """Return the current at the points, A."""
        return np.asarray(device.respond(self.steps, self.start)[self.steps.samples])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurrentExperiment(Experiment):
    """The current was prescribed and the potential measured; nuisances: start, then when legs end."""

    legs: CurrentLegs
    #: begin and end, s
    span: tuple[float, float]
    #: which ends of legs are nuisances; the others are at the last point of their leg
    doubtful: tuple[int, ...] = field(default=())
    resolution: Resolution = FINE

    def predict(self, device: Device, nuisances: FloatArray) -> FloatArray:
        """Return the potential at the points, V."""
        share = np.zeros(self.legs.last.size)
        share[list(self.doubtful)] = nuisances[1:]
        corners = np.concatenate(
            [self.span[:1], self.legs.last + share * (self.legs.first - self.legs.last), self.span[1:]]
        )

        def current(_: FloatArray, within: FloatArray) -> FloatArray:
            return self.legs.current[np.clip(np.searchsorted(corners, within) - 1, 0, self.legs.current.size - 1)]

        steps = make_steps(corners, self.place, current, current=True, resolution=self.resolution)
        return np.asarray(device.respond(steps, float(nuisances[0]))[steps.samples])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpectrumExperiment(Experiment):
    """Impedances, each compared by its size."""

    #: V
    bias: float

    def predict(self, device: Device, nuisances: FloatArray) -> FloatArray:
        """Return real and imaginary parts, ohm."""
        found = device.impedance(self.place, self.bias)
        return np.concatenate([found.real, found.imag])


def experiment_of(record: Measurement, reference: float = 0.0, resolution: Resolution = FINE) -> Experiment:
    """Return the experiment of a record.

    Args:
        record: the measurement.
        reference: potential at which the device is uncharged, V; potentials are counted from there.
        resolution: how finely it is compared.

    Raises:
        InputError: a record in which nothing changes.
    """
    if isinstance(record, Spectrum):
        size = np.abs(record.impedance)
        if not size.all():
            raise InputError(f"{record.name} has an impedance of 0; remove that row")
        return SpectrumExperiment(
            name=record.name,
            kind="impedance",
            place=record.frequency,
            observed=np.concatenate([record.impedance.real, record.impedance.imag]),
            scale=np.tile(size, 2),
            bias=record.bias - reference,
        )
    if record.swing == 0 or not np.ptp(record.current) + np.abs(record.current).max():
        raise InputError(f"{record.name}: potential or current is the same throughout; leave the file out")
    time, potential = record.time - record.time[0], record.potential - reference
    if not isinstance(record, Voltammogram):
        legs = current_legs(time, record.current)
        if legs.spread < _LEVEL:
            return _current_experiment(record, time, potential, legs, resolution)
    return _potential_experiment(record, time, potential, resolution)


def _potential_experiment(
    record: Transient, time: FloatArray, potential: FloatArray, resolution: Resolution
) -> PotentialExperiment:
    sweeps = sweeps_of(time, potential)
    if sweeps.straight and sweeps.time.size > MOST_LEGS + 1:
        end = sweeps.time[MOST_LEGS]
        sweeps = Sweeps(time=sweeps.time[: MOST_LEGS + 1], potential=sweeps.potential[: MOST_LEGS + 1], straight=True)
        time, potential = time[time <= end], potential[time <= end]
    current = record.current[: time.size]
    peak = float(np.abs(current).max())
    chosen = thinned(1, time.size, resolution.points)
    corners, values = (sweeps.time, sweeps.potential) if sweeps.straight else (time, potential)
    shift = 0.0
    if _is_periodic(potential, current):
        period = float(corners[-1])
        loops = [k * period + corners[(k > 0) :] for k in range(_LOOPS)]
        values = np.concatenate([values, *[values[1:]] * (_LOOPS - 1)])
        corners, shift = np.concatenate(loops), (_LOOPS - 1) * period
    marks = corners if sweeps.straight else corners[[0, -1]]
    samples = time[chosen]
    steps = make_steps(
        marks, samples + shift, lambda at, _: np.interp(at, corners, values), current=False, resolution=resolution
    )
    return PotentialExperiment(
        name=record.name,
        kind="voltammogram",
        place=samples,
        observed=current[chosen],
        scale=np.full(chosen.size, peak),
        steps=steps,
        start=float(values[0]),
    )


def _current_experiment(
    record: Transient, time: FloatArray, potential: FloatArray, legs: CurrentLegs, resolution: Resolution
) -> CurrentExperiment:
    if legs.last.size >= MOST_LEGS:
        end = legs.last[MOST_LEGS - 1]
        time = time[time <= end]
        potential = potential[: time.size]
        legs = CurrentLegs(
            current=legs.current[:MOST_LEGS],
            last=legs.last[: MOST_LEGS - 1],
            first=legs.first[: MOST_LEGS - 1],
            spread=legs.spread,
        )
    swing = float(np.ptp(potential))
    length = float(time[-1]) / legs.current.size
    doubtful = tuple(int(k) for k in np.flatnonzero(legs.first - legs.last > _SOONEST * length))
    first = Nuisance(
        name="start",
        start=float(potential[0]),
        low=float(potential[0]) - swing,
        high=float(potential[0]) + swing,
        step=1e-4 * swing,
    )
    ends = (Nuisance(name=f"end of leg {k + 1}", start=0.01, low=0.0, high=_DIFFERENT, step=1e-2) for k in doubtful)
    chosen = thinned(1, time.size, resolution.points)
    return CurrentExperiment(
        name=record.name,
        kind="charge-discharge",
        place=time[chosen],
        observed=potential[chosen],
        scale=np.full(chosen.size, swing),
        nuisances=(first, *ends),
        legs=legs,
        span=(0.0, float(time[-1])),
        doubtful=doubtful,
        resolution=resolution,
    )


def thinned(first: int, count: int, most: int) -> np.ndarray:
    """Return positions from `first` to `count - 1`, evenly chosen, at most so many."""
    return np.unique(np.linspace(first, count - 1, min(most, count - first)).round().astype(int))


def _is_periodic(potential: FloatArray, current: FloatArray) -> bool:
    """Return whether a loop was cut out of a periodic course: it closes, and a current flows at its begin."""
    peak = float(np.abs(current).max())
    closes = abs(potential[-1] - potential[0]) < _CLOSED * np.ptp(potential)
    same = abs(current[-1] - current[0]) < _FLOWING * peak
    return bool(closes and same and abs(current[0]) > _FLOWING * peak)
