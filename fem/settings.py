"""What a field run computes: physics, numerical choices, and what it records."""

from dataclasses import dataclass

from ionspice.core import InputError
from ionspice.core.drives import Drive
from ionspice.core.electrolyte import Electrolyte
from ionspice.fem.surroundings import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverSettings:
    """How finely and by what the field equations are solved.

    Raises:
        InputError: a degree other than 1 or 2, or a number out of its range.
    """

    degree: int = 1  #: of the Lagrange elements, 1 or 2
    tolerance: float = 2e-4  #: local error of a time step, root mean square of mu_i and e phi [kT]
    linear_solver: str = "mumps"  #: see `ionspice.fem.newton.LINEAR_SOLVERS`
    steps_per_ramp: int = 50  #: at least this many steps between corners of the drive
    slit_mark: float = 0.5  #: y/W of the point on a slit's centre line where its potential is read
    checkpoint_interval: float = 60.0  #: wall time between checkpoints [s]

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.degree not in (1, 2):
            raise InputError(f"degree = {self.degree} is not offered; choose 1 or 2")
        if not 1e-8 <= self.tolerance <= 1:
            raise InputError(f"tolerance = {self.tolerance} must lie between 1e-8 and 1 (in kT)")
        if self.steps_per_ramp < 2:
            raise InputError(f"steps_per_ramp = {self.steps_per_ramp} must be 2 or more")
        if not 0 <= self.slit_mark <= 1:
            raise InputError(f"slit_mark = {self.slit_mark} must lie between 0 and 1 (y over the strip's width)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Cuts and profiles that are recorded at every accepted step; nothing by default.

    Raises:
        InputError: fewer than two points, or a slit below 1.
    """

    cuts: tuple[float, ...] = ()  #: x of the cutting planes [m]
    profile_slits: tuple[int, ...] = ()  #: slits across which profiles are read, 1 nearest the bulk
    profile_points: int = 41  #: evenly spaced from face to face (in a pore: from the axis to the wall)

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.profile_points < 2:
            raise InputError(f"profile_points = {self.profile_points} must be 2 or more")
        if any(slit < 1 for slit in self.profile_slits):
            raise InputError(f"profile_slits = {self.profile_slits}: slits count from 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRun:
    """What is computed on a mesh."""

    electrolyte: Electrolyte
    drive: Drive
    surroundings: Surroundings
    settings: SolverSettings
    sampling: Sampling
