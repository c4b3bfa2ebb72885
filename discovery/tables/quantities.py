"""Quantities as text with a unit, such as "1.5 nm"."""

from functools import cache

import pint


@cache
def registry() -> "pint.UnitRegistry[float]":
    """Return the one registry of units."""
    return pint.UnitRegistry()


def to_si(text: str, unit: str) -> float:
    """Return the magnitude of a quantity in the given unit.

    Raises:
        ValueError: the text is not a quantity of that dimension.
    """
    try:
        return float(registry().Quantity(text).to(unit).magnitude)
    except (pint.PintError, AttributeError) as error:
        raise ValueError(f"{text!r} is not a quantity in {unit}") from error
