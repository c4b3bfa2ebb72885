"""From the constants of a geometry and an electrolyte to a chain of rails: half cells and full cells."""

from dataclasses import replace

import numpy as np

from ionspice.circuits.ions.cells import Cells, neutral_cells, slit_cells
from ionspice.circuits.ions.constants import WIDTHS, RailConstants
from ionspice.circuits.ions.rails import RailCircuit
from ionspice.circuits.ions.solution import FloatArray, IonSolution
from ionspice.core import InputError

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
    """Return a stack before a reservoir: node 0 is the bulk, node 1 the mouth, the slits follow.

    Args:
        constants: of the geometry.
        solution: the ions; any, because the constants are lengths.
        layers: number of sheets, at least 2.
        window: largest potential of the electrode that is meant, V; it grades the cells.
        stern_layer: lambda_S, m.
        nodes: of the cells across half a slit.

    Raises:
        InputError: fewer than 2 layers.
    """
    if layers < 2:
        raise InputError(f"layers = {layers}; a stack needs at least 2 sheets to have a slit")
    reduced = abs(window) / solution.thermal_voltage

    def cells(width: float, approach: float = 0.0) -> Cells:
        return slit_cells(solution, width, stern_layer=stern_layer, nodes=nodes, window=reduced, approach=approach)

    d, length = constants.slit_width, constants.open_length
    plate = cells(plate_width(solution, length))
    front = cells(2 * length, MOUTH_DEPTH * d)
    kinds = (*(cells(d * f) for f in WIDTHS), neutral_cells(solution, d), plate, front)
    slits, own = layers - 1, slice(0, _NEUTRAL + 1)
    storage = np.zeros((slits + 2, len(kinds)))
    storage[1, [_NEUTRAL, _PLATE]] = constants.mouth_open, constants.mouth_plate
    storage[2:, own] = constants.storage
    storage[-1, own] = constants.last_storage
    before, behind, across = (np.zeros((slits + 1, len(kinds))) for _ in range(3))
    before[0, _NEUTRAL] = behind[0, _NEUTRAL] = constants.open_path / 2
    across[0, _OPEN] = constants.open_crossing
    before[1, own], behind[1, own] = constants.mouth_path, constants.entrance_path
    before[2:, own] = behind[2:, own] = constants.path
    return RailCircuit(
        solution=solution,
        cells=kinds,
        storage=storage,
        polarity=np.append(0.0, np.ones(slits + 1)),
        before=before,
        behind=behind,
        across=across,
        strip_width=constants.strip_width,
    )


def plate_width(solution: IonSolution, open_length: float) -> float:
    """Return the width of the wide slit that stands for a face before open electrolyte, m."""
    return 2 * min(_LAYER * solution.debye_length, open_length)


def open_storage(volume: float, at_face: float) -> float:
    """Return how much of the open electrolyte the mouth stores beside what is already counted at the face.

    It is half of what lies between bulk and mouth, because w falls linearly between them.
    """
    return max(volume / 2 - at_face, 0.0)


def full_cell(half: RailCircuit, constants: RailConstants) -> RailCircuit:
    """Return two equal stacks that face each other, sealed: the bulk node becomes the electrolyte between them.

    The potential of the counter electrode is minus that of the electrode, so the cell's voltage is twice the drive.
    The electrolyte in front of each mouth is stored half at the mouth, the double layer of the face included, and
    half in the middle.
    """
    d, volume = constants.slit_width, constants.strip_width * constants.open_length
    at_face = constants.mouth_plate * half.cells[_PLATE].length
    mouth = open_storage(volume, at_face)
    storage = half.storage.copy()
    storage[0, _NEUTRAL] = 2 * max(volume - at_face - mouth, 0.0) / d
    storage[1, _NEUTRAL] = mouth / d

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
