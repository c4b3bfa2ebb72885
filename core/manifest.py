"""What was computed from what: `manifest.json` in the folder of a run.

A stage has a fingerprint: the sections of the case that it reads, the SHA-256 of its input files, and the
version of ionspice. It need not run again while its fingerprint and its output files are those on record. A
stage that is entered but not left stays on record as begun, so that a later run can go on from what it kept.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ionspice.core.errors import InputError
from ionspice.core.files import sha256_of
from ionspice.core.json_files import read_json, write_json
from ionspice.core.run_files import MANIFEST

_FORMAT = "ionspice-manifest/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecord:
    """One stage of a run."""

    fingerprint: str  #: SHA-256 of all inputs
    finished: bool = False  #: False: begun, not ended
    wall_time: float = 0.0  #: of the stage [s]
    outputs: dict[str, str] = field(default_factory=dict)  #: file name in the folder to SHA-256
    failure: str = ""  #: why it could not be done, where the chain went on without it


def fingerprint(sections: Mapping[str, Any], files: Iterable[Path]) -> str:
    """Return the SHA-256 of case sections (as plain values), the content of files, and the version."""
    inputs = {
        "version": version("ionspice"),
        "sections": dict(sections),
        "files": [[path.name, sha256_of(path)] for path in files],
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def read_manifest(directory: Path) -> dict[str, StageRecord]:
    """Return the records of a folder by stage; an absent or unreadable manifest is an empty one.

    Losing the manifest only costs computing again, so damage to it is no error.
    """
    try:
        content = read_json(directory / MANIFEST, _FORMAT, remedy="run again")
        return {name: _record(record) for name, record in content["stages"].items()}
    except (InputError, KeyError, TypeError, ValueError, AttributeError):
        return {}


def _record(content: Mapping[str, Any]) -> StageRecord:
    """Return a record of a manifest.

    Raises:
        ValueError: a value is of another kind than it has to be.
    """
    record = StageRecord(**content)
    texts = (record.fingerprint, record.failure, *record.outputs, *record.outputs.values())
    if not all(isinstance(text, str) for text in texts) or not isinstance(record.finished, bool):
        raise ValueError("damaged record")
    if isinstance(record.wall_time, bool) or not isinstance(record.wall_time, int | float):
        raise ValueError("damaged record")
    # A file outside the folder is none of a stage's.
    if any(Path(name).is_absolute() or ".." in Path(name).parts or "\0" in name for name in record.outputs):
        raise ValueError("damaged record")
    return record


def write_record(directory: Path, stage: str, record: StageRecord) -> None:
    """Put the record of one stage into the manifest.

    Raises:
        InputError: the folder cannot be written.
    """
    records = read_manifest(directory) | {stage: record}
    write_json(directory / MANIFEST, _FORMAT, {"stages": {name: asdict(value) for name, value in records.items()}})


def accept(directory: Path, name: str) -> str:
    """Put a file that was changed on purpose on record as it is now; return the stage whose file it is.

    Raises:
        InputError: no stage on record made such a file, or it is not there.
    """
    records = read_manifest(directory)
    stage = next((stage for stage, record in records.items() if name in record.outputs), None)
    if stage is None or not (directory / name).is_file():
        known = ", ".join(sorted(name for record in records.values() for name in record.outputs)) or "none"
        raise InputError(f"{directory / name} is no file that a stage made; on record are {known}")
    outputs = records[stage].outputs | {name: sha256_of(directory / name)}
    write_record(directory, stage, replace(records[stage], outputs=outputs))
    return stage


def is_current(record: StageRecord | None, fingerprint: str, directory: Path) -> bool:
    """Return whether a stage has nothing to do: same inputs, and its outputs as it left them."""
    if record is None or not record.finished or record.fingerprint != fingerprint:
        return False
    paths = {directory / name: digest for name, digest in record.outputs.items()}
    return all(path.is_file() and sha256_of(path) == digest for path, digest in paths.items())
