"""Whether the files of a run, campaign or study are what was written, and can be read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ionspice.core import InputError, IonspiceError
from ionspice.core.files import sha256_of
from ionspice.core.integrity import recorded
from ionspice.core.json_files import read_any_json
from ionspice.core.manifest import read_manifest
from ionspice.core.netcdf import read_netcdf
from ionspice.core.npz import read_npz
from ionspice.core.run_files import (
    CASE,
    CHECKPOINT,
    CIRCUIT,
    CIRCUIT_RUNS,
    COMPARISON,
    CONDUCTANCE,
    HALF_CHARGE_FIELDS,
    LAW,
    MANIFEST,
    MESH,
    OBSERVABLES,
    RAIL_RUNS,
    RAILS,
    WHAT_IF,
)
from ionspice.pipeline.campaigns.campaign import CASES
from ionspice.pipeline.campaigns.table import CAMPAIGN

_REMEDY = "make it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one file."""

    file: str  #: from the folder
    stage: str  #: whose file it is; empty where none is on record
    problem: str = ""  #: empty: it is as it was written, and can be read


def verify(directory: Path) -> list[Verdict]:
    """Look at every file of a run, a campaign or a study, those of its cases and what-ifs too.

    Args:
        directory: the folder.

    Raises:
        InputError: there is no such folder, or nothing in it that ionspice wrote.
    """
    if not directory.is_dir():
        raise InputError(f"{directory}: no such folder; give the folder of a run or campaign")
    inner = (*sorted((directory / CASES).glob("*/")), *sorted((directory / WHAT_IF).glob("*/")))
    verdicts = [verdict for folder in (directory, *inner) for verdict in _verdicts(folder, directory)]
    if not verdicts:
        raise InputError(f"{directory} holds no file of ionspice; give the folder of a run or campaign")
    return verdicts


def _verdicts(folder: Path, whole: Path) -> Iterator[Verdict]:
    known, readers = recorded(folder), _readers()
    place = folder.relative_to(whole)
    if (folder / MANIFEST).is_file() and not read_manifest(folder):
        yield Verdict(file=str(place / MANIFEST), stage="", problem="cannot be read; run again to make it anew")
    for name in sorted({*known, *(name for name in readers if (folder / name).is_file())}):
        stage = known[name][0] if name in known else ""
        problem = _problem(folder / name, known[name][1] if name in known else None, readers.get(name))
        yield Verdict(file=str(place / name), stage=stage, problem=problem)


def _problem(path: Path, digest: str | None, read: Callable[[Path], object] | None) -> str:
    """Return what is wrong with a file; it is opened only if its bytes are those on record."""
    if not path.is_file():
        return f"is not there; {_REMEDY}"
    try:
        if digest is not None and sha256_of(path) != digest:
            return f"is not what its stage left (SHA-256); {_REMEDY}"
        if read is not None:
            read(path)
    except (IonspiceError, OSError) as error:
        return str(error)
    return ""


def _readers() -> dict[str, Callable[[Path], object]]:
    """Return by name of a file what reads it whole."""
    from ionspice.circuits import read_circuit, read_circuit_record
    from ionspice.circuits.ions.record import read_rails
    from ionspice.core.observables import load_observables
    from ionspice.discovery import read_law
    from ionspice.discovery.laws.conductance_file import read_conductance
    from ionspice.pipeline.cases.case import read_case
    from ionspice.pipeline.results.comparison import read_comparison
    from ionspice.pipeline.results.field_files import read_field_map, read_strip

    read = partial(read_any_json, remedy=_REMEDY)
    return {
        CASE: read_case,
        MESH: read_strip,
        OBSERVABLES: load_observables,
        HALF_CHARGE_FIELDS: read_field_map,
        CHECKPOINT: partial(read_npz, remedy=_REMEDY),
        LAW: read_law,
        CIRCUIT: read_circuit_record,
        CIRCUIT_RUNS: read_circuit,
        CONDUCTANCE: read_conductance,
        RAILS: read_rails,
        RAIL_RUNS: partial(read_netcdf, remedy=_REMEDY),
        COMPARISON: read_comparison,
        CAMPAIGN: partial(read_netcdf, remedy=_REMEDY),
        **dict.fromkeys(("claims.json", "measures.json", "campaign_law.json", "study.json"), read),
    }
