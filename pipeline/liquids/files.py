"""The files in the folder of a liquid that its report and its claims are made of, each read when it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ionspice.core import InputError
from ionspice.core.json_files import numbers, read_json
from ionspice.core.manifest import StageRecord, read_manifest
from ionspice.core.reading import reading
from ionspice.electrolytes.boxes.molecules import read_bonding, read_geometries
from ionspice.electrolytes.files import (
    ANALYSIS,
    BARRIER,
    LABEL_TABLE,
    POTENTIAL,
    POTENTIAL_RECORD,
    REFINING_RECORD,
    STUDY,
    TRANSPORT,
    VALIDATION_RECORD,
)
from ionspice.electrolytes.ions.record import IonRecord, ModeSet, read_ions, read_modes
from ionspice.electrolytes.study.file import LiquidStudy, read_liquid
from ionspice.electrolytes.transport.record import RunTransport, TransportRecord, read_transport

#: folder of the case that is computed with the electrolyte
CASE_FOLDER = "case"
POTENTIAL_FILE = f"{POTENTIAL}/{POTENTIAL_RECORD}"
#: by file: its format, the command that makes it
_JSON = {
    LABEL_TABLE: ("ionspice-labels/1", "label"),
    POTENTIAL_FILE: ("ionspice-potential/1", "train"),
    REFINING_RECORD: ("ionspice-refining/1", "refine"),
    VALIDATION_RECORD: ("ionspice-validation/1", "validate"),
    BARRIER: ("ionspice-barrier/1", "barrier"),
}


@dataclass(frozen=True)
class LiquidFiles:
    """What lies in a folder; every method raises InputError where its file is missing or damaged."""

    directory: Path

    @cached_property
    def study(self) -> LiquidStudy:
        """The resolved study."""
        return read_liquid(self.directory / STUDY)

    @cached_property
    def transport(self) -> TransportRecord:
        """What all runs tell."""
        self._check(TRANSPORT, "analyse")
        return read_transport(self.directory / TRANSPORT)

    def content(self, name: str) -> dict[str, Any]:
        """Return the content of labels.json, potential.json, refining.json, validation.json or barrier.json."""
        format, command = _JSON[name]
        self._check(name, command)
        content = read_json(
            self.directory / name, format, remedy=f"make it again with ionspice electrolyte {command}"
        )
        return dict(numbers(content))

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the folder."""
        path = self.directory / name
        with reading(path, remedy="make it again"):
            return pd.read_csv(path)

    def of_run(self, run: RunTransport, name: str) -> pd.DataFrame:
        """Return a table of a run."""
        path = f"{ANALYSIS}/{run.name}/{name}"
        if not (self.directory / path).is_file():
            reasons = [reason for what, reason in run.missing.items() if what.split()[0] == Path(name).stem]
            raise InputError(f"{run.name} has no {name}: {reasons[0] if reasons else 'it was not measured'}")
        return self.table(path)

    @cached_property
    def bonding(self) -> Mapping[str, Mapping[str, Any]]:
        """Bond orders and charges of the isolated molecules by name."""
        return read_bonding(self.directory)

    @cached_property
    def geometries(self) -> Mapping[str, Any]:
        """ASE's Atoms of the isolated molecules by name."""
        return read_geometries(self.directory)

    @cached_property
    def ions(self) -> dict[str, IonRecord]:
        """What CP2K says of the isolated molecules by name."""
        self._check("ions.json", "build --refine")
        return read_ions(self.directory)

    @cached_property
    def modes(self) -> tuple[list[ModeSet], dict[str, str]]:
        """Normal modes of the isolated molecules, and why some are missing."""
        self._check("modes.json", "build --vibrations")
        return read_modes(self.directory)

    @cached_property
    def stages(self) -> Mapping[str, StageRecord]:
        """What is on record about the stages."""
        return read_manifest(self.directory)

    def _check(self, name: str, command: str) -> None:
        if not (self.directory / name).is_file():
            raise InputError(f"{name} is not there; ionspice electrolyte {command} makes it")
