r"""The electrolyte's surfaces and solids in Poisson's equation.

    eps dphi/dn = sigma                                            on a wall
    eps dphi/dn = sigma + (eps/lambda_S)(phi_m - phi_pzc - phi)    behind the Stern layer of an electrode
    -div(eps_s grad phi) = 0                                       in a solid

with n out of the electrolyte; on a wall between electrolyte and solid the charge is that of both sides' fields.
Without a Stern layer phi = phi_m - phi_pzc on the electrode itself. A counter electrode is at -phi_m.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import constants

from ionspice.fem.domain import Domain
from ionspice.fem.measures import measure
from ionspice.fem.mpi import dolfinx
from ionspice.fem.scales import Scales
from ionspice.fem.surroundings import Surroundings
from ionspice.meshes import groups

_QUADRATURE_DEGREE = 5  # of surfaces
#: the sign with which electrodes follow phi_m
_ELECTRODES = {groups.ELECTRODE: 1, groups.COUNTER: -1}


class Bounds:
    """What the surroundings add to the equations, dimensionless, as UFL constants that follow phi_m and the load.

    The load is the share of fixed charges and potentials of zero charge that acts; only on the way to an equilibrium
    it is less than 1.
    """

    def __init__(self, domain: Domain, surroundings: Surroundings, scales: Scales) -> None:
        self._domain, self._surroundings, self._scales = domain, surroundings, scales
        self._potential, self._load = 0.0, 1.0
        ends = (*_ELECTRODES, groups.SECOND_RESERVOIR)
        names = [name for name in domain.boundaries if name in ends or groups.is_wall(name)]
        self._ds = measure(
            "ds",
            domain.mesh,
            axisymmetric=domain.axisymmetric,
            subdomain_data=[(groups.boundary_number(name), domain.sides(name)) for name in names],
            metadata={"quadrature_degree": _QUADRATURE_DEGREE},
        )
        self._charges = {
            s.name: (self._constant(), s.charge / scales.surface_charge) for s in surroundings.surfaces if s.charge
        }
        self._shift = {
            name: surroundings.surface(name).zero_charge_potential / scales.potential for name in self.electrodes
        }
        self._effective = {name: self._constant() for name in self.electrodes}
        self._applied = {name: self._constant() for name in self.electrodes}
        self.set_load(1.0)

    @property
    def electrodes(self) -> dict[str, int]:
        """The electrodes of the mesh and the sign with which they follow phi_m."""
        return {name: sign for name, sign in _ELECTRODES.items() if name in self._domain.boundaries}

    def ds(self, boundary: str) -> Any:
        """Return the measure of a boundary."""
        return self._ds(groups.boundary_number(boundary))

    def set_potential(self, value: float) -> None:
        """Set phi_m [kT/e]."""
        self._potential = value
        for name, sign in self.electrodes.items():
            self._applied[name].value = sign * value
            self._effective[name].value = sign * value - self._load * self._shift[name]

    def set_load(self, share: float) -> None:
        """Let a share of the fixed charges and potentials of zero charge act."""
        self._load = share
        for constant, charge in self._charges.values():
            constant.value = share * charge
        self.set_potential(self._potential)

    def potential(self, electrode: str) -> Any:
        """Return the constant that follows an electrode's potential against the bulk [kT/e]."""
        return self._applied[electrode]

    def effective(self, electrode: str) -> float:
        """Return what ions see of an electrode's potential [kT/e]."""
        return float(self._effective[electrode].value)

    def span(self, potential: float, debye_length: float) -> float:
        """Return about how far [kT/e] surfaces are from the bulk's potential, with the whole load.

        Args:
            potential: phi_m [kT/e].
            debye_length: in mesh units.
        """
        away = [abs(sign * potential - self._shift[name]) for name, sign in self.electrodes.items()]
        away += [2 * math.asinh(abs(charge) * debye_length / 2) for _, charge in self._charges.values()]
        return max(away, default=0.0)

    @property
    def is_loaded(self) -> bool:
        """Whether an uncharged bulk is no equilibrium at phi_m = 0."""
        return bool(self._charges) or any(self._shift.values())

    def solids(self) -> Iterator[tuple[float, int]]:
        """Yield permittivity, relative to the electrolyte's, and region number of every solid."""
        for solid in self._surroundings.solids:
            yield (
                solid.relative_permittivity * constants.epsilon_0 / self._scales.permittivity,
                groups.region_number(solid.name),
            )

    def fixed_charge(self, v: Any) -> Any:
        """Return the form int sigma v over all surfaces; None where there is no charge."""
        terms = [charge * v * self.ds(name) for name, (charge, _) in self._charges.items()]
        return sum(terms[1:], start=terms[0]) if terms else None

    def layer_energy(self, phi: Any, stern_inverse: Any) -> Any:
        """Return the form of the Stern layers' field energy in units of the electric flux."""
        gaps = [(self._effective[name] - phi, self.ds(name)) for name in self.electrodes]
        terms = [stern_inverse * gap**2 / 2 * ds for gap, ds in gaps]
        return sum(terms[1:], start=terms[0])

    def stern(self, phi: Any, v: Any, stern_inverse: Any) -> Any:
        """Return the Robin form of the electrodes' Stern layers."""
        terms = [stern_inverse * (phi - self._effective[name]) * v * self.ds(name) for name in self.electrodes]
        return sum(terms[1:], start=terms[0])

    def _constant(self) -> Any:
        return dolfinx.fem.Constant(self._domain.mesh, np.float64(0.0))
