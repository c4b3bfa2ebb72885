"""[electrode], [second_reservoir], [[surfaces]], [[reactions]], [[solids]] of the case file: what bounds the ions."""

from typing import Annotated

from pydantic import Field

from ionspice.core.section import Section
from ionspice.fem import Reaction, SecondReservoir, Solid, Surface
from ionspice.pipeline.cases.limits import CONCENTRATION, PERMITTIVITY, SIZE, SURFACE_CHARGE, VOLTS
from ionspice.pipeline.cases.quantities import Concentration, Length, Potential, SurfaceCharge, Velocity

_REACTION = Reaction(oxidised="O")  # holds the defaults


class ElectrodeSection(Section):
    """[electrode]: the sheets' surface."""

    stern_layer: Annotated[Length, SIZE] = Field(
        default=0.0, ge=0, description="thickness lambda_S of the Stern layer; 0 nm: none"
    )


class SecondReservoirSection(Section):
    """[second_reservoir]: what is behind a membrane or nanopore."""

    concentrations: dict[str, Annotated[Concentration, CONCENTRATION]] = Field(
        default={}, description="by name of the species; of others as in the first reservoir"
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
        return SecondReservoir(concentrations=self.concentrations, potential=self.potential, driven=driven)


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


class SolidSection(Section):
    """[[solids]]: a dielectric part of an own mesh."""

    name: str = Field(description="solid_1, solid_2, ... of an own mesh")
    relative_permittivity: Annotated[float, PERMITTIVITY] = Field(strict=True, ge=1, description="eps_r of the solid")

    def build(self) -> Solid:
        """Return the solid."""
        return Solid(**self.model_dump())
