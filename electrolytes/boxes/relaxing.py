"""Take the hard contacts out of packed boxes: a few steps downhill by a potential or another calculator.

A packed box is no liquid: its molecules stand as they fell, and its first steps at a temperature would blow it up.
The relaxed one is still no sample of a temperature, and keeps composition and density.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ionspice.core import RunError
from ionspice.electrolytes.boxes.clashes import shortest_contact, whole_molecules
from ionspice.electrolytes.boxes.packing import MOLECULE, NEAREST

if TYPE_CHECKING:
    from ase import Atoms

#: largest force at which a box is good enough to start from [eV/angstrom]
GENTLE = 1.0
#: longest step of an atom [angstrom]
_STEP = 0.1


def relax_box(box: "Atoms", calculator: Any, *, by: str, fmax: float = GENTLE, steps: int = 100) -> "Atoms":
    """Return a box whose forces are gentle; its `info` says how far they are.

    Args:
        box: a packed box.
        calculator: an ASE calculator.
        by: what that is.
        fmax: largest force wanted [eV/angstrom].
        steps: allowed at most; forces that are then still larger are noted and no error.

    Raises:
        RunError: energies are not finite, or molecules come nearer than packed boxes may.
    """
    from ase.optimize import FIRE

    relaxed = box.copy()
    relaxed.calc = calculator
    FIRE(relaxed, logfile=None, maxstep=_STEP).run(fmax=fmax, steps=steps)
    forces = np.linalg.norm(relaxed.get_forces(), axis=1)
    energy = float(relaxed.get_potential_energy())
    relaxed.calc = None
    if not (np.isfinite(forces).all() and np.isfinite(energy)):
        raise RunError(f"a box has no finite energy by the {by}; train that further, or leave the box as packed")
    relaxed = whole_molecules(relaxed, relaxed.arrays[MOLECULE])
    nearest = shortest_contact(relaxed, relaxed.arrays[MOLECULE])
    if nearest < NEAREST:
        raise RunError(
            f"molecules of a box come as near as {nearest:.2f} angstrom, less than {NEAREST}, when the {by} relaxes "
            "it; train that further, or leave the box as packed"
        )
    relaxed.info.update(relaxed_by=by, largest_force=float(forces.max()), nearest=nearest)
    return relaxed
