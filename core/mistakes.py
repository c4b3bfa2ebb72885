"""What pydantic found wrong with a file of a user's, in words that name key, value, limit and remedy."""

import difflib
import json
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_LIMITS = {
    "greater_than": ("must be greater than", "gt", "give a larger value"),
    "greater_than_equal": ("must be at least", "ge", "give a larger value"),
    "less_than": ("must be less than", "lt", "give a smaller value"),
    "less_than_equal": ("must be at most", "le", "give a smaller value"),
    "too_short": ("must have at least this many entries:", "min_length", "add entries"),
    "string_too_short": ("must have at least this many characters:", "min_length", "give a name"),
}
#: keys of a section whose value is a list of tables
_TABLES = ("species", "boxes", "bends")
_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "string": "text",
    "tuple": "a list",
    "model": "a table",
    "finite": "a finite number",
}


def explain(error: ValidationError, *, source: str, model: type[BaseModel]) -> str:
    """Return one line per mistake: file, key, value, limit, remedy."""
    mistakes = error.errors(include_url=False)
    return "\n".join(f"{source}: {_sentence(one, model)}" for one in mistakes if not _follows(one, mistakes))


def _follows(mistake: ErrorDetails, mistakes: list[ErrorDetails]) -> bool:
    """Return whether a list is too short only because of mistakes in its entries, which pydantic does not count."""
    place = mistake["loc"]
    return mistake["type"] == "too_short" and any(
        other["loc"][: len(place)] == place and len(other["loc"]) > len(place) for other in mistakes
    )


def _sentence(details: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context = details["type"], details.get("ctx", {})
    path = [part for part in details["loc"] if part not in ("float", "int")]
    if kind == "extra_forbidden":
        return _unknown_key(path, model)
    if kind == "missing":
        return f"{_place(path)} is missing; add it"
    if kind == "value_error" and _is_table(path, details["input"]):
        return f"{_place(path)} {context['error']}".lstrip()
    place = f"{_place(path)} = {_toml(details['input'])}"
    if kind == "value_error":
        return f"{place} {context['error']}"
    if kind in _LIMITS:
        words, limit, remedy = _LIMITS[kind]
        return f"{place} {words} {context[limit]}; {remedy}"
    if kind == "literal_error":
        return f"{place} is not a choice; use {context['expected'].replace(chr(39), chr(34))}"
    wanted = next((words for prefix, words in _TYPES.items() if kind.startswith(prefix)), None)
    return f"{place} must be {wanted}; correct it" if wanted else f"{place}: {details['msg']}"


def _is_table(path: list[int | str], value: Any) -> bool:
    return not path or not isinstance(value, str | int | float | list)


def _place(path: list[int | str]) -> str:
    """Return `[geometry] slit` or `[[electrolyte.species]] 2 valence` for a path into the file."""
    if not path:
        return ""
    first = next((place for place, part in enumerate(path) if isinstance(part, int)), 0)
    if first == 1 or (first and path[first - 1] in _TABLES):
        tail = [f"number {part + 1}" if isinstance(part, int) else part for part in path[first:]]
        return " ".join([f"[[{'.'.join(map(str, path[:first]))}]]", *tail])
    section, *rest = path
    if not rest:
        return f"[{section}]"
    key, *entries = rest
    return f"[{section}] {key}" + "".join(f"[{entry}]" for entry in entries)


def _unknown_key(path: list[int | str], model: type[BaseModel]) -> str:
    *parents, key = path
    known = list(_model_at(parents, model).model_fields)
    close = difflib.get_close_matches(str(key), known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
    what = "is an unknown key" if parents else "is an unknown section"
    return f"{_place(path)} {what}; {hint}"


def _model_at(path: list[int | str], model: type[BaseModel]) -> type[BaseModel]:
    for part in path:
        if isinstance(part, str):
            annotation: Any = model.model_fields[part].annotation
            model = next((a for a in get_args(annotation) if isinstance(a, type)), annotation)
    return model


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
