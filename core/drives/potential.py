"""The potential that the electrode follows, and the times at which its slope jumps."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, Protocol

from ionspice.core import InputError
from ionspice.core.drives.controls import Condition, Elapsed, Hold, Oscillation
from ionspice.core.drives.legs import Cycling, Drive, Leg, ramps


class PotentialDrive(Drive, Protocol):
    """An electrode potential as a function of time, piecewise smooth."""

    @property
    def prescribes_current(self) -> Literal[False]:
        """Whether the current is given."""
        return False

    @property
    def start(self) -> float:
        """An uncharged electrode [V]."""
        return 0.0

    @property
    def cyclings(self) -> tuple[Cycling, ...]:
        """No legs end early."""
        return ()

    @property
    def charged(self) -> Condition:
        """The end of the first charging."""
        return Elapsed(self.charging_end)

    @property
    def corners(self) -> tuple[float, ...]:
        """Times at which the slope jumps, ascending; the last is the end of the run [s]."""
        ...

    @property
    def snapshots(self) -> tuple[float, ...]:
        """Further times that a step has to land on, for pictures [s]."""
        ...

    @property
    def charging_end(self) -> float:
        """End of the first charging ramp [s]."""
        ...

    def potential(self, time: float) -> float:
        """Return phi_m [V] at a time [s]."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TriangularDrive(PotentialDrive):
    """Cyclic voltammetry: phi_m runs 0 -> amplitude -> lower -> 0 in each cycle.

    Raises:
        InputError: amplitude 0, a lower vertex on the amplitude's side of 0, a half cycle that is not positive, or
            fewer than one cycle.
    """

    amplitude: float = 0.11  #: phi_m at the first turning point, either sign [V]
    half_cycle: float = 750e-9  #: time from one vertex to the other, half of the period [s]
    cycles: int = 1  #: number of triangles
    lower: float = 0.0  #: phi_m at the other turning point: 0 or of the opposite sign [V]

    def __post_init__(self) -> None:
        """Check the numbers."""
        _check_amplitude(self.amplitude)
        if not self.lower * self.amplitude <= 0:
            raise InputError(
                f"lower = {self.lower} V and amplitude = {self.amplitude} V lie on one side of 0 V, where the sweep "
                "starts; give lower = 0 V or the opposite sign, or describe the sweep as a table"
            )
        if not self.half_cycle > 0:
            raise InputError(f"half_cycle = {self.half_cycle} s must be greater than 0 s")
        if self.cycles < 1:
            raise InputError(f"cycles = {self.cycles} must be 1 or more")

    @property
    def scan_rate(self) -> float:
        """Magnitude of the slope [V/s]."""
        return abs(self.amplitude - self.lower) / self.half_cycle

    @property
    def swing(self) -> float:
        """Largest |phi_m| [V]."""
        return max(abs(self.amplitude), abs(self.lower))

    @property
    def corners(self) -> tuple[float, ...]:
        """The ends of all ramps: the vertices, and 0 V at the end [s]."""
        share = self.charging_end / self.half_cycle
        vertices = [(ramp + share) * self.half_cycle for ramp in range(2 * self.cycles)]
        return (*vertices, 2 * self.cycles * self.half_cycle) if self.lower else tuple(vertices)

    @property
    def snapshots(self) -> tuple[float, ...]:
        """The middles of all ramps: half charge and half discharge [s]."""
        return tuple((begin + end) / 2 for begin, end in pairwise((0.0, *self.corners)))

    @property
    def charging_end(self) -> float:
        """End of the first ramp [s]."""
        return self.half_cycle * (self.amplitude / (self.amplitude - self.lower))

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The ramps."""
        vertices = (self.amplitude, self.lower) * self.cycles
        potentials = (0.0, *vertices, 0.0) if self.lower else (0.0, *vertices)
        return ramps((0.0, *self.corners), potentials, self.snapshots)

    def potential(self, time: float) -> float:
        """Return phi_m [V] at a time [s]."""
        span = self.amplitude - self.lower
        share, phase = self.amplitude / span, (time / self.half_cycle) % 2.0
        if phase <= share:
            return span * phase
        if phase <= share + 1.0:
            return self.amplitude - span * (phase - share)
        return span * (phase - 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDrive(PotentialDrive):
    """Chronoamperometry: phi_m jumps to the amplitude at t = 0 and stays.

    Raises:
        InputError: amplitude 0 or a duration that is not positive.
    """

    amplitude: float  #: phi_m after the jump, either sign [V]
    duration: float  #: [s]

    def __post_init__(self) -> None:
        """Check the numbers."""
        _check_amplitude(self.amplitude)
        if not self.duration > 0:
            raise InputError(f"duration = {self.duration} s must be greater than 0 s")

    @property
    def swing(self) -> float:
        """Largest |phi_m| [V]."""
        return abs(self.amplitude)

    @property
    def corners(self) -> tuple[float, ...]:
        """The end [s]."""
        return (self.duration,)

    @property
    def snapshots(self) -> tuple[float, ...]:
        """The middle [s]."""
        return (self.duration / 2,)

    @property
    def charging_end(self) -> float:
        """The end [s]."""
        return self.duration

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The hold."""
        marks = tuple(map(Elapsed, self.snapshots))
        return (Leg(control=Hold(self.amplitude), ends=(Elapsed(self.duration),), marks=marks),)

    def potential(self, time: float) -> float:
        """Return phi_m [V]: 0 until t = 0, the amplitude after it."""
        return self.amplitude if time > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SineDrive(PotentialDrive):
    """A sine: phi_m = amplitude sin(2 pi frequency t).

    Raises:
        InputError: amplitude 0, a frequency that is not positive, or fewer than one cycle.
    """

    amplitude: float  #: largest phi_m, either sign first [V]
    frequency: float  #: [Hz]
    cycles: int = 1  #: number of periods

    def __post_init__(self) -> None:
        """Check the numbers."""
        _check_amplitude(self.amplitude)
        if not (self.frequency > 0 and math.isfinite(self.frequency)):
            raise InputError(f"frequency = {self.frequency} Hz must be greater than 0 Hz and finite")
        if self.cycles < 1:
            raise InputError(f"cycles = {self.cycles} must be 1 or more")

    @property
    def swing(self) -> float:
        """Largest |phi_m| [V]."""
        return abs(self.amplitude)

    @property
    def corners(self) -> tuple[float, ...]:
        """The end; a sine has no kink after its start [s]."""
        return (self.cycles / self.frequency,)

    @property
    def snapshots(self) -> tuple[float, ...]:
        """The extremes and the passages through 0 [s]."""
        return tuple(quarter / (4 * self.frequency) for quarter in range(1, 4 * self.cycles))

    @property
    def charging_end(self) -> float:
        """The first extreme [s]."""
        return 1 / (4 * self.frequency)

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The whole of it: a sine has no kink after its start."""
        control, marks = Oscillation(self.amplitude, self.frequency), tuple(map(Elapsed, self.snapshots))
        return (Leg(control=control, ends=(Elapsed(self.corners[-1]),), marks=marks),)

    def potential(self, time: float) -> float:
        """Return phi_m [V] at a time [s]."""
        return self.amplitude * math.sin(2 * math.pi * self.frequency * time)


def _check_amplitude(amplitude: float) -> None:
    if amplitude == 0 or not math.isfinite(amplitude):
        raise InputError(f"amplitude = {amplitude:g} V drives nothing; give a finite voltage other than 0 V")
