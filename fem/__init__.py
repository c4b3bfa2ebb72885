"""The modified Poisson-Nernst-Planck field model on DOLFINx.

The solver itself is imported when `solve` is first called for, so that electrolytes and drives can be described
on machines without DOLFINx.
"""

from typing import TYPE_CHECKING, Any

from ionspice.core.drives import (
    Drive,
    GalvanostaticDrive,
    SineDrive,
    StepDrive,
    TableDrive,
    TriangularDrive,
    read_drive,
)
from ionspice.core.electrolyte import Electrolyte, Species
from ionspice.core.reservoirs import SecondReservoir
from ionspice.fem.chemistry.descriptions import HomogeneousReaction, Leakage, Reaction
from ionspice.fem.settings import Sampling, SolverSettings
from ionspice.fem.surroundings import Solid, Surface, Surroundings

if TYPE_CHECKING:
    from ionspice.fem.simulation import solve

__all__ = [
    "Drive",
    "Electrolyte",
    "GalvanostaticDrive",
    "HomogeneousReaction",
    "Leakage",
    "Reaction",
    "Sampling",
    "SecondReservoir",
    "SineDrive",
    "Solid",
    "SolverSettings",
    "Species",
    "StepDrive",
    "Surface",
    "Surroundings",
    "TableDrive",
    "TriangularDrive",
    "read_drive",
    "solve",
]


def __getattr__(name: str) -> Any:
    if name == "solve":
        from ionspice.fem.simulation import solve

        return solve
    if name == "Sampling":
        return Sampling
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
