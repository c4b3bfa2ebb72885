"""Constraints as text: "y >= 0; y <= 1; rising in t; falling in T; convex in x; concave in x; y(0, 300) = 1"."""

import re
from collections.abc import Sequence
from typing import Any, cast

from ionspice.core import InputError
from ionspice.discovery.forms.demands import Demand, Kind

_SHAPE = re.compile(r"(rising|falling|convex|concave)\s+in\s+(.+)")
_BOUND = re.compile(r"(.+?)\s*(>=|<=)\s*(\S+)")
_POINT = re.compile(r"(.+?)\s*\(([^()]*)\)\s*=\s*(\S+)")


def parse_constraints(text: str, x: Sequence[str], y: str, scales: Sequence[float]) -> dict[str, Any]:
    """Return the settings of the regressor that constraints stand for: `demands` and `anchor`.

    Args:
        text: constraints with semicolons between them, numbers in the units of the table.
        x: names of the columns that the formula uses.
        y: name of the column that it gives; in the text also `y`.
        scales: what the numbers of every column, and of y last, are multiplied by before the search.

    Raises:
        InputError: a part is no constraint, or names another column.
    """
    demands: list[Demand] = []
    settings: dict[str, Any] = {}
    for part in filter(None, (one.strip() for one in text.split(";"))):
        if match := _SHAPE.fullmatch(part):
            demands.append(Demand(kind=cast(Kind, match[1]), variable=_index(match[2].strip(), x, part)))
        elif match := _BOUND.fullmatch(part):
            _check_target(match[1], y, part)
            kind: Kind = "at least" if match[2] == ">=" else "at most"
            demands.append(Demand(kind=kind, value=_number(match[3], part) * scales[-1]))
        elif match := _POINT.fullmatch(part):
            _check_target(match[1], y, part)
            if "anchor" in settings:
                raise InputError(f"constraint {part!r}: a formula can be led through one point only")
            settings["anchor"] = _anchor(match[2], match[3], scales, part)
        else:
            raise InputError(
                f"constraint {part!r} is not known; write {y} >= 0, {y} <= 1, rising in {x[0]}, falling in {x[0]}, "
                f"convex in {x[0]}, concave in {x[0]} or {y}({', '.join(['0'] * len(x))}) = 0, with ; between them"
            )
    return settings | ({"demands": tuple(demands)} if demands else {})


def _anchor(point: str, value: str, scales: Sequence[float], part: str) -> tuple[tuple[float, ...], float]:
    numbers = [_number(one.strip(), part) for one in point.split(",")]
    if len(numbers) != len(scales) - 1:
        raise InputError(
            f"constraint {part!r}: {len(numbers)} numbers in brackets, --x names {len(scales) - 1} columns"
        )
    return tuple(n * s for n, s in zip(numbers, scales[:-1], strict=True)), _number(value, part) * scales[-1]


def _index(name: str, x: Sequence[str], part: str) -> int:
    if name not in x:
        raise InputError(f"constraint {part!r}: {name!r} is not among the columns of --x: {', '.join(x)}")
    return list(x).index(name)


def _check_target(name: str, y: str, part: str) -> None:
    if name.strip() not in (y, "y"):
        raise InputError(f"constraint {part!r}: bounds and values are of {y!r}, the column of --y")


def _number(text: str, part: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"constraint {part!r}: {text!r} is not a number") from None
