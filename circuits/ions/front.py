"""The electrolyte before the first sheet: a column, or two lumped pieces where ions have correlations."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ionspice.circuits.ions.cells import Cells
from ionspice.circuits.ions.column import Column
from ionspice.circuits.ions.constants import WIDTHS, RailConstants
from ionspice.circuits.ions.solution import FloatArray, IonSolution

#: pieces of the electrolyte between bulk and mouth, so that its salt may run low towards the mouth
_LUMPED_PARTS = 2
#: a plate's double layer ends within so many Debye lengths
_LAYER = 8.0
_NEUTRAL, _PLATE, _OPEN = len(WIDTHS), len(WIDTHS) + 1, len(WIDTHS) + 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Front:
    """Nodes from the bulk to the mouth; kinds of cells are those of `WIDTHS`, the neutral one, and its own."""

    #: its own kinds
    cells: tuple[Cells, ...]
    #: m, shape (nodes, kinds)
    storage: FloatArray
    #: on either side of every bond, m, shape (nodes - 1, kinds)
    path: FloatArray
    #: 1/m, shape (nodes - 1, kinds)
    across: FloatArray


def beside(constants: RailConstants, column: Column) -> Front:
    """Return what the mouth holds besides a column."""
    storage = np.zeros((column.parts, len(WIDTHS) + 1))
    storage[-1, _NEUTRAL] = constants.mouth_rest
    none = np.zeros((column.parts - 1, len(WIDTHS) + 1))
    return Front(cells=(), storage=storage, path=none, across=none)


def lumped(constants: RailConstants, solution: IonSolution, cells: Callable[..., Cells]) -> Front:
    """Return pieces at local equilibrium, the last with the double layer of the face.

    Args:
        constants: of the geometry.
        solution: the ions.
        cells: `slit_cells` of a width and a way, m.
    """
    length, parts = constants.open_length, _LUMPED_PARTS
    plate = cells(plate_width(solution, length))
    stops = np.linspace(length, constants.mouth_depth, parts + 1)
    ways = [cells(2 * length, (float(near), float(far))) for far, near in pairwise(stops)]
    storage = np.zeros((parts + 1, _OPEN + parts))
    storage[:, _NEUTRAL] = _volumes(constants, stops, constants.mouth_plate * plate.length) / constants.slit_width
    storage[-1, _PLATE] = constants.mouth_plate
    path, across = np.zeros((parts, _OPEN + parts)), np.zeros((parts, _OPEN + parts))
    path[:, _NEUTRAL] = constants.open_path / parts / 2
    across[range(parts), range(_OPEN, _OPEN + parts)] = constants.open_crossing
    return Front(cells=(plate, *ways), storage=storage, path=path, across=across)


def plate_width(solution: IonSolution, open_length: float) -> float:
    """Return the width of the wide slit that stands for a face before open electrolyte, m."""
    return 2 * min(_LAYER * solution.debye_length, open_length)


def _volumes(constants: RailConstants, stops: FloatArray, at_face: float) -> FloatArray:
    """Return the electrolyte that the nodes from the bulk's to the mouth's hold, m^2.

    Every node has half of the parts beside it, the mouth also what lies nearer to the face; what the face's cells
    hold already is taken off, first from the mouth.
    """
    parts = -np.diff(stops)
    volumes = constants.strip_width * (np.append(parts, 2 * stops[-1]) + np.append(0.0, parts)) / 2
    taken = at_face
    for node in reversed(range(volumes.size)):
        share = min(taken, volumes[node])
        volumes[node] -= share
        taken -= share
    return np.asarray(volumes)
