"""JSON files of ionspice: each names its format, and is written whole or not at all."""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ionspice.core.errors import InputError
from ionspice.core.files import replacing
from ionspice.core.integrity import checked_file
from ionspice.core.reading import reading


def write_json(path: str | Path, format: str, content: Mapping[str, Any]) -> None:
    """Write content under the name of its format, which comes first in the file.

    Args:
        path: the file.
        format: name and version, such as "ionspice-law/1".
        content: tables, lists, texts and numbers, those of NumPy too; numbers that are not finite become null.

    Raises:
        InputError: the folder cannot be written.
    """
    write_any_json(path, {"format": format, **content})


def write_any_json(path: str | Path, content: Any) -> None:
    """Write content of no format; see `write_json`."""
    text = json.dumps(plain(content), indent=2, ensure_ascii=False, allow_nan=False)
    with replacing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def read_json(path: str | Path, format: str, *, remedy: str) -> dict[str, Any]:
    """Return the content of a file of the given format, without the format's name.

    Args:
        path: the file.
        format: the only one that is read.
        remedy: what to do about a bad file, for the message.

    Raises:
        InputError: the file is missing, no JSON, of another format, or not as the stage that made it left it.
    """
    content = read_any_json(path, remedy=remedy)
    if not isinstance(content, dict) or content.get("format") != format:
        raise InputError(f"cannot read {path}: it is not of the format {format!r}; {remedy}")
    return {key: value for key, value in content.items() if key != "format"}


def read_json_as[T](path: str | Path, format: str, make: Callable[[dict[str, Any]], T], *, remedy: str) -> T:
    """Return what is made of the content of a file; arguments as of `read_json`.

    Raises:
        InputError: see `read_json`; or nothing can be made of the content.
    """
    content = read_json(path, format, remedy=remedy)
    with reading(path, remedy=remedy):
        return make(content)


def read_any_json(path: str | Path, *, remedy: str) -> Any:
    """Return the content of a JSON file of any format; arguments as of `read_json`.

    Raises:
        InputError: the file is missing, no JSON, or not as the stage that made it left it.
    """
    with reading(path, remedy=remedy):
        return json.loads(checked_file(path, remedy=remedy).read_text(encoding="utf-8"))


def plain(value: Any) -> Any:
    """Return a value as JSON has it: numbers of Python, and null for what is not finite."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def numbers(value: Any) -> Any:
    """Return content of a JSON file with NaN in the place of null, as `plain` wrote it."""
    if isinstance(value, Mapping):
        return {key: numbers(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [numbers(entry) for entry in value]
    return math.nan if value is None else value
