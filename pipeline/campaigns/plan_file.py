"""The study file of a campaign: a base case and the values that its keys take.

    base = "kcl_slits.toml"                  # from the study file's folder; default: the default case
    until = "discover"                       # the last stage of each case
    ranks = 1                                # MPI ranks of each case

    [grid]                                   # every combination of these
    "geometry.slit" = ["1.5 nm", "2 nm"]
    "electrolyte.concentration" = ["0.5 mol/L", "1 mol/L"]

    [zip]                                    # these change together
    "drive.amplitude" = ["0.11 V", "0.3 V"]
    "drive.half_cycle" = ["750 ns", "1500 ns"]

`electrolyte.concentration` and `electrolyte.diffusivity` stand for that key of all species.
"""

import copy
import itertools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ionspice.core import InputError
from ionspice.pipeline.cases.case import Case, parse_case
from ionspice.pipeline.runs.runner import stages_until

_FOR_ALL_SPECIES = ("electrolyte.concentration", "electrolyte.diffusivity")


class SlurmSection(BaseModel):
    """[slurm]: what every task of the array asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    time: str = Field(default="01:00:00", pattern=r"^[0-9:-]+$")
    partition: str = Field(default="", pattern=r"^[A-Za-z0-9_.,-]*$")
    memory: str = Field(default="4G", pattern=r"^[0-9]+[KMGT]?$")


class _StudyFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    base: str = ""
    until: str = "report"
    ranks: int = Field(default=1, ge=1)
    grid: dict[str, list[Any]] = {}
    zip: dict[str, list[Any]] = {}
    slurm: SlurmSection = SlurmSection()

    @field_validator("until")
    @classmethod
    def _is_stage(cls, value: str) -> str:
        stages_until(value)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A campaign: cases by name, and what was varied."""

    cases: dict[str, Case]
    #: by name of the case the values of the varied keys, as the study file has them
    varied: dict[str, dict[str, Any]]
    until: str
    ranks: int
    slurm: SlurmSection


def read_study_file(path: Path) -> Study:
    """Read a study file and check every case of it.

    Raises:
        InputError: the file or its base cannot be read, a key is unknown, lists are empty or of unequal length, or a
            case is not valid; the message names the case.
    """
    try:
        file = _StudyFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"cannot read the study {path}: {error}") from error
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise InputError(f"{path}: {'; '.join(lines)}") from error
    base_path = path.parent / file.base if file.base else None
    base = _read_base(base_path)
    folder = (base_path or path).parent
    cases: dict[str, Case] = {}
    varied: dict[str, dict[str, Any]] = {}
    for values in _combinations(file, path):
        name = "_".join(_name(key, value) for key, value in values.items()) or "base"
        if name in cases:
            raise InputError(f"{path}: case {name} is there twice; give each key different values")
        table = copy.deepcopy(base)
        # What is set for all species comes last, for another key may say which species there are.
        for key, value in sorted(values.items(), key=lambda item: item[0] in _FOR_ALL_SPECIES):
            _set(table, key, value, path, folder)
        cases[name] = parse_case(tomli_w.dumps(table), source=f"{path}, case {name}", folder=folder)
        varied[name] = values
    return Study(cases=cases, varied=varied, until=file.until, ranks=file.ranks, slurm=file.slurm)


def _read_base(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"cannot read the base case {path}: {error}") from error
    mesh = table.get("mesh")
    if isinstance(mesh, dict) and isinstance(mesh.get("file"), str) and mesh["file"]:
        mesh["file"] = str((path.parent / mesh["file"]).resolve())
    return table


def _combinations(file: _StudyFile, path: Path) -> list[dict[str, Any]]:
    both = sorted(set(file.grid) & set(file.zip))
    if both:
        raise InputError(f"{path}: {', '.join(both)} stands in [grid] and in [zip]; keep one")
    for key, values in {**file.grid, **file.zip}.items():
        if not values:
            raise InputError(f"{path}: {key} = [] has no value; give at least one or leave the key out")
    if len({len(values) for values in file.zip.values()}) > 1:
        lengths = ", ".join(f"{key} has {len(values)}" for key, values in file.zip.items())
        raise InputError(f"{path}: the lists of [zip] must be equally long; {lengths}")
    together = [dict(zip(file.zip, row, strict=True)) for row in zip(*file.zip.values(), strict=True)] or [{}]
    grid = [dict(zip(file.grid, row, strict=True)) for row in itertools.product(*file.grid.values())]
    return [{**g, **t} for g in grid for t in together]


def _name(key: str, value: Any) -> str:
    return re.sub(r"[^A-Za-z0-9.+-]+", "", f"{key.rsplit('.', 1)[-1].replace('_', '-')}-{value}").replace("..", ".")


def _set(table: dict[str, Any], key: str, value: Any, path: Path, folder: Path) -> None:
    parts = key.split(".")
    if len(parts) != 2:
        raise InputError(f'{path}: {key!r} is no key of a case; write it as "section.key", e.g. "geometry.slit"')
    section = table.setdefault(parts[0], {})
    if not isinstance(section, dict):
        raise InputError(f"{path}: [{parts[0]}] of the base case is no table")
    if key in _FOR_ALL_SPECIES:
        if "species" not in section or section.get("file"):
            ions = {part: section[part] for part in ("file", "species") if part in section}
            case = parse_case(tomli_w.dumps({"electrolyte": ions}), source=f"{path}, base case", folder=folder)
            section["species"] = case.model_dump(mode="json", exclude_none=True)["electrolyte"]["species"]
        for species in section["species"]:
            species[parts[1]] = value
    else:
        section[parts[1]] = value
