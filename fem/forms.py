r"""The modified Poisson-Nernst-Planck equations as UFL forms.

Unknowns are the electrochemical potentials relative to the bulk, w_i = (mu_i - mu_i0)/kT, and phi in kT/e:

    c_i = c_i0 exp(w_i - z_i phi) / (1 - nu + a^3 sum_j c_j0 exp(w_j - z_j phi)),    J_i = -D_i c_i grad w_i
    dc_i/dt + div J_i = 0,    -div(eps grad phi) = e sum_i z_i c_i

so that c_i > 0 and a^3 sum c_i < 1 hold for any values of the unknowns; ions of unequal size follow
`ionspice.core.crowding` instead. Everything is in the units of `ionspice.fem.scales`. Source: Kilic, Bazant, Ajdari,
Phys. Rev. E 75, 021503 (2007), equations 7-9, with the unknowns changed to entropy variables.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import ufl

from ionspice.core.crowding import IonSizes, crowded_concentrations, newton_steps, steric_force
from ionspice.core.electrolyte import Electrolyte
from ionspice.core.excess import Excess
from ionspice.core.excess import concentrations as solved_concentrations
from ionspice.core.saturation import G_SERIES, H_SERIES, SMALL
from ionspice.fem.scales import Scales

#: share of the bulk's ions that is stored as w and conducts wherever there are ions
TRACE = 1e-11


@dataclass(frozen=True, slots=True, kw_only=True)
class Saturation:
    """Booth's permittivity, see `ionspice.core.saturation`."""

    squared: Any  #: beta^2 in units of the field
    optical: Any  #: n^2/eps_r


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """The numbers of the equations, as UFL constants so that one compiled form serves every case, or as floats."""

    valence: Sequence[Any]  #: z_i
    diffusivity: Sequence[Any]  #: D_i
    bulk: Sequence[Any]  #: c_i0
    packing: Any  #: nu, with sum c_i0 = 1 and equal sizes also a^3
    site_volume: Any  #: v_0; with equal sizes nu
    charge_coupling: Any  #: e^2 c L^2 / (eps kT)
    stern_inverse: Any | None = None  #: 1/lambda_S, None without a Stern layer
    sizes: IonSizes | None = None  #: None for equal sizes
    correlation: Any | None = None  #: l_c^2, None without correlations
    saturation: Saturation | None = None  #: None for a permittivity that no field changes
    excess: Excess | None = None  #: in the place of packing and sizes where c has no closed form


def coefficients(
    electrolyte: Electrolyte, scales: Scales, constant: Callable[[float], Any], *, stern_layer: float = 0.0
) -> Coefficients:
    """Return the dimensionless coefficients of an electrolyte.

    Args:
        electrolyte: the ions.
        scales: the units.
        constant: makes the constant from its value; `float` for evaluation outside forms.
        stern_layer: lambda_S [m], 0 for none.
    """

    def constants(values: Sequence[float]) -> list[Any]:
        return [constant(value) for value in values]

    species, length = electrolyte.species, electrolyte.correlation_length
    excess = electrolyte.pointwise_excess(scales.concentration)
    return Coefficients(
        valence=constants([s.valence for s in species]),
        diffusivity=constants([s.diffusivity / scales.diffusivity for s in species]),
        bulk=constants([s.number_density / scales.concentration for s in species]),
        packing=constant(electrolyte.packing_fraction),
        site_volume=constant(electrolyte.site_volume * scales.concentration),
        charge_coupling=constant(scales.charge_coupling),
        stern_inverse=constant(scales.length / stern_layer) if stern_layer > 0 else None,
        sizes=None if electrolyte.equal_sizes or excess else _sizes(electrolyte, scales, constant),
        correlation=constant((length / scales.length) ** 2) if length > 0 else None,
        saturation=_saturation(electrolyte, scales, constant) if electrolyte.saturation > 0 else None,
        excess=excess,
    )


def _saturation(electrolyte: Electrolyte, scales: Scales, constant: Callable[[float], Any]) -> Saturation:
    beta = electrolyte.saturation * scales.potential / scales.length
    return Saturation(squared=constant(beta**2), optical=constant(electrolyte.optical_share))


