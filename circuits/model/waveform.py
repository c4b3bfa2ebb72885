"""Piecewise linear drives: what the electrode terminal is held at over time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ionspice.core import InputError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Waveform:
    """Corners of a piecewise linear drive that starts at time 0."""

    #: corner times, s, strictly increasing, the first is 0; shape (corners,)
    time: NDArray[np.float64]
    #: value at the corners, V (or A/m for a current drive); shape (corners,)
    value: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Check the order of the corners."""
        time, value = np.array(self.time, dtype=float), np.array(self.value, dtype=float)
        if time.ndim != 1 or time.size < 2 or time.shape != value.shape:
            raise InputError(f"a drive has {time.size} times and {value.size} values; give two or more of each")
        if not (np.isfinite(time).all() and np.isfinite(value).all()):
            raise InputError("a drive has a time or value that is not finite; give numbers")
        if time[0] != 0 or (np.diff(time) <= 0).any():
            raise InputError("the times of a drive must start at 0 and increase; sort them and drop repeats")
        for name, array in (("time", time), ("value", value)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def duration(self) -> float:
        """Time of the last corner, s."""
        return float(self.time[-1])

    @property
    def mean_piece(self) -> float:
        """Mean distance between corners, s."""
        return self.duration / (self.time.size - 1)

    def at(self, time: ArrayLike) -> NDArray[np.float64]:
        """Return the drive's value at `time` (s); constant after the last corner."""
        return np.asarray(np.interp(np.asarray(time, dtype=float), self.time, self.value))


def triangular(amplitude: float, half_cycle: float, cycles: int = 1, start: float = 0.0) -> Waveform:
    """Return `start` -> `amplitude` -> `start`, repeated; a cyclic voltammetry drive.

    Args:
        amplitude: potential at the turning point, V.
        half_cycle: time from `start` to `amplitude`, s.
        cycles: number of full cycles.
        start: potential of the other turning point, V.

    Raises:
        InputError: half_cycle <= 0 or cycles < 1.
    """
    if not half_cycle > 0:
        raise InputError(f"half_cycle = {half_cycle:g} s; it must be positive")
    if cycles < 1:
        raise InputError(f"cycles = {cycles}; at least 1 is needed")
    corners = np.arange(2 * cycles + 1, dtype=np.float64)
    return Waveform(time=half_cycle * corners, value=np.where(corners % 2 == 1, amplitude, start))


def step(amplitude: float, duration: float, rise: float | None = None) -> Waveform:
    """Return a step from 0 to `amplitude` (V) held for `duration` (s).

    `rise` (s) is the time of the linear flank, 1e-6 of the duration unless given.
    """
    flank = duration * 1e-6 if rise is None else rise
    return Waveform(time=np.array([0.0, flank, duration]), value=np.array([0.0, amplitude, amplitude]))
