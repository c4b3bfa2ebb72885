"""[transfer] of liquid.toml: which liquid becomes the electrolyte, and what no trajectory tells of it."""

from typing import Annotated

from pydantic import Field

from ionspice.core.section import Section
from ionspice.electrolytes.study.paths import FileName
from ionspice.electrolytes.study.units import Distance, Kelvin

type Origin = Annotated[str, Field(min_length=1, max_length=300)]


class TransferSection(Section):
    """The electrolyte of the field model."""

    composition: str = Field(default="", description="of the runs, default the first that was analysed")
    temperature: Kelvin = Field(default=300.0, gt=0, le=5000, description="of the electrolyte")
    relative_permittivity: float = Field(
        default=12.0, ge=1, le=200, strict=True, description="of the liquid without its ions' motion"
    )
    permittivity_source: Origin = Field(default="chosen", description="DOI, measured or chosen")
    ion_diameter: Distance | None = Field(
        default=None, gt=0, le=20, description="instead of the size that the compressibility gives"
    )
    diameter_source: Origin = Field(default="chosen", description="DOI, measured or chosen")
    correlation_length: Distance | None = Field(
        default=None, ge=0, le=100, description="instead of the one that the structure factor gives"
    )
    correlation_source: Origin = Field(default="chosen", description="DOI, measured or chosen")
    guesses: bool = Field(
        default=False, strict=True, description="what short runs cannot tell is guessed, and marked as a guess"
    )
    case: FileName = Field(
        default="", description="case file whose field, law and circuit `run` computes with the electrolyte made here"
    )
