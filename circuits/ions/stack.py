"""From the constants of a geometry and an electrolyte to a chain of rails: half cells and full cells."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from ionspice.circuits.ions.cells import Cells, neutral_cells, slit_cells
from ionspice.circuits.ions.constants import WIDTHS, RailConstants
from ionspice.circuits.ions.rails import RailCircuit
from ionspice.circuits.ions.solution import FloatArray, IonSolution
from ionspice.core import InputError

#: pieces of the electrolyte between bulk and mouth, so that its salt may run low towards the mouth
_OPEN_PARTS = 2
#: a plate's double layer ends within so many Debye lengths
_LAYER = 8.0
#: centroid of the mouth's weight (1 up to half a slit width before the first sheet, falling to 0 at three halves)
MOUTH_DEPTH = 13 / 24
_NEUTRAL, _PLATE, _OPEN = len(WIDTHS), len(WIDTHS) + 1, len(WIDTHS) + 2


def half_cell(
    constants: RailConstants,
    solution: IonSolution,
    *,
    layers: int,
    window: float,
    stern_layer: float = 0.0,
    nodes: int = 24,
) -> RailCircuit:
    """Return a stack before a reservoir: the bulk, open electrolyte, the mouth and the slits follow each other.

    Args:
        constants: of the geometry.
        solution: the ions; any, because the constants are lengths.
        layers: number of sheets, at least 2; of a pore one more than its sections.
        window: largest potential of the electrode that is meant, V; it grades the cells.
        stern_layer: lambda_S, m.
        nodes: of the cells across half a slit.

    Raises:
        InputError: fewer than 2 layers.
    """
    if layers < 2:
        raise InputError(f"layers = {layers}; a stack needs at least 2 sheets to have a slit")
    reduced = abs(window) / solution.thermal_voltage

    def cells(width: float, way: tuple[float, float] = (0.0, np.inf), *, cylindrical: bool = False) -> Cells:
        return slit_cells(
            solution,
            width,
            stern_layer=stern_layer,
            nodes=nodes,
            window=reduced,
            way=way,
            cylindrical=cylindrical,
        )

    d, length = constants.slit_width, constants.open_length
    plate = cells(plate_width(solution, length))
    stops = np.linspace(length, MOUTH_DEPTH * d, _OPEN_PARTS + 1)
    ways = [cells(2 * length, (float(near), float(far))) for far, near in pairwise(stops)]
    inside = (cells(d * f, cylindrical=constants.cylindrical) for f in WIDTHS)
    kinds = (*inside, neutral_cells(solution, d), plate, *ways)
    slits, own, mouth = layers - 1, slice(0, _NEUTRAL + 1), _OPEN_PARTS
    storage = np.zeros((mouth + 1 + slits, len(kinds)))
    storage[: mouth + 1, _NEUTRAL] = _open_volumes(constants, stops, constants.mouth_plate * plate.length) / d
    storage[mouth, _PLATE] = constants.mouth_plate
    storage[mouth + 1 :, own] = constants.storage
    storage[-1, own] = constants.last_storage
    before, behind, across = (np.zeros((mouth + slits, len(kinds))) for _ in range(3))
    before[:mouth, _NEUTRAL] = behind[:mouth, _NEUTRAL] = constants.open_path / mouth / 2
    across[range(mouth), range(_OPEN, _OPEN + mouth)] = constants.open_crossing
    before[mouth, own], behind[mouth, own] = constants.mouth_path, constants.entrance_path
    before[mouth + 1 :, own] = behind[mouth + 1 :, own] = constants.path
    return RailCircuit(
        solution=solution,
        cells=kinds,
        storage=storage,
        polarity=np.append(np.zeros(mouth), np.ones(slits + 1)),
        before=before,
        behind=behind,
        across=across,
        strip_width=constants.strip_width,
    )


def plate_width(solution: IonSolution, open_length: float) -> float:
    """Return the width of the wide slit that stands for a face before open electrolyte, m."""
    return 2 * min(_LAYER * solution.debye_length, open_length)


def full_cell(half: RailCircuit) -> RailCircuit:
    """Return two equal stacks that face each other, sealed: the bulk node becomes the electrolyte between them.

    The potential of the counter electrode is minus that of the electrode, so the cell's voltage is twice the drive.
    """
    storage = half.storage.copy()
    storage[0] *= 2

    def joined(own: FloatArray, image: FloatArray) -> FloatArray:
        return np.concatenate([image[::-1], own])

    return replace(
        half,
        storage=joined(storage, storage[1:]),
        polarity=joined(half.polarity, -half.polarity[1:]),
        before=joined(half.before, half.behind),
        behind=joined(half.behind, half.before),
        across=joined(half.across, half.across),
        reservoir=False,
    )


def _open_volumes(constants: RailConstants, stops: FloatArray, at_face: float) -> FloatArray:
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
