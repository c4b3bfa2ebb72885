"""Files that a study file names: looked for beside it, and absolute from then on."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

#: validation context: the folder from which relative paths are looked for
FOLDER = "folder"


def _resolve(value: str, info: ValidationInfo) -> str:
    folder = (info.context or {}).get(FOLDER)
    if not value or folder is None:
        return value
    path = (Path(folder) / value).resolve()
    if not path.is_file():
        raise ValueError(f"names no file: {path} is not there; correct it")
    # Absolute, so that the resolved study means the same from any folder.
    return str(path)


type FileName = Annotated[str, AfterValidator(_resolve)]
