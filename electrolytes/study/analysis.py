"""[analysis] of liquid.toml: what is read from the trajectories."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from ionspice.core.section import Section
from ionspice.electrolytes.study.units import Distance, Duration, Viscosity

type Element = Annotated[str, Field(pattern=r"^[A-Z][a-z]?$")]


class BondSection(Section):
    """Bonds that make and break, such as Al-Cl, by which species are told apart."""

    centre: Element = Field(description="element of the centres")
    ligand: Element = Field(description="element of the ligands")
    made: Distance = Field(gt=0, le=10, description="a pair bonds when it comes nearer than this")
    broken: Distance = Field(gt=0, le=10, description="and parts when it goes further than this")

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.broken < self.made:
            raise ValueError(
                f"broken = {self.broken} angstrom must be at least made = {self.made}; give a larger one"
            )
        return self


class AnalysisSection(Section):
    """What is measured of every run."""

    bonds: BondSection | None = Field(default=None, description="by which species are told apart; default: none")
    persistence: Duration = Field(default=1000.0, ge=0, description="after which a conversion counts as lasting")
    pairs: tuple[Annotated[str, Field(pattern=r"^[A-Z][a-z]?-[A-Z][a-z]?$")], ...] = Field(
        default=(), description="of elements for radial distributions, such as C-N; default: all"
    )
    radius: Distance = Field(default=10.0, gt=0, le=50, description="of the radial distributions, or half the box")
    frames: int = Field(
        default=200, ge=2, le=100_000, strict=True, description="most frames of radial distributions and structure"
    )
    viscosity: Viscosity | None = Field(
        default=None, gt=0, description="of the liquid: corrects diffusion for the size of the box"
    )
    seed: int = Field(
        default=1, ge=0, le=2**31, strict=True, description="no longer used: intervals need no random numbers"
    )
