"""[[compositions]] of liquid.toml: mixtures, and the boxes of each."""

import math
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ionspice.core.section import Section
from ionspice.electrolytes.study.units import Density, Distance, Kelvin

#: most atoms of a box
MOST_ATOMS = 1_000_000

type Count = Annotated[int, Field(ge=0, le=MOST_ATOMS, strict=True)]
type Share = Annotated[float, Field(ge=0, le=1e6)]
type Name = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.+-]+$")]


class BoxSection(Section):
    """One box of a composition: how dense, how hot, and what is held constant."""

    density: Density | None = Field(default=None, gt=0, le=30, description="mass density at the start")
    edge: Distance | None = Field(default=None, gt=2, le=1000, description="or edge of the cube")
    temperatures: tuple[Annotated[Kelvin, Field(gt=0, le=5000)], ...] = Field(
        default=(300.0,), min_length=1, description="of the runs in this box"
    )
    ensemble: Literal["NVE", "NVT", "NPT"] = Field(default="NVT", description="what is held constant")

    @model_validator(mode="after")
    def _has_one_size(self) -> Self:
        if (self.density is None) == (self.edge is None):
            raise ValueError("a box needs density or edge, one of the two; give it, or take the other away")
        return self


class CompositionSection(Section):
    """One mixture: numbers of molecules, or their ratio and about how many atoms."""

    name: Name = Field(description="name of the composition, used for files")
    counts: dict[str, Count] = Field(default={}, description="molecules of a box, by name")
    ratio: dict[str, Share] = Field(default={}, description="or their ratio, by name")
    atoms: int | None = Field(
        default=None, ge=1, le=MOST_ATOMS, strict=True, description="with ratio: atoms of a box"
    )
    boxes: tuple[BoxSection, ...] = Field(min_length=1, description="boxes that are built")
    held_out: bool = Field(default=False, strict=True, description="kept from training, for validation alone")

    @model_validator(mode="after")
    def _has_one_kind_of_amount(self) -> Self:
        if bool(self.counts) == bool(self.ratio):
            raise ValueError(f"{self.name} needs counts or ratio, one of the two; give it, or take the other away")
        if bool(self.ratio) != (self.atoms is not None):
            raise ValueError(f"{self.name}: ratio and atoms go together; give both, or counts alone")
        if not any((*self.counts.values(), *self.ratio.values())):
            raise ValueError(f"{self.name} has no molecules; give at least one")
        return self

    def molecules(self, sizes: Mapping[str, int], charges: Mapping[str, int]) -> dict[str, int]:
        """Return the numbers of molecules of a box.

        Of a ratio the neutral box whose number of atoms is nearest to `atoms` is taken, in whole formula units.

        Args:
            sizes: atoms of a molecule, by name.
            charges: of a molecule [e], by name.
        """
        if self.counts:
            return {name: count for name, count in self.counts.items() if count}
        unit = _whole(self.ratio)
        atoms = sum(count * sizes[name] for name, count in unit.items())
        assert self.atoms is not None  # or the section would not be valid
        times = max(1, round(self.atoms / atoms))
        return {name: count * times for name, count in unit.items() if count}


def _whole(ratio: Mapping[str, float]) -> dict[str, int]:
    """Return the smallest whole numbers in a ratio, which is read to four digits."""
    scaled = {name: round(share * 10_000) for name, share in ratio.items()}
    divisor = math.gcd(*scaled.values()) or 1
    return {name: count // divisor for name, count in scaled.items()}
