"""From the frames of a file to a trajectory: order, gaps, numbers, images."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats, Integers
from ionspice.electrolytes.analysis.trajectory import scaled

#: longest way in one interval that tells a step from a jump through the cell's face, in edges of the cell
_LONGEST_STEP = 0.45
#: [angstrom^3]
_SMALLEST_VOLUME = 1e-3
#: a share of the interval by which times may be off, for files that round them
_TIME_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFrame:
    """One frame as it stands in a file, its atoms in a fixed order."""

    time: float  #: [ps]
    positions: Floats  #: from the cell's corner, shape (atoms, 3) [angstrom]
    cell: Floats  #: rows a, b, c, shape (3, 3) [angstrom]
    images: Integers | None = None  #: how often an atom went through the faces, shape (atoms, 3)
    unwrapped: bool = False  #: whether the positions need no images
    velocities: Floats | None = None  #: shape (atoms, 3) [angstrom/ps]


def in_order(frames: Iterable[RawFrame], name: str) -> Iterator[RawFrame]:
    """Yield frames, a repeated one once: an engine that starts again from a checkpoint writes it twice.

    Raises:
        InputError: time runs backwards, a repeated frame differs, the number of atoms changes, or a number is not
            finite.
    """
    last: RawFrame | None = None
    for count, frame in enumerate(frames):
        _check_numbers(frame, f"{name}: frame {count + 1} (at {frame.time:g} ps)")
        if last is not None:
            if frame.positions.shape != last.positions.shape:
                raise InputError(
                    f"{name}: frame {count + 1} has {len(frame.positions)} atoms, the one before "
                    f"{len(last.positions)}; read trajectories of a fixed number of atoms only"
                )
            if frame.time <= last.time and not _repeats(frame, last):
                raise InputError(
                    f"{name}: frame {count + 1} is at {frame.time:g} ps after one at {last.time:g} ps, and differs; "
                    "cut the frames that a restart wrote anew"
                )
            if frame.time == last.time:
                continue
        last = frame
        yield frame


def _check_numbers(frame: RawFrame, where: str) -> None:
    for values in (frame.positions, frame.velocities, frame.cell):
        if values is not None and not np.isfinite(values).all():
            row = int(np.argwhere(~np.isfinite(values).all(axis=1))[0, 0])
            raise InputError(
                f"{where} has a number that is not finite in row {row + 1}; the run had broken down by then: read "
                "the frames before, or run it again with a shorter time step"
            )
    if abs(float(np.linalg.det(frame.cell))) < _SMALLEST_VOLUME:
        raise InputError(f"{where} has a cell without volume; give three edges that span a box [angstrom]")


def _repeats(frame: RawFrame, last: RawFrame) -> bool:
    # positions that a file rounds may differ in the last digit after a restart
    return frame.time == last.time and bool(np.allclose(frame.positions, last.positions, atol=1e-3))


def check_times(times: Floats, name: str) -> None:
    """Refuse frames at uneven intervals.

    Raises:
        InputError: with the place of the first gap.
    """
    steps = np.diff(times)
    if not steps.size:
        return
    usual = float(np.median(steps))
    uneven = np.abs(steps - usual) > _TIME_TOLERANCE * usual
    if uneven.any():
        place = int(np.argmax(uneven))
        raise InputError(
            f"{name}: {steps[place]:g} ps lie between frames {place + 1} and {place + 2} instead of {usual:g} ps; "
            "read the parts before and behind the gap as trajectories of their own"
        )


def unwrapped_positions(frames: Sequence[RawFrame], name: str) -> Floats:
    """Return positions [angstrom] that go through the cell's faces without a jump, shape (frames, atoms, 3).

    They come, by what a file has, from unwrapped positions, from image flags, or from following every atom to its
    nearest image in the next frame.

    Raises:
        InputError: atoms move too far between frames to be followed, or image flags were lost.
    """
    cells = np.array([frame.cell for frame in frames])
    positions = np.array([frame.positions for frame in frames])
    if frames[0].unwrapped:
        return positions
    points = scaled(positions, cells)
    images = [frame.images for frame in frames if frame.images is not None]
    if len(images) == len(frames):
        flags = np.array(images)
        _check_flags(points, flags, name)
        points = points + flags
    else:
        points = _followed(points, name)
    result: Floats = points @ cells
    return result


def _check_flags(points: Floats, flags: Integers, name: str) -> None:
    if flags.any() or len(points) < 2:
        return
    if np.abs(np.diff(points, axis=0)).max() > 1 - _LONGEST_STEP:
        raise InputError(
            f"{name}: the image flags ix iy iz are all 0, yet atoms jump from face to face of the cell; something "
            "reset the flags: write xu yu zu, or leave the flags out so that atoms are followed from frame to frame"
        )


def _followed(points: Floats, name: str) -> Floats:
    steps = np.diff(points, axis=0)
    jumps = np.round(steps)
    longest = np.abs(steps - jumps).max(initial=0.0)
    if longest > _LONGEST_STEP:
        raise InputError(
            f"{name}: an atom moves by {longest:.2f} of the cell's edge between two frames, so that its way through "
            f"the faces cannot be followed (limit {_LONGEST_STEP}); write frames more often, or unwrapped positions "
            "(LAMMPS: xu yu zu)"
        )
    result = points.copy()
    result[1:] -= np.cumsum(jumps, axis=0)
    return result
