"""Scales that make the field equations dimensionless.

Lengths in nanometres (the unit of mesh files), potentials in kT/e, concentrations in the sum of the bulk
concentrations, diffusivities in that of the fastest ion; time then counts in length^2 / diffusivity.
"""

from dataclasses import dataclass

from scipy import constants

from ionspice.core.electrolyte import Electrolyte
from ionspice.meshes import MESH_UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """What a dimensionless 1 stands for."""

    length: float  #: [m]
    potential: float  #: [V]
    concentration: float  #: [1/m^3]
    diffusivity: float  #: [m^2/s]
    permittivity: float  #: [F/m]
    depth: float = 1.0  #: 1 m, for results per metre; the unit of length where integrals carry 2 pi y

    @classmethod
    def of(cls, electrolyte: Electrolyte, *, axisymmetric: bool = False) -> "Scales":
        """Return the scales that belong to an electrolyte.

        In an axisymmetric domain what is said "per depth" below is of the whole body.
        """
        return cls(
            depth=MESH_UNIT if axisymmetric else 1.0,
            length=MESH_UNIT,
            potential=electrolyte.thermal_voltage,
            concentration=electrolyte.total_number_density,
            diffusivity=max(s.diffusivity for s in electrolyte.species),
            permittivity=electrolyte.permittivity,
        )

    @property
    def time(self) -> float:
        """Diffusion time over one length [s]."""
        return self.length**2 / self.diffusivity

    @property
    def ionic_charge(self) -> float:
        """Charge per depth [C/m] of one unit of charge number density over one unit of area."""
        return float(constants.e) * self.ions

    @property
    def ions(self) -> float:
        """Ions per depth [1/m] over one unit of area."""
        return self.concentration * self.length**2 * self.depth

    @property
    def current(self) -> float:
        """Current per depth [A/m]."""
        return self.ionic_charge / self.time

    @property
    def electrode_charge(self) -> float:
        """Charge per depth [C/m] of one unit of electric flux."""
        return self.permittivity * self.potential * self.depth

    @property
    def surface_charge(self) -> float:
        """Charge per area [C/m^2] of one unit of electric flux density."""
        return self.permittivity * self.potential / self.length

    @property
    def energy(self) -> float:
        """Energy per depth [J/m] of one kT per ion over one unit of area."""
        return self.potential * self.ionic_charge

    @property
    def charge_coupling(self) -> float:
        """Factor of the charge density in Poisson's equation, ionic over electrode charge [1]."""
        return self.ionic_charge / self.electrode_charge
