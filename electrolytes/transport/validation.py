"""Records from the content of JSON files, checked by pydantic."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError


def validated[T](kind: type[T], content: Mapping[str, Any]) -> T:
    """Return a record of a kind.

    Raises:
        ValueError: content does not fit, with key and reason.
    """
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"])) or "it"
        raise ValueError(f"{key}: {first['msg']}") from error
