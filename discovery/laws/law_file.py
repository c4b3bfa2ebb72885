"""law.json: a law as a file, written whole or not at all, read without trusting it."""

import math
import re
from collections.abc import Callable
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any, cast

from ionspice.core.json_files import read_json_as, write_json
from ionspice.core.observables import ChargeReading, PotentialReading
from ionspice.discovery.forms.expressions import parse_expression, to_infix
from ionspice.discovery.laws.law import FrontEntry, Law, Parameter, Rival, ScoredLaw

FORMAT = "ionspice-law/1"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
_RIVAL_NAMES = {"X", "G", *(f"c{k}" for k in range(1, 33))}


def write_law(law: Law, path: str | Path) -> None:
    """Write a law as law.json.

    Raises:
        InputError: the folder cannot be written.
    """
    content = asdict(law) | {"expression": to_infix(law.expression), "resistance": to_infix(law.resistance)}
    for parameter in content["parameters"].values():
        parameter["interval_95"] = parameter.pop("interval")
    write_json(path, FORMAT, content)


def read_law(path: str | Path) -> Law:
    """Read law.json; expressions pass a whitelist parser, numbers must be numbers.

    Raises:
        InputError: the file is missing, damaged, of another format, or holds anything but a law.
    """
    return read_json_as(path, FORMAT, _law, remedy="run `ionspice discover`")


def _law(content: dict[str, Any]) -> Law:
    elements = tuple(_whole(number) for number in content["elements"])
    parameters = {_name(name): _parameter(p, len(elements)) for name, p in content["parameters"].items()}
    lacking = {"Rc", "gamma", "Qmax"} - set(parameters)
    if lacking:
        raise KeyError(f"parameters {sorted(lacking)}")
    if content["charge"] not in ("passed", "stored") or content["potential"] not in ("electrochemical", "electric"):
        raise ValueError(f"readings {content['charge']!r} and {content['potential']!r} are not known")
    return Law(
        expression=parse_expression(content["expression"], {"X"}),
        resistance=parse_expression(content["resistance"], {"Q", *parameters}),
        parameters=parameters,
        elements=elements,
        charge=cast(ChargeReading, content["charge"]),
        potential=cast(PotentialReading, content["potential"]),
        front=tuple(_scored(FrontEntry, entry, {"X"}) for entry in content["front"]),
        rivals=tuple(_scored(Rival, entry, _RIVAL_NAMES) for entry in content["rivals"]),
        r_squared=tuple(_number(v) for v in content["r_squared"]),
        dataset_sha256=str(content["dataset_sha256"]),
        seed=_whole(content["seed"]),
        tied=tuple(to_infix(parse_expression(text, {"X"})) for text in content.get("tied", [])),
        searches=_whole(content.get("searches", 1)),
    )


def _scored[S: ScoredLaw](kind: type[S], entry: dict[str, Any], names: set[str]) -> S:
    """Return an entry of the front or of the rivals; files of the first versions lack what has a default."""
    values = {
        one.name: _CHECKS[one.type](entry[one.name])
        for one in fields(kind)
        if one.name in entry or one.default is MISSING
    }
    return kind(**values | {"expression": to_infix(parse_expression(entry["expression"], names))})


def _parameter(entry: dict[str, Any], count: int) -> Parameter:
    value = tuple(_number(v) for v in entry["value"])
    error = tuple(_maybe(v) for v in entry["standard_error"])
    interval = tuple((_maybe(low), _maybe(high)) for low, high in entry.get("interval_95", [[None, None]] * count))
    if not len(value) == len(error) == len(interval) == count:
        raise ValueError(f"parameter lists of {len(value)} and {len(error)} entries for {count} elements")
    return Parameter(unit=str(entry["unit"]), value=value, standard_error=error, interval=interval)


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"parameter name {name!r} must be letters, digits and underscores")
    return name


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a finite number")
    return float(value)


def _maybe(value: object) -> float:
    return math.nan if value is None else _number(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is not a whole number")
    return value


#: by the type of a field
_CHECKS: dict[Any, Callable[[Any], Any]] = {int: _whole, float: _maybe, str: str}
