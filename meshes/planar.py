"""An open planar electrode at x = 0 and electrolyte in front of it."""

from dataclasses import dataclass

from ionspice.meshes import groups
from ionspice.meshes.blocks import Block, Point, check_lengths, same


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanarElectrode:
    """Electrolyte between a reservoir at x = -open_length and an electrode; lengths in metres.

    Raises:
        InputError: a length that is not positive.
    """

    open_length: float = 10e-9  #: distance of the reservoir [m]
    strip_width: float = 1e-9  #: computed width of the electrode [m]

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_lengths(self, ("open_length", "strip_width"))

    @property
    def reservoir(self) -> float:
        """The x of the reservoir [m]."""
        return -self.open_length

    def blocks(self) -> list[Block]:
        """Return the electrolyte as one rectangle."""
        y = (0.0, self.strip_width)
        return [Block(region=groups.OPEN, x=(self.reservoir, 0.0), y=y, x_wall=0.0, y_wall=None)]

    def boundary(self, start: Point, end: Point) -> str:
        """Return the name of the boundary on which an outer line [m] lies."""
        if same(start[1], end[1]):
            return groups.MIRROR
        return groups.RESERVOIR if same(start[0], self.reservoir) else groups.ELECTRODE
