"""A sealed cell of two electrodes: a half cell and its mirror image in the plane of the reservoir."""

from dataclasses import dataclass, replace

from ionspice.meshes import groups
from ionspice.meshes.blocks import Block, Geometry, Interval, Point


@dataclass(frozen=True, slots=True, kw_only=True)
class FullCell:
    """Two equal electrodes face each other; the image's surface is the boundary `counter`.

    The regions behind the counter electrode's face are `counter_side`; slits are numbered on the working side only.
    """

    half: Geometry  #: the working electrode's side

    @property
    def reservoir(self) -> float:
        """The x of the cell's middle, where the half cell has its reservoir [m]."""
        return self.half.reservoir

    @property
    def strip_width(self) -> float:
        """Extent of the domain in y [m]."""
        return self.half.strip_width

    def blocks(self) -> list[Block]:
        """Return the half cell's rectangles and their images."""
        own = self.half.blocks()
        return own + [
            replace(
                block,
                region=groups.OPEN if block.region == groups.OPEN else groups.COUNTER_SIDE,
                x=self._image_of(block.x),
                x_wall=self._image(block.x_wall),
            )
            for block in own
        ]

    def boundary(self, start: Point, end: Point) -> str:
        """Return the name of the boundary on which an outer line [m] lies."""
        if max(start[0], end[0]) > self.reservoir:
            return self.half.boundary(start, end)
        name = self.half.boundary((self._image(start[0]), start[1]), (self._image(end[0]), end[1]))
        return groups.COUNTER if name == groups.ELECTRODE else name

    def _image(self, x: float) -> float:
        # Points of both sides that lie on the middle have to be the same number.
        return x if x == self.reservoir else 2 * self.reservoir - x

    def _image_of(self, x: Interval) -> Interval:
        return (self._image(x[1]), self._image(x[0]))
