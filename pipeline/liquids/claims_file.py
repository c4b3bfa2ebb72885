"""The claims of a study about a liquid, a TOML file beside its study file, and what decides on each.

source = "Acta Physica Sinica (2025)"

[[claims]]
id = "L5"
statement = "D of Al is about 4e-7 cm2/s at 300 K for every x."
needs = { atoms = 10000, length = "1 ns", teacher = "CP2K" }
takes = "a nanosecond of 10 000 atoms at every x"
checks = [{ quantity = "diffusion", of = "Al", temperature = "300 K", value = 4e-7, unit = "cm^2/s", factor = 1.5 }]
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ionspice.core.section import Section
from ionspice.core.toml_files import parse_toml, read_toml_text, validated
from ionspice.core.unit_types import UNITS_REQUIRED
from ionspice.electrolytes.study.units import Duration, Kelvin

type Quantity = Literal[
    "activation",
    "barrier",
    "conductivity",
    "conversion_rate",
    "diffusion",
    "energy_error",
    "force_error",
    "lasting_conversions",
    "radial_difference",
    "states_share",
    "superposition",
]


class CheckSection(Section):
    """One number that is compared with the study's."""

    quantity: Quantity
    of: str = ""  #: element, species, pair of elements, or empty where there is one
    compositions: tuple[str, ...] = ()  #: default all that there are
    temperature: Kelvin | None = Field(default=None, gt=0, le=5000)
    band: tuple[float, float] | None = None  #: of frequencies [THz]
    value: float | None = None  #: the study's
    unit: str = "1"
    at_most: float | None = None
    at_least: float | None = None
    factor: float | None = Field(default=None, ge=1)  #: between our number and the study's, up to which they agree

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if (self.at_most, self.at_least, self.factor) == (None, None, None):
            raise ValueError("a check needs at_most, at_least, or value and factor; give one")
        if self.factor is not None and self.value is None:
            raise ValueError("factor is about a value; give it too")
        if self.quantity == "states_share" and self.band is None:
            raise ValueError("states_share is about a band of frequencies; give band = [0.0, 20.0], in THz")
        return self


class NeedsSection(Section):
    """Without what nobody can tell whether a claim holds."""

    atoms: int = Field(default=0, ge=0, strict=True)  #: of a run
    length: Duration = Field(default=0.0, ge=0)  #: of a run [fs]
    teacher: str = ""  #: part of its name


class ClaimSection(Section):
    """What the study says, and what decides on it."""

    id: str = Field(min_length=1, max_length=20)
    statement: str = Field(min_length=1)
    takes: str = ""  #: what it takes to decide, where that is out of reach
    needs: NeedsSection = NeedsSection()
    checks: Annotated[tuple[CheckSection, ...], Field(min_length=1)]


class ClaimsFile(Section):
    """All claims of a study."""

    source: str = Field(min_length=1)
    claims: tuple[ClaimSection, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        names = [claim.id for claim in self.claims]
        double = next((name for name in names if names.count(name) > 1), None)
        if double is not None:
            raise ValueError(f"claim {double!r} is there {names.count(double)} times; give each its own id")
        return self


def read_claims_file(path: str | Path) -> ClaimsFile:
    """Read a file of claims.

    Raises:
        InputError: the file cannot be read, or mistakes in it, each on a line of its own.
    """
    path = Path(path)
    values = parse_toml(read_toml_text(path, "file of claims"), source=str(path))
    return validated(ClaimsFile, values, source=str(path), context={UNITS_REQUIRED: True})
