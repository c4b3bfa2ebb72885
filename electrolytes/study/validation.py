"""[validation] of liquid.toml: by what a potential is judged beside the labels that were held out."""

from typing import Annotated

from pydantic import Field

from ionspice.core.section import Section
from ionspice.electrolytes.study.compositions import Name
from ionspice.electrolytes.study.paths import FileName
from ionspice.electrolytes.study.units import Duration, Kelvin


class ReferenceSection(Section):
    """[[validation.trajectories]]: molecular dynamics by the teacher, for radial distributions."""

    file: FileName = Field(min_length=1, description="extended XYZ with cells, or another format that ASE reads")
    composition: Name = Field(description="of it")
    temperature: Annotated[Kelvin, Field(gt=0, le=5000)] = Field(description="of it")


class ValidationSection(Section):
    """Labels of mixtures that were never trained on, and radial distributions."""

    frames: int = Field(
        default=10, ge=0, le=10_000, strict=True, description="labelled of each composition with held_out = true"
    )
    trajectories: tuple[ReferenceSection, ...] = Field(default=(), description="of the teacher's molecular dynamics")
    duration: Duration = Field(default=2000.0, gt=0, description="of the potential's own, for comparison")
