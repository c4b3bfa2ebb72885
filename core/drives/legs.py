"""A drive as data: legs, each with a control of the electrode and the conditions that end it.

A leg runs until the first of its end conditions holds; then the next leg begins where this one has left off. Times
count from the beginning of the leg, potentials are phi_m against the bulk, and a positive current charges the
electrode positively. A current of 0 is the open circuit.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ionspice.core.errors import InputError


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


type Control = Hold | Ramp | Oscillation | ConstantCurrent


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


type Condition = Elapsed | PotentialReached


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A stretch of a drive under one control.

    Raises:
        InputError: no end condition, a time that is not positive, a potential as the end of a leg that prescribes it,
            or a rest without a time.
    """

    control: Control
    ends: tuple[Condition, ...]  #: the first that holds ends the leg
    marks: tuple[Condition, ...] = ()  #: where pictures are wanted; steps land on times, and pass potentials

    def __post_init__(self) -> None:
        """Check the conditions."""
        if not self.ends:
            raise InputError(f"a leg of {self.control} without an end; give a time or a potential that ends it")
        if not self.duration > 0:
            raise InputError(f"a leg of {self.duration} s must be longer than 0 s")
        if self.limits and not self.prescribes_current:
            raise InputError(f"a leg of {self.control} prescribes the potential; end it by the time instead")
        if self.control == ConstantCurrent(0.0) and math.isinf(self.duration):
            raise InputError("a rest at open circuit need not reach a potential; give a time that ends it as well")

    @property
    def prescribes_current(self) -> bool:
        """Whether the current is given and the potential follows."""
        return isinstance(self.control, ConstantCurrent)

    @property
    def duration(self) -> float:
        """Time after which the leg ends at the latest, infinite where only a potential ends it [s]."""
        return min((end.time for end in self.ends if isinstance(end, Elapsed)), default=math.inf)

    @property
    def limits(self) -> tuple[PotentialReached, ...]:
        """The potentials that end the leg."""
        return tuple(end for end in self.ends if isinstance(end, PotentialReached))

    def expected_duration(self, charge: float) -> float:
        """Return the duration, or where a potential ends the leg the time in which its current passes a charge.

        Args:
            charge: about what the electrode takes up over the drive's swing: per depth [C/m], of a pore [C].
        """
        if isinstance(self.control, ConstantCurrent) and math.isinf(self.duration):
            return charge / abs(self.control.current)
        return self.duration


class Drive(Protocol):
    """What the electrode is made to follow, from the uncharged state at phi_m = 0."""

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The legs in turn."""
        ...

    @property
    def swing(self) -> float:
        """Largest |phi_m|, or the range of potentials where that is larger [V]."""
        ...

    @property
    def charged(self) -> Condition:
        """What ends the first charging; times count from the start of the run."""
        ...

    @property
    def prescribes_current(self) -> bool:
        """Whether the current is given in some leg, so that nothing is said of the potential there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LegSequence:
    """A drive of any legs, such as a sweep, a rest at open circuit and a discharge.

    Raises:
        InputError: no legs, or a swing that is not positive.
    """

    legs: tuple[Leg, ...]
    swing: float  #: largest |phi_m| that is expected [V]
    charged: Condition  #: what ends the first charging; times count from the start of the run

    def __post_init__(self) -> None:
        """Check the legs."""
        if not self.legs:
            raise InputError("legs = () drives nothing; give at least one leg")
        if not self.swing > 0:
            raise InputError(f"swing = {self.swing} V must be greater than 0 V")

    @property
    def prescribes_current(self) -> bool:
        """Whether the current is given in some leg."""
        return any(leg.prescribes_current for leg in self.legs)


def ramps(times: Sequence[float], potentials: Sequence[float], marks: Sequence[float] = ()) -> tuple[Leg, ...]:
    """Return the legs of a potential on straight lines through the given corners.

    Args:
        times: of the corners, ascending from 0 [s].
        potentials: phi_m at the corners [V].
        marks: times at which pictures are wanted [s]; those on a corner are left out.
    """
    legs = []
    for begin, end, start, stop in zip(times[:-1], times[1:], potentials[:-1], potentials[1:], strict=True):
        duration = end - begin
        inside = tuple(Elapsed(mark - begin) for mark in marks if begin < mark < end)
        legs.append(Leg(control=Ramp(start, stop, duration), ends=(Elapsed(duration),), marks=inside))
    return tuple(legs)


def potential_range(drive: Drive, *, both_signs: bool = False) -> tuple[float, float]:
    """Return the least and the largest phi_m [V] of a drive, among them the 0 V that it starts from.

    A current that only a time ends may take phi_m as far as the drive's swing.

    Args:
        drive: what the electrode follows.
        both_signs: a second electrode is at -phi_m.
    """
    reached = [0.0]
    for leg in drive.legs:
        match leg.control:
            case Hold(value):
                reached.append(value)
            case Ramp(start, stop):
                reached += (start, stop)
            case Oscillation(amplitude):
                reached += (amplitude, -amplitude)
            case ConstantCurrent(current) if current != 0:
                limits = [limit.potential for limit in leg.limits]
                reached += limits or [math.copysign(drive.swing, current)]
    if both_signs:
        reached += [-potential for potential in reached]
    return min(reached), max(reached)


def first_time(
    condition: Condition, times: Iterable[float], potentials: Iterable[float], *, slack: float = 0.0
) -> float:
    """Return when a condition held first in a run that was recorded [s], infinity if it never did.

    Args:
        condition: of a time or a potential.
        times: of the record, from the start of the run [s].
        potentials: phi_m at these times [V].
        slack: how far from the potential counts as on it [V].
    """
    if isinstance(condition, Elapsed):
        return condition.time
    reached = (t for t, v in zip(times, potentials, strict=True) if condition.excess(v) >= -slack)
    return float(next(reached, math.inf))
