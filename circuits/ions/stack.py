"""From the constants of a geometry and an electrolyte to a chain of rails: half cells and full cells."""

from dataclasses import replace

import numpy as np

from ionspice.circuits.ions.cells import neutral_cells, slit_cells
from ionspice.circuits.ions.constants import STORAGE_WIDTHS, RailConstants
from ionspice.circuits.ions.rails import RailCircuit
from ionspice.circuits.ions.solution import FloatArray, IonSolution
from ionspice.core import InputError

#: a plate's double layer ends within so many Debye lengths
_LAYER = 8.0
_WALLS = len(STORAGE_WIDTHS)
_NEUTRAL, _PLATE, _GAP, _FIRST_GAP = _WALLS, _WALLS + 1, _WALLS + 2, _WALLS + 3


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

    def cells(width: float):  # type: ignore[no-untyped-def]
        return slit_cells(solution, width, stern_layer=stern_layer, nodes=nodes, window=reduced)

    d = constants.slit_width
    plate = 2 * min(_LAYER * solution.debye_length, constants.open_length)
    kinds = [*(cells(d * f) for f in STORAGE_WIDTHS), neutral_cells(solution, d), cells(plate)]
    kinds += [cells(constants.gap_width), cells(constants.first_gap_width)]
    slits = layers - 1
    storage = np.zeros((slits + 2, len(kinds)))
    storage[1, [_NEUTRAL, _PLATE]] = constants.mouth_open, constants.mouth_plate
    storage[2:, : _WALLS + 1] = constants.inner_storage
    storage[-1, : _WALLS + 1] = constants.last_storage
    before, middle, behind = (np.zeros((slits + 1, len(kinds))) for _ in range(3))
    middle[0, _NEUTRAL] = constants.open_path
    before[1, _NEUTRAL] = constants.first_open_path
    middle[1, _FIRST_GAP] = constants.first_gap_path
    behind[1, 0] = constants.first_slit_path
    before[2:, 0] = behind[2:, 0] = constants.slit_path
    middle[2:, _GAP] = constants.gap_path
    return RailCircuit(
        solution=solution,
        cells=tuple(kinds),
        storage=storage,
        polarity=np.append(0.0, np.ones(slits + 1)),
        before=before,
        middle=middle,
        behind=behind,
        strip_width=constants.strip_width,
    )


def full_cell(half: RailCircuit, constants: RailConstants) -> RailCircuit:
    """Return two equal stacks that face each other, sealed: the bulk node becomes the electrolyte between them.

    The potential of the counter electrode is minus that of the electrode, so the cell's voltage is twice the drive.
    The electrolyte in front of each mouth is stored half at the mouth and half in the middle.
    """
    open_ions = constants.strip_width * constants.open_length / constants.slit_width
    storage = half.storage.copy()
    storage[0, _NEUTRAL] = open_ions
    storage[1, _NEUTRAL] = open_ions / 2

    def joined(own: FloatArray, image: FloatArray) -> FloatArray:
        return np.concatenate([image[::-1], own])

    return replace(
        half,
        storage=joined(storage, storage[1:]),
        polarity=joined(half.polarity, -half.polarity[1:]),
        before=joined(half.before, half.behind),
        middle=joined(half.middle, half.middle),
        behind=joined(half.behind, half.before),
        reservoir=False,
    )
