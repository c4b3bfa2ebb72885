r"""The double layer of an electrode in equilibrium, as far as it says how fine a mesh has to be.

With the potential V of a plane against the bulk and the ions at their bulk chemical potential, of `core.crowding`,

    c_i = c_i0 e^(-z_i e V/kT) ((1 - Phi)/(1 - nu))^(k_i),       lambda = sqrt(eps kT / (e^2 sum_i z_i^2 c_i))
    sigma^2 = 2 eps kT (p - p_bulk),                             p = sum_i c_i - (Phi + ln(1 - Phi))/v_0

lambda is the screening length next to the electrode, the Debye length at V = 0; point ions make it as short as they
like, sizes bound it by the room there is. sigma is the charge of a plane, of point ions Grahame's. Correlations are
left out. Source: Kilic, Bazant, Ajdari, Phys. Rev. E 75, 021502 (2007), whose equal sizes this extends.
"""

import math
from collections.abc import Iterable

from scipy import constants
from scipy.optimize import brentq

from ionspice.core.crowding import IonSizes, crowded_concentrations, newton_steps
from ionspice.core.electrolyte import Electrolyte

_LARGEST_EXPONENT = 45.0  # beyond it sizes have filled all room, and point ions every measure


def compressed_length(electrolyte: Electrolyte, potentials: Iterable[float], stern_layer: float = 0.0) -> float:
    """Return the shortest screening length [m] next to an electrode; the Debye length where nothing is compressed.

    Args:
        electrolyte: the ions.
        potentials: phi_m that the electrode reaches [V].
        stern_layer: lambda_S [m], 0 for none.
    """
    diffuse = (diffuse_potential(electrolyte, potential, stern_layer) for potential in potentials)
    return min(_screening_length(electrolyte, potential) for potential in (0.0, *diffuse))


def diffuse_potential(electrolyte: Electrolyte, potential: float, stern_layer: float) -> float:
    """Return what a Stern layer [m] leaves to the ions of a plane's potential [V], sigma lambda_S/eps less."""
    if stern_layer == 0 or potential == 0:
        return potential

    def excess(diffuse: float) -> float:
        return diffuse + surface_charge(electrolyte, diffuse) * stern_layer / electrolyte.permittivity - potential

    return float(brentq(excess, *sorted((0.0, potential))))


def surface_charge(electrolyte: Electrolyte, potential: float) -> float:
    """Return the charge [C/m^2] of a plane at a potential [V] of the diffuse layer."""
    pressure = _pressure(electrolyte, potential) - _pressure(electrolyte, 0.0)
    energy = 2 * electrolyte.permittivity * constants.k * electrolyte.temperature
    return math.copysign(math.sqrt(energy * max(pressure, 0.0)), potential)


def _screening_length(electrolyte: Electrolyte, potential: float) -> float:
    c = _concentrations(electrolyte, potential)
    strength = math.fsum(s.valence**2 * ci for s, ci in zip(electrolyte.species, c, strict=True))
    return math.sqrt(electrolyte.permittivity * electrolyte.thermal_voltage / (constants.e * strength))


def _pressure(electrolyte: Electrolyte, potential: float) -> float:
    """Return the osmotic pressure over kT [1/m^3]."""
    c = _concentrations(electrolyte, potential)
    filled = math.fsum(v * ci for v, ci in zip(electrolyte.volumes, c, strict=True))
    mixing = (filled + math.log1p(-min(filled, 1 - 1e-16))) / electrolyte.site_volume if filled else 0.0
    return math.fsum(c) - mixing


def _concentrations(electrolyte: Electrolyte, potential: float) -> list[float]:
    """Return the ions next to a plane at a potential [V], number densities [1/m^3]."""
    u, free = potential / electrolyte.thermal_voltage, 1 - electrolyte.packing_fraction
    ratios = [v / electrolyte.site_volume if v else 0.0 for v in electrolyte.volumes]
    exponents = (min(-s.valence * u, _LARGEST_EXPONENT) for s in electrolyte.species)
    boltzmann = [
        s.number_density * free**-k * math.exp(exponent)
        for s, k, exponent in zip(electrolyte.species, ratios, exponents, strict=True)
    ]
    if not any(ratios):
        return boltzmann
    sizes = IonSizes(
        volumes=electrolyte.volumes,
        ratios=[k or None for k in ratios],
        bulk_boltzmann=(),
        steps=newton_steps([k for k in ratios if k]),
    )
    return crowded_concentrations(boltzmann, sizes)
