"""Quantities with units in the case file, plain SI numbers inside.

`"1.5 nm"` becomes 1.5e-9 and is written back as `"1.5 nm"`. The arithmetic is decimal, so that text and
number give each other back exactly; pint knows the units.
"""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, ValidationInfo

from ionspice.core import InputError

if TYPE_CHECKING:
    import pint

#: validation context of text files: a quantity needs its unit there, while Python callers pass SI floats
UNITS_REQUIRED = "units_required"

_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*")
_UNIT = re.compile(r"[\w\s°^*/.·-]+")  # no brackets: unit text goes to pint's parser


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A dimension of the case file."""

    dimension: str  #: its name in messages
    si: str  #: unit of the plain number inside
    written: str  #: unit in resolved case files and reports
    example: str  #: how a value is written, for messages

    def parse(self, text: str) -> float:
        """Return the SI value of text such as "1.5 nm".

        Raises:
            ValueError: no finite number, no unit, an unknown unit or one of another dimension.
        """
        match = _QUANTITY.fullmatch(text)
        if match is None:
            raise ValueError(f"is not a number with a unit; write {self.dimension} like {self.example}")
        number, unit = match.groups()
        if not unit:
            raise ValueError(f"has no unit; write {self.dimension} like {self.example}")
        if not _UNIT.fullmatch(unit):
            raise ValueError(f"has the unknown unit {unit!r}; write it like {self.example}")
        value = float(self._converted(Decimal(number), unit, self.si))
        if not math.isfinite(value):
            raise ValueError(f"is too large a number; write {self.dimension} like {self.example}")
        return value

    def format(self, value: float) -> str:
        """Return the text that `parse` reads as exactly this SI value."""
        number = self._converted(Decimal(repr(value)), self.si, self.written)
        plain = number == 0 or Decimal("1e-4") <= abs(number) < Decimal("1e6")
        digits = f"{number.normalize():f}" if plain else f"{number.normalize():e}"
        return f"{digits} {self.written}"

    def _converted(self, number: Decimal, source: str, target: str) -> Decimal:
        import pint

        registry = _registry()
        try:
            return Decimal(registry.Quantity(number, registry.parse_units(source)).to(target).magnitude)
        except pint.DimensionalityError as error:
            raise ValueError(
                f"is not {self.dimension}: {source} cannot become {target}; write it like {self.example}"
            ) from error
        except (pint.PintError, ValueError, TypeError) as error:
            raise ValueError(f"has the unknown unit {source!r}; write it like {self.example}") from error


@cache
def _registry() -> "pint.UnitRegistry[Decimal]":
    import pint

    return pint.UnitRegistry(non_int_type=Decimal)


def _quantity(dimension: str, si: str, written: str, example: str) -> tuple[Unit, BeforeValidator, PlainSerializer]:
    unit = Unit(dimension=dimension, si=si, written=written, example=f'"{example} {written}"')

    def read(value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, str):
            return unit.parse(value)
        if (info.context or {}).get(UNITS_REQUIRED):
            raise ValueError(f"has no unit; write {unit.dimension} as text like {unit.example}")
        return value

    return unit, BeforeValidator(read), PlainSerializer(unit.format, when_used="json")


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


def read_area(text: str, *, source: str) -> float:
    """Return the area [m^2] that text such as "1 cm^2" gives.

    Raises:
        InputError: it is no area, or not greater than 0.
    """
    unit: Unit = Area.__value__.__metadata__[0]
    try:
        value = unit.parse(text)
    except ValueError as error:
        raise InputError(f'{source} = "{text}" {error}') from error
    if not value > 0:
        raise InputError(f'{source} = "{text}" must be greater than 0')
    return value
