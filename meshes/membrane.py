"""A membrane of perforated sheets between two reservoirs: a stack that is open at both ends.

Its last sheet leaves a gap too, behind which electrolyte (`open_2`, the gap included) reaches to `reservoir_2`. All
faces and edges of the sheets are `wall_1`.
"""

from dataclasses import dataclass, field

from ionspice.meshes import groups
from ionspice.meshes.blocks import Block, Point, halves, same
from ionspice.meshes.channel import WALL
from ionspice.meshes.stack import SlitStack


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetMembrane:
    """The sheets of a stack, and as much electrolyte behind them as in front."""

    stack: SlitStack = field(default_factory=SlitStack)  #: the sheets

    @property
    def reservoir(self) -> float:
        """The x of the first reservoir [m]."""
        return self.stack.reservoir

    @property
    def strip_width(self) -> float:
        """Extent of the domain in y [m]."""
        return self.stack.strip_width

    @property
    def _back(self) -> float:
        """The x of the back of the last sheet [m]."""
        return self.stack.sheet_front(self.stack.slits) + self.stack.sheet_thickness

    @property
    def _end(self) -> float:
        return self._back + self.stack.open_length

    def blocks(self) -> list[Block]:
        """Return the stack's rectangles, its last gap and the electrolyte behind it."""
        stack, region = self.stack, groups.SECOND_OPEN
        gap = [
            block
            for x, wall in halves(stack.sheet_front(stack.slits), self._back)
            for block in stack.pieces(region, x, wall, stack.opening(stack.slits))
        ]
        behind = stack.pieces(region, (self._back, self._end), self._back, (0.0, stack.strip_width))
        return [*stack.blocks(), *gap, *behind]

    def boundary(self, start: Point, end: Point) -> str:
        """Return the name of the boundary on which an outer line [m] lies."""
        if same(start[0], end[0], self._end):
            return groups.SECOND_RESERVOIR
        name = self.stack.boundary(start, end)
        return WALL if name == groups.ELECTRODE else name
