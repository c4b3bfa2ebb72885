"""One straight pore that opens into a reservoir: a slit between plates, or a cylinder.

The pore fills 0 < x < length, 0 < y < half_width; its wall and the face of the electrode around its mouth (x = 0)
are electrode. The far end is a mirror, as in a pore twice as long that is open at both ends. For the cylinder y is
the radius: the line y = 0 is then the `axis`, which tells the solver to weight its integrals by 2 pi y.

Along x the pore is a row of equal sections. Regions gap_1, gap_2, ... are short pieces around the cross-sections in
front of them, as long as the half width or half a section, and slit_1, slit_2, ... what lies between; gap_1 is the
entrance. So a section is to the solver what a slit of a stack is, and its charge reaches from cross-section to
cross-section, the middles of the gaps.
"""

from dataclasses import dataclass
from itertools import pairwise

from ionspice.core import InputError
from ionspice.meshes import groups
from ionspice.meshes.blocks import Block, Interval, Point, check_lengths, same


@dataclass(frozen=True, slots=True, kw_only=True)
class StraightPore:
    """A pore and the electrolyte in front of it; results of a cylinder are per pore, of a slit per depth of its half.

    Raises:
        InputError: a length that is not positive, or no section.
    """

    half_width: float = 0.75e-9  #: half the distance of the slit's plates, or the cylinder's radius [m]
    cylindrical: bool = False  #: a cylinder instead of a slit
    length: float = 20e-9  #: from the mouth to the mirror at the far end [m]
    sections: int = 10  #: number of sections along the length
    wall: float = 5e-9  #: of the electrode's face beside the mouth that is computed [m]
    open_length: float = 10e-9  #: electrolyte between the reservoir and the mouth [m]

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_lengths(self, ("half_width", "length", "wall", "open_length"))
        check_sections(self.sections)

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
        """Length of the gaps, of which the first is the entrance [m]."""
        return entrance_length(self.half_width, self.length, self.sections)

    @property
    def section_length(self) -> float:
        """Distance of neighbouring cross-sections; the first lies in the middle of the entrance [m]."""
        return (self.length - self.entrance / 2) / self.sections

    def blocks(self) -> list[Block]:
        """Return open electrolyte, gaps and sections, the last two halved where observables are read."""
        wall, inside, front = self.half_width, (0.0, self.half_width), (self.reservoir, 0.0)
        return [
            Block(region=groups.OPEN, x=front, y=inside, x_wall=0.0, y_wall=wall),
            Block(region=groups.OPEN, x=front, y=(wall, self.strip_width), x_wall=0.0, y_wall=wall),
            *(
                Block(region=region, x=x, y=inside, x_wall=x_wall, y_wall=wall)
                for region, x, x_wall in self._columns()
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

    def _columns(self) -> list[tuple[str, Interval, float]]:
        """Return (region, x interval, x of its finest cells) from the mouth inwards.

        The last section grows away from its gap alone: nothing changes at the mirror.
        """
        *columns, (slit, behind, _) = section_columns(self.length, self.sections, self.entrance)
        return [*columns, (slit, behind, behind[0])]


def check_sections(sections: int) -> None:
    """Raise an `InputError` unless a pore has a section."""
    if sections < 1:
        raise InputError(f"sections = {sections} must be 1 or more")


def entrance_length(half_width: float, length: float, sections: int) -> float:
    """Return how long the pieces around cross-sections are: the half width of the mouth, or half a section [m]."""
    return min(half_width, length / sections / 2)


def section_columns(length: float, sections: int, entrance: float) -> list[tuple[str, Interval, float]]:
    """Return (region, x interval, x of its finest cells) of a pore's gaps and slits, each halved.

    Args:
        length: of the pore [m].
        sections: its number of sections.
        entrance: length of a gap [m].
    """
    half, columns = entrance / 2, []
    distance = (length - half) / sections
    middles = [half + k * distance for k in range(sections)]
    starts = [0.0, *(middle - half for middle in middles[1:]), length]
    for section, (middle, (start, end)) in enumerate(zip(middles, pairwise(starts), strict=True), start=1):
        behind = middle + half
        half_way = (behind + end) / 2
        gap, slit = groups.gap_name(section), groups.slit_name(section)
        columns += [
            (gap, (start, middle), start),
            (gap, (middle, behind), middle),
            (slit, (behind, half_way), behind),
            (slit, (half_way, end), end),
        ]
    return columns
