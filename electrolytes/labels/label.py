"""One label: energy, forces and stress of a frame by a teacher, with settings and convergence, kept by its hash."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a teacher says of a frame; converged, or there is none."""

    energy: float  #: of the cell [eV]
    forces: NDArray[np.float64]  #: [eV/angstrom], shape (atoms, 3)
    stress: NDArray[np.float64] | None  #: [eV/angstrom^3], tension positive, shape (3, 3); None where it has none
    scf_steps: int | None  #: until the wave function converged; None where the program does not say
    program: str  #: name and version
