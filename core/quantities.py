"""Quantities as text, such as "1.5 nm": one reader for case files, study files, options and tables.

A quantity is a decimal number with a point, a space and a unit; the arithmetic is decimal, so that text and number
give each other back exactly. pint knows the units, but never sees text that it could evaluate: a unit is a product of
names with small powers.
"""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pint

_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,4})?)(?![\d,.])\s*(.*?)\s*")
_HEADING = re.compile(r"\s*(?P<name>[^\[\]()]+?)\s*(?:\[(?P<square>[^\[\]]*)\]|\((?P<round>[^\[\]]*)\))?\s*")
_COMMA = re.compile(r"\s*[-+]?[\d.]*,\d.*")
_POWER = r"(?:\s*(?:\^|\*\*)\s*\(?[-+]?\d{1,2}(?:\.\d{1,3})?\)?)?"
_FACTOR = rf"(?:[^\W\d_]|[°%])[^\W_]*{_POWER}"
_PRODUCT = rf"{_FACTOR}(?:\s*(?:\*|/|·|\s)\s*{_FACTOR}){{0,9}}"
_UNIT = re.compile(rf"(?:1\s*/\s*)?{_PRODUCT}(?:\s*/\s*\(\s*{_PRODUCT}\s*\))?")


@cache
def registry() -> "pint.UnitRegistry[Decimal]":
    """Return the one registry of units, whose numbers are decimal."""
    import pint

    return pint.UnitRegistry(non_int_type=Decimal)


def split_heading(cell: str) -> tuple[str, str | None]:
    """Return the name and the unit of the heading of a column, `charge [C/m]` or `charge (C/m)`; None without a unit.

    Raises:
        ValueError: there is no name, or brackets that are no unit at the end.
    """
    match = _HEADING.fullmatch(cell)
    if match is None:
        raise ValueError("has no name of its own; write name or name [unit]")
    unit = match["square"] if match["square"] is not None else match["round"]
    return match["name"], None if unit is None else unit.strip()


def split_quantity(text: str) -> tuple[Decimal, str]:
    """Return the number and the unit of text such as "1.5 nm"; the unit is empty where there is none.

    Raises:
        ValueError: no number, one with a decimal comma, or a unit that is no product of powers of names.
    """
    if _COMMA.fullmatch(text):
        raise ValueError("has a decimal comma; write it with a point")
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError("is not a number with a unit")
    number, unit = match.groups()
    if unit:
        check_unit(unit)
    return Decimal(number), unit


def check_unit(unit: str) -> str:
    """Return text that is a product of powers of names, before pint reads it.

    Raises:
        ValueError: it is not.
    """
    if len(unit) > 80 or not _UNIT.fullmatch(unit.strip()):
        raise ValueError(f"has the unknown unit {unit[:80]!r}")
    return unit


def convert(number: Decimal, source: str, target: str) -> Decimal:
    """Return a number of one unit in another; the empty text and "1" stand for a plain number.

    Raises:
        ValueError: an unknown unit, or units of different dimensions.
    """
    import pint

    units = registry()
    try:
        have, want = (units.parse_units("" if unit == "1" else unit) for unit in (source, target))
        return Decimal(units.Quantity(number, have).to(want).magnitude)
    except pint.DimensionalityError as error:
        raise ValueError(f"{source or 'a plain number'} cannot become {target or 'a plain number'}") from error
    except (pint.PintError, ValueError, TypeError, ArithmeticError, AssertionError) as error:
        raise ValueError(f"has the unknown unit {source!r}") from error


def to_base(text: str) -> tuple[float, str]:
    """Return the number of a quantity in SI base units, and these units as text.

    Raises:
        ValueError: the text is no quantity, its unit is unknown, or the number is not finite.
    """
    import pint

    number, unit = split_quantity(text)
    units = registry()
    try:
        base = units.Quantity(number, units.parse_units(unit)).to_base_units()
    except (pint.PintError, ValueError, TypeError, ArithmeticError, AssertionError) as error:
        raise ValueError(f"has the unknown unit {unit!r}") from error
    return _finite(Decimal(base.magnitude)), f"{base.units:~}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """What kind of quantity a text must be, and how it is written."""

    name: str  #: in messages, such as "a length"
    si: str  #: unit of the plain number inside
    written: str  #: unit in resolved case files and reports
    example: str  #: how a value is written, for messages

    def parse(self, text: str) -> float:
        """Return the SI value of text such as "1.5 nm".

        Raises:
            ValueError: no finite number, no unit, an unknown unit or one of another dimension.
        """
        try:
            number, unit = split_quantity(text)
        except ValueError as error:
            raise ValueError(f"{error}; write {self.name} like {self.example}") from error
        if not unit:
            raise ValueError(f"has no unit; write {self.name} like {self.example}")
        try:
            return _finite(convert(number, unit, self.si))
        except ValueError as error:
            reason = str(error)
            if "cannot become" in reason:
                reason = f"is not {self.name}: {reason}"
            raise ValueError(f"{reason}; write {self.name} like {self.example}") from error

    def format(self, value: float) -> str:
        """Return the text that `parse` reads as exactly this SI value."""
        number = convert(Decimal(repr(value)), self.si, self.written)
        plain = number == 0 or Decimal("1e-4") <= abs(number) < Decimal("1e6")
        digits = f"{number.normalize():f}" if plain else f"{number.normalize():e}"
        return f"{digits} {self.written}"


def _finite(number: Decimal) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError("is too large a number")
    return value