def _sizes(electrolyte: Electrolyte, scales: Scales, constant: Callable[[float], Any]) -> IonSizes:
    ratios = [v / electrolyte.site_volume for v in electrolyte.volumes]
    free = 1 - electrolyte.packing_fraction
    bulk = [s.number_density / scales.concentration for s in electrolyte.species]
    return IonSizes(
        volumes=[constant(v * scales.concentration) for v in electrolyte.volumes],
        ratios=[constant(k) if k > 0 else None for k in ratios],
        bulk_boltzmann=[constant(c * free**-k) for c, k in zip(bulk, ratios, strict=True)],
        steps=newton_steps([k for k in ratios if k > 0]),
    )


def concentrations(w: Sequence[Any], phi: Any, k: Coefficients, exp: Callable[[Any], Any] = ufl.exp) -> list[Any]:
    """Return c_i of the entropy variables; `numpy.exp` serves arrays and coefficients that are floats."""
    if k.excess is not None:
        return _pointwise(w, phi, k)
    bulk = k.bulk if k.sizes is None else k.sizes.bulk_boltzmann
    boltzmann = [b0 * exp(wi - z * phi) for b0, wi, z in zip(bulk, w, k.valence, strict=True)]
    if k.sizes is not None:
        return crowded_concentrations(boltzmann, k.sizes)
    crowding = 1 - k.packing + k.packing * sum(boltzmann)
    return [b / crowding for b in boltzmann]


def _pointwise(w: Sequence[Any], phi: Any, k: Coefficients) -> list[Any]:
    """Return c_i, arrays, where they have no closed form; of coefficients that are floats."""
    assert k.excess is not None
    bulk, valence = (np.array(values, dtype=float)[:, None] for values in (k.bulk, k.valence))
    forces = np.atleast_2d(np.array(w, dtype=float)) - valence * np.atleast_1d(phi)
    return list(solved_concentrations(np.log(bulk) + k.excess.potentials(bulk) + forces, k.excess))


def charge_density(c: Sequence[Any], k: Coefficients) -> Any:
    """Return sum z_i c_i."""
    return sum(z * ci for z, ci in zip(k.valence, c, strict=True))


def mass(w: Sequence[Any], c: Sequence[Any], v: Any, k: Coefficients, dx: Any) -> Any:
    """Return the form sum_i int c_i v_i, the stored ions that a time step differences.

    Of an ion that has vanished (e^-100 of the bulk beside a wall at 3 V) w could be anything, and goes through tens
    of kT in no time where ions come back. A trace of the bulk's ions that stores in proportion to w and conducts
    makes w diffuse there as dilute ions do, and changes no concentration that is more than a trace.
    """
    return sum((ci + TRACE * b * wi) * v[i] for i, (ci, wi, b) in enumerate(zip(c, w, k.bulk, strict=True))) * dx


def carriers(c: Sequence[Any], k: Coefficients) -> list[Any]:
    """Return the concentrations that conduct: c_i and the trace of `mass`."""
    return [ci + TRACE * b for ci, b in zip(c, k.bulk, strict=True)]


def transport(w: Sequence[Any], c: Sequence[Any], v: Any, k: Coefficients, dx: Any) -> Any:
    """Return the form -sum_i int J_i . grad v_i."""
    return sum(
        d * ci * ufl.inner(ufl.grad(wi), ufl.grad(v[i])) * dx
        for i, (d, ci, wi) in enumerate(zip(k.diffusivity, carriers(c, k), w, strict=True))
    )


def permittivity(phi: Any, k: Coefficients) -> Any:
    """Return eps(E)/eps, 1 where nothing saturates."""
    if k.saturation is None:
        return 1
    s, optical = _field_squared(phi, k.saturation), k.saturation.optical
    return optical + (1 - optical) * _oriented(s)


def field_energy(phi: Any, k: Coefficients) -> Any:
    """Return the density of the field's energy in units of the electric flux."""
    square = ufl.inner(ufl.grad(phi), ufl.grad(phi))
    if k.saturation is None:
        return square / 2
    s, optical = _field_squared(phi, k.saturation), k.saturation.optical
    return (optical + (1 - optical) * (2 * _oriented(s) - _oriented_energy(s))) * square / 2


