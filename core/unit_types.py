"""Quantities as pydantic reads and writes them: text with units in files, plain numbers of one unit inside."""

from typing import Any

from pydantic import BeforeValidator, PlainSerializer, ValidationInfo

from ionspice.core.quantities import Dimension

#: validation context of text files: a quantity needs its unit there, while Python callers pass plain numbers
UNITS_REQUIRED = "units_required"


def quantity(
    name: str, inside: str, written: str, example: str
) -> tuple[Dimension, BeforeValidator, PlainSerializer]:
    """Return what makes a float of `Annotated` a quantity.

    Args:
        name: in messages, such as "a length".
        inside: unit of the plain number.
        written: unit in resolved files.
        example: a number of that unit, for messages.
    """
    dimension = Dimension(name=name, si=inside, written=written, example=f'"{example} {written}"')

    def read(value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, str):
            return dimension.parse(value)
        if (info.context or {}).get(UNITS_REQUIRED):
            raise ValueError(f"has no unit; write {dimension.name} as text like {dimension.example}")
        return value

    return dimension, BeforeValidator(read), PlainSerializer(dimension.format, when_used="json")
