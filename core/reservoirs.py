r"""A second reservoir, behind a membrane or nanopore: other concentrations of the same species, and a potential.

Its electrochemical potentials relative to the first one are, with the excess term of `ionspice.core.electrolyte`,

    w_i = ln(c_i2/c_i1) + mu_i^ex(c_2) - mu_i^ex(c_1) + z_i phi_2
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ionspice.core.electrolyte import Electrolyte
from ionspice.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReservoir:
    """What the boundary `reservoir_2` holds.

    Raises:
        InputError: a potential that is not finite, or one beside the drive's.
    """

    concentrations: Mapping[str, float] = field(default_factory=dict)  #: by species [mol/m^3], others as in the first
    potential: float = 0.0  #: where an electrode follows the drive [V]
    driven: bool = True  #: it follows the drive, for there is no electrode

    def __post_init__(self) -> None:
        """Check the potential."""
        if not math.isfinite(self.potential):
            raise InputError(f"second reservoir: potential = {self.potential} V must be a finite number")
        if self.driven and self.potential:
            raise InputError(
                f"second reservoir: potential = {self.potential} V, but without an electrode the drive gives it; "
                "leave the key out"
            )

    def electrolyte(self, first: Electrolyte) -> Electrolyte:
        """Return the electrolyte of this reservoir.

        Args:
            first: that of the first one.

        Raises:
            InputError: a species that is not there, or a composition that is not neutral, not positive or too full.
        """
        names = [s.name for s in first.species]
        for name in self.concentrations:
            if name not in names:
                raise InputError(f"second reservoir: species {name} is not in the electrolyte ({', '.join(names)})")
        for name, value in self.concentrations.items():
            if not value > 0:
                raise InputError(
                    f"second reservoir: concentration of {name} = {value} mol/m^3 must be greater than 0; where "
                    'there is none of it give very little, such as "1e-9 mol/L"'
                )
        species = tuple(
            replace(s, concentration=self.concentrations.get(s.name, s.concentration)) for s in first.species
        )
        try:
            return replace(first, species=species)
        except InputError as error:
            raise InputError(f"second reservoir: {error}") from error

    def differs(self, first: Electrolyte) -> bool:
        """Return whether the two reservoirs, at 0 V both, are not in equilibrium."""
        return bool(self.potential) or self.electrolyte(first) != first


def reservoir_potentials(first: Electrolyte, second: Electrolyte, share: float = 1.0) -> NDArray[np.float64]:
    """Return ln(c_i2/c_i1) + mu_i^ex(c_2) - mu_i^ex(c_1), (species,), in kT.

    Args:
        first: one electrolyte.
        second: the other one.
        share: of the way of the concentrations from the first to the second, on which the bulk stays neutral.
    """
    ends = [np.array([s.number_density for s in one.species]) for one in (first, second)]
    c = ends[0] + share * (ends[1] - ends[0])
    return np.asarray(np.log(c / ends[0]) + _excess(first, c) - _excess(first, ends[0]))


def _excess(electrolyte: Electrolyte, c: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return mu_i^ex/kT of number densities, both (species,)."""
    excess = electrolyte.pointwise_excess()
    if excess is not None:
        return np.asarray(excess.potentials(c[:, None])[:, 0])
    volumes = np.array(electrolyte.volumes)
    if not volumes.any():
        return np.zeros(len(c))
    return np.asarray(-np.log1p(-volumes @ c) * volumes / electrolyte.site_volume)
