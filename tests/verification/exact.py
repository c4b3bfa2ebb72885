r"""Exact answers of the field equations.

Symbols: lambda_D Debye length, kappa = 1/lambda_D, nu = a^3 sum c0, u = e phi/kT, z:z electrolyte of equal D.

Equilibrium plate and slit of half-height H (Kilic, Bazant, Ajdari, Phys. Rev. E 75, 021502, 2007):

    (lambda_D du/dx)^2 = (2/nu) ln[(1 + 2 nu sinh^2(u/2)) / (1 + 2 nu sinh^2(u_mid/2))],    u_mid = 0 for a plate

Linear cell between plates at +-L, V = V exp(s t) on the one and -V on the other (Bazant, Thornton, Ajdari, Phys.
Rev. E 70, 021506, 2004). With k^2 = kappa^2 + s/D the charge density goes as sinh k x and

    q/V = eps k (k^2/kappa^2) / [tanh k L + s k L/(D kappa^2) + lambda_S k^3/kappa^2]

whose poles are the relaxation rates. At the mid-plane potential and charge density vanish, and the salt changes only
at order V^2, so that half the cell with a reservoir at its middle is the same problem.

Slit of half-height H that charges along its length l >> H from a reservoir at its mouth, small V (the entropy
variable w obeys a diffusion equation with the capacitance of overlapping double layers):

    q(t)/q_inf = 1 - sum_n 8/((2n+1)^2 pi^2) exp[-(2n+1)^2 pi^2 t/(4 tau)],    tau = (l^2/D) tanh(kappa H)/(kappa H)
"""

import math
from collections.abc import Callable

import numpy as np
from scipy import integrate, optimize

from ionspice.fem import Electrolyte


def field_at_wall(electrolyte: Electrolyte, potential: float, middle: float = 0.0) -> float:
    """Return |d phi/dx| [V/m] where the potential is `potential`, from that of the mid-plane [V]."""
    nu = electrolyte.packing_fraction
    u, u_mid = potential / electrolyte.thermal_voltage, middle / electrolyte.thermal_voltage
    crowding = math.log1p(2 * nu * math.sinh(u / 2) ** 2) - math.log1p(2 * nu * math.sinh(u_mid / 2) ** 2)
    return math.sqrt(2 / nu * crowding) * electrolyte.thermal_voltage / electrolyte.debye_length


def middle_potential(electrolyte: Electrolyte, potential: float, half_height: float) -> float:
    """Return the mid-plane potential [V] of a slit of half-height H [m] with walls at `potential` [V]."""

    def excess(middle: float) -> float:
        # The substitution phi = middle + s^2 takes away the root singularity at the mid-plane.
        def integrand(s: float) -> float:
            return 2 * s / field_at_wall(electrolyte, middle + s**2, middle) if s > 0 else 0.0

        return integrate.quad(integrand, 0, math.sqrt(potential - middle), limit=200)[0] - half_height

    return optimize.brentq(excess, 1e-6 * potential, (1 - 1e-6) * potential, xtol=1e-12)


def linear_cell_admittance(electrolyte: Electrolyte, half_length: float, stern_layer: float) -> Callable:
    """Return the function s -> q/V [F/m^2] of a linear cell of half-length L [m]."""
    diffusivity, kappa = electrolyte.species[0].diffusivity, 1 / electrolyte.debye_length

    def charge_over_potential(s):
        k = np.sqrt(kappa**2 + s / diffusivity)
        bulk = s * k * half_length / (diffusivity * kappa**2)
        return (
            electrolyte.permittivity
            * k**3
            / kappa**2
            / (np.tanh(k * half_length) + bulk + stern_layer * k**3 / kappa**2)
        )

    return charge_over_potential


def slowest_rate(electrolyte: Electrolyte, half_length: float, stern_layer: float) -> float:
    """Return the slowest relaxation rate s < 0 [1/s] of a linear cell."""
    inverse = linear_cell_admittance(electrolyte, half_length, stern_layer)
    fastest = -electrolyte.species[0].diffusivity / electrolyte.debye_length**2
    return optimize.brentq(lambda s: 1 / inverse(s), 0.999 * fastest, 1e-6 * fastest, xtol=1e-6 * abs(fastest))


def periodic_cv(response: Callable, amplitude: float, half_cycle: float, time, harmonics: int = 20001):
    """Return the periodic current [A/m^2] at times [s] of a triangle 0 -> amplitude -> 0 that began at -infinity.

    phi_m = A/2 - (4 A/pi^2) sum over odd n of cos(n w t)/n^2, each harmonic answered by `response`.
    """
    n = np.arange(1, harmonics, 2)
    s = 1j * n * np.pi / half_cycle
    amplitudes = -4 * amplitude / np.pi**2 / n**2 * s * response(s)
    return np.array([(amplitudes * np.exp(s * t)).sum().real for t in np.atleast_1d(time)])


def slit_relaxation_time(electrolyte: Electrolyte, half_height: float, length: float) -> float:
    """Return tau [s]."""
    overlap = half_height / electrolyte.debye_length
    return length**2 / electrolyte.species[0].diffusivity * math.tanh(overlap) / overlap


def slit_charge(electrolyte: Electrolyte, potential: float, half_height: float, length: float, time):
    """Return the charge per depth [C/m] of one wall at times [s]."""
    tau = slit_relaxation_time(electrolyte, half_height, length)
    overlap = half_height / electrolyte.debye_length
    final = electrolyte.permittivity / electrolyte.debye_length * potential * math.tanh(overlap) * length
    odd = (2 * np.arange(2000) + 1)[:, None]
    return final * (1 - (8 / (odd * np.pi) ** 2 * np.exp(-((odd * np.pi) ** 2) * time / (4 * tau))).sum(axis=0))
