"""Whether a drive that is repeated has become periodic, told from what a run has recorded."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ionspice.core.drives import Cycling

_STATE = ("slit_species_ions", "open_species_ions")


def has_become_periodic(cycling: Cycling, columns: Mapping[str, NDArray[Any]]) -> bool:
    """Return whether the last row ends a cycle, and that cycle has ended where it began.

    The ions of all slits and of the open electrolyte may differ by no more than the tolerance, summed up, of the
    largest amount in which they differ within the cycle.

    Args:
        cycling: what is repeated.
        columns: of the record, time first.
    """
    done = columns["legs_done"]
    first = None if len(done) < 2 else cycling.ended(int(done[-2]), int(done[-1]))
    if first is None:
        return False
    begin = int(np.searchsorted(done, first))
    state = np.concatenate([columns[name][begin:].reshape(len(done) - begin, -1) for name in _STATE], axis=1)
    moved = np.abs(state - state[0]).sum(axis=1)
    return bool(moved[-1] <= cycling.tolerance * moved.max())
