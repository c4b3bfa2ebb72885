"""How many cells a generated mesh has, before it is generated."""

from dataclasses import replace

from ionspice.meshes.blocks import Block, Geometry
from ionspice.meshes.full_cell import FullCell
from ionspice.meshes.grading import ALONG, MeshGrading
from ionspice.meshes.stack import SlitStack

_COUNTED = 8  # layers of a stack that are counted; two more repeat


def count_cells(geometry: Geometry, grading: MeshGrading) -> float:
    """Return the number of quadrilaterals that `write_mesh` makes."""
    if isinstance(geometry, FullCell):
        return 2 * count_cells(geometry.half, grading)
    if isinstance(geometry, SlitStack) and geometry.layers > _COUNTED + 1:
        whole, less = (count_cells(replace(geometry, layers=n), grading) for n in (_COUNTED, _COUNTED - 2))
        return whole + (geometry.layers - _COUNTED) * (whole - less) / 2
    return float(sum(_cells(block, grading) for block in geometry.blocks()))


def _cells(block: Block, grading: MeshGrading) -> int:
    along = block.y_grading(grading)
    rows = ALONG if along is None else along.cells(block.height)
    return grading.cells(block.x[1] - block.x[0]) * rows
