"""The potential that the electrode follows, and the times at which its slope jumps."""

from dataclasses import dataclass
from typing import Protocol

from ionspice.core import InputError


class Drive(Protocol):
    """An electrode potential as a function of time, piecewise smooth."""

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

    @property
    def swing(self) -> float:
        """Largest |phi_m| [V]."""
        ...

    def potential(self, time: float) -> float:
        """Return phi_m [V] at a time [s]."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TriangularDrive:
    """Cyclic voltammetry: phi_m runs 0 -> amplitude -> 0 in each cycle.

    Raises:
        InputError: amplitude 0, a half cycle that is not positive, or fewer than one cycle.
    """

    amplitude: float = 0.11  #: phi_m at the turning point, either sign [V]
    half_cycle: float = 750e-9  #: duration of one ramp [s]
    cycles: int = 1  #: number of triangles

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.amplitude == 0:
            raise InputError("amplitude = 0 V drives nothing; give a voltage other than 0")
        if not self.half_cycle > 0:
            raise InputError(f"half_cycle = {self.half_cycle} s must be greater than 0 s")
        if self.cycles < 1:
            raise InputError(f"cycles = {self.cycles} must be 1 or more")

    @property
    def scan_rate(self) -> float:
        """Magnitude of the slope [V/s]."""
        return abs(self.amplitude) / self.half_cycle

    @property
    def swing(self) -> float:
        """Largest |phi_m| [V]."""
        return abs(self.amplitude)

    @property
    def corners(self) -> tuple[float, ...]:
        """The ends of all ramps [s]."""
        return tuple(ramp * self.half_cycle for ramp in range(1, 2 * self.cycles + 1))

    @property
    def snapshots(self) -> tuple[float, ...]:
        """The middles of all ramps: half charge and half discharge [s]."""
        return tuple((ramp + 0.5) * self.half_cycle for ramp in range(2 * self.cycles))

    @property
    def charging_end(self) -> float:
        """End of the first ramp [s]."""
        return self.half_cycle

    def potential(self, time: float) -> float:
        """Return phi_m [V] at a time [s]."""
        phase = (time / self.half_cycle) % 2.0
        return self.amplitude * (phase if phase <= 1.0 else 2.0 - phase)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDrive:
    """Chronoamperometry: phi_m jumps to the amplitude at t = 0 and stays.

    Raises:
        InputError: amplitude 0 or a duration that is not positive.
    """

    amplitude: float  #: phi_m after the jump, either sign [V]
    duration: float  #: [s]

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.amplitude == 0:
            raise InputError("amplitude = 0 V drives nothing; give a voltage other than 0")
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

    def potential(self, time: float) -> float:
        """Return phi_m [V]: 0 until t = 0, the amplitude after it."""
        return self.amplitude if time > 0 else 0.0
