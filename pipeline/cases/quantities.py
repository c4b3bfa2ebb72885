"""Quantities of the case file as pydantic reads and writes them: text with units there, plain SI numbers inside."""

from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, ValidationInfo

from ionspice.core import InputError
from ionspice.core.quantities import Dimension, split_quantity

#: validation context of text files: a quantity needs its unit there, while Python callers pass SI floats
UNITS_REQUIRED = "units_required"


def _quantity(name: str, si: str, written: str, example: str) -> tuple[Dimension, BeforeValidator, PlainSerializer]:
    dimension = Dimension(name=name, si=si, written=written, example=f'"{example} {written}"')

    def read(value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, str):
            return dimension.parse(value)
        if (info.context or {}).get(UNITS_REQUIRED):
            raise ValueError(f"has no unit; write {dimension.name} as text like {dimension.example}")
        return value

    return dimension, BeforeValidator(read), PlainSerializer(dimension.format, when_used="json")


type Length = Annotated[float, *_quantity("a length", "m", "nm", "1.5")]
type Time = Annotated[float, *_quantity("a time", "s", "ns", "750")]
type WallTime = Annotated[float, *_quantity("a time", "s", "s", "60")]
type Potential = Annotated[float, *_quantity("a potential", "V", "V", "0.11")]
type ScanRate = Annotated[float, *_quantity("a scan rate", "V/s", "V/s", "1e5")]
type Temperature = Annotated[float, *_quantity("a temperature", "K", "K", "298.15")]
type Diffusivity = Annotated[float, *_quantity("a diffusivity", "m^2/s", "m^2/s", "2e-9")]
type Concentration = Annotated[float, *_quantity("a concentration", "mol/m^3", "mol/L", "1.0")]
type Frequency = Annotated[float, *_quantity("a frequency", "Hz", "Hz", "1e6")]
type LineCurrent = Annotated[float, *_quantity("a current per depth", "A/m", "A/m", "0.05")]
type Area = Annotated[float, *_quantity("an area", "m^2", "cm^2", "1")]


def read_potential(text: str, *, source: str) -> float:
    """Return the potential [V] that text such as "110 mV" gives, or a plain number of volts.

    Raises:
        InputError: it is no potential.
    """
    dimension: Dimension = Potential.__value__.__metadata__[0]
    try:
        number, unit = split_quantity(text)
        return dimension.parse(text if unit else f"{number} V")
    except ValueError as error:
        raise InputError(f'{source} = "{text}" {error}') from error


def read_area(text: str, *, source: str) -> float:
    """Return the area [m^2] that text such as "1 cm^2" gives.

    Raises:
        InputError: it is no area, or not greater than 0.
    """
    dimension: Dimension = Area.__value__.__metadata__[0]
    try:
        value = dimension.parse(text)
    except ValueError as error:
        raise InputError(f'{source} = "{text}" {error}') from error
    if not value > 0:
        raise InputError(f'{source} = "{text}" must be greater than 0')
    return value
