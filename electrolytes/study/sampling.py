"""[frames] and [pretraining] of liquid.toml: configurations that are labelled before there is a potential."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ionspice.core.section import Section
from ionspice.electrolytes.study.compositions import Name
from ionspice.electrolytes.study.paths import FileName
from ionspice.electrolytes.study.units import Angle, Distance, Duration, Kelvin

type AtomNumber = Annotated[int, Field(ge=1, strict=True)]


class BendSection(Section):
    """[[frames.bends]]: an angle that the method gets wrong, and the range that is sampled instead."""

    molecule: str = Field(min_length=1, description="name of the molecule")
    atoms: tuple[AtomNumber, AtomNumber, AtomNumber] = Field(description="of it, from 1, the vertex in the middle")
    least: Angle = Field(ge=0, le=180, description="least angle drawn")
    most: Angle = Field(ge=0, le=180, description="largest angle drawn")

    @model_validator(mode="after")
    def _is_an_angle(self) -> Self:
        if len(set(self.atoms)) < 3:
            raise ValueError(f"atoms = {list(self.atoms)} are no angle; name three different ones")
        if self.least > self.most:
            raise ValueError(f"least must be at most most = {self.most:g} deg; give a smaller value")
        return self


class FramesSection(Section):
    """Short molecular dynamics of small boxes by a cheap method; every trajectory starts from a box of its own."""

    file: FileName = Field(default="", description="frames to label (extended XYZ), instead of trajectories")
    compositions: tuple[Name, ...] = Field(default=(), description="sampled ones; default: all small ones")
    largest: int = Field(default=120, ge=1, le=2000, strict=True, description="most atoms of a sampled box")
    method: Literal["GFN1-xTB", "GFN2-xTB", "teacher"] = Field(
        default="GFN1-xTB", description="forces of the trajectories; teacher: dynamics of the boxes by CP2K"
    )
    trajectories: int = Field(default=2, ge=1, le=10_000, strict=True, description="of each box and temperature")
    frames: int = Field(default=2, ge=1, le=10_000, strict=True, description="kept of each trajectory")
    temperatures: tuple[Annotated[Kelvin, Field(gt=0, le=5000)], ...] = Field(
        default=(300.0, 450.0, 600.0), min_length=1, description="of the thermostat"
    )
    equilibration: Duration = Field(default=20.0, ge=0, description="before the first frame")
    interval: Duration = Field(default=20.0, gt=0, description="between frames of a trajectory")
    timestep: Duration = Field(default=2.0, gt=0, le=10, description="of Langevin dynamics")
    hydrogen_mass: float = Field(
        default=4.0,
        ge=1,
        le=16,
        description="in u; heavy hydrogen allows long steps and leaves the ensemble as it is",
    )
    shake: Distance = Field(default=0.0, ge=0, le=0.5, description="standard deviation of an extra displacement")
    bends: tuple[BendSection, ...] = Field(default=(), description="angles that are pulled on")
    seed: int = Field(default=1, ge=0, le=2**31, strict=True, description="of places and velocities")


class PretrainingSection(FramesSection):
    """Cheap labels on which potentials are trained before they see the teacher's."""

    file: FileName = Field(
        default="",
        description="frames instead of trajectories, with cheap labels or to be labelled by method",
    )
    method: Literal["GFN1-xTB", "GFN2-xTB"] = Field(default="GFN1-xTB", description="forces of the trajectories")
    frames: int = Field(default=40, ge=1, le=10_000, strict=True, description="kept of each trajectory")
    equilibration: Duration = Field(default=100.0, ge=0, description="before the first frame")
    interval: Duration = Field(default=10.0, gt=0, description="between frames of a trajectory")
    correction_steps: int = Field(
        default=0,
        ge=0,
        le=100_000_000,
        strict=True,
        description="of training a correction of method to the teacher, which is added to the cheap labels; 0: none",
    )
    seed: int = Field(default=1001, ge=0, le=2**31, strict=True, description="of places and velocities")
