"""What the electrode is made to follow: legs of a potential or a current, and drives made of them."""

from ionspice.core.drives.current import GalvanostaticDrive
from ionspice.core.drives.legs import (
    ConstantCurrent,
    Drive,
    Elapsed,
    Leg,
    LegSequence,
    Oscillation,
    PotentialReached,
    Sweep,
)
from ionspice.core.drives.potential import PotentialDrive, SineDrive, StepDrive, TriangularDrive
from ionspice.core.drives.table import TableDrive, read_drive

__all__ = [
    "ConstantCurrent",
    "Drive",
    "Elapsed",
    "GalvanostaticDrive",
    "Leg",
    "LegSequence",
    "Oscillation",
    "PotentialDrive",
    "PotentialReached",
    "SineDrive",
    "StepDrive",
    "Sweep",
    "TableDrive",
    "TriangularDrive",
    "read_drive",
]
