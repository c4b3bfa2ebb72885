"""[[molecules]] of liquid.toml: what the liquid consists of."""

from pathlib import Path
from typing import Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from ionspice.core.section import Section

#: validation context: the folder from which relative paths are looked for
FOLDER = "folder"


class MoleculeSection(Section):
    """One kind of molecule or ion, by SMILES or by a file."""

    name: str = Field(
        min_length=1, max_length=20, pattern=r"^[A-Za-z0-9_+-]+$", description="short name, used by compositions"
    )
    smiles: str = Field(default="", description="the molecule as SMILES, charges included")
    xyz: str = Field(default="", description="or its geometry, an XYZ file from the study file's folder")
    charge: int = Field(strict=True, ge=-10, le=10, description="of the whole molecule, in e")
    label: str = Field(default="", description="how reports write it; default the name")

    @property
    def title(self) -> str:
        """How reports write the molecule."""
        return self.label or self.name

    @field_validator("xyz")
    @classmethod
    def _is_there(cls, value: str, info: ValidationInfo) -> str:
        folder = (info.context or {}).get(FOLDER)
        if not value or folder is None:
            return value
        path = (Path(folder) / value).resolve()
        if not path.is_file():
            raise ValueError(f"names no file: {path} is not there; correct it")
        # Absolute, so that the resolved study means the same from any folder.
        return str(path)

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if bool(self.smiles) == bool(self.xyz):
            raise ValueError(f"{self.name} needs smiles or xyz, one of the two; give it, or take the other away")
        return self
