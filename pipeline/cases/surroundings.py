"""[electrode], [second_reservoir], [[surfaces]], [[solids]]: what bounds the ions; [[reactions]] and their like."""

from typing import Annotated

from pydantic import Field

from ionspice.core import InputError
from ionspice.core.quantities import Dimension
from ionspice.core.section import Section
from ionspice.fem import HomogeneousReaction, Leakage, Reaction, SecondReservoir, Solid, Surface
from ionspice.pipeline.cases.limits import CONCENTRATION, PERMITTIVITY, SIZE, SURFACE_CHARGE, VOLTS
from ionspice.pipeline.cases.quantities import (
    AreaResistance,
    Concentration,
    CurrentDensity,
    Length,
    Potential,
    SurfaceCharge,
    Velocity,
)

# hold the defaults
_REACTION, _LEAKAGE = Reaction(oxidised="O"), Leakage(species="C", resistance=1.0)


class ElectrodeSection(Section):
    """[electrode]: the sheets' surface."""

    stern_layer: Annotated[Length, SIZE] = Field(
        default=0.0, ge=0, description="thickness lambda_S of the Stern layer; 0 nm: none"
    )


class SecondReservoirSection(Section):
    """[second_reservoir]: what is behind a membrane or nanopore."""

    concentrations: dict[str, Annotated[Concentration, CONCENTRATION]] | None = Field(
        default=None, description="by name of the species; of others as in the first reservoir"
    )
    potential: Annotated[Potential, VOLTS] = Field(
        default=0.0, description="against the first reservoir, where an electrode follows the drive"
    )

    def reservoir(self, *, driven: bool) -> SecondReservoir | None:
        """Return the reservoir in SI, None if there is none.

        Args:
            driven: its potential is the drive's, for the geometry has no electrode.
        """
        if not (driven or self.concentrations or self.potential):
            return None
        return SecondReservoir(concentrations=self.concentrations or {}, potential=self.potential, driven=driven)


class SurfaceSection(Section):
    """[[surfaces]]: what is fixed on a surface."""

    name: str = Field(description="electrode, counter, wall_1 of a membrane, or wall_1, wall_2, ... of an own mesh")
    charge: Annotated[SurfaceCharge, SURFACE_CHARGE] = Field(
        default=0.0, description="fixed charge; of an electrode on the ions' side of its Stern layer"
    )
    zero_charge_potential: Annotated[Potential, VOLTS] = Field(
        default=0.0, description="phi_m at which the bare electrode is uncharged"
    )

    def build(self) -> Surface:
        """Return the surface in SI."""
        return Surface(**self.model_dump())


class ReactionSection(Section):
    """[[reactions]]: an electron transfer at the electrodes, O + n e- <-> R."""

    oxidised: str = Field(description="name of the species O")
    reduced: str | None = Field(default=None, description="name of the species R; without it R is a metal")
    electrons: int = Field(default=_REACTION.electrons, ge=1, le=10, strict=True, description="electrons n")
    rate_constant: Velocity = Field(default=_REACTION.rate_constant, gt=0, description="k0 of Butler and Volmer")
    transfer_coefficient: float = Field(
        default=_REACTION.transfer_coefficient, gt=0, lt=1, strict=True, description="alpha of the reduction"
    )
    standard_potential: Annotated[Potential, VOLTS] = Field(
        default=_REACTION.standard_potential, description="E0 on the scale of phi_m, at 1 mol/L"
    )

    def build(self) -> Reaction:
        """Return the reaction in SI."""
        return Reaction(**self.model_dump())


class LeakageSection(Section):
    """[[leakages]]: a current that an ion carries through the electrodes' surface."""

    species: str = Field(description="name of the ion that carries the current")
    resistance: AreaResistance | None = Field(
        default=None, gt=0, description="of an area, where the current obeys Ohm"
    )
    exchange_current: CurrentDensity | None = Field(
        default=None, gt=0, description="j0 of 2 j0 sinh(eta/slope), where it grows exponentially"
    )
    slope: Annotated[Potential, VOLTS] = Field(
        default=_LEAKAGE.slope, gt=0, description="potential in which that grows by a factor of e"
    )
    potential: Annotated[Potential, VOLTS] = Field(
        default=_LEAKAGE.potential, description="phi_m at which none flows next to the bulk"
    )

    def build(self) -> Leakage:
        """Return the leakage in SI."""
        return Leakage(**self.model_dump())


class HomogeneousSection(Section):
    """[[homogeneous_reactions]]: a reaction of species with each other."""

    equation: str = Field(description='such as "HA = H+ + A-", the solvent left out')
    rate_constant: str = Field(description='from left to right, such as "1e5 1/s", of two species "1e7 L/mol/s"')
    equilibrium_constant: str | None = Field(
        default=None, description='right over left, such as "1.75e-5 mol/L"; default: what the bulk has'
    )

    def build(self) -> HomogeneousReaction:
        """Return the reaction in SI.

        Raises:
            InputError: an equation that cannot be read, or constants in units that are not its own.
        """
        left, right = HomogeneousReaction(equation=self.equation, rate_constant=1.0).orders
        constant = self.equilibrium_constant
        return HomogeneousReaction(
            equation=self.equation,
            rate_constant=_constant("rate_constant", self.rate_constant, left, 1 - left, "/s"),
            equilibrium_constant=None
            if constant is None
            else _constant("equilibrium_constant", constant, right, right - left, ""),
        )


def _constant(key: str, text: str, count: int, power: int, per: str) -> float:
    """Return a constant in units of (mol/m^3)^power and more.

    Args:
        key: of the case file, for messages.
        text: number and unit.
        count: of the species on a side, for messages.
        power: of the concentration.
        per: what the unit has besides, "/s" or "".
    """

    def unit(volume: str) -> str:
        if power == 0:
            return f"1{per}" if per else ""
        size = f"^{abs(power)}" if abs(power) > 1 else ""
        return f"mol{size}/{volume}{per}" if power > 0 else f"{volume}/mol{size}{per}"

    cubic = f"m^{3 * abs(power)}"
    litres = "L" if abs(power) <= 1 else f"L^{abs(power)}"
    try:
        if not (power or per):
            return float(text)
        dimension = Dimension(
            name=f"a constant of {count} species", si=unit(cubic), written=unit(litres), example=f'"1 {unit(litres)}"'
        )
        return dimension.parse(text)
    except ValueError as error:
        raise InputError(f'{key} = "{text}" {error}') from error


class SolidSection(Section):
    """[[solids]]: a dielectric part of an own mesh."""

    name: str = Field(description="solid_1, solid_2, ... of an own mesh")
    relative_permittivity: Annotated[float, PERMITTIVITY] = Field(strict=True, ge=1, description="eps_r of the solid")

    def build(self) -> Solid:
        """Return the solid."""
        return Solid(**self.model_dump())
