"""What CP2K found of single molecules, a folder each, named by the hash of geometry, charge and level of theory."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionspice.core import InputError
from ionspice.core.json_files import numbers, read_json, read_json_as
from ionspice.electrolytes.analysis.normal_modes import ModeLine

if TYPE_CHECKING:
    from ase import Atoms

REFINED, REFINED_FORMAT = "refined.json", "ionspice-refined-ion/1"
MODES, MODES_FORMAT = "modes.json", "ionspice-ion-modes/1"
_REMEDY = "delete its folder and run again"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefinedIon:
    """A molecule where CP2K's forces vanish."""

    geometry: "Atoms"
    charges: Mapping[str, tuple[float, ...]]  #: of the atoms [e], by population analysis
    program: str
    settings: Mapping[str, Any]


def read_refined(folder: Path) -> RefinedIon:
    """Return the relaxed molecule of a folder.

    Raises:
        InputError: there is none, or it is damaged.
    """
    from ase import Atoms

    def make(content: dict[str, Any]) -> RefinedIon:
        return RefinedIon(
            geometry=Atoms(content["elements"], positions=content["positions"]),
            charges={name: tuple(values) for name, values in content["charges"].items()},
            program=content["program"],
            settings=content["settings"],
        )

    return read_json_as(folder / REFINED, REFINED_FORMAT, make, remedy=_REMEDY)


def read_modes_of(folder: Path) -> list[ModeLine]:
    """Return the normal modes of a folder.

    Raises:
        InputError: there are none, or they are damaged.
    """
    return read_json_as(
        folder / MODES,
        MODES_FORMAT,
        lambda content: [ModeLine(**numbers(mode)) for mode in content["modes"]],
        remedy=_REMEDY,
    )


def is_done(path: Path, format: str) -> bool:
    """Return whether a folder has a result, whole."""
    try:
        read_json(path, format, remedy=_REMEDY)
    except InputError:
        return False
    return True
