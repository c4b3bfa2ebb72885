"""law.json: a law as a file, written whole or not at all, read without trusting it."""

import json
import math
import re
from pathlib import Path
from typing import Any, cast

from ionspice.core import replacing
from ionspice.core.json_files import read_json
from ionspice.core.observables import ChargeReading, PotentialReading
from ionspice.core.reading import reading
from ionspice.discovery.forms.expressions import parse_expression, to_infix
from ionspice.discovery.laws.law import FrontEntry, Law, Parameter, Rival

FORMAT = "ionspice-law/1"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")


def write_law(law: Law, path: str | Path) -> None:
    """Write a law as law.json.

    Raises:
        InputError: the folder cannot be written.
    """
    content = {
        "format": FORMAT,
        "expression": to_infix(law.expression),
        "resistance": to_infix(law.resistance),
        "parameters": {name: _parameter_content(p) for name, p in law.parameters.items()},
        "elements": list(law.elements),
        "charge": law.charge,
        "potential": law.potential,
        "front": [_front_content(member) for member in law.front],
        "rivals": [_rival_content(rival) for rival in law.rivals],
        "tied": list(law.tied),
        "searches": law.searches,
        "r_squared": list(law.r_squared),
        "dataset_sha256": law.dataset_sha256,
        "seed": law.seed,
    }
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def _parameter_content(p: Parameter) -> dict[str, Any]:
    return {
        "unit": p.unit,
        "value": list(p.value),
        "standard_error": [_or_none(v) for v in p.standard_error],
        "interval_95": [[_or_none(v) for v in limits] for limits in p.interval],
    }


def _front_content(m: FrontEntry) -> dict[str, Any]:
    return {
        "complexity": m.complexity,
        "error": m.error,
        "held_out_error": _or_none(m.held_out_error),
        "held_out_slit_error": _or_none(m.held_out_slit_error),
        "found_in": m.found_in,
        "chosen_in": m.chosen_in,
        "expression": m.expression,
    }


def _rival_content(r: Rival) -> dict[str, Any]:
    return {
        "name": r.name,
        "expression": r.expression,
        "error": _or_none(r.error),
        "aic": _or_none(r.aic),
        "bic": _or_none(r.bic),
        "held_out_error": _or_none(r.held_out_error),
        "held_out_slit_error": _or_none(r.held_out_slit_error),
        "found_in": r.found_in,
        "chosen_in": r.chosen_in,
    }


def _or_none(number: float) -> float | None:
    return number if math.isfinite(number) else None


def read_law(path: str | Path) -> Law:
    """Read law.json; expressions pass a whitelist parser, numbers must be numbers.

    Raises:
        InputError: the file is missing, damaged, of another format, or holds anything but a law.
    """
    content = read_json(path, FORMAT, remedy="run `ionspice discover`")
    with reading(path, remedy="run `ionspice discover` again"):
        return _law(content)


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
        front=tuple(_front_entry(m) for m in content["front"]),
        rivals=tuple(_rival(r) for r in content["rivals"]),
        r_squared=tuple(_number(v) for v in content["r_squared"]),
        dataset_sha256=str(content["dataset_sha256"]),
        seed=_whole(content["seed"]),
        tied=tuple(to_infix(parse_expression(text, {"X"})) for text in content.get("tied", [])),
        searches=_whole(content.get("searches", 1)),
    )


def _front_entry(m: dict[str, Any]) -> FrontEntry:
    return FrontEntry(
        complexity=_whole(m["complexity"]),
        error=_number(m["error"]),
        held_out_error=_maybe(m.get("held_out_error")),
        expression=to_infix(parse_expression(m["expression"], {"X"})),
        **_worth(m),
    )


def _rival(r: dict[str, Any]) -> Rival:
    return Rival(
        name=str(r["name"]),
        expression=to_infix(parse_expression(r["expression"], {"X", "G", "c1", "c2", *_constants()})),
        error=_maybe(r["error"]),
        aic=_maybe(r["aic"]),
        bic=_maybe(r["bic"]),
        held_out_error=_maybe(r["held_out_error"]),
        **_worth(r),
    )


def _worth(entry: dict[str, Any]) -> dict[str, Any]:
    """Return what files of the first versions lack."""
    return {
        "held_out_slit_error": _maybe(entry.get("held_out_slit_error")),
        "found_in": _whole(entry.get("found_in", 0)),
        "chosen_in": _whole(entry.get("chosen_in", 0)),
    }


def _constants() -> set[str]:
    return {f"c{k}" for k in range(1, 33)}


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
