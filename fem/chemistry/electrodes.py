r"""Electron transfer at electrodes: Butler and Volmer's rates at the Stern plane, with Frumkin's correction.

    O + n e-  <->  R,    r = k0 [a_R exp((1 - alpha) n eta) - a_O exp(-alpha n eta)],    eta = e (phi_m - phi - E0)/kT

r is the rate of oxidation per area, phi the potential at the ions' side of the Stern layer and
a_i = c_i0 exp(w_i - z_i phi) the activities there, which are concentrations where ions do not crowd; a metal has
1 mol/L. phi_m and E0 count from the bulk. Because z_O - z_R = n, rates vanish where

    phi_m = E0 + (kT/n e) ln(a_O0/a_R0)

of the bulk beside it, whatever the double layer is: Nernst's equation. Without a Stern layer phi is phi_m, and the
potential acts through the activities alone. Source: Frumkin, Z. Phys. Chem. 164A, 121 (1933); Bazant, Chu, Bayly,
SIAM J. Appl. Math. 65, 1463 (2005).

A leakage takes a current from the electrode that an ion s carries through the interface, by Ohm or exponentially,

    j = eta/R   or   j = 2 j0 sinh(eta/b),    eta = phi_m - E - (kT/e) w_s/z_s,

of the electrode's potential against the ion's electrochemical potential beside it, which in the bulk is phi_m - E.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import ufl
from scipy import constants

from ionspice.core.electrolyte import Electrolyte
from ionspice.fem.bounds import Bounds
from ionspice.fem.chemistry.descriptions import Leakage, Reaction
from ionspice.fem.forms import Coefficients
from ionspice.fem.scales import Scales

_METAL = 1000.0  # mol/m^3, the activity of a metal


@dataclass(frozen=True, slots=True)
class _Couple:
    """A reaction with its numbers dimensionless."""

    reaction: Reaction
    oxidised: int  #: number of the species
    reduced: int | None  #: None for a metal
    rate: float  #: k0
    standard: float  #: E0


@dataclass(frozen=True, slots=True)
class _Leak:
    """A leakage with its numbers dimensionless."""

    species: int  #: number of the ion
    conductance: float | None  #: 1/R, None for the exponential law
    exchange: float  #: j0
    slope: float  #: b
    rest: float  #: E


class ElectrodeReactions:
    """The rates of all reactions and leakages at the electrodes as UFL expressions of the unknowns."""

    def __init__(
        self,
        reactions: Iterable[Reaction],
        leakages: Iterable[Leakage],
        electrolyte: Electrolyte,
        scales: Scales,
        bounds: Bounds,
        k: Coefficients,
    ) -> None:
        density = scales.concentration * scales.diffusivity / scales.length * constants.e  # of a current [A/m^2]
        self._leaks = [_leak(one, electrolyte, scales, density) for one in leakages]
        names = [s.name for s in electrolyte.species]
        self._couples = [
            _Couple(
                reaction=one,
                oxidised=names.index(one.oxidised),
                reduced=names.index(one.reduced) if one.reduced else None,
                rate=one.rate_constant * scales.length / scales.diffusivity,
                standard=one.standard_potential / scales.potential,
            )
            for one in reactions
        ]
        self._metal = _METAL * constants.N_A / scales.concentration
        self._bounds, self._k = bounds, k

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._couples or self._leaks)

    def production(self, w: Sequence[Any], phi: Any, tests: Sequence[Any]) -> Any:
        """Return the form of what reactions bring into the electrolyte, int sum_i nu_i r v_i over the electrodes."""
        terms = []
        for electrode in self._bounds.electrodes:
            for couple in self._couples:
                rate, ds = self._rate(couple, w, phi, electrode), self._bounds.ds(electrode)
                terms.append(rate * tests[couple.oxidised] * ds)
                if couple.reduced is not None:
                    terms.append(-rate * tests[couple.reduced] * ds)
            for leak in self._leaks:
                carried = self._leaking(leak, w, electrode) / self._k.valence[leak.species]
                terms.append(carried * tests[leak.species] * self._bounds.ds(electrode))
        return sum(terms[1:], start=terms[0])

    def current(self, w: Sequence[Any], phi: Any, electrode: str) -> Any:
        """Return the form of the current that reactions take from an electrode, in units of the ions' current."""
        ds = self._bounds.ds(electrode)
        terms = [one.reaction.electrons * self._rate(one, w, phi, electrode) * ds for one in self._couples]
        terms += [self._leaking(leak, w, electrode) * ds for leak in self._leaks]
        return sum(terms[1:], start=terms[0])

    def _leaking(self, leak: _Leak, w: Sequence[Any], electrode: str) -> Any:
        eta = self._bounds.potential(electrode) - leak.rest - w[leak.species] / self._k.valence[leak.species]
        if leak.conductance is not None:
            return leak.conductance * eta
        return leak.exchange * (ufl.exp(eta / leak.slope) - ufl.exp(-eta / leak.slope))

    def _rate(self, couple: _Couple, w: Sequence[Any], phi: Any, electrode: str) -> Any:
        k, reaction = self._k, couple.reaction
        n, alpha = reaction.electrons, reaction.transfer_coefficient
        eta = self._bounds.potential(electrode) - phi - couple.standard

        def activity(i: int | None) -> Any:
            return self._metal if i is None else k.bulk[i] * ufl.exp(w[i] - k.valence[i] * phi)

        forwards = activity(couple.reduced) * ufl.exp((1 - alpha) * n * eta)
        return couple.rate * (forwards - activity(couple.oxidised) * ufl.exp(-alpha * n * eta))


def _leak(leakage: Leakage, electrolyte: Electrolyte, scales: Scales, density: float) -> _Leak:
    resistance, exchange = leakage.resistance, leakage.exchange_current
    return _Leak(
        species=[s.name for s in electrolyte.species].index(leakage.species),
        conductance=None if resistance is None else scales.potential / resistance / density,
        exchange=0.0 if exchange is None else exchange / density,
        slope=leakage.slope / scales.potential,
        rest=leakage.potential / scales.potential,
    )
