"""Charging and discharging at constant current between two potentials."""

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from ionspice.core import InputError
from ionspice.core.drives.controls import Condition, ConstantCurrent, PotentialReached
from ionspice.core.drives.legs import Cycling, Leg


@dataclass(frozen=True, slots=True, kw_only=True)
class GalvanostaticDrive:
    """Charge at +current to `upper`, discharge at -current to `lower`, and so on.

    Raises:
        InputError: a current that is not positive, limits out of order, or fewer than one cycle.
    """

    prescribes_current: ClassVar[Literal[True]] = True
    start: ClassVar[float] = 0.0
    cyclings: ClassVar[tuple[Cycling, ...]] = ()
    current: float  #: magnitude into the electrode: per depth [A/m], or of an axisymmetric pore [A]
    upper: float  #: phi_m at which discharging starts [V]
    lower: float = 0.0  #: phi_m at which charging starts again [V]
    cycles: int = 1  #: number of charges and discharges

    def __post_init__(self) -> None:
        """Check the numbers."""
        if not (self.current > 0 and math.isfinite(self.current)):
            raise InputError(f"current = {self.current} A/m must be greater than 0 A/m and finite")
        if not (self.upper > 0 and self.lower < self.upper):
            raise InputError(
                f"limits lower = {self.lower} V, upper = {self.upper} V: give upper > 0 V and lower < upper"
            )
        if self.cycles < 1:
            raise InputError(f"cycles = {self.cycles} must be 1 or more")

    @property
    def swing(self) -> float:
        """The longer of the potential ranges that are swept [V]."""
        return max(self.upper, self.upper - self.lower)

    @property
    def legs(self) -> tuple[Leg, ...]:
        """Charge and discharge in turn; a picture at half charge, once."""
        full, empty = PotentialReached(self.upper, rising=True), PotentialReached(self.lower, rising=False)
        charge, discharge = ConstantCurrent(self.current), ConstantCurrent(-self.current)
        first = Leg(control=charge, ends=(full,), marks=(PotentialReached(self.upper / 2, rising=True),))
        cycle = (Leg(control=charge, ends=(full,)), Leg(control=discharge, ends=(empty,)))
        return (first, cycle[1], *cycle * (self.cycles - 1))

    @property
    def charged(self) -> Condition:
        """The end of the first charging."""
        return PotentialReached(self.upper, rising=True)
