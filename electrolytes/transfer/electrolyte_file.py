"""electrolyte.toml as a case reads it through `[electrolyte] file =`, every value with standard error and source."""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ionspice.core import replacing
from ionspice.core.electrolyte import Electrolyte, Species
from ionspice.core.quantities import Dimension

_LENGTH = Dimension(name="a length", si="m", written="nm", example='"0.5 nm"')
_TEMPERATURE = Dimension(name="a temperature", si="K", written="K", example='"300 K"')
_DIFFUSIVITY = Dimension(name="a diffusivity", si="m^2/s", written="m^2/s", example='"1e-10 m^2/s"')
_CONCENTRATION = Dimension(name="a concentration", si="mol/m^3", written="mol/L", example='"4.3 mol/L"')
_MOLAR_ENERGY = Dimension(name="a molar energy", si="J/mol", written="kJ/mol", example='"18 kJ/mol"')
#: digits of values without an error
_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedValue:
    """A number and where it comes from."""

    value: float  #: [SI]
    standard_error: float | None = None  #: None where nobody knows it [SI]
    source: str  #: "simulated ...", "measured ...", "doi:...", "chosen ..."

    @property
    def rounded(self) -> float:
        """The value to the second digit of its error."""
        error = self.standard_error
        return _to_digit(self.value, error, 2) if error else float(f"{self.value:.{_DIGITS}g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedSpecies:
    """One kind of ion."""

    name: str
    valence: int  #: z [1]
    diffusivity: SourcedValue  #: D [m^2/s]
    concentration: SourcedValue  #: in the bulk [mol/m^3]; written as it is, so that the bulk stays neutral
    activation_energy: SourcedValue | None = None  #: of diffusion [J/mol]; None where nobody knows it


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedElectrolyte:
    """An electrolyte of ions of one size.

    Raises:
        InputError: from `build`, for values that are no electrolyte.
    """

    temperature: SourcedValue  #: [K]
    relative_permittivity: SourcedValue  #: [1]
    ion_diameter: SourcedValue  #: a [m]
    correlation_length: SourcedValue  #: l_c [m]
    species: tuple[SourcedSpecies, ...]

    def build(self) -> Electrolyte:
        """Return the electrolyte as a case that reads the file has it."""
        return Electrolyte(
            temperature=self.temperature.rounded,
            relative_permittivity=self.relative_permittivity.rounded,
            ion_diameter=self.ion_diameter.rounded,
            correlation_length=self.correlation_length.rounded,
            species=tuple(
                Species(
                    name=ion.name,
                    valence=ion.valence,
                    diffusivity=ion.diffusivity.rounded,
                    concentration=ion.concentration.value,
                )
                for ion in self.species
            ),
        )


def write_electrolyte(path: str | Path, electrolyte: SourcedElectrolyte, *, heading: Iterable[str] = ()) -> None:
    """Write electrolyte.toml.

    Args:
        path: the file.
        electrolyte: its values.
        heading: lines of the comment at the top.

    Raises:
        InputError: the values are no electrolyte, or the folder cannot be written.
    """
    electrolyte.build()
    with replacing(path) as temporary:
        temporary.write_text("\n".join([*_lines(electrolyte, heading), ""]), encoding="utf-8")


def _lines(electrolyte: SourcedElectrolyte, heading: Iterable[str]) -> Iterator[str]:
    yield from (f"# {line}".rstrip() for line in heading)
    yield f"temperature = {_quantity(electrolyte.temperature, _TEMPERATURE)}"
    if any(ion.activation_energy for ion in electrolyte.species):
        yield f"reference_temperature = {_text(_TEMPERATURE.format(electrolyte.temperature.rounded))}"
    yield f"relative_permittivity = {_plain(electrolyte.relative_permittivity)}"
    yield f"ion_diameter = {_quantity(electrolyte.ion_diameter, _LENGTH)}"
    yield f"correlation_length = {_quantity(electrolyte.correlation_length, _LENGTH)}"
    for ion in electrolyte.species:
        yield ""
        yield "[[species]]"
        yield f"name = {_text(ion.name)}"
        yield f"valence = {ion.valence}"
        yield f"diffusivity = {_quantity(ion.diffusivity, _DIFFUSIVITY)}"
        yield f"concentration = {_quantity(ion.concentration, _CONCENTRATION, exact=True)}"
        if ion.activation_energy is not None:
            yield f"activation_energy = {_quantity(ion.activation_energy, _MOLAR_ENERGY)}"


def _quantity(sourced: SourcedValue, dimension: Dimension, *, exact: bool = False) -> str:
    value = _text(dimension.format(sourced.value if exact else sourced.rounded))
    error = None
    if sourced.standard_error is not None:
        error = _text(dimension.format(_to_digit(sourced.standard_error, sourced.standard_error, 2)))
    return _table(value, error, sourced.source)


def _plain(sourced: SourcedValue) -> str:
    error = None if sourced.standard_error is None else repr(sourced.standard_error)
    return _table(repr(sourced.rounded), error, sourced.source)


def _table(value: str, error: str | None, source: str) -> str:
    middle = f", standard_error = {error}" if error is not None else ""
    return f"{{ value = {value}{middle}, source = {_text(source)} }}"


def _text(text: str) -> str:
    # JSON's escapes are those of a basic string of TOML
    return json.dumps(text, ensure_ascii=False)


def _to_digit(value: float, error: float, digits: int) -> float:
    """Return a value to so many digits of its error."""
    if not (error > 0 and math.isfinite(error)):
        return value
    place = math.floor(math.log10(error)) - digits + 1
    return float(round(Decimal(repr(float(value))), -place))
