"""The molecules of a study with their geometries and bonds: molecules.json and molecules.extxyz."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ionspice.core import InputError, replacing
from ionspice.core.json_files import read_json, write_json
from ionspice.core.reading import reading
from ionspice.electrolytes.boxes.bonding import Bonding, bonding
from ionspice.electrolytes.boxes.geometry import charge_of_smiles, from_smiles, from_xyz, relax
from ionspice.electrolytes.files import GEOMETRIES, ION_GEOMETRIES, MOLECULES
from ionspice.electrolytes.study.molecules import MoleculeSection

if TYPE_CHECKING:
    from ase import Atoms

_FORMAT = "ionspice-molecules/1"
_METHOD = "GFN2-xTB"
_REMEDY = "make it again with ionspice electrolyte build"


@dataclass(frozen=True, slots=True, kw_only=True)
class Molecule:
    """One kind of molecule, relaxed in vacuum."""

    name: str
    charge: int  #: [e]
    geometry: "Atoms"
    bonding: Bonding


def make_molecules(sections: Sequence[MoleculeSection]) -> Iterator[Molecule]:
    """Yield the molecules of a study, relaxed.

    Raises:
        InputError: a SMILES or file is wrong, or its charge is not the one given.
        RunError: a molecule cannot be relaxed.
    """
    for section in sections:
        start = _start(section)
        geometry = relax(start, charge=section.charge, method=_METHOD)
        yield Molecule(
            name=section.name,
            charge=section.charge,
            geometry=geometry,
            bonding=bonding(geometry, charge=section.charge, method=_METHOD),
        )


def _start(section: MoleculeSection) -> "Atoms":
    if section.xyz:
        return from_xyz(Path(section.xyz))
    charge = charge_of_smiles(section.smiles)
    if charge != section.charge:
        raise InputError(
            f'molecule {section.name}: smiles = "{section.smiles}" has the charge {charge:+d}, but charge = '
            f"{section.charge:+d}; correct one of them"
        )
    return from_smiles(section.smiles)


def write_molecules(directory: Path, molecules: Sequence[Molecule]) -> None:
    """Write the molecules of a folder."""
    from ase.io import write

    frames = []
    for molecule in molecules:
        frame = molecule.geometry.copy()
        frame.info.update(name=molecule.name, charge=molecule.charge)
        frames.append(frame)
    with replacing(directory / GEOMETRIES) as temporary:
        write(temporary, frames, format="extxyz")
    content = {
        molecule.name: {
            "charge": molecule.charge,
            "elements": molecule.geometry.get_chemical_symbols(),
            **asdict(molecule.bonding),
        }
        for molecule in molecules
    }
    write_json(directory / MOLECULES, _FORMAT, {"molecules": content})


def read_geometries(directory: Path, *, refined: bool = True) -> Mapping[str, "Atoms"]:
    """Return the relaxed geometries of a folder by name.

    Args:
        directory: the folder.
        refined: whether those that CP2K refined go before those of GFN-xTB.

    Raises:
        InputError: a file is missing or damaged.
    """
    geometries = _read_geometries(directory / GEOMETRIES)
    better = directory / ION_GEOMETRIES
    return geometries | (_read_geometries(better) if refined and better.is_file() else {})


def _read_geometries(path: Path) -> dict[str, "Atoms"]:
    from ase.io import read

    with reading(path, remedy=_REMEDY):
        frames = read(path, index=":", format="extxyz")
        return {_name_of(frame.info["name"]): frame for frame in frames}


def _name_of(value: object) -> str:
    """Return a name as it was written: extended XYZ takes a fluoride ion F for the word false."""
    return str(value)[0] if isinstance(value, (bool, np.bool_)) else str(value)


def read_bonding(directory: Path) -> Mapping[str, Mapping[str, object]]:
    """Return charges and bonds of the molecules of a folder by name, as molecules.json has them.

    Raises:
        InputError: the file is missing or damaged.
    """
    content = read_json(directory / MOLECULES, _FORMAT, remedy=_REMEDY)
    return dict(content["molecules"])
