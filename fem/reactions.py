r"""Electron transfer at electrodes: Butler and Volmer's rates at the Stern plane, with Frumkin's correction.

    O + n e-  <->  R,    r = k0 [a_R exp((1 - alpha) n eta) - a_O exp(-alpha n eta)],    eta = e (phi_m - phi - E0)/kT

r is the rate of oxidation per area, phi the potential at the ions' side of the Stern layer and
a_i = c_i0 exp(w_i - z_i phi) the activities there, which are concentrations where ions do not crowd; a metal has
1 mol/L. phi_m and E0 count from the bulk. Because z_O - z_R = n, rates vanish where

    phi_m = E0 + (kT/n e) ln(a_O0/a_R0)

of the bulk beside it, whatever the double layer is: Nernst's equation. Without a Stern layer phi is phi_m, and the
potential acts through the activities alone. Source: Frumkin, Z. Phys. Chem. 164A, 121 (1933); Bazant, Chu, Bayly,
SIAM J. Appl. Math. 65, 1463 (2005).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import ufl
from scipy import constants

from ionspice.core.electrolyte import Electrolyte
from ionspice.fem.bounds import Bounds
from ionspice.fem.forms import Coefficients
from ionspice.fem.scales import Scales
from ionspice.fem.surroundings import Reaction

_METAL = 1000.0  # mol/m^3, the activity of a metal


@dataclass(frozen=True, slots=True)
class _Couple:
    """A reaction with its numbers dimensionless."""

    reaction: Reaction
    oxidised: int  #: number of the species
    reduced: int | None  #: None for a metal
    rate: float  #: k0
    standard: float  #: E0


class ElectrodeReactions:
    """The rates of all reactions at the electrodes as UFL expressions of the unknowns."""

    def __init__(
        self, reactions: Iterable[Reaction], electrolyte: Electrolyte, scales: Scales, bounds: Bounds, k: Coefficients
    ) -> None:
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
        return bool(self._couples)

    def production(self, w: Sequence[Any], phi: Any, tests: Sequence[Any]) -> Any:
        """Return the form of what reactions bring into the electrolyte, int sum_i nu_i r v_i over the electrodes."""
        terms = []
        for electrode in self._bounds.electrodes:
            for couple in self._couples:
                rate, ds = self._rate(couple, w, phi, electrode), self._bounds.ds(electrode)
                terms.append(rate * tests[couple.oxidised] * ds)
                if couple.reduced is not None:
                    terms.append(-rate * tests[couple.reduced] * ds)
        return sum(terms[1:], start=terms[0])

    def current(self, w: Sequence[Any], phi: Any, electrode: str) -> Any:
        """Return the form of the current that reactions take from an electrode, in units of the ions' current."""
        ds = self._bounds.ds(electrode)
        terms = [one.reaction.electrons * self._rate(one, w, phi, electrode) * ds for one in self._couples]
        return sum(terms[1:], start=terms[0])

    def _rate(self, couple: _Couple, w: Sequence[Any], phi: Any, electrode: str) -> Any:
        k, reaction = self._k, couple.reaction
        n, alpha = reaction.electrons, reaction.transfer_coefficient
        eta = self._bounds.potential(electrode) - phi - couple.standard

        def activity(i: int | None) -> Any:
            return self._metal if i is None else k.bulk[i] * ufl.exp(w[i] - k.valence[i] * phi)

        forwards = activity(couple.reduced) * ufl.exp((1 - alpha) * n * eta)
        return couple.rate * (forwards - activity(couple.oxidised) * ufl.exp(-alpha * n * eta))
