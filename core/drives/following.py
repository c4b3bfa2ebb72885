"""The legs of a drive in turn, each from where the one before has left off, by whoever can run one."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ionspice.core.drives.legs import Cycling, Drive, Leg, leg_behind


class Piece(Protocol):
    """What was recorded of a leg, or of the equilibrium before the first one."""

    @property
    def potential(self) -> float:
        """phi_m at its end [V]."""
        ...

    @property
    def stored(self) -> NDArray[np.float64]:
        """What is stored where, of any unit, shape (time, places)."""
        ...


def follow[P: Piece](drive: Drive, rest: P, run: Callable[[Leg, P], P]) -> list[P]:
    """Return the pieces of a drive: the equilibrium at its start, and one for every leg that had something to do.

    Args:
        drive: any legs.
        rest: the equilibrium.
        run: returns the piece of a leg that begins where the one given has ended.
    """
    pieces, done, number = [rest], [0], 0
    while number < len(drive.legs):
        leg = drive.legs[number].begun_at(pieces[-1].potential)
        if leg is not None:
            pieces.append(run(leg, pieces[-1]))
        number = leg_behind(drive, number, pieces[-1].potential)
        if leg is not None:
            done.append(number)
            periodic = (cycling for cycling in drive.cyclings if _is_periodic(cycling, pieces, done))
            number = max([number, *(cycling.behind for cycling in periodic)])
    return pieces


def _is_periodic(cycling: Cycling, pieces: Sequence[Piece], done: Sequence[int]) -> bool:
    """Return whether the last piece ends a cycle that has ended where it began, by what is stored everywhere."""
    first = cycling.ended(done[-2], done[-1])
    if first is None:
        return False
    begin = next(k for k, count in enumerate(done) if count >= first)
    states = np.concatenate([piece.stored for piece in pieces[begin + 1 :]])
    moved = np.abs(states - pieces[begin].stored[-1]).sum(axis=1)
    return bool(moved[-1] <= cycling.tolerance * moved.max())
