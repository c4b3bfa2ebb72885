"""One straight pore that opens into a reservoir: a slit between plates, or a cylinder.

The pore fills 0 < x < length, 0 < y < half_width; its wall and the face of the electrode around its mouth (x = 0)
are electrode. The far end is a mirror, as in a pore twice as long that is open at both ends. Region gap_1 is the
entrance, as long as the half width, and slit_1 the rest. For the cylinder y is the radius: the line y = 0 is then
the `axis`, which tells the solver to weight its integrals by 2 pi y.
"""

from dataclasses import dataclass
from itertools import pairwise

from ionspice.meshes import groups
from ionspice.meshes.blocks import Block, Point, check_lengths, same


@dataclass(frozen=True, slots=True, kw_only=True)
class StraightPore:
    """A pore and the electrolyte in front of it; results of a cylinder are per pore, of a slit per depth of its half.

    Raises:
        InputError: a length that is not positive.
    """

    half_width: float = 0.75e-9  #: half the distance of the slit's plates, or the cylinder's radius [m]
    cylindrical: bool = False  #: a cylinder instead of a slit
    length: float = 20e-9  #: from the mouth to the mirror at the far end [m]
    wall: float = 5e-9  #: of the electrode's face beside the mouth that is computed [m]
    open_length: float = 10e-9  #: electrolyte between the reservoir and the mouth [m]

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_lengths(self, ("half_width", "length", "wall", "open_length"))

    @property
    def reservoir(self) -> float:
        """The x of the reservoir [m]."""
        return -self.open_length

    @property
    def strip_width(self) -> float:
        """Extent of the domain in y [m]."""
        return self.half_width + self.wall

    @property
    def entrance(self) -> float:
        """Length of region gap_1 [m]."""
        return min(self.half_width, self.length / 2)

    def blocks(self) -> list[Block]:
        """Return open electrolyte, entrance and pore, the last two halved where observables are read."""
        wall, inside, front = self.half_width, (0.0, self.half_width), (self.reservoir, 0.0)
        ends = (0.0, self.entrance / 2, self.entrance, (self.entrance + self.length) / 2, self.length)
        regions = (groups.gap_name(1),) * 2 + (groups.slit_name(1),) * 2
        return [
            Block(region=groups.OPEN, x=front, y=inside, x_wall=0.0, y_wall=wall),
            Block(region=groups.OPEN, x=front, y=(wall, self.strip_width), x_wall=0.0, y_wall=wall),
            *(
                Block(region=region, x=x, y=inside, x_wall=x[0], y_wall=wall)
                for region, x in zip(regions, pairwise(ends), strict=True)
            ),
        ]

    def boundary(self, start: Point, end: Point) -> str:
        """Return the name of the boundary on which an outer line [m] lies."""
        if same(start[1], end[1], 0.0):
            return groups.AXIS if self.cylindrical else groups.MIRROR
        if same(start[0], end[0], self.reservoir):
            return groups.RESERVOIR
        if same(start[0], end[0], self.length) or same(start[1], end[1], self.strip_width):
            return groups.MIRROR
        return groups.ELECTRODE
