"""Cell sizes that grow geometrically away from a wall.

From a wall the spacings are h, g h, g^2 h, ...; n cells cover h (g^n - 1)/(g - 1). The double layer of thickness
lambda_D next to every wall is resolved by h; the growth g sets how fast the interior coarsens. Along the
sheets of a stack, where only their edges matter, cells grow by 1 + 4 (g - 1), but by 1.6 or g at most.
"""

import math
from dataclasses import dataclass, replace

from ionspice.core import InputError

#: smallest first cell that is chosen for a mesh [m]; below it corners of blocks would coincide
FINEST_SPACING = 1e-15
#: cells along which nothing changes
ALONG = 2
_LARGEST_GROWTH = 3
_FASTER_ALONG = 4.0  # times as far above 1 as across slits, along sheets,
_FAST = 1.6  # to which cells grow in this way


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshGrading:
    """Resolution of a generated mesh.

    Raises:
        InputError: a spacing that is not positive, or a growth outside [1, 3].
    """

    wall_spacing: float = 0.05e-9  #: largest allowed first cell at a wall [m]
    growth: float = 1.15  #: ratio of neighbouring cells [1]

    def __post_init__(self) -> None:
        """Check the numbers."""
        if not self.wall_spacing > 0:
            raise InputError(f"wall_spacing = {self.wall_spacing} m must be greater than 0 m")
        if not 1 <= self.growth <= _LARGEST_GROWTH:
            raise InputError(f"growth = {self.growth} must lie between 1 (uniform) and {_LARGEST_GROWTH}")

    def cells(self, length: float) -> int:
        """Return how many cells cover a length [m] that starts at a wall."""
        if self.growth - 1 < 1e-6:
            count = length / self.wall_spacing
        else:
            count = math.log1p(length * (self.growth - 1) / self.wall_spacing) / math.log(self.growth)
        # A length that the progression covers exactly must not gain a cell by round-off.
        return max(2, math.ceil(count - 1e-9))

    @property
    def along(self) -> "MeshGrading":
        """The grading along double layers, away from their edges."""
        fast = min(1 + _FASTER_ALONG * (self.growth - 1), _FAST)
        return replace(self, growth=max(self.growth, fast))

    def refined(self, factor: float) -> "MeshGrading":
        """Return the grading whose cells are everywhere `factor` times smaller."""
        return MeshGrading(wall_spacing=self.wall_spacing / factor, growth=self.growth ** (1 / factor))
