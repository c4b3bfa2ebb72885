"""[[barriers]] of liquid.toml: reactions whose minimum energy paths are looked for."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ionspice.core.section import Section
from ionspice.electrolytes.study.compositions import Count, Name
from ionspice.electrolytes.study.paths import FileName
from ionspice.electrolytes.study.units import Density, Deviation, Distance

type AtomNumber = Annotated[int, Field(ge=1, strict=True)]

_BUILT = ("donor", "acceptor", "handed", "leaves", "joins", "held", "density")


class BarrierSection(Section):
    """A group of atoms that one molecule hands to another amid others, or two end states."""

    name: Name = Field(description="of the reaction, used for files")
    start: FileName = Field(default="", description="first end state (extended XYZ), instead of one that is built")
    end: FileName = Field(default="", description="last end state, the same atoms in the same order")
    donor: str = Field(default="", description="molecule that hands over")
    acceptor: str = Field(default="", description="molecule that takes")
    handed: tuple[AtomNumber, ...] = Field(
        default=(), description="atoms of the donor that are handed over, from 1, the one that bonds first"
    )
    leaves: AtomNumber | None = Field(default=None, description="atom of the donor that it bonds to before")
    joins: AtomNumber | None = Field(default=None, description="atom of the acceptor that it bonds to afterwards")
    held: tuple[AtomNumber, AtomNumber] | None = Field(
        default=None, description="an atom of the donor and one of the acceptor that stay where they are"
    )
    gap: Distance = Field(default=3.5, gt=1, le=10, description="to the acceptor's atom before")
    around: dict[str, Count] = Field(default={}, description="other molecules of the box, by name")
    density: Density | None = Field(default=None, gt=0, le=30, description="of the box")
    images: int = Field(default=7, ge=3, le=99, strict=True, description="of a path, end states included")
    path: Literal["potential", "teacher"] = Field(default="potential", description="what relaxes the images at last")
    teacher: bool = Field(
        default=True, strict=True, description="whether the teacher is asked for energies of the potential's images"
    )
    force: Deviation = Field(default=0.05, gt=0, le=1, description="largest force left")
    steps: int = Field(default=300, ge=1, le=100_000, strict=True, description="of a relaxation at most")
    seed: int = Field(default=1, ge=0, le=2**31, strict=True, description="of the other molecules' places")

    @model_validator(mode="after")
    def _has_end_states(self) -> Self:
        if self.start or self.end:
            own = sorted({*_BUILT, "around"} & self.model_fields_set)
            if own:
                raise ValueError(f"{own[0]} has no effect with start and end; leave it out")
            if not (self.start and self.end):
                raise ValueError("start and end go together; give both files")
            return self
        lacking = next((key for key in _BUILT if not getattr(self, key)), None)
        if lacking is not None:
            raise ValueError(f"{self.name} needs {lacking} too; give it, or start and end as files")
        return self
