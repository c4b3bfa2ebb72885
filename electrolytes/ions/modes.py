"""Normal modes of the isolated molecules: CP2K's as they are kept, and those of a potential."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ionspice.core import RunError
from ionspice.electrolytes.analysis.normal_modes import lines_of_ase
from ionspice.electrolytes.ions.record import ModeSet
from ionspice.electrolytes.ions.store import MODES, MODES_FORMAT, is_done, read_modes_of

if TYPE_CHECKING:
    from ase import Atoms

#: largest force left on an atom before the second derivatives are taken [eV/angstrom]
_RELAXED = 1e-3
_STEPS = 500
_DISPLACEMENT = 0.01  # angstrom


def modes_of_cp2k(folders: Mapping[str, Path]) -> list[ModeSet]:
    """Return the normal modes that CP2K has found of molecules, by their folders."""
    return [
        ModeSet(molecule=name, by="CP2K", modes=tuple(read_modes_of(folder)))
        for name, folder in folders.items()
        if is_done(folder / MODES, MODES_FORMAT)
    ]


def modes_of_calculator(name: str, molecule: "Atoms", calculator: Any, *, by: str, folder: Path) -> ModeSet:
    """Return the normal modes of a molecule by an ASE calculator, which relaxes it first.

    Args:
        name: of the molecule.
        molecule: where it starts, without cell.
        calculator: of energies and forces.
        by: what the calculator is.
        folder: for intermediate results.

    Raises:
        RunError: the forces do not vanish, so that there is no place to vibrate about.
    """
    from ase.optimize import BFGS
    from ase.vibrations import Vibrations

    relaxed = molecule.copy()
    relaxed.calc = calculator
    if not BFGS(relaxed, logfile=None).run(fmax=_RELAXED, steps=_STEPS):
        raise RunError(f"{name} does not come to rest within {_STEPS} steps of the {by}")
    vibrations = Vibrations(relaxed, name=str(folder / name), delta=_DISPLACEMENT)
    try:
        vibrations.clean()  # what another potential left
        vibrations.run()
        lines = lines_of_ase(vibrations.get_vibrations(), lowest=0.0)
    finally:
        vibrations.clean()
    free = 5 if _is_linear(relaxed) else 6
    inner = sorted(lines, key=lambda line: abs(line.frequency))[free:]
    return ModeSet(molecule=name, by=by, modes=tuple(sorted(inner, key=lambda line: line.frequency)))


def _is_linear(molecule: "Atoms") -> bool:
    moments = np.sort(molecule.get_moments_of_inertia())
    return bool(moments[0] < 1e-3 * moments[2])
