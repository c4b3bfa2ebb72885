"""What sets the electrode in a leg of a drive, and the conditions that end one.

Times count from the beginning of the leg, potentials are phi_m against the bulk, and a positive current charges the
electrode positively. A current of 0 is the open circuit.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hold:
    """phi_m stays."""

    value: float  #: phi_m [V]

    def potential(self, elapsed: float) -> float:
        """Return phi_m [V] after a time in the leg [s]."""
        del elapsed
        return self.value


@dataclass(frozen=True, slots=True)
class Ramp:
    """phi_m runs on a straight line."""

    start: float  #: phi_m at the beginning [V]
    stop: float  #: phi_m after the duration [V]
    duration: float  #: [s]

    def potential(self, elapsed: float) -> float:
        """Return phi_m [V] after a time in the leg [s]."""
        return self.start + (self.stop - self.start) * (elapsed / self.duration)


@dataclass(frozen=True, slots=True)
class Oscillation:
    """phi_m = amplitude sin(2 pi frequency t)."""

    amplitude: float  #: [V]
    frequency: float  #: [Hz]

    def potential(self, elapsed: float) -> float:
        """Return phi_m [V] after a time in the leg [s]."""
        return self.amplitude * math.sin(2 * math.pi * self.frequency * elapsed)


@dataclass(frozen=True, slots=True)
class ConstantCurrent:
    """A constant current flows into the electrode, and phi_m is what it takes."""

    current: float  #: signed: per depth [A/m], or of an axisymmetric pore [A]; 0 is the open circuit


@dataclass(frozen=True, slots=True)
class Sweep:
    """phi_m runs on a straight line from where the leg before has left it."""

    stop: float  #: phi_m at the end [V]
    rate: float  #: magnitude of the slope [V/s]
    start: float  #: phi_m from which it is expected to run [V]

    @property
    def duration(self) -> float:
        """Time from start to stop [s]."""
        return abs(self.stop - self.start) / self.rate

    def potential(self, elapsed: float) -> float:
        """Return phi_m [V] after a time in the leg [s]."""
        return self.start + math.copysign(self.rate * elapsed, self.stop - self.start)


@dataclass(frozen=True, slots=True)
class Stay:
    """phi_m stays where the leg before has left it."""

    value: float  #: where that is expected to be [V]

    def potential(self, elapsed: float) -> float:
        """Return phi_m [V] after a time in the leg [s]."""
        del elapsed
        return self.value


type Control = Hold | Ramp | Oscillation | ConstantCurrent | Sweep | Stay


@dataclass(frozen=True, slots=True)
class Elapsed:
    """A time has passed."""

    time: float  #: since the beginning of the leg [s]


@dataclass(frozen=True, slots=True)
class PotentialReached:
    """phi_m has reached a value, coming from below or from above."""

    potential: float  #: phi_m [V]
    rising: bool  #: whether it comes from below

    def excess(self, potential: float) -> float:
        """Return by how much phi_m has gone beyond the value [V], negative before it is reached."""
        return potential - self.potential if self.rising else self.potential - potential


@dataclass(frozen=True, slots=True)
class CurrentBelow:
    """The current has become small."""

    current: float  #: magnitude: per depth [A/m], or of an axisymmetric pore [A]

    def excess(self, current: float) -> float:
        """Return by how much a current of either sign is below, negative while it is above."""
        return self.current - abs(current)


@dataclass(frozen=True, slots=True)
class LegsDone:
    """So many legs of the drive have ended."""

    count: int


type Condition = Elapsed | PotentialReached
type End = Condition | CurrentBelow
type Milestone = Condition | LegsDone
