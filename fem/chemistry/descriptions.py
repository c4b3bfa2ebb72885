"""What happens to ions: electron transfer and leakage at electrodes, reactions of ions with each other."""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ionspice.core import InputError
from ionspice.core.electrolyte import Electrolyte
from ionspice.core.reservoirs import reservoir_potentials

_IN_EQUILIBRIUM = 0.01  # difference of a bulk's quotient from the equilibrium constant that is rounding
_TERM = re.compile(r"(?:([1-9])\s+)?(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """Electron transfer O + n e- <-> R at the electrodes, as `ionspice.fem.chemistry.electrodes` says.

    Raises:
        InputError: a number out of its range.
    """

    oxidised: str  #: name of the species O
    reduced: str | None = None  #: name of the species R, None for a metal
    electrons: int = 1  #: n
    rate_constant: float = 1e-5  #: k0 [m/s]
    transfer_coefficient: float = 0.5  #: alpha of the reduction [1]
    standard_potential: float = 0.0  #: E0 on the scale of phi_m, for 1 mol/L [V]

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.electrons < 1:
            raise InputError(f"reaction of {self.oxidised}: electrons = {self.electrons} must be 1 or more")
        if not 0 < self.rate_constant < math.inf:
            raise InputError(
                f"reaction of {self.oxidised}: rate_constant = {self.rate_constant} m/s must be greater than 0 m/s"
            )
        if not 0 < self.transfer_coefficient < 1:
            raise InputError(
                f"reaction of {self.oxidised}: transfer_coefficient = {self.transfer_coefficient} must lie between 0 "
                "and 1"
            )
        if not math.isfinite(self.standard_potential):
            raise InputError(f"reaction of {self.oxidised}: standard_potential must be a finite number")

    def check_species(self, electrolyte: Electrolyte) -> None:
        """Check that the reaction's species are those of an electrolyte and that charge is conserved.

        Raises:
            InputError: they are not.
        """
        valence = {s.name: s.valence for s in electrolyte.species}
        for name in filter(None, (self.oxidised, self.reduced)):
            if name not in valence:
                raise InputError(
                    f"reaction of {self.oxidised}: species {name} is not in the electrolyte ({', '.join(valence)}); "
                    "add it there"
                )
        reduced = valence[self.reduced] if self.reduced else 0
        if valence[self.oxidised] - reduced != self.electrons:
            raise InputError(
                f"reaction of {self.oxidised}: from valence {valence[self.oxidised]} to {reduced} it takes "
                f"{valence[self.oxidised] - reduced} electrons, but electrons = {self.electrons}; correct one of them"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Leakage:
    """A current between electrodes and ions beside the double layer's, as `ionspice.fem.chemistry.electrodes` says.

    Raises:
        InputError: none or both of the laws, or a number out of its range.
    """

    species: str  #: name of the ion that carries the current through the interface
    resistance: float | None = None  #: of an area, where the current obeys Ohm [ohm m^2]
    exchange_current: float | None = None  #: j0, where it grows exponentially [A/m^2]
    slope: float = 0.05  #: potential in which that grows by a factor of e [V]
    potential: float = 0.0  #: phi_m at which none flows next to the bulk [V]

    def __post_init__(self) -> None:
        """Check the numbers."""
        if (self.resistance is None) == (self.exchange_current is None):
            raise InputError(
                f"leakage by {self.species}: give resistance (a current that obeys Ohm) or exchange_current (one "
                "that grows exponentially), one of the two"
            )
        for key in ("resistance", "exchange_current", "slope"):
            value = getattr(self, key)
            if value is not None and not 0 < value < math.inf:
                raise InputError(f"leakage by {self.species}: {key} = {value} must be greater than 0")
        if not math.isfinite(self.potential):
            raise InputError(f"leakage by {self.species}: potential must be a finite number")

    def check_species(self, electrolyte: Electrolyte) -> None:
        """Check that the ion is one of an electrolyte.

        Raises:
            InputError: it is not, or it has no charge.
        """
        valence = {s.name: s.valence for s in electrolyte.species}
        if not valence.get(self.species):
            raise InputError(
                f"leakage by {self.species}: it is no ion of the electrolyte ({', '.join(valence)}), so it carries "
                "no current; name one with a charge"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class HomogeneousReaction:
    """A reaction of species with each other, as `ionspice.fem.chemistry.homogeneous` says.

    Raises:
        InputError: an equation that cannot be read, or a number out of its range.
    """

    equation: str  #: such as "HA = H+ + A-", with " + " between species and whole numbers in front of them
    rate_constant: float  #: k from left to right, per product of concentrations on the left [(mol/m^3)^(1-n)/s]
    equilibrium_constant: float | None = None  #: right over left [(mol/m^3)^(m-n)]; None: what the bulk has

    def __post_init__(self) -> None:
        """Check equation and numbers."""
        if all(self.sides[0][name] == self.sides[1][name] for side in self.sides for name in side):
            raise InputError(f'reaction "{self.equation}" changes nothing; give other species on the right')
        for key in ("rate_constant", "equilibrium_constant"):
            value = getattr(self, key)
            if value is not None and not 0 < value < math.inf:
                raise InputError(f'reaction "{self.equation}": {key} = {value} must be greater than 0')

    @property
    def sides(self) -> tuple[Counter[str], Counter[str]]:
        """How many of each species there are on the left and on the right."""
        parts = re.split(r"\s=\s", f" {self.equation} ")
        if len(parts) != 2:
            raise InputError(f'reaction "{self.equation}" needs one " = "; write it like "HA = H+ + A-"')
        return self._side(parts[0]), self._side(parts[1])

    def _side(self, text: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for term in re.split(r"\s\+\s", f" {text.strip()} "):
            match = _TERM.fullmatch(term.strip())
            if match is None:
                raise InputError(
                    f'reaction "{self.equation}": "{term.strip()}" is no species; write it like "2 A + B = C", with '
                    'spaces around " + "'
                )
            found[match[2]] += int(match[1] or 1)
        return found

    @property
    def orders(self) -> tuple[int, int]:
        """Numbers n and m of species on the left and on the right."""
        return self.sides[0].total(), self.sides[1].total()

    def changes(self, electrolyte: Electrolyte) -> tuple[int, ...]:
        """Return nu_i of every species of an electrolyte, positive where it is on the right.

        Raises:
            InputError: a species that is not there, or charge that is not conserved.
        """
        left, right = self.sides
        names = [s.name for s in electrolyte.species]
        for name in (*left, *right):
            if name not in names:
                raise InputError(
                    f'reaction "{self.equation}": species {name} is not in the electrolyte ({", ".join(names)}); add '
                    "it there, and leave the solvent out"
                )
        charges = [sum(n * s.valence for s in electrolyte.species if (n := side[s.name])) for side in (left, right)]
        if charges[0] != charges[1]:
            raise InputError(
                f'reaction "{self.equation}" turns a charge of {charges[0]} into {charges[1]}; correct equation or '
                "valences"
            )
        return tuple(right[name] - left[name] for name in names)

    def check_bulk(self, electrolyte: Electrolyte) -> None:
        """Check that the bulk of an electrolyte is in equilibrium.

        Raises:
            InputError: it is not, or see `changes`.
        """
        changes = self.changes(electrolyte)
        c = {s.name: s.concentration for s in electrolyte.species}
        quotient = math.prod(s.concentration**n for s, n in zip(electrolyte.species, changes, strict=True))
        wanted = self.equilibrium_constant
        if wanted is None or abs(quotient / wanted - 1) <= _IN_EQUILIBRIUM:
            return
        raise InputError(
            f'reaction "{self.equation}": the bulk has right over left {_in_mol_per_litre(quotient, self.orders)}, '
            f"but equilibrium_constant = {_in_mol_per_litre(wanted, self.orders)}; {_remedy(changes, c, wanted)}, or "
            "leave equilibrium_constant out to take the bulk's"
        )

    def check_reservoirs(self, first: Electrolyte, second: Electrolyte) -> None:
        """Check that a second reservoir is in equilibrium as the first one is.

        Raises:
            InputError: it is not.
        """
        work = sum(n * w for n, w in zip(self.changes(first), reservoir_potentials(first, second), strict=True))
        if abs(math.expm1(work)) > _IN_EQUILIBRIUM:
            raise InputError(
                f'reaction "{self.equation}": the second reservoir has {math.exp(work):.4g} times the right over '
                "left of the first; choose concentrations that are in equilibrium in both"
            )


def _in_mol_per_litre(value: float, orders: tuple[int, int]) -> str:
    power = orders[1] - orders[0]
    unit = {0: "", 1: " mol/L", -1: " L/mol"}.get(power, f" (mol/L)^{power}")
    return f"{value / 1000.0**power:.6g}{unit}"


def _remedy(changes: tuple[int, ...], c: Mapping[str, float], wanted: float) -> str:
    """Return the bulk concentration that makes the quotient right, of a neutral species if there is one."""
    named = [(name, n) for name, n in zip(c, changes, strict=True) if n]
    name, power = min(named, key=lambda pair: pair[1])
    rest = math.prod(c[other] ** n for other, n in named if other != name)
    return f"with the others as they are {name} would be {(wanted / rest) ** (1 / power) / 1000:.6g} mol/L"


__all__ = ["HomogeneousReaction", "Leakage", "Reaction"]
