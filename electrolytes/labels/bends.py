"""A harmonic pull on chosen bond angles beside the forces of another method.

    E = E_method + sum k (theta - theta_0)^2 / 2

GFN-xTB makes bridges such as Al-Cl-Al linear, where density functional theory bends them: frames that are sampled
with a pull towards angles drawn at random show a potential what lies between. Labels know nothing of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ase import Atoms

#: k [eV/rad^2]
STIFFNESS = 6.0
#: least sine that is divided by, for the force of a straight angle has no direction
_STRAIGHT = 1e-2


@dataclass(frozen=True, slots=True, kw_only=True)
class Bend:
    """One angle that is pulled."""

    atoms: tuple[int, int, int]  #: numbers from 0; the vertex in the middle
    angle: float  #: theta_0 [rad]


def pull(frame: "Atoms", bends: Sequence[Bend], stiffness: float = STIFFNESS) -> tuple[float, NDArray[np.float64]]:
    """Return the energy [eV] of the pulls and their forces [eV/angstrom], shape (atoms, 3)."""
    energy, forces = 0.0, np.zeros((len(frame), 3))
    for bend in bends:
        first, vertex, last = bend.atoms
        u, v = (frame.get_distance(vertex, end, mic=True, vector=True) for end in (first, last))
        long_u, long_v = np.linalg.norm(u), np.linalg.norm(v)
        cosine = float(np.clip(u @ v / (long_u * long_v), -1, 1))
        excess = np.arccos(cosine) - bend.angle
        energy += stiffness * excess**2 / 2
        slope = -stiffness * excess / max(np.sqrt(1 - cosine**2), _STRAIGHT)  # dE/d cosine
        on_first = -slope * (v / (long_u * long_v) - cosine * u / long_u**2)
        on_last = -slope * (u / (long_u * long_v) - cosine * v / long_v**2)
        forces[first] += on_first
        forces[last] += on_last
        forces[vertex] -= on_first + on_last
    return energy, forces


def bent(calculator: Any, bends: Sequence[Bend]) -> Any:
    """Return a calculator of ASE that adds pulls to another's energy and forces; without bends the other itself."""
    if not bends:
        return calculator
    from ase.calculators.calculator import Calculator, all_changes

    class Bent(Calculator):  # type: ignore[misc]
        implemented_properties = ("energy", "forces")

        def calculate(
            self, atoms: Any = None, properties: Any = ("energy",), system_changes: Any = all_changes
        ) -> None:
            super().calculate(atoms, properties, system_changes)
            frame = atoms.copy()
            frame.calc = calculator
            energy, forces = pull(frame, bends)
            self.results = {
                "energy": frame.get_potential_energy() + energy,
                "forces": frame.get_forces() + forces,
            }

    return Bent()
