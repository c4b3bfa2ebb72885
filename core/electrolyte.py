"""The electrolyte: ions of finite size in a dielectric.

    lambda_D = sqrt(eps kT / (e^2 sum_i z_i^2 c_i0)),    nu = sum_i a_i^3 c_i0

lambda_D is the Debye length and nu the bulk packing fraction; nu = 0 (point ions) is the Poisson-Nernst-Planck
limit. Ions of unequal size are those of `ionspice.core.crowding`. Source: Kilic, Bazant, Ajdari, Phys. Rev. E 75,
021503 (2007), doi:10.1103/PhysRevE.75.021503.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import constants

from ionspice.core import InputError
from ionspice.core.crowding import LARGEST_RATIO, largest_ratio
from ionspice.core.excess import Excess, HardSpheres, Lattice

type ExcessModel = Literal["lattice", "carnahan_starling", "bmcsl"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Species:
    """One kind of ion, or a neutral solute.

    Raises:
        InputError: a diffusivity or concentration that is not positive, or a negative diameter.
    """

    name: str  #: for tables and plots, such as "K+"
    valence: int  #: signed charge number z, 0 for a neutral solute [1]
    diffusivity: float  #: D [m^2/s]
    concentration: float  #: in the bulk [mol/m^3]
    diameter: float | None = None  #: effective size a_i [m]; None means the electrolyte's ion_diameter

    def __post_init__(self) -> None:
        """Check the numbers."""
        for key in ("diffusivity", "concentration"):
            if not getattr(self, key) > 0:
                raise InputError(f"species {self.name}: {key} = {getattr(self, key)} must be greater than 0")
        if self.diameter is not None and not self.diameter >= 0:
            raise InputError(
                f"species {self.name}: diameter = {self.diameter} m must not be negative (0 for a point ion)"
            )

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
        InputError: no ions, a bulk that is not neutral or too crowded, ions with a size in a solvent without one, or
            sizes that the excess term does not know.
    """

    temperature: float = 298.15  #: T [K]
    relative_permittivity: float = 78.5  #: eps_r [1]
    ion_diameter: float = 0.60e-9  #: effective size a of ions that name none of their own [m]; 0 means point ions
    solvent_diameter: float | None = None  #: size of a solvent site [m]; None means ion_diameter
    correlation_length: float = 0.0  #: l_c of Bazant, Storey and Kornyshev [m]; 0 for the mean-field limit
    saturation: float = 0.0  #: beta of Booth's permittivity in a field [m/V]; 0 for none
    refractive_index: float = 1.33  #: n of the solvent, where its permittivity saturates [1]
    excess: ExcessModel = "lattice"  #: how ions take up room: sites of a lattice, or hard spheres (see core.excess)
    species: tuple[Species, ...] = _POTASSIUM_CHLORIDE  #: at least one cation and one anion

    def __post_init__(self) -> None:
        """Check the numbers."""
        for key in ("temperature", "relative_permittivity"):
            if not getattr(self, key) > 0:
                raise InputError(f"{key} = {getattr(self, key)} must be greater than 0")
        if not self.ion_diameter >= 0:
            raise InputError(f"ion_diameter = {self.ion_diameter} m must not be negative (0 for point ions)")
        if not self.correlation_length >= 0:
            raise InputError(f"correlation_length = {self.correlation_length} m must not be negative (0 for none)")
        self._check_saturation()
        if self.solvent_diameter is not None and not self.solvent_diameter > 0:
            raise InputError(f"solvent_diameter = {self.solvent_diameter} m must be greater than 0 m")
        if self.excess != "lattice":
            self._check_spheres()
        elif any(self.volumes) and self.site_volume == 0:
            raise InputError(
                "ion_diameter = 0 m leaves no size for the solvent between ions that have one; give solvent_diameter"
            )
        self._check_bulk()

    def _check_saturation(self) -> None:
        if not 0 <= self.saturation < math.inf:
            raise InputError(f"saturation = {self.saturation} m/V must not be negative (0 for none)")
        if self.saturation == 0:
            return
        if not 1 <= self.refractive_index**2 <= self.relative_permittivity:
            raise InputError(
                f"refractive_index = {self.refractive_index} must lie between 1 and the root of "
                f"relative_permittivity = {self.relative_permittivity}"
            )
        if self.correlation_length > 0:
            raise InputError(
                "saturation and correlation_length both change the permittivity, and no equation has both; leave one "
                "out"
            )

    def _check_spheres(self) -> None:
        if self.solvent_diameter is not None:
            raise InputError(
                f'solvent_diameter = {self.solvent_diameter} m has no effect with excess = "{self.excess}", whose '
                "solvent has no size; leave it out"
            )
        sizes = {volume for volume in self.volumes if volume}
        if not sizes:
            raise InputError(f'excess = "{self.excess}" needs ions with a size; give ion_diameter')
        if self.excess == "carnahan_starling" and len(sizes) > 1:
            raise InputError('excess = "carnahan_starling" knows one diameter; use "bmcsl" for ions of several')

    def _check_bulk(self) -> None:
        charges = [s.valence * s.concentration for s in self.species]
        if not any(charges):
            raise InputError("species: there is none with a charge; give at least one cation and one anion")
        if abs(math.fsum(charges)) > 1e-9 * math.fsum(map(abs, charges)):
            raise InputError(
                f"bulk charge sum z c = {math.fsum(charges):.6g} mol/m^3 must be 0: "
                "choose the concentrations so that the bulk is neutral"
            )
        if self.packing_fraction >= 1:
            room = "a^3" if self.excess == "lattice" else "pi/6 a^3"
            raise InputError(
                f"packing fraction nu = sum {room} c0 = {self.packing_fraction:.4g} must be below 1: "
                "use smaller ions (ion_diameter, or diameter of a species) or a lower concentration"
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
    def optical_share(self) -> float:
        """Share n^2/eps_r of the permittivity that is left in strong fields [1]."""
        return self.refractive_index**2 / self.relative_permittivity

    @property
    def total_number_density(self) -> float:
        """Sum of the bulk number densities [1/m^3]."""
        return math.fsum(s.number_density for s in self.species)

    @property
    def packing_fraction(self) -> float:
        """Bulk packing fraction nu = sum a_i^3 c_i0, of hard spheres pi/6 of it [1]."""
        if self.excess != "lattice":
            cubes = zip(self.volumes, self.species, strict=True)
            return math.pi / 6 * math.fsum(v * s.number_density for v, s in cubes)
        if self.equal_sizes:
            return self.site_volume * self.total_number_density
        return math.fsum(v * s.number_density for v, s in zip(self.volumes, self.species, strict=True))

    @property
    def volumes(self) -> tuple[float, ...]:
        """Volume a_i^3 of every ion [m^3]."""
        sizes = (self.ion_diameter if s.diameter is None else s.diameter for s in self.species)
        return tuple(size**3 for size in sizes)

    @property
    def site_volume(self) -> float:
        """Volume v_0 of a solvent site [m^3]."""
        return (self.ion_diameter if self.solvent_diameter is None else self.solvent_diameter) ** 3

    @property
    def equal_sizes(self) -> bool:
        """Whether ions and solvent sites are all of one volume, or the ions are points."""
        return set(self.volumes) <= {self.site_volume} or not any(self.volumes)

    def pointwise_excess(self, unit: float = 1.0) -> Excess | None:
        """Return the excess term where it has no closed inverse; None for the others, of `ionspice.core.crowding`.

        Args:
            unit: of concentration [1/m^3].
        """
        volumes = np.array(self.volumes) * unit
        if self.excess != "lattice":
            return HardSpheres(np.cbrt(volumes))
        ratios = [volume / self.site_volume for volume in self.volumes if volume > 0]
        if self.equal_sizes or largest_ratio(ratios) <= LARGEST_RATIO:
            return None
        return Lattice(volumes, self.site_volume * unit)

    @property
    def debye_length(self) -> float:
        """Debye length lambda_D [m]."""
        strength = math.fsum(s.valence**2 * s.number_density for s in self.species)
        return math.sqrt(self.permittivity * self.thermal_voltage / (constants.e * strength))

    @property
    def debye_time(self) -> float:
        """Time lambda_D^2 / D of the fastest ion [s]."""
        return self.debye_length**2 / max(s.diffusivity for s in self.species)
