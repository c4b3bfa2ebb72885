r"""The double layer of an electrode in equilibrium, as far as it says how fine a mesh has to be.

With the potential V of a plane against the bulk and the ions at their bulk chemical potential, of `core.crowding`,

    c_i = c_i0 e^(-z_i e V/kT) ((1 - Phi)/(1 - nu))^(k_i),       lambda = sqrt(eps kT / (e^2 sum_i z_i^2 c_i))
    sigma^2 = 2 eps kT (p - p_bulk),                             p = sum_i c_i - (Phi + ln(1 - Phi))/v_0

lambda is the screening length next to the electrode, the Debye length at V = 0; point ions make it as short as they
like, sizes bound it by the room there is. sigma is the charge of a plane, of point ions Grahame's; correlations are
left out of it. Source: Kilic, Bazant, Ajdari, Phys. Rev. E 75, 021502 (2007), whose equal sizes this extends.

With the permittivity operator eps (1 - l_c^2 lap) small potentials go as e^(-q x), l_c^2 q^4 - q^2 + 1/lambda^2 = 0.
For l_c > lambda/2 they oscillate and decay over 1/Re q = (1/(2 l_c lambda) + 1/(4 l_c^2))^(-1/2), which for strong
correlations is sqrt(2 l_c lambda), longer than lambda. Source: Bazant, Storey, Kornyshev, Phys. Rev. Lett. 106,
046102 (2011).
"""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import constants
from scipy.optimize import brentq

from ionspice.core.electrolyte import Electrolyte
from ionspice.core.errors import InputError
from ionspice.core.excess import Excess, Lattice, concentrations
from ionspice.core.excess import pressure as osmotic_pressure
from ionspice.core.saturation import energy as saturated_energy
from ionspice.core.saturation import permittivity as saturated_permittivity

_MOST_DOUBLINGS = 12  # of kT/e: beyond 100 V
_MARGIN = 1e-6  # of brackets, against round-off
_LARGEST_EXPONENT = 600.0  # of point ions: beyond it numbers end


def compressed_length(electrolyte: Electrolyte, potentials: Iterable[float], stern_layer: float = 0.0) -> float:
    """Return the shortest screening length [m] next to an electrode; that of the bulk where nothing is compressed.

    Args:
        electrolyte: the ions.
        potentials: phi_m that the electrode reaches [V].
        stern_layer: lambda_S [m], 0 for none.
    """
    diffuse = (diffuse_potential(electrolyte, potential, stern_layer) for potential in potentials)
    return min(_screening_length(electrolyte, potential) for potential in (0.0, *diffuse))


def bulk_screening_length(electrolyte: Electrolyte) -> float:
    """Return what small potentials decay over in the bulk [m]: the Debye length, or what correlations make of it."""
    return correlated_length(electrolyte.debye_length, electrolyte.correlation_length)


def correlated_length(debye_length: float, correlation_length: float) -> float:
    """Return what small potentials decay over [m] in ions with a correlation length [m], 0 for none.

    Of two real decays it is the longer one; the other, about as long as the correlations, is then of small weight.
    """
    if correlation_length == 0:
        return debye_length
    squared = (2 * correlation_length / debye_length) ** 2
    if squared < 1:
        # 2 l_c^2/(1 - sqrt(1 - s)), free of cancellation
        return debye_length * math.sqrt((1 + math.sqrt(1 - squared)) / 2)
    return 1 / math.sqrt(1 / (2 * correlation_length * debye_length) + 1 / (4 * correlation_length**2))


def diffuse_potential(electrolyte: Electrolyte, potential: float, stern_layer: float, charge: float = 0.0) -> float:
    """Return what a Stern layer leaves to the ions of a plane's potential [V].

    Args:
        electrolyte: the ions.
        potential: of the plane's metal [V].
        stern_layer: lambda_S [m], 0 for none; infinite for an insulator, on which only the fixed charge is.
        charge: fixed on the ions' side of the layer [C/m^2].
    """
    if stern_layer == 0 or (potential == 0 and charge == 0):
        return potential
    capacitance = electrolyte.permittivity / stern_layer

    def excess(diffuse: float) -> float:
        return surface_charge(electrolyte, diffuse) - charge - capacitance * (potential - diffuse)

    # Charge alone and potential alone bound the answer.
    span = abs(potential) if capacitance else 0.0
    if charge:
        span += _potential_above(electrolyte, abs(charge))
    return float(brentq(excess, -span, span))


def _potential_above(electrolyte: Electrolyte, charge: float) -> float:
    """Return a potential [V] at which planes of both signs have more than a charge [C/m^2]."""
    potential = electrolyte.thermal_voltage
    for _ in range(_MOST_DOUBLINGS):
        if min(surface_charge(electrolyte, potential), -surface_charge(electrolyte, -potential)) > charge:
            return potential
        potential *= 2
    raise InputError(
        f"a surface charge of {charge:.4g} C/m^2 is more than the ions can screen; lower it or give smaller ions"
    )


