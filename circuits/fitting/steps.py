"""Time steps of a prescribed potential or current, for devices that a fit simulates thousands of times.

Every step is one of the singly diagonally implicit method of second order of Alexander (1977,
doi:10.1137/0714068), whose stages lie at a = 1 - 1/sqrt(2) of the step and at its end. It damps what is stiff, and
one step knows nothing of the one before, so that a drive may jump between steps.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ionspice.circuits.model.charge import FloatArray

#: where the first stage of a step lies, of its length
STAGE = 1 - 1 / math.sqrt(2)
_FIRST_SHARE = 1e-4  # of a leg: the first step behind a corner


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """How finely records are compared."""

    #: points of a curve that are compared; more tell little more and take their time
    points: int
    #: steps that grow behind a corner
    graded: int
    #: of a leg, longest step, one over
    even: int


#: currents are right within 1e-4 of their peak
FINE = Resolution(points=300, graded=24, even=100)
#: to find out where a fit shall begin
COARSE = Resolution(points=60, graded=10, even=25)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """When a drive is evaluated, and what it is there."""

    #: s, shape (steps + 1,)
    time: FloatArray
    #: drive at the start, and in the stages of every step, V or A, shape (steps,)
    begin: float
    first: FloatArray
    second: FloatArray
    #: whether the drive is a current
    current: bool
    #: positions in `time` of the samples that are asked for
    samples: np.ndarray


def leg_times(begin: float, end: float, resolution: Resolution) -> FloatArray:
    """Return times of a leg, s, both ends among them, close to each other behind its begin."""
    graded, even = np.geomspace(_FIRST_SHARE, 1.0, resolution.graded), np.linspace(0.0, 1.0, resolution.even + 1)
    shares = np.concatenate([graded, even])
    return begin + (end - begin) * np.unique(shares)


def make_steps(
    corners: FloatArray,
    samples: FloatArray,
    value: Callable[[FloatArray, FloatArray], FloatArray],
    *,
    current: bool,
    resolution: Resolution = FINE,
) -> Steps:
    """Return the steps of a drive with corners or jumps.

    Args:
        corners: times of begin, corners and end, s.
        samples: times that are asked for, s, within.
        value: the drive at times (first argument) in legs that hold other times (second): the values of a leg that
            begins or ends with a jump are those within.
        current: whether the drive is a current.
        resolution: how finely legs are cut.
    """
    legs = [leg_times(begin, end, resolution) for begin, end in pairwise(corners)]
    time = np.unique(np.concatenate([*legs, samples]))
    time = time[(time >= corners[0]) & (time <= corners[-1])]
    length = np.diff(time)
    kept = np.append(True, length > 1e-12 * (corners[-1] - corners[0]))
    time = time[kept]
    length = np.diff(time)
    middle = time[:-1] + length / 2
    return Steps(
        time=time,
        begin=float(value(time[:1], middle[:1])[0]),
        first=value(time[:-1] + STAGE * length, middle),
        second=value(time[1:], middle),
        current=current,
        samples=np.clip(np.searchsorted(time, samples - 1e-12 * (corners[-1] - corners[0])), 0, time.size - 1),
    )
