"""What a geometry tells the mesher: rectangles that share their edges, and the names of the outer lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ionspice.core import InputError
from ionspice.meshes.grading import MeshGrading

_ROUND_OFF = 1e-16  # m

type Interval = tuple[float, float]
type Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A rectangle, or trapezium, of one region that graded quadrilaterals fill; neighbours share whole edges."""

    region: str  #: name of a cell group
    x: Interval  #: [m]
    y: Interval  #: [m]
    x_wall: float  #: the end of the x interval away from which cells grow [m]
    y_wall: float | None  #: likewise for y; None where nothing changes along y [m]
    y_end: Interval | None = None  #: the y interval at the high end of x where it is not `y`, as in a cone [m]
    along_y: bool = False  #: double layers lie along y, which needs fewer cells there
    across: float | None = None  #: length that tells the number of cells along y, if not that of `y` [m]

    @property
    def height(self) -> float:
        """Length that tells the number of cells along y [m]."""
        return self.y[1] - self.y[0] if self.across is None else self.across

    def y_grading(self, grading: MeshGrading) -> MeshGrading | None:
        """Return the grading along y of a mesh that is graded so across double layers; None where nothing changes."""
        if self.y_wall is None:
            return None
        return grading.along if self.along_y else grading


class Geometry(Protocol):
    """A domain in the x-y plane with the reservoir at its low-x end."""

    @property
    def reservoir(self) -> float:
        """The x of the reservoir [m]."""
        ...

    @property
    def strip_width(self) -> float:
        """Extent of the domain in y [m]."""
        ...

    def blocks(self) -> list[Block]:
        """Return the rectangles that tile the domain."""
        ...

    def boundary(self, start: Point, end: Point) -> str:
        """Return the name of the boundary on which an outer line [m] lies."""
        ...


def same(*lengths: float) -> bool:
    """Return whether lengths [m] are equal but for round-off."""
    return max(lengths) - min(lengths) < _ROUND_OFF


def halves(left: float, right: float) -> list[tuple[Interval, float]]:
    """Return the two halves of an interval between walls, each with its wall."""
    middle = (left + right) / 2
    return [((left, middle), left), ((middle, right), right)]


def check_lengths(geometry: object, names: Sequence[str]) -> None:
    """Check that the named lengths of a geometry are positive.

    Raises:
        InputError: one is not.
    """
    for name in names:
        if not getattr(geometry, name) > 0:
            raise InputError(f"{name} = {getattr(geometry, name)} m must be greater than 0 m")
