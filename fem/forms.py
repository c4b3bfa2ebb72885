r"""The modified Poisson-Nernst-Planck equations as UFL forms.

Unknowns are the electrochemical potentials relative to the bulk, w_i = (mu_i - mu_i0)/kT, and phi in kT/e:

    c_i = c_i0 exp(w_i - z_i phi) / (1 - nu + a^3 sum_j c_j0 exp(w_j - z_j phi)),    J_i = -D_i c_i grad w_i
    dc_i/dt + div J_i = 0,    -div(eps grad phi) = e sum_i z_i c_i

so that c_i > 0 and a^3 sum c_i < 1 hold for any values of the unknowns. Everything is in the units of
`ionspice.fem.scales`. Source: Kilic, Bazant, Ajdari, Phys. Rev. E 75, 021503 (2007), equations 7-9, with the
unknowns changed to entropy variables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ufl

#: quadrature degree of every volume integral: 2 x 2 points on quadrilaterals, exact for P1 gradients
QUADRATURE_DEGREE = {1: 3, 2: 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """The numbers of the equations as UFL constants, so that one compiled form serves every case."""

    valence: Sequence[Any]  #: z_i
    diffusivity: Sequence[Any]  #: D_i
    bulk: Sequence[Any]  #: c_i0
    packing: Any  #: nu, with sum c_i0 = 1 also a^3
    charge_coupling: Any  #: e^2 c L^2 / (eps kT)
    stern_inverse: Any | None = None  #: 1/lambda_S, None without a Stern layer


def concentrations(w: Sequence[Any], phi: Any, k: Coefficients) -> list[Any]:
    """Return c_i of the entropy variables."""
    boltzmann = [c0 * ufl.exp(wi - z * phi) for c0, wi, z in zip(k.bulk, w, k.valence, strict=True)]
    crowding = 1 - k.packing + k.packing * sum(boltzmann)
    return [b / crowding for b in boltzmann]


def charge_density(c: Sequence[Any], k: Coefficients) -> Any:
    """Return sum z_i c_i."""
    return sum(z * ci for z, ci in zip(k.valence, c, strict=True))


def mass(c: Sequence[Any], v: Any, dx: Any) -> Any:
    """Return the form sum_i int c_i v_i, the stored ions that a time step differences."""
    return sum(ci * v[i] for i, ci in enumerate(c)) * dx


def transport(w: Sequence[Any], c: Sequence[Any], v: Any, k: Coefficients, dx: Any) -> Any:
    """Return the form -sum_i int J_i . grad v_i."""
    return sum(
        d * ci * ufl.inner(ufl.grad(wi), ufl.grad(v[i])) * dx
        for i, (d, ci, wi) in enumerate(zip(k.diffusivity, c, w, strict=True))
    )


def poisson(phi: Any, c: Sequence[Any], v_phi: Any, k: Coefficients, dx: Any) -> Any:
    """Return the form int grad phi . grad v - rho v; on electrode nodes it is the electrode's charge."""
    return (ufl.inner(ufl.grad(phi), ufl.grad(v_phi)) - k.charge_coupling * charge_density(c, k) * v_phi) * dx


def stern(phi: Any, electrode_potential: Any, v_phi: Any, k: Coefficients, ds: Any) -> Any:
    """Return the Robin form of a Stern layer, eps dphi/dn = (eps/lambda_S)(phi_m - phi)."""
    return k.stern_inverse * (phi - electrode_potential) * v_phi * ds


def net_flux_parts(w: Sequence[Any], phi: Any, c: Sequence[Any], k: Coefficients) -> list[Any]:
    """Return the diffusion, migration and steric part of sum z_i J_i; they sum to it pointwise.

    grad c_i = c_i (grad w_i - z_i grad phi - g) with g = a^3 grad(sum c)/(1 - a^3 sum c), the steric force.
    """
    forces = [ufl.grad(wi) - z * ufl.grad(phi) for wi, z in zip(w, k.valence, strict=True)]
    # grad ln(1/(1 - a^3 sum c)) = a^3 sum_j c_j f_j, because 1/(1 - a^3 sum c) is 1 plus a Boltzmann sum.
    steric_force = k.packing * sum(ci * f for ci, f in zip(c, forces, strict=True))
    weights = [z * d * ci for z, d, ci in zip(k.valence, k.diffusivity, c, strict=True)]
    diffusion = -sum(m * (f - steric_force) for m, f in zip(weights, forces, strict=True))
    migration = -sum(m * z * ufl.grad(phi) for m, z in zip(weights, k.valence, strict=True))
    steric = -sum(m * steric_force for m in weights)
    return [diffusion, migration, steric]
