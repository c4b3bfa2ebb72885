r"""Ions of finite size at given electrochemical potentials.

With m_i = (mu_i - mu_i0)/kT - z_i phi, the volume v_i of ion i, v_0 of a solvent site, k_i = v_i/v_0 and the occupied
share Phi = sum_j v_j c_j, nu in the bulk,

    c_i = c_i0 e^{m_i} ((1 - Phi)/(1 - nu))^{k_i},      p = sum_i c_i - (Phi + ln(1 - Phi))/v_0

p is the osmotic pressure over kT, convex in m, with dp = sum_i c_i dm_i; so

    dc_i/dm_j = c_i delta_ij - k_i c_i v_j c_j / (1 - Phi + sum_l k_l v_l c_l)

is symmetric and positive definite. Equal sizes give c_i = c_i0 e^{m_i} / (1 - nu + a^3 sum_j c_j0 e^{m_j}), v = 0
point ions. Source: Kilic, Bazant, Ajdari, Phys. Rev. E 75, 021503 (2007), doi:10.1103/PhysRevE.75.021503.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import constants

from ionspice.core import InputError, RunError
from ionspice.core.electrolyte import Electrolyte

FloatArray = NDArray[np.float64]

_NEWTON_LIMIT = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IonSolution:
    """Ions in a dielectric; arrays have the shape (species,)."""

    #: z_i, 1
    valence: FloatArray
    #: number densities in the bulk, 1/m^3
    bulk: FloatArray
    #: D_i, m^2/s
    diffusivity: FloatArray
    #: v_i, m^3; 0 for point ions
    volume: FloatArray
    #: v_0, m^3
    site_volume: float
    #: eps, F/m
    permittivity: float
    #: T, K
    temperature: float = 298.15
    #: l_c, m; 0 for the mean-field limit
    correlation_length: float = 0.0
    #: such as "K+"
    names: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Check neutrality and packing."""
        charge = self.valence @ self.bulk
        if abs(charge) > 1e-9 * (np.abs(self.valence) @ self.bulk):
            raise InputError(f"bulk charge sum z c = {charge:g} 1/m^3 must be 0; choose a neutral bulk")
        if not self.packing_fraction < 1:
            raise InputError(f"packing fraction nu = {self.packing_fraction:g} must be below 1; use smaller ions")

    @property
    def species(self) -> int:
        """Number of species."""
        return int(self.valence.size)

    @property
    def ratio(self) -> FloatArray:
        """Volume ratios k_i = v_i/v_0; 0 for point ions."""
        return self.volume / self.site_volume if self.site_volume > 0 else np.zeros_like(self.volume)

    @property
    def packing_fraction(self) -> float:
        """Share of the volume that ions take in the bulk."""
        return float(self.volume @ self.bulk)

    @property
    def thermal_voltage(self) -> float:
        """Return kT/e, V."""
        return float(constants.k / constants.e) * self.temperature

    @property
    def strength(self) -> float:
        """Sum of z^2 c over the bulk, 1/m^3."""
        return float(self.valence**2 @ self.bulk)

    @property
    def debye_length(self) -> float:
        """Debye length, m."""
        return float(np.sqrt(self.permittivity * self.thermal_voltage / (constants.e * self.strength)))


def solution_of(electrolyte: Electrolyte) -> IonSolution:
    """Return the arrays of an electrolyte.

    Raises:
        InputError: neutral solutes or hard spheres, which these circuits do not know.
    """
    if electrolyte.excess != "lattice" or not all(s.valence for s in electrolyte.species):
        raise InputError(
            "circuits with one rail per ion know ions on a lattice only; leave out neutral species and hard spheres"
        )
    species = electrolyte.species
    return IonSolution(
        valence=np.array([float(s.valence) for s in species]),
        bulk=np.array([s.number_density for s in species]),
        diffusivity=np.array([s.diffusivity for s in species]),
        volume=np.array(electrolyte.volumes, dtype=float),
        site_volume=electrolyte.site_volume if any(electrolyte.volumes) else 0.0,
        permittivity=electrolyte.permittivity,
        temperature=electrolyte.temperature,
        correlation_length=electrolyte.correlation_length,
        names=tuple(s.name for s in species),
    )


def concentrations(solution: IonSolution, potentials: FloatArray) -> FloatArray:
    """Return c_i, 1/m^3, of m_i.

    Args:
        solution: the ions.
        potentials: m_i = (mu_i - mu_i0)/kT - z_i phi, shape (..., species).

    Returns:
        Shape (..., species).
    """
    boltzmann = _boltzmann(solution, potentials)
    if solution.site_volume == 0:
        return boltzmann
    odds = _taken_odds(boltzmann * solution.volume, solution.ratio)
    return np.asarray(boltzmann * (1 + odds[..., None]) ** -solution.ratio)


def responses(solution: IonSolution, c: FloatArray) -> FloatArray:
    """Return dc_i/dm_j, 1/m^3, of concentrations of shape (..., species); shape (..., species, species)."""
    diagonal = c[..., :, None] * np.eye(solution.species)
    if solution.site_volume == 0:
        return np.asarray(diagonal)
    filled, ratio = solution.volume * c, solution.ratio
    room = 1 - filled.sum(axis=-1) + filled @ ratio
    return np.asarray(diagonal - (ratio * c)[..., :, None] * filled[..., None, :] / room[..., None, None])


def osmotic_pressure(solution: IonSolution, potentials: FloatArray) -> FloatArray:
    """Return p/kT, 1/m^3, of m_i of shape (..., species); shape (...)."""
    boltzmann = _boltzmann(solution, potentials)
    if solution.site_volume == 0:
        return np.asarray(boltzmann.sum(axis=-1))
    odds = _taken_odds(boltzmann * solution.volume, solution.ratio)
    ions = (boltzmann * (1 + odds[..., None]) ** -solution.ratio).sum(axis=-1)
    return np.asarray(ions + (np.log1p(odds) - odds / (1 + odds)) / solution.site_volume)


def _boltzmann(solution: IonSolution, potentials: FloatArray) -> FloatArray:
    """Return b_i = c_i (1 - Phi)^(-k_i), 1/m^3."""
    factor = solution.bulk * (1 - solution.packing_fraction) ** -solution.ratio
    return np.asarray(factor * np.exp(potentials))


def _taken_odds(demand: FloatArray, ratio: FloatArray) -> FloatArray:
    """Solve y = sum_i d_i (1 + y)^(1 - k_i) by Newton's method in ln y; point ions (k = 0) take no room."""
    if np.abs(ratio - 1).max() < 1e-12:
        return np.asarray(demand.sum(axis=-1))
    sized = ratio > 0
    d, k = demand[..., sized], ratio[sized]
    y = (d * (1 + d) ** (1 / k - 1)).sum(axis=-1)
    for _ in range(_NEWTON_LIMIT):
        terms = d * (1 + y[..., None]) ** (1 - k)
        total = terms.sum(axis=-1)
        slope = 1 + (terms @ (k - 1)) / total * y / (1 + y)
        step = np.log(total / y) / slope
        y = y * np.exp(step)
        if np.abs(step).max(initial=0.0) < 1e-14:
            return np.asarray(y)
    if np.abs(step).max() < 1e-9:
        return np.asarray(y)
    raise RunError(f"the crowding of ions with volume ratios {k} did not converge; choose sizes closer together")
