"""The electrolyte: ions of finite size in a dielectric.

    lambda_D = sqrt(eps kT / (e^2 sum_i z_i^2 c_i0)),    nu = a^3 sum_i c_i0

lambda_D is the Debye length and nu the bulk packing fraction; nu = 0 (point ions) is the Poisson-Nernst-Planck
limit. Source: Kilic, Bazant, Ajdari, Phys. Rev. E 75, 021503 (2007), doi:10.1103/PhysRevE.75.021503.
"""

import math
from dataclasses import dataclass

from scipy import constants

from ionspice.core import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Species:
    """One kind of ion.

    Raises:
        InputError: valence 0, or a diffusivity or concentration that is not positive.
    """

    name: str  #: for tables and plots, such as "K+"
    valence: int  #: signed charge number z [1]
    diffusivity: float  #: D [m^2/s]
    concentration: float  #: in the bulk [mol/m^3]

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.valence == 0:
            raise InputError(f"species {self.name}: valence = 0 carries no current; give a charged species")
        for key in ("diffusivity", "concentration"):
            if not getattr(self, key) > 0:
                raise InputError(f"species {self.name}: {key} = {getattr(self, key)} must be greater than 0")

    @property
    def number_density(self) -> float:
        """Ions per volume in the bulk [1/m^3]."""
        return self.concentration * float(constants.N_A)


_POTASSIUM_CHLORIDE = (
    Species(name="K+", valence=1, diffusivity=2.0e-9, concentration=1000.0),
    Species(name="Cl-", valence=-1, diffusivity=2.0e-9, concentration=1000.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Electrolyte:
    """Ions and solvent; the default is KCl 1 mol/L with ions of 0.60 nm.

    Raises:
        InputError: no ions, a bulk that is not neutral, or a bulk packing fraction of 1 or more.
    """

    temperature: float = 298.15  #: T [K]
    relative_permittivity: float = 78.5  #: eps_r [1]
    ion_diameter: float = 0.60e-9  #: effective size a [m]; 0 means point ions
    species: tuple[Species, ...] = _POTASSIUM_CHLORIDE  #: at least one cation and one anion

    def __post_init__(self) -> None:
        """Check the numbers."""
        for key in ("temperature", "relative_permittivity"):
            if not getattr(self, key) > 0:
                raise InputError(f"{key} = {getattr(self, key)} must be greater than 0")
        if self.ion_diameter < 0:
            raise InputError(f"ion_diameter = {self.ion_diameter} m must not be negative (0 for point ions)")
        self._check_bulk()

    def _check_bulk(self) -> None:
        charges = [s.valence * s.concentration for s in self.species]
        if not charges or abs(math.fsum(charges)) > 1e-9 * math.fsum(map(abs, charges)):
            raise InputError(
                f"bulk charge sum z c = {math.fsum(charges):.6g} mol/m^3 must be 0: "
                "choose the concentrations so that the bulk is neutral"
            )
        if self.packing_fraction >= 1:
            raise InputError(
                f"packing fraction nu = a^3 sum c0 = {self.packing_fraction:.4g} must be below 1: "
                "use smaller ions (ion_diameter) or a lower concentration"
            )

    @property
    def thermal_voltage(self) -> float:
        """Return kT/e [V]."""
        return float(constants.k / constants.e) * self.temperature

    @property
    def permittivity(self) -> float:
        """Absolute permittivity eps [F/m]."""
        return self.relative_permittivity * float(constants.epsilon_0)

    @property
    def total_number_density(self) -> float:
        """Sum of the bulk number densities [1/m^3]."""
        return math.fsum(s.number_density for s in self.species)

    @property
    def packing_fraction(self) -> float:
        """Bulk packing fraction nu = a^3 sum c0 [1]."""
        return self.ion_diameter**3 * self.total_number_density

    @property
    def debye_length(self) -> float:
        """Debye length lambda_D [m]."""
        strength = math.fsum(s.valence**2 * s.number_density for s in self.species)
        return math.sqrt(self.permittivity * self.thermal_voltage / (constants.e * strength))

    @property
    def debye_time(self) -> float:
        """Time lambda_D^2 / D of the fastest ion [s]."""
        return self.debye_length**2 / max(s.diffusivity for s in self.species)
