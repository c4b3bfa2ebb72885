"""ions.json, what CP2K says of the molecules alone, and modes.json, their normal modes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ionspice.core import replacing
from ionspice.core.json_files import numbers, read_json_as, write_json
from ionspice.electrolytes.analysis.normal_modes import ModeLine
from ionspice.electrolytes.files import ION_GEOMETRIES, IONS, MODES
from ionspice.electrolytes.ions.store import RefinedIon

_IONS_FORMAT, _MODES_FORMAT = "ionspice-ions/1", "ionspice-modes/1"
_REMEDY = "make it again with ionspice electrolyte build --refine"


@dataclass(frozen=True, slots=True, kw_only=True)
class IonRecord:
    """A molecule as ions.json has it."""

    elements: tuple[str, ...]
    positions: tuple[tuple[float, float, float], ...]  #: [angstrom]
    charges: Mapping[str, tuple[float, ...]]  #: of the atoms [e]; mulliken, hirshfeld
    program: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeSet:
    """The normal modes of a molecule by one program."""

    molecule: str
    by: str  #: program, or "potential"
    modes: tuple[ModeLine, ...]


def write_ions(directory: Path, ions: Mapping[str, RefinedIon], charges: Mapping[str, int]) -> None:
    """Write ions.json and ions.extxyz.

    Args:
        directory: folder of the liquid.
        ions: by name.
        charges: of the molecules [e], by name.
    """
    from ase.io import write

    frames = []
    for name, ion in ions.items():
        frame = ion.geometry.copy()
        frame.info.update(name=name, charge=charges[name])
        frames.append(frame)
    with replacing(directory / ION_GEOMETRIES) as temporary:
        write(temporary, frames, format="extxyz")
    content = {
        name: {
            "elements": ion.geometry.get_chemical_symbols(),
            "positions": ion.geometry.positions,
            "charges": ion.charges,
            "program": ion.program,
            "settings": ion.settings,
        }
        for name, ion in ions.items()
    }
    write_json(directory / IONS, _IONS_FORMAT, {"molecules": content})


def read_ions(directory: Path) -> dict[str, IonRecord]:
    """Return the molecules of ions.json by name.

    Raises:
        InputError: the file is missing or damaged.
    """

    def make(content: dict[str, Any]) -> dict[str, IonRecord]:
        return {
            name: IonRecord(
                elements=tuple(ion["elements"]),
                positions=tuple((x, y, z) for x, y, z in ion["positions"]),
                charges={kind: tuple(values) for kind, values in ion["charges"].items()},
                program=ion["program"],
                settings=ion["settings"],
            )
            for name, ion in content["molecules"].items()
        }

    return read_json_as(directory / IONS, _IONS_FORMAT, make, remedy=_REMEDY)


def write_modes(directory: Path, sets: Sequence[ModeSet], missing: Mapping[str, str]) -> None:
    """Write modes.json.

    Args:
        directory: folder of the liquid.
        sets: what there is.
        missing: why others are not there, by program.
    """
    write_json(directory / MODES, _MODES_FORMAT, {"sets": [asdict(one) for one in sets], "missing": dict(missing)})


def read_modes(directory: Path) -> tuple[list[ModeSet], dict[str, str]]:
    """Return the normal modes of modes.json, and why others are not there.

    Raises:
        InputError: the file is missing or damaged.
    """

    def make(content: dict[str, Any]) -> tuple[list[ModeSet], dict[str, str]]:
        sets = [
            ModeSet(
                molecule=one["molecule"],
                by=one["by"],
                modes=tuple(ModeLine(**numbers(mode)) for mode in one["modes"]),
            )
            for one in content["sets"]
        ]
        return sets, dict(content["missing"])

    return read_json_as(directory / MODES, _MODES_FORMAT, make, remedy=_REMEDY)
