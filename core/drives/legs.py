"""A drive as data: legs, each with a control of the electrode and the conditions that end it.

A leg runs until the first of its end conditions holds; then the next leg begins where this one has left off.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ionspice.core.drives.controls import (
    Condition,
    ConstantCurrent,
    Control,
    CurrentBelow,
    Elapsed,
    End,
    Hold,
    LegsDone,
    Milestone,
    Oscillation,
    PotentialReached,
    Ramp,
    Stay,
    Sweep,
)
from ionspice.core.errors import InputError

_ARRIVED = 2e-6  # V: a sweep from closer to its end than this has nothing to do; currents end legs within 1e-6 V


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A stretch of a drive under one control.

    Raises:
        InputError: no end condition, a time that is not positive, a potential or a current as the end of a leg that
            prescribes it, or a rest or hold without a time.
    """

    control: Control
    ends: tuple[End, ...]  #: the first that holds ends the leg; a sweep ends where it arrives
    marks: tuple[Condition, ...] = ()  #: where pictures are wanted; steps land on times, and pass potentials

    def __post_init__(self) -> None:
        """Check the conditions."""
        if isinstance(self.control, Sweep):
            if self.ends:
                raise InputError(f"a leg of {self.control} ends where it arrives; leave its ends empty")
            return
        if not self.ends:
            raise InputError(f"a leg of {self.control} without an end; give a time or a potential that ends it")
        if not self.duration > 0:
            raise InputError(f"a leg of {self.duration} s must be longer than 0 s")
        if self.limits and not self.prescribes_current:
            raise InputError(f"a leg of {self.control} prescribes the potential; end it by the time instead")
        if self.current_limits and self.prescribes_current:
            raise InputError(
                f"a leg of {self.control} prescribes the current; end it by a time or a potential instead"
            )
        if self.control == ConstantCurrent(0.0) and math.isinf(self.duration):
            raise InputError("a rest at open circuit need not reach a potential; give a time that ends it as well")
        if self.current_limits and math.isinf(self.duration):
            raise InputError("a hold need not fall below a current; give a time that ends it as well")

    @property
    def prescribes_current(self) -> bool:
        """Whether the current is given and the potential follows."""
        return isinstance(self.control, ConstantCurrent)

    @property
    def duration(self) -> float:
        """Time after which the leg ends at the latest, infinite where only a potential ends it [s]."""
        if isinstance(self.control, Sweep):
            return self.control.duration
        return min((end.time for end in self.ends if isinstance(end, Elapsed)), default=math.inf)

    @property
    def limits(self) -> tuple[PotentialReached, ...]:
        """The potentials that end the leg."""
        return tuple(end for end in self.ends if isinstance(end, PotentialReached))

    @property
    def current_limits(self) -> tuple[CurrentBelow, ...]:
        """The currents below which the leg ends."""
        return tuple(end for end in self.ends if isinstance(end, CurrentBelow))

    def begun_at(self, potential: float, elapsed: float = 0.0) -> "Leg | None":
        """Return the leg as it runs from where the one before has left off; None where there is nothing left to do.

        Args:
            potential: phi_m when it begins, or later in it [V].
            elapsed: for how long it has run then [s].
        """
        match self.control:
            case Stay():
                return replace(self, control=Hold(potential))
            case Sweep(stop, rate):
                if elapsed == 0 and abs(stop - potential) <= _ARRIVED:
                    return None
                begun = potential - math.copysign(rate * elapsed, stop - potential)
                duration = abs(stop - begun) / rate
                return Leg(control=Ramp(begun, stop, duration), ends=(Elapsed(duration),), marks=self.marks)
        return self

    def expected_duration(self, charge: float) -> float:
        """Return the duration, or where a potential ends the leg the time in which its current passes a charge.

        Args:
            charge: about what the electrode takes up over the drive's swing: per depth [C/m], of a pore [C].
        """
        if isinstance(self.control, ConstantCurrent) and math.isinf(self.duration):
            return charge / abs(self.control.current)
        return self.duration


