"""What the electrode is made to follow: a potential over time, or a constant current between two potentials."""

from ionspice.core.drives.current import GalvanostaticDrive
from ionspice.core.drives.potential import Drive, SineDrive, StepDrive, TriangularDrive
from ionspice.core.drives.table import TableDrive, read_drive

__all__ = [
    "Drive",
    "GalvanostaticDrive",
    "SineDrive",
    "StepDrive",
    "TableDrive",
    "TriangularDrive",
    "read_drive",
]
