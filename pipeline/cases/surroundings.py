"""[electrode], [[surfaces]] and [[solids]] of the case file: what bounds the electrolyte."""

from typing import Annotated

from pydantic import Field

from ionspice.core.section import Section
from ionspice.fem import Solid, Surface
from ionspice.pipeline.cases.limits import PERMITTIVITY, SIZE, SURFACE_CHARGE, VOLTS
from ionspice.pipeline.cases.quantities import Length, Potential, SurfaceCharge


class ElectrodeSection(Section):
    """[electrode]: the sheets' surface."""

    stern_layer: Annotated[Length, SIZE] = Field(
        default=0.0, ge=0, description="thickness lambda_S of the Stern layer; 0 nm: none"
    )


class SurfaceSection(Section):
    """[[surfaces]]: what is fixed on a surface."""

    name: str = Field(description="electrode, counter, or wall_1, wall_2, ... of an own mesh")
    charge: Annotated[SurfaceCharge, SURFACE_CHARGE] = Field(
        default=0.0, description="fixed charge; of an electrode on the ions' side of its Stern layer"
    )
    zero_charge_potential: Annotated[Potential, VOLTS] = Field(
        default=0.0, description="phi_m at which the bare electrode is uncharged"
    )

    def build(self) -> Surface:
        """Return the surface in SI."""
        return Surface(**self.model_dump())


class SolidSection(Section):
    """[[solids]]: a dielectric part of an own mesh."""

    name: str = Field(description="solid_1, solid_2, ... of an own mesh")
    relative_permittivity: Annotated[float, PERMITTIVITY] = Field(strict=True, ge=1, description="eps_r of the solid")

    def build(self) -> Solid:
        """Return the solid."""
        return Solid(**self.model_dump())
