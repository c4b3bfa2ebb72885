"""Whether a file is still what the stage that made it left: its SHA-256 against manifest.json, before it is opened.

A flipped bit in a result can change a number by per cents and raise nothing, or end the process inside HDF5. So every
reader of a stage's file asks `checked` first. A file of which the manifest knows nothing (made by hand, copied
alone) passes.
"""

import json
from pathlib import Path

from ionspice.core.errors import InputError
from ionspice.core.files import sha256_of
from ionspice.core.run_files import MANIFEST


def checked(directory: Path, name: str, *, remedy: str = "run `ionspice run` again to make it anew") -> Path:
    """Return the path of a file of a folder, having compared it with the manifest there.

    Args:
        directory: the folder of a run, campaign or study.
        name: of the file in it.
        remedy: how to make it again, for the message.

    Raises:
        InputError: the manifest has another SHA-256 of it.
    """
    path = directory / name
    known = recorded(directory).get(name)
    if known is None or not path.is_file():
        return path
    stage, digest = known
    if sha256_of(path) != digest:
        raise InputError(
            f"{path} is not the file that the stage {stage} left (its SHA-256 is not that in {MANIFEST}): it was "
            f"damaged or changed; {remedy}, or if the change is meant, `ionspice verify {directory} --accept {name}`"
        )
    return path


def recorded(directory: Path) -> dict[str, tuple[str, str]]:
    """Return stage and SHA-256 of the files of a folder that finished stages left, by name.

    A manifest that is absent or damaged vouches for nothing.
    """
    try:
        stages = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))["stages"]
        return {
            name: (stage, digest)
            for stage, record in stages.items()
            if record.get("finished") is True
            for name, digest in record.get("outputs", {}).items()
            if isinstance(digest, str)
        }
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return {}


def checked_file(path: str | Path, *, remedy: str) -> Path:
    """Do what `checked` does for a file by its path."""
    path = Path(path)
    return checked(path.parent, path.name, remedy=remedy)
