r"""Reactions of ions with each other, in all of the electrolyte.

    sum_L nu_i A_i  <->  sum_R nu_i A_i,    r = k prod_L a_i^nu_i - (k/K) prod_R a_i^nu_i,    dc_i/dt + div J_i = nu_i
r
with the activities a_i = c_i0 exp(w_i - z_i phi) of `ionspice.fem.chemistry.electrodes`. The bulk is in equilibrium,
K is its right over left, and r = k prod_L c_i0^nu_i [exp(sum_L nu_i f_i) - exp(sum_R nu_i f_i)] with
f_i = w_i - z_i phi: rates vanish where the electrochemical potentials of both sides are one, in any field.
Because all of a reaction's sources have one rate, elements and charge are conserved to round-off.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import ufl
from scipy import constants

from ionspice.core.electrolyte import Electrolyte
from ionspice.fem.chemistry.descriptions import HomogeneousReaction
from ionspice.fem.forms import Coefficients
from ionspice.fem.scales import Scales


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A reaction with species by number."""

    left: tuple[tuple[int, int], ...]  #: (species, nu_i)
    right: tuple[tuple[int, int], ...]
    rate: float  #: in the bulk from left to right, dimensionless


class HomogeneousReactions:
    """The sources of all reactions as UFL expressions of the unknowns."""

    def __init__(
        self, reactions: Iterable[HomogeneousReaction], electrolyte: Electrolyte, scales: Scales, k: Coefficients
    ) -> None:
        self._k = k
        self._reactions = [_numbered(one, electrolyte, scales) for one in reactions]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._reactions)

    def production(self, w: Sequence[Any], phi: Any, tests: Sequence[Any], dx: Any) -> Any:
        """Return the form int sum_i nu_i r v_i of what reactions bring into the electrolyte."""
        force = [wi - z * phi for wi, z in zip(w, self._k.valence, strict=True)]
        terms = []
        for one in self._reactions:
            exponents = [sum(n * force[i] for i, n in side) for side in (one.left, one.right)]
            rate = one.rate * (ufl.exp(exponents[0]) - ufl.exp(exponents[1]))
            change = sum(n * tests[i] for i, n in one.right) - sum(n * tests[i] for i, n in one.left)
            terms.append(rate * change * dx)
        return sum(terms[1:], start=terms[0])


def _numbered(reaction: HomogeneousReaction, electrolyte: Electrolyte, scales: Scales) -> _Numbered:
    names = [s.name for s in electrolyte.species]
    left, right = (tuple((names.index(name), n) for name, n in side.items()) for side in reaction.sides)
    rate = reaction.rate_constant * math.prod(electrolyte.species[i].concentration ** n for i, n in left)
    return _Numbered(left, right, rate * constants.N_A / scales.concentration * scales.time)
