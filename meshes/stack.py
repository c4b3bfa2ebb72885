"""The stack of perforated sheets whose slits the ions fill.

N sheets of length L and thickness t stand along x at a surface-to-surface distance d, with an edge gap delta
between neighbours of the same layer; neighbouring layers are offset by half a period, so that ions zig-zag.
By mirror symmetry only the strip 0 <= y <= W = (L + delta)/2 is computed. Even sheets (0, 2, ...) leave their
gap at y < delta/2, odd sheets at y > W - delta/2, and the last sheet is closed over the whole strip. Open
electrolyte lies in front of sheet 0 (x < 0).
"""

from dataclasses import dataclass
from itertools import pairwise

from ionspice.core import InputError
from ionspice.meshes import groups
from ionspice.meshes.blocks import Block, Interval, Point, check_lengths, halves, same


@dataclass(frozen=True, slots=True, kw_only=True)
class SlitStack:
    """Geometry of the computed strip; lengths in metres.

    Raises:
        InputError: fewer than two layers, or a length that is not positive.
    """

    layers: int = 6  #: number of sheets N; there are N - 1 slits
    slit: float = 1.5e-9  #: surface-to-surface distance d between sheets [m]
    sheet_length: float = 10e-9  #: L [m]
    sheet_thickness: float = 0.34e-9  #: t [m]
    edge_gap: float = 2e-9  #: delta between neighbouring sheets of one layer [m]
    open_length: float = 10e-9  #: electrolyte between the reservoir and sheet 0 [m]

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.layers < 2:
            raise InputError(f"layers = {self.layers} leaves no slit between sheets; give 2 or more")
        check_lengths(self, ("slit", "sheet_length", "sheet_thickness", "edge_gap", "open_length"))

    @property
    def slits(self) -> int:
        """Number of slits, N - 1."""
        return self.layers - 1

    @property
    def strip_width(self) -> float:
        """Width W = (L + delta)/2 of the computed strip [m]."""
        return (self.sheet_length + self.edge_gap) / 2

    @property
    def pitch(self) -> float:
        """Distance t + d from the front face of one sheet to that of the next [m]."""
        return self.sheet_thickness + self.slit

    @property
    def reservoir(self) -> float:
        """The x of the reservoir [m]."""
        return -self.open_length

    def sheet_front(self, sheet: int) -> float:
        """Return x of the front face of a sheet (0 for sheet 0) [m]."""
        return sheet * self.pitch

    def gap_interval(self, sheet: int) -> tuple[float, float]:
        """Return the y interval that a sheet leaves open in the strip [m]; empty for the last sheet."""
        return (0.0, 0.0) if sheet == self.layers - 1 else self.opening(sheet)

    def opening(self, sheet: int) -> Interval:
        """Return the y interval of a sheet's gap in the strip [m], if it has one."""
        half_gap = self.edge_gap / 2
        return (0.0, half_gap) if sheet % 2 == 0 else (self.strip_width - half_gap, self.strip_width)

    def blocks(self) -> list[Block]:
        """Return rectangles cut at the gaps' mid-planes, the slits' centre lines, the gap edges and y = W/2."""
        return [block for column in self._columns() for block in self.pieces(*column)]

    def pieces(self, region: str, x: Interval, x_wall: float, y: Interval) -> list[Block]:
        """Return the rectangles of a column between two x and two y [m], cut where sheets of the stack end."""
        half_gap, width = self.edge_gap / 2, self.strip_width
        walls = (half_gap, width - half_gap)
        lines = sorted({0.0, half_gap, width / 2, width - half_gap, width})
        found = []
        for low, high in pairwise(line for line in lines if 0 <= line <= width):
            if low >= y[0] and high <= y[1]:
                y_wall = low if low in walls else high if high in walls else None
                found.append(Block(region=region, x=x, y=(low, high), x_wall=x_wall, y_wall=y_wall, along_y=True))
        return found

    def boundary(self, start: Point, end: Point) -> str:
        """Return the name of the boundary on which an outer line [m] lies."""
        if same(start[0], end[0], self.reservoir):
            return groups.RESERVOIR
        if same(start[1], end[1], 0.0) or same(start[1], end[1], self.strip_width):
            return groups.MIRROR
        return groups.ELECTRODE

    def _columns(self) -> list[tuple[str, Interval, float, Interval]]:
        """Return (region, x interval, x of its wall, y interval) from the reservoir inwards."""
        full = (0.0, self.strip_width)
        columns = [(groups.OPEN, (self.reservoir, 0.0), 0.0, full)]
        for slit in range(1, self.layers):
            front = self.sheet_front(slit - 1)
            back = front + self.sheet_thickness
            opening = self.gap_interval(slit - 1)
            columns += [(groups.gap_name(slit), *half, opening) for half in halves(front, back)]
            columns += [(groups.slit_name(slit), *half, full) for half in halves(back, self.sheet_front(slit))]
        return columns