def surface_charge(electrolyte: Electrolyte, potential: float) -> float:
    """Return the charge [C/m^2] of a plane at a potential [V] of the diffuse layer."""
    pressure = _pressure(electrolyte, potential) - _pressure(electrolyte, 0.0)
    energy = 2 * constants.k * electrolyte.temperature * max(pressure, 0.0) / electrolyte.permittivity
    field, share = _field(electrolyte, energy)
    return math.copysign(share * electrolyte.permittivity * field, potential)


def _field(electrolyte: Electrolyte, squared: float) -> tuple[float, float]:
    """Return E [V/m] and eps(E)/eps where the field's energy is that of E^2 = `squared` without saturation."""
    beta, optical = electrolyte.saturation, electrolyte.optical_share
    if beta == 0 or squared == 0:
        return math.sqrt(squared), 1.0

    def excess(s: float) -> float:
        return saturated_energy(s, optical) * s - beta**2 * squared

    # The energy lies between that of the optical permittivity alone and that of the whole one.
    s = float(brentq(excess, 0.0, beta**2 * squared / optical * (1 + 1e-9)))
    return math.sqrt(s) / beta, saturated_permittivity(s, optical)


def _screening_length(electrolyte: Electrolyte, potential: float) -> float:
    c = _concentrations(electrolyte, potential)
    strength = math.fsum(s.valence**2 * ci for s, ci in zip(electrolyte.species, c, strict=True))
    pressure = max(_pressure(electrolyte, potential) - _pressure(electrolyte, 0.0), 0.0) if potential else 0.0
    energy = 2 * constants.k * electrolyte.temperature * pressure / electrolyte.permittivity
    permittivity = electrolyte.permittivity * _field(electrolyte, energy)[1]
    debye_length = math.sqrt(permittivity * electrolyte.thermal_voltage / (constants.e * strength))
    return correlated_length(debye_length, electrolyte.correlation_length)


def _pressure(electrolyte: Electrolyte, potential: float) -> float:
    """Return the osmotic pressure over kT [1/m^3]."""
    c = _concentrations(electrolyte, potential)
    if (excess := _spheres(electrolyte)) is not None:
        return float(osmotic_pressure(np.array(c)[:, None], excess)[0])
    if not any(electrolyte.volumes):
        return math.fsum(c)
    filled = math.fsum(v * ci for v, ci in zip(electrolyte.volumes, c, strict=True))
    log_free = math.log1p(-electrolyte.packing_fraction) + _log_room(electrolyte, potential)
    return math.fsum(c) - (filled + log_free) / electrolyte.site_volume


def _concentrations(electrolyte: Electrolyte, potential: float) -> list[float]:
    """Return the ions next to a plane at a potential [V], number densities [1/m^3]."""
    pull = _pull(electrolyte, potential)
    bulk = [s.number_density for s in electrolyte.species]
    if (excess := _spheres(electrolyte)) is not None:
        log_b = np.log(bulk) + excess.potentials(np.array(bulk)[:, None])[:, 0] + pull
        return [float(c) for c in concentrations(log_b[:, None], excess)[:, 0]]
    room, site = _log_room(electrolyte, potential), electrolyte.site_volume
    exponents = [p + (v / site * room if v else 0.0) for p, v in zip(pull, electrolyte.volumes, strict=True)]
    return [c0 * math.exp(min(e, _LARGEST_EXPONENT)) for c0, e in zip(bulk, exponents, strict=True)]


def _log_room(electrolyte: Electrolyte, potential: float) -> float:
    """Return ln((1 - Phi)/(1 - nu)) of ions on a lattice next to a plane at a potential [V].

    It is the root of sum_i v_i c_i + 1 - Phi = 1, in logarithms, for the room that 3 V leave is below round-off.
    """
    sized = [
        (math.log(v * s.number_density) + p, v / electrolyte.site_volume)
        for s, v, p in zip(electrolyte.species, electrolyte.volumes, _pull(electrolyte, potential), strict=True)
        if v
    ]
    if not sized:
        return 0.0
    sized.append((math.log1p(-electrolyte.packing_fraction), 1.0))
    terms, shares = np.array(sized).T

    def excess(room: float) -> float:
        return float(np.logaddexp.reduce(terms + shares * room))

    # No term may pass 1, nor may all be below a share of it.
    highest = float((-terms / shares).min())
    lowest = float(((-math.log(len(terms)) - terms) / shares).min())
    return float(brentq(excess, lowest - _MARGIN, highest + _MARGIN, xtol=1e-13))


def _spheres(electrolyte: Electrolyte) -> Excess | None:
    """Return the excess term of ions that are on no lattice, or None."""
    excess = electrolyte.pointwise_excess()
    return None if isinstance(excess, Lattice) else excess


def _pull(electrolyte: Electrolyte, potential: float) -> NDArray[np.float64]:
    """Return -z_i e V/kT, (species,)."""
    return -np.array([s.valence for s in electrolyte.species]) * potential / electrolyte.thermal_voltage
