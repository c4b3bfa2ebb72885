"""One record for each kind of measurement, in SI units and with the signs of the circuits.

A current that charges the device (raises its voltage) is positive; impedances are complex with Im Z < 0 where the
device is capacitive.
"""

from dataclasses import dataclass

import numpy as np

from ionspice.circuits.model.charge import FloatArray
from ionspice.core import InputError

#: fewer points of a curve tell nothing
LEAST_POINTS = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transient:
    """Potential and current over time."""

    #: of the file and, where it has several curves, of the curve
    name: str
    #: s, increasing, shape (points,)
    time: FloatArray
    #: V, shape (points,)
    potential: FloatArray
    #: A, shape (points,)
    current: FloatArray
    #: cm^2 as the file has it, in m^2; None where it says nothing
    area: float | None = None

    def __post_init__(self) -> None:
        """Check lengths, numbers and order."""
        _check(self.name, self.time, self.potential, self.current)
        if (np.diff(self.time) <= 0).any():
            raise InputError(f"{self.name}: the time does not increase; sort the rows and drop repeats")

    @property
    def points(self) -> int:
        """Number of points."""
        return int(self.time.size)

    @property
    def swing(self) -> float:
        """Largest less least potential, V."""
        return float(np.ptp(self.potential))


class Voltammogram(Transient):
    """The potential was prescribed, by sweeps or steps, and the current measured."""


class ChargeDischarge(Transient):
    """The current was prescribed, constant in every leg, and the potential measured."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spectrum:
    """Impedance over frequency at one bias."""

    #: of the file
    name: str
    #: Hz, decreasing, shape (points,)
    frequency: FloatArray
    #: ohm, complex, shape (points,)
    impedance: np.ndarray
    #: V
    bias: float = 0.0
    #: m^2; None where the file says nothing
    area: float | None = None

    def __post_init__(self) -> None:
        """Check lengths, numbers and order."""
        _check(self.name, self.frequency, self.impedance.real, self.impedance.imag)
        if (self.frequency <= 0).any():
            raise InputError(f"{self.name}: frequency = {self.frequency.min():g} Hz; it must be above 0")

    @property
    def points(self) -> int:
        """Number of points."""
        return int(self.frequency.size)


type Measurement = Voltammogram | ChargeDischarge | Spectrum


def _check(name: str, *columns: FloatArray) -> None:
    lengths = {column.shape for column in columns}
    if len(lengths) > 1:
        raise InputError(f"{name}: columns of {sorted(shape[0] for shape in lengths)} values; give as many of each")
    if columns[0].size < LEAST_POINTS:
        raise InputError(
            f"{name} has {columns[0].size} complete rows, at least {LEAST_POINTS} are needed: was the measurement "
            "stopped? Measure again, or leave the file out"
        )
    if not all(np.isfinite(column).all() for column in columns):
        raise InputError(f"{name} has a value that is not finite; repair or remove that row")
