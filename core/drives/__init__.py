"""What the electrode is made to follow: legs of a potential or a current, and drives made of them."""

from ionspice.core.drives.current import GalvanostaticDrive
from ionspice.core.drives.legs import (
    ConstantCurrent,
    Drive,
    Elapsed,
    Hold,
    Leg,
    LegSequence,
    Oscillation,
    PotentialReached,
    Ramp,
    potential_range,
)
from ionspice.core.drives.potential import PotentialDrive, SineDrive, StepDrive, TriangularDrive
from ionspice.core.drives.table import TableDrive, read_drive

__all__ = [
    "ConstantCurrent",
    "Drive",
    "Elapsed",
    "GalvanostaticDrive",
    "Hold",
    "Leg",
    "LegSequence",
    "Oscillation",
    "PotentialDrive",
    "PotentialReached",
    "Ramp",
    "SineDrive",
    "StepDrive",
    "TableDrive",
    "TriangularDrive",
    "potential_range",
    "read_drive",
]
