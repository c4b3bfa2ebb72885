"""From the constants of a geometry and an electrolyte to a chain of rails: half cells and full cells."""

from dataclasses import replace

import numpy as np

from ionspice.circuits.ions.cells import Cells, neutral_cells, slit_cells
from ionspice.circuits.ions.column import LEAST_SHARE, facing, open_column
from ionspice.circuits.ions.constants import WIDTHS, RailConstants
from ionspice.circuits.ions.front import beside, lumped
from ionspice.circuits.ions.rails import RailCircuit
from ionspice.circuits.ions.solution import FloatArray, IonSolution
from ionspice.circuits.model.coarse import section_sizes
from ionspice.core import InputError

#: nodes of the column before an open face, which is all there is, over those before a stack
_FACE_NODES = 3


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
        layers: number of sheets, at least 2; of a pore one more than its sections; 1 of an open face.
        window: largest potential of the electrode that is meant, V; it grades the cells.
        stern_layer: lambda_S, m.
        nodes: of the cells across half a slit.

    Raises:
        InputError: fewer than 2 layers, or more than 1 of an open face.
    """
    if not constants.has_slits and layers != 1:
        raise InputError(f"layers = {layers}; an open face has no slits and one layer")
    if constants.has_slits and layers < 2:
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

    d = constants.slit_width
    inside = [cells(d * f, cylindrical=constants.cylindrical) for f in WIDTHS]
    kinds: list[Cells] = [*inside, neutral_cells(solution, d)]
    column = None
    if solution.correlation_length == 0:
        column = open_column(
            solution,
            length=constants.open_length,
            width=constants.strip_width,
            depth=constants.mouth_depth,
            face=constants.face_share,
            nodes=nodes if constants.has_slits else _FACE_NODES * nodes,
            least_share=LEAST_SHARE if constants.has_slits else 0.0,
            window=reduced,
            stern_layer=stern_layer,
        )
    front = lumped(constants, solution, cells) if column is None else beside(constants, column)
    kinds += front.cells
    slits, own, mouth = layers - 1, slice(0, len(WIDTHS) + 1), len(front.storage) - 1
    storage = np.zeros((mouth + 1 + slits, len(kinds)))
    storage[: mouth + 1] = front.storage
    storage[mouth + 1 :, own] = constants.storage
    if slits:
        storage[-1, own] = constants.last_storage
    before, behind, across = (np.zeros((mouth + slits, len(kinds))) for _ in range(3))
    before[:mouth], behind[:mouth], across[:mouth] = front.path, front.path, front.across
    before[mouth : mouth + 1, own], behind[mouth : mouth + 1, own] = constants.mouth_path, constants.entrance_path
    before[mouth + 1 :, own] = behind[mouth + 1 :, own] = constants.path
    return RailCircuit(
        solution=solution,
        cells=tuple(kinds),
        storage=storage,
        polarity=np.append(np.zeros(mouth), np.ones(slits + 1)),
        before=before,
        behind=behind,
        across=across,
        strip_width=constants.strip_width,
        column=column,
    )


def sectioned_rails(half: RailCircuit, sections: int) -> RailCircuit:
    """Return a half cell whose slits are joined in sections, of one slit at the mouth and more and more inwards.

    A section holds the ions of its slits, and its gaps lie half before and half behind it, at its own state, as those
    of one slit do (`model.coarse`).

    Args:
        half: the full chain.
        sections: at most so many, at least 2.

    Raises:
        InputError: fewer than 2 sections, or no slits.
    """
    first = int(np.flatnonzero(half.polarity)[0]) + 1
    if first >= half.nodes:
        raise InputError("an open face has no slits to join; leave the number of sections out")
    sizes = section_sizes(half.nodes - first, sections)
    starts = np.append(0, np.cumsum(sizes)[:-1])
    bond = first - 1  # into the first slit
    path = half.behind[-1] if sizes.sum() > 1 else np.zeros(len(half.cells))
    lengths = sizes[:, None] * path
    entrance = half.behind[bond] + lengths[0] - path
    return replace(
        half,
        storage=np.concatenate([half.storage[:first], np.add.reduceat(half.storage[first:], starts)]),
        polarity=half.polarity[: first + sizes.size],
        before=np.concatenate([half.before[:first], lengths[:-1]]),
        behind=np.concatenate([half.behind[:bond], entrance[None], lengths[1:]]),
        across=half.across[: bond + sizes.size],
    )


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
        column=None if half.column is None else facing(half.column, half.nodes - half.column.parts),
    )
