"""[electrolyte] of the case file: solvent and ions, given there or in a file of their own."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator
from scipy import constants

from ionspice.core import InputError
from ionspice.core.electrolyte import Electrolyte, Species
from ionspice.core.section import Section
from ionspice.core.toml_files import validated
from ionspice.core.unit_types import UNITS_REQUIRED
from ionspice.pipeline.cases.electrolyte_file import read_electrolyte_values
from ionspice.pipeline.cases.limits import CONCENTRATION, KELVIN, KINDS, PERMITTIVITY
from ionspice.pipeline.cases.quantities import (
    Concentration,
    Diffusivity,
    InverseField,
    Length,
    MolarEnergy,
    Temperature,
)

_ELECTROLYTE = Electrolyte()  # holds the defaults


class SpeciesSection(Section):
    """[[electrolyte.species]]: one kind of ion."""

    name: str = Field(min_length=1, description="name in tables and plots")
    valence: int = Field(strict=True, ge=-10, le=10, description="signed charge number z")
    diffusivity: Diffusivity = Field(default=2.0e-9, gt=0, description="diffusion coefficient D")
    concentration: Annotated[Concentration, CONCENTRATION] = Field(
        default=1000.0, gt=0, description="concentration in the bulk"
    )
    diameter: Length | None = Field(default=None, ge=0, description="effective size, instead of ion_diameter")
    activation_energy: MolarEnergy | None = Field(
        default=None, ge=0, description="of diffusion, by which D goes with T; default: D stays"
    )

    def build(self) -> Species:
        """Return the species in SI, at the temperature at which `diffusivity` holds."""
        return Species(**self.model_dump(exclude={"activation_energy"}))

    def change_of_diffusivity(self, reference: float, temperature: float) -> float:
        """Return D(T)/D(T_ref) = exp(-E/R (1/T - 1/T_ref)), for temperatures in K."""
        return math.exp((self.activation_energy or 0.0) / constants.R * (1 / reference - 1 / temperature))


class ElectrolyteSection(Section):
    """[electrolyte]: solvent and ions.

    What `file` holds is read into the other keys when the section is made, so that the resolved case needs no file.
    """

    file: str = Field(
        default="",
        description="a parameter set (electrolyte.toml), from the case file's folder; other keys change it",
    )
    temperature: Annotated[Temperature, KELVIN] = Field(
        default=_ELECTROLYTE.temperature, gt=0, description="absolute temperature T"
    )
    reference_temperature: Annotated[Temperature | None, KELVIN] = Field(
        default=None, gt=0, description="at which the diffusivities hold; default: temperature"
    )
    relative_permittivity: Annotated[float, PERMITTIVITY] = Field(
        default=_ELECTROLYTE.relative_permittivity, ge=1, strict=True, description="eps_r of the solvent"
    )
    ion_diameter: Length = Field(
        default=_ELECTROLYTE.ion_diameter, ge=0, description="effective size a; 0 nm for point ions"
    )
    solvent_diameter: Length | None = Field(
        default=None, gt=0, description="size of a solvent site where ions differ in size, instead of ion_diameter"
    )
    saturation: InverseField = Field(
        default=_ELECTROLYTE.saturation, ge=0, description="beta of Booth's permittivity in a field; 0 m/V: none"
    )
    refractive_index: float = Field(
        default=_ELECTROLYTE.refractive_index, ge=1, strict=True, description="n of the solvent, for saturation"
    )
    excess: Literal["lattice", "carnahan_starling", "bmcsl"] = Field(
        default=_ELECTROLYTE.excess,
        description="how ions take up room: sites of a lattice, hard spheres of one (carnahan_starling) or of "
        "several diameters (bmcsl)",
    )
    correlation_length: Length = Field(
        default=_ELECTROLYTE.correlation_length,
        ge=0,
        description="l_c of Bazant, Storey and Kornyshev; 0 nm: none",
    )
    species: Annotated[tuple[SpeciesSection, ...], KINDS] = Field(
        default=(SpeciesSection(name="K+", valence=1), SpeciesSection(name="Cl-", valence=-1)),
    )

    @model_validator(mode="before")
    @classmethod
    def _with_values_of_file(cls, values: Any) -> Any:
        if not (isinstance(values, dict) and isinstance(values.get("file"), str) and values["file"]):
            return values
        try:
            found = _read_file(Path(values["file"]))
        except InputError as error:
            raise ValueError(str(error)) from error
        given = {key: value for key, value in values.items() if key != "file"}
        if "species" in given and "species" in found:
            given["species"] = _changed_species(found["species"], given["species"])
        return found | given

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [species.name for species in self.species]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"species {name!r} is there {names.count(name)} times; give each its own name")
        return self

    def build(self) -> Electrolyte:
        """Return the electrolyte in SI."""
        if not self.species:
            raise InputError("species = [] leaves no ions; give at least one cation and one anion")
        reference = self.reference_temperature
        if reference is None and any(s.activation_energy for s in self.species):
            raise InputError(
                "activation_energy needs the temperature at which the diffusivities hold; give "
                'reference_temperature, such as "298.15 K"'
            )
        values = self.model_dump(exclude={"file", "species", "reference_temperature"})
        return Electrolyte(**values, species=tuple(self._ion(s, reference or self.temperature) for s in self.species))

    def _ion(self, section: SpeciesSection, reference: float) -> Species:
        ion = section.build()
        return replace(ion, diffusivity=ion.diffusivity * section.change_of_diffusivity(reference, self.temperature))


class _ElectrolyteFile(BaseModel):
    """An electrolyte file by itself, whose mistakes are then named with it."""

    electrolyte: ElectrolyteSection


def _read_file(path: Path) -> dict[str, Any]:
    """Return the values of an electrolyte file, which make an electrolyte by themselves.

    Raises:
        InputError: it cannot be read, or mistakes in keys and values, each on a line of its own.
    """
    values = read_electrolyte_values(path, electrolyte=ElectrolyteSection, species=SpeciesSection)
    validated(_ElectrolyteFile, {"electrolyte": values}, source=str(path), context={UNITS_REQUIRED: True})
    return values


def _changed_species(known: list[dict[str, Any]], given: Any) -> Any:
    """Return the file's ions with the keys that are given for them, or the given ones if one is not in the file."""
    if not isinstance(given, list | tuple) or not all(isinstance(ion, dict) for ion in given):
        return given
    changes = {ion.get("name"): ion for ion in given}
    if not changes or not changes.keys() <= {ion["name"] for ion in known} or len(changes) < len(given):
        return given
    return [ion | changes.get(ion["name"], {}) for ion in known]
