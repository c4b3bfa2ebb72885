"""A channel through an insulating membrane between two reservoirs: a slit between plates, or a cylinder or cone.

The channel fills 0 < x < length, 0 < y < r(x) with r from `half_width` at x = 0 to `far_half_width` at x = length;
its wall and both faces of the membrane are `wall_1`. Electrolyte reaches from the reservoir at x = -open_length to
the membrane, and behind it (`open_2`) to `reservoir_2` at x = length + open_length. Around the axis of a cylinder or
cone y is the radius. Sections, `gap_i` and `slit_i`, are those of `ionspice.meshes.pore`.
"""

from dataclasses import dataclass

from ionspice.meshes import groups
from ionspice.meshes.blocks import Block, Interval, Point, check_lengths, same
from ionspice.meshes.pore import check_sections, entrance_length, section_columns

WALL = "wall_1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel and the electrolyte on both sides of its membrane.

    Raises:
        InputError: a length that is not positive, or no section.
    """

    half_width: float = 0.75e-9  #: half the distance of the plates, or the radius, at the first mouth [m]
    far_half_width: float = 0.75e-9  #: the same at the second mouth [m]
    cylindrical: bool = False  #: a cylinder or cone instead of a slit
    length: float = 20e-9  #: thickness of the membrane [m]
    sections: int = 10  #: number of sections along the length
    wall: float = 5e-9  #: of the membrane's face beside the wider mouth that is computed [m]
    open_length: float = 10e-9  #: electrolyte between each reservoir and the membrane [m]

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_lengths(self, ("half_width", "far_half_width", "length", "wall", "open_length"))
        check_sections(self.sections)

    @property
    def reservoir(self) -> float:
        """The x of the first reservoir [m]."""
        return -self.open_length

    @property
    def strip_width(self) -> float:
        """Extent of the domain in y [m]."""
        return self._widest + self.wall

    @property
    def _widest(self) -> float:
        return max(self.half_width, self.far_half_width)

    @property
    def _end(self) -> float:
        return self.length + self.open_length

    def _top(self, x: float) -> float:
        return self.half_width + (self.far_half_width - self.half_width) * (x / self.length)

    def blocks(self) -> list[Block]:
        """Return open electrolyte, gaps and sections, the last two halved where observables are read."""
        entrance = entrance_length(self.half_width, self.length, self.sections)
        return [
            *self._side(groups.OPEN, (self.reservoir, 0.0), 0.0),
            *(self._piece(*column) for column in section_columns(self.length, self.sections, entrance)),
            *self._side(groups.SECOND_OPEN, (self.length, self._end), self.length),
        ]

    def _side(self, region: str, x: Interval, face: float) -> list[Block]:
        """Return the electrolyte between a reservoir and a face, in front of the mouth and beside it."""
        mouth = self._top(face)
        return [
            Block(region=region, x=x, y=(0.0, mouth), x_wall=face, y_wall=mouth, across=self._widest),
            Block(region=region, x=x, y=(mouth, self.strip_width), x_wall=face, y_wall=mouth),
        ]

    def _piece(self, region: str, x: Interval, x_wall: float) -> Block:
        tops = [self._top(end) for end in x]
        return Block(
            region=region,
            x=x,
            y=(0.0, tops[0]),
            x_wall=x_wall,
            y_wall=tops[0],
            y_end=(0.0, tops[1]),
            across=self._widest,
        )

    def boundary(self, start: Point, end: Point) -> str:
        """Return the name of the boundary on which an outer line [m] lies."""
        if same(start[1], end[1], 0.0):
            return groups.AXIS if self.cylindrical else groups.MIRROR
        if same(start[0], end[0], self.reservoir):
            return groups.RESERVOIR
        if same(start[0], end[0], self._end):
            return groups.SECOND_RESERVOIR
        return groups.MIRROR if same(start[1], end[1], self.strip_width) else WALL