def _field_squared(phi: Any, saturation: Saturation) -> Any:
    return saturation.squared * ufl.inner(ufl.grad(phi), ufl.grad(phi))


def _oriented(s: Any) -> Any:
    """Return g of `ionspice.core.saturation`."""
    large = ufl.max_value(s, SMALL)
    x = ufl.sqrt(large)
    return ufl.conditional(s < SMALL, _polynomial(s, G_SERIES), 3 * (x / ufl.tanh(x) - 1) / large)


def _oriented_energy(s: Any) -> Any:
    """Return h of `ionspice.core.saturation`."""
    large = ufl.max_value(s, SMALL)
    x = ufl.sqrt(large)
    closed = 6 * (x + ufl.ln(1 - ufl.exp(-2 * x)) - ufl.ln(2 * x)) / large
    return ufl.conditional(s < SMALL, _polynomial(s, H_SERIES), closed)


def _polynomial(s: Any, coefficients: Sequence[float]) -> Any:
    return sum(a * s**k for k, a in enumerate(coefficients))


def poisson(phi: Any, c: Sequence[Any], v_phi: Any, k: Coefficients, dx: Any, smoothed: Any = None) -> Any:
    """Return the form int grad phi . grad v - rho v; on electrode nodes it is the electrode's charge.

    With correlations the source is the smoothed charge density r in the place of rho.
    """
    source = charge_density(c, k) if smoothed is None else smoothed
    field = permittivity(phi, k) * ufl.grad(phi)
    return (ufl.inner(field, ufl.grad(v_phi)) - k.charge_coupling * source * v_phi) * dx


def smoothing(smoothed: Any, c: Sequence[Any], v: Any, k: Coefficients, dx: Any) -> Any:
    """Return the form of r - l_c^2 lap r = rho with no slope of r at any boundary.

    With -eps lap phi = r this is the fourth-order equation eps (l_c^2 lap - 1) lap phi = rho with
    n . grad(lap phi) = 0, of Bazant, Storey, Kornyshev, Phys. Rev. Lett. 106, 046102 (2011).
    """
    difference = smoothed - charge_density(c, k)
    return (k.correlation * ufl.inner(ufl.grad(smoothed), ufl.grad(v)) + difference * v) * dx


def net_flux_parts(
    w: Sequence[Any],
    phi: Any,
    c: Sequence[Any],
    k: Coefficients,
    gradient: Callable[[int, list[Any]], Any] | None = None,
) -> list[Any]:
    """Return the diffusion, migration and steric part of sum z_i J_i; they sum to it pointwise.

    grad c_i = c_i (grad w_i - z_i grad phi - k_i g) with the steric force g = -grad ln(1 - sum_j v_j c_j). Where c
    has no closed form, `gradient` gives grad c_i of the forces grad w_j - z_j grad phi.
    """
    forces = [ufl.grad(wi) - z * ufl.grad(phi) for wi, z in zip(w, k.valence, strict=True)]
    if gradient is not None:
        steric_forces = [f - gradient(i, forces) / ci for i, (f, ci) in enumerate(zip(forces, c, strict=True))]
    elif k.sizes is None:
        # grad ln(1/(1 - a^3 sum c)) = a^3 sum_j c_j f_j, because 1/(1 - a^3 sum c) is 1 plus a Boltzmann sum.
        common = k.packing * sum(ci * f for ci, f in zip(c, forces, strict=True))
        steric_forces = [common] * len(c)
    else:
        common = steric_force(c, forces, k.sizes)
        steric_forces = [0 * common if ratio is None else ratio * common for ratio in k.sizes.ratios]
    weights = [z * d * ci for z, d, ci in zip(k.valence, k.diffusivity, carriers(c, k), strict=True)]
    diffusion = -sum(m * (f - g) for m, f, g in zip(weights, forces, steric_forces, strict=True))
    migration = -sum(m * z * ufl.grad(phi) for m, z in zip(weights, k.valence, strict=True))
    steric = -sum(m * g for m, g in zip(weights, steric_forces, strict=True))
    return [diffusion, migration, steric]