@dataclass(frozen=True, slots=True)
class Cycling:
    """Legs that are repeated until the state at the end of a cycle is the one at its beginning."""

    first: int  #: number of the leg that the first cycle begins with
    length: int  #: legs of a cycle
    cycles: int  #: at most
    tolerance: float  #: what a cycle may leave changed, as a share of what it moves

    def ended(self, before: int, now: int) -> int | None:
        """Return the leg with which the cycle began that has just ended; None where none has.

        Args:
            before: how many legs of the drive were done a moment ago.
            now: how many are done now; legs with nothing to do are done at once.
        """
        if not self.first + self.length <= now <= self.behind:
            return None
        cycles = (now - self.first) // self.length
        begin = self.first + (cycles - 1) * self.length
        return begin if before < begin + self.length else None

    @property
    def behind(self) -> int:
        """Number of the leg behind the last cycle."""
        return self.first + self.length * self.cycles


class Drive(Protocol):
    """What the electrode is made to follow, from equilibrium at a potential."""

    @property
    def start(self) -> float:
        """phi_m of the equilibrium from which it starts; at 0 V nothing is charged [V]."""
        ...

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The legs in turn."""
        ...

    @property
    def cyclings(self) -> tuple[Cycling, ...]:
        """Legs that end early when they have become periodic."""
        ...

    @property
    def swing(self) -> float:
        """Largest |phi_m|, or the range of potentials where that is larger [V]."""
        ...

    @property
    def charged(self) -> Milestone:
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
    charged: Milestone  #: what ends the first charging; times count from the start of the run
    start: float = 0.0  #: phi_m of the equilibrium at the beginning [V]
    cyclings: tuple[Cycling, ...] = ()  #: legs that end early when they have become periodic

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
    """Return the least and the largest phi_m [V] of a drive, among them 0 V and where it starts.

    A current that only a time ends may take phi_m as far as the drive's swing.

    Args:
        drive: what the electrode follows.
        both_signs: a second electrode is at -phi_m.
    """
    reached = [0.0, drive.start]
    for leg in drive.legs:
        match leg.control:
            case Hold(value) | Stay(value):
                reached.append(value)
            case Ramp(start=start, stop=stop) | Sweep(start=start, stop=stop):
                reached += (start, stop)
            case Oscillation(amplitude):
                reached += (amplitude, -amplitude)
            case ConstantCurrent(current) if current != 0:
                limits = [limit.potential for limit in leg.limits]
                reached += limits or [math.copysign(drive.swing, current)]
    if both_signs:
        reached += [-potential for potential in reached]
    return min(reached), max(reached)


def keeps_time(drive: Drive) -> bool:
    """Return whether the potential at every time is known beforehand."""
    return not any(leg.prescribes_current or leg.current_limits for leg in drive.legs) and not drive.cyclings


def leg_behind(drive: Drive, number: int, potential: float) -> int:
    """Return the number of the leg that follows a leg, past those with nothing to do at phi_m = `potential` [V]."""
    number += 1
    while number < len(drive.legs) and drive.legs[number].begun_at(potential) is None:
        number += 1
    return number


def first_time(
    condition: Milestone,
    times: Iterable[float],
    potentials: Iterable[float],
    legs_done: Iterable[int] = (),
    *,
    slack: float = 0.0,
) -> float:
    """Return when a condition held first in a run that was recorded [s], infinity if it never did.

    Args:
        condition: of a time, a potential or a number of legs.
        times: of the record, from the start of the run [s].
        potentials: phi_m at these times [V].
        legs_done: number of legs that had ended at these times.
        slack: how far from the potential counts as on it [V].
    """
    match condition:
        case Elapsed(time):
            return time
        case LegsDone(count):
            reached = (t for t, done in zip(times, legs_done, strict=True) if done >= count)
        case PotentialReached():
            reached = (t for t, v in zip(times, potentials, strict=True) if condition.excess(v) >= -slack)
    return float(next(reached, math.inf))


def with_currents(drive: LegSequence, factor: float) -> LegSequence:
    """Return a drive with every current multiplied, those that end legs too."""

    def end(condition: End) -> End:
        return (
            replace(condition, current=condition.current * factor)
            if isinstance(condition, CurrentBelow)
            else condition
        )

    def leg(one: Leg) -> Leg:
        control = one.control
        if isinstance(control, ConstantCurrent):
            control = replace(control, current=control.current * factor)
        return replace(one, control=control, ends=tuple(map(end, one.ends)))

    return replace(drive, legs=tuple(map(leg, drive.legs)))
