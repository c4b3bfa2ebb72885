"""Whatever MDAnalysis reads: DCD, XTC, TRR and others, with a topology."""

from pathlib import Path
from typing import Any

import numpy as np

from ionspice.core import InputError
from ionspice.core.reading import reading
from ionspice.electrolytes.analysis.arrays import Floats, Integers, Names
from ionspice.electrolytes.analysis.assembly import RawFrame


def read_universe(
    path: str | Path, topology: str | Path, *, interval: float | None, unwrapped: bool, cell: Floats | None
) -> tuple[Any, list[RawFrame]]:
    """Return MDAnalysis's universe and every frame.

    Args:
        path: of the trajectory.
        topology: a file with the atoms: PDB, GRO, TPR, PSF, LAMMPS's .data, ...
        interval: between frames [ps], where the file does not know it (LAMMPS's DCD).
        unwrapped: whether the positions are known to go through the cell's faces without a jump.
        cell: for files without one, rows a, b, c [angstrom].

    Raises:
        InputError: MDAnalysis cannot read the files, or the file has no cell.
    """
    import MDAnalysis

    with reading(path, remedy="give a trajectory and a topology that MDAnalysis reads and that belong together"):
        universe = MDAnalysis.Universe(str(topology), str(path))
        return universe, [
            RawFrame(
                time=float(step.time if interval is None else count * interval),
                positions=step.positions.astype(np.float64),
                cell=_cell(step, cell, path),
                unwrapped=unwrapped,
                velocities=step.velocities.astype(np.float64) if step.has_velocities else None,
            )
            for count, step in enumerate(universe.trajectory)
        ]


def _cell(step: Any, given: Floats | None, path: str | Path) -> Floats:
    from MDAnalysis.lib.mdamath import triclinic_vectors

    if given is not None:
        return given
    if step.dimensions is None or not step.dimensions[:3].all():
        raise InputError(f"{path} has no cell; give its edges [angstrom]")
    return np.asarray(triclinic_vectors(step.dimensions), dtype=np.float64)


def elements_in(universe: Any) -> Names | None:
    """Return the elements that a topology names, or None."""
    elements = getattr(universe.atoms, "elements", None)
    return None if elements is None or not all(elements) else np.array([str(e) for e in elements])


def types_in(universe: Any) -> Names | None:
    """Return the types that a topology names, or None."""
    types = getattr(universe.atoms, "types", None)
    return None if types is None else np.array([str(t) for t in types])


def masses_in(universe: Any) -> Floats | None:
    """Return the masses [u] that a topology gives, or None."""
    masses = getattr(universe.atoms, "masses", None)
    return None if masses is None or not np.all(masses > 0) else np.asarray(masses, dtype=np.float64)


def molecules_in(universe: Any) -> Integers | None:
    """Return the molecules that a topology tells apart, by fragment or residue, or None."""
    if len(universe.residues) > 1:
        return np.asarray(universe.atoms.resindices, dtype=np.int64)
    return None
