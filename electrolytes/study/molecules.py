"""[[molecules]] of liquid.toml: what the liquid consists of."""

from typing import Self

from pydantic import Field, model_validator

from ionspice.core.section import Section
from ionspice.electrolytes.study.paths import FileName


class MoleculeSection(Section):
    """One kind of molecule or ion, by SMILES or by a file."""

    name: str = Field(
        min_length=1, max_length=20, pattern=r"^[A-Za-z0-9_+-]+$", description="short name, used by compositions"
    )
    smiles: str = Field(default="", description="the molecule as SMILES, charges included")
    xyz: FileName = Field(default="", description="or its geometry, an XYZ file from the study file's folder")
    charge: int = Field(strict=True, ge=-10, le=10, description="of the whole molecule, in e")
    label: str = Field(default="", description="how reports write it; default the name")

    @property
    def title(self) -> str:
        """How reports write the molecule."""
        return self.label or self.name

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if bool(self.smiles) == bool(self.xyz):
            raise ValueError(f"{self.name} needs smiles or xyz, one of the two; give it, or take the other away")
        return self
