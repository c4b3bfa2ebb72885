"""TOML files that users write: read, parsed, and checked against a pydantic model, each failure in the same words."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ionspice.core.errors import InputError
from ionspice.core.mistakes import explain


def read_toml_text(path: Path, what: str) -> str:
    """Return the text of a file.

    Args:
        path: the file.
        what: it is, such as "case file", for the message.

    Raises:
        InputError: it cannot be read, or is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise InputError(f"{path}: cannot read the {what}: {reason}; give a TOML file") from error


def parse_toml(text: str, *, source: str) -> dict[str, Any]:
    """Return the tables of a text.

    Raises:
        InputError: not TOML; the message names the source.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{source}: not valid TOML: {error}; correct that place") from error


def validated[M: BaseModel](model: type[M], values: Any, *, source: str, context: Mapping[str, object]) -> M:
    """Return the model of the values.

    Raises:
        InputError: mistakes in keys and values, each on a line of its own that names the source.
    """
    try:
        return model.model_validate(values, context=dict(context))
    except ValidationError as error:
        raise InputError(explain(error, source=source, model=model)) from error
