"""Data files of LAMMPS: atoms by the potential's types, with the molecule that each belongs to."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ionspice.core import InputError, replacing
from ionspice.electrolytes.analysis.arrays import Integers
from ionspice.electrolytes.analysis.molecules import molecules_by_bonds
from ionspice.electrolytes.boxes.packing import MOLECULE

if TYPE_CHECKING:
    from ase import Atoms


def write_box_data(path: Path, box: "Atoms", type_map: Sequence[str]) -> None:
    """Write a periodic box as LAMMPS reads it, atom style full without charges or bonds.

    Args:
        path: the file.
        box: atoms in the order of their ids; its array "molecule" numbers molecules, else bonds tell them.
        type_map: element of atom type 1, 2, ...

    Raises:
        InputError: an element is unknown to the potential, or the box is not periodic.
    """
    from ase.io import write

    unknown = sorted(set(box.get_chemical_symbols()) - set(type_map))
    if unknown:
        raise InputError(
            f"the potential knows {', '.join(type_map)}, not {', '.join(unknown)}; train one with frames of that"
        )
    if not box.pbc.all() or box.cell.rank != 3:
        raise InputError("molecular dynamics needs a box that is periodic in three directions; give it a cell")
    typed = box.copy()
    typed.calc = None
    typed.set_initial_charges(None)
    typed.set_masses(None)  # those of the elements, whatever sampled the frame
    typed.set_array("mol-id", _molecules(box) + 1)
    with replacing(path) as temporary:
        write(temporary, typed, format="lammps-data", specorder=list(type_map), masses=True, atom_style="full")


def _molecules(box: "Atoms") -> Integers:
    if box.has(MOLECULE):
        return np.asarray(box.arrays[MOLECULE], dtype=np.int64)
    return molecules_by_bonds(np.array(box.get_chemical_symbols()), box.get_scaled_positions(), box.cell.array)
