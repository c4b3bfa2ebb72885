"""What an instrument did, from what it recorded: straight sweeps, and legs of constant current.

Recorded potentials carry noise that the device never saw, so where straight lines describe them within their noise
these are what a fit applies.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ionspice.circuits.model.charge import FloatArray

_TURN = 0.05  # of the swing: a retreat that ends a sweep
_TRIM = 2  # points next to a turn that a line is not fitted to
_LEAST = 4  # points of a line
_CROOKED = 3e-3  # of the swing: rms by which lines may miss beyond the noise
_JUMP = 0.02  # of the largest current: a change that begins a leg
_NORMAL = 0.6745  # median of the size of a normal number


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sweeps:
    """A potential as straight lines between corners."""

    #: s
    time: FloatArray
    #: V
    potential: FloatArray
    #: whether the corners are those of sweeps, not every recorded point
    straight: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurrentLegs:
    """A current that is constant in every leg."""

    #: A, shape (legs,)
    current: FloatArray
    #: times of the last point of a leg and of the first one of the next, s, shape (legs - 1,)
    last: FloatArray
    first: FloatArray
    #: rms of the recorded current about its legs, of the largest current, 1
    spread: float


def sweeps_of(time: FloatArray, potential: FloatArray) -> Sweeps:
    """Return the sweeps of a recorded potential, or the record itself where lines do not describe it."""
    recorded = Sweeps(time=time, potential=potential, straight=False)
    swing = float(np.ptp(potential))
    if swing == 0:
        return recorded
    bounds = [0, *_turns(potential, _TURN * swing), time.size - 1]
    lines = [_line(time[a : b + 1], potential[a : b + 1]) for a, b in pairwise(bounds)]
    if any(line is None for line in lines):
        return recorded
    corners = [float(time[0])]
    for turn, (one, other) in zip(bounds[1:-1], pairwise(lines), strict=True):
        corners.append((other[1] - one[1]) / (one[0] - other[0]) if one[0] != other[0] else time[turn])  # type: ignore[index]
    corners.append(float(time[-1]))
    if (np.diff(corners) <= 0).any():
        return recorded
    ends = [*lines, lines[-1]]
    values = np.array([line[0] * t + line[1] for line, t in zip(ends, corners, strict=True)])  # type: ignore[index]
    miss = float(np.sqrt(np.mean((np.interp(time, corners, values) - potential) ** 2)))
    if miss > _CROOKED * swing + 1.5 * _noise(potential):
        return recorded
    return Sweeps(time=np.array(corners), potential=values, straight=True)


def current_legs(time: FloatArray, current: FloatArray) -> CurrentLegs:
    """Return the legs of a recorded current."""
    largest = float(np.abs(current).max())
    change = np.abs(np.diff(current))
    noise = float(np.median(change)) / (_NORMAL * np.sqrt(2))
    starts = np.flatnonzero(change > max(_JUMP * largest, 6 * noise)) + 1
    starts = starts[np.diff(starts, prepend=0) > 1]  # a point in between belongs to neither leg
    bounds = np.concatenate([[0], starts, [time.size]])
    levels = np.array([np.median(current[a:b]) for a, b in pairwise(bounds)])
    place = np.searchsorted(starts, np.arange(time.size), side="right")
    spread = float(np.sqrt(np.mean((current - levels[place]) ** 2))) / largest if largest else 0.0
    return CurrentLegs(current=levels, last=time[starts - 1], first=time[starts], spread=spread)


def _turns(potential: FloatArray, retreat: float) -> list[int]:
    """Return the positions of the extremes from which the potential goes back by more than `retreat`."""
    turns: list[int] = []
    high = low = 0
    direction = 0
    for place, value in enumerate(potential):
        high = place if value > potential[high] else high
        low = place if value < potential[low] else low
        if direction >= 0 and potential[high] - value > retreat:
            if direction > 0 or high > _LEAST:
                turns.append(high)
            direction, low = -1, place
        elif direction <= 0 and value - potential[low] > retreat:
            if direction < 0 or low > _LEAST:
                turns.append(low)
            direction, high = 1, place
    return turns


def _line(time: FloatArray, potential: FloatArray) -> tuple[float, float] | None:
    """Return slope and intercept of a sweep, None where it has too few points."""
    inner = slice(_TRIM, -_TRIM) if time.size >= _LEAST + 2 * _TRIM else slice(None)
    if time[inner].size < 2:
        return None
    centre = float(time.mean())
    slope, value = np.polyfit(time[inner] - centre, potential[inner], 1)
    return float(slope), float(value - slope * centre)


def _noise(values: FloatArray) -> float:
    """Return the standard deviation of the noise of a curve, from its second differences."""
    if values.size < _LEAST:
        return 0.0
    return float(np.median(np.abs(np.diff(values, 2))) / (_NORMAL * np.sqrt(6)))
