"""Which frames of explorations are labelled: doubtful ones, spread over runs, deviations and places."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ionspice.electrolytes.study.potential import ExplorationSection

if TYPE_CHECKING:
    from ase import Atoms

DEVIATION = "deviation"
#: a frame whose models are further apart than this many times the limit is broken, and teaches nothing of the liquid
_BROKEN = 4.0
#: frames of a run that differ by less (root mean square) are the same one [angstrom]
_SAME = 0.05


def candidates(frames: Sequence["Atoms"], section: ExplorationSection) -> list["Atoms"]:
    """Return the frames of a run that would teach something: not trusted, and not broken."""
    most = _BROKEN * section.doubtful
    return [frame for frame in frames if section.trusted <= float(frame.info[DEVIATION]) <= most]


def choose(runs: Sequence[Sequence["Atoms"]], number: int) -> list["Atoms"]:
    """Return some candidates of runs: one of each run in turn.

    The first of a run is the most doubtful one, each other the one furthest from those that were chosen.

    Args:
        runs: candidates of each run, with deviation in their info.
        number: most frames.
    """
    orders = [_order(run) for run in runs]
    turns = max(map(len, orders), default=0)
    return [order[turn] for turn in range(turns) for order in orders if turn < len(order)][:number]


def _order(run: Sequence["Atoms"]) -> list["Atoms"]:
    """Return the frames of a run in the order in which they would be chosen, without those that repeat another."""
    if not run:
        return []
    chosen = [int(np.argmax([frame.info[DEVIATION] for frame in run]))]
    nearest = _distances(run, run[chosen[0]])
    while len(chosen) < len(run) and nearest.max() > _SAME:
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, _distances(run, run[chosen[-1]]))
    return [run[number] for number in chosen]


def _distances(run: Sequence["Atoms"], one: "Atoms") -> NDArray[np.float64]:
    """Return the root mean square displacement of frames of the same atoms from one of them [angstrom]."""
    squares = []
    for frame in run:
        moved = frame.get_scaled_positions(wrap=False) - one.get_scaled_positions(wrap=False)
        squares.append((((moved - np.round(moved)) @ one.cell.array) ** 2).sum(axis=1).mean())
    return np.sqrt(np.array(squares))
