"""What the electrode is made to follow: legs of a potential or a current, and drives made of them."""

from ionspice.core.drives.controls import (
    ConstantCurrent,
    CurrentBelow,
    Elapsed,
    Hold,
    LegsDone,
    Oscillation,
    PotentialReached,
    Ramp,
    Stay,
    Sweep,
)
from ionspice.core.drives.current import GalvanostaticDrive
from ionspice.core.drives.legs import Cycling, Drive, Leg, LegSequence, keeps_time, potential_range
from ionspice.core.drives.potential import PotentialDrive, SineDrive, StepDrive, TriangularDrive
from ionspice.core.drives.protocol import parse_protocol
from ionspice.core.drives.table import TableDrive, read_drive

#: what a case file can ask for
type CaseDrive = PotentialDrive | GalvanostaticDrive | LegSequence

__all__ = [
    "CaseDrive",
    "ConstantCurrent",
    "CurrentBelow",
    "Cycling",
    "Drive",
    "Elapsed",
    "GalvanostaticDrive",
    "Hold",
    "Leg",
    "LegSequence",
    "LegsDone",
    "Oscillation",
    "PotentialDrive",
    "PotentialReached",
    "Ramp",
    "SineDrive",
    "Stay",
    "StepDrive",
    "Sweep",
    "TableDrive",
    "TriangularDrive",
    "keeps_time",
    "parse_protocol",
    "potential_range",
    "read_drive",
]
