"""Solutions and stacks that the tests of the rails share."""

import numpy as np
from scipy import constants

from ionspice.circuits.ions.constants import RailConstants
from ionspice.circuits.ions.solution import IonSolution


def solution(
    *,
    molar: float = 1.0,
    valence: tuple[int, ...] = (1, -1),
    share: tuple[float, ...] = (1.0, 1.0),
    diameter: float | tuple[float, ...] = 0.6e-9,
    solvent: float | None = None,
    correlation_length: float = 0.0,
) -> IonSolution:
    """Return `molar` times the shares (mol/L) of ions in water."""
    sizes = np.broadcast_to(np.asarray(diameter, dtype=float), (len(valence),))
    return IonSolution(
        valence=np.array(valence, dtype=float),
        bulk=np.array(share) * molar * 1e3 * constants.N_A,
        diffusivity=np.full(len(valence), 2e-9),
        volume=sizes**3,
        site_volume=float((sizes[0] if solvent is None else solvent) ** 3),
        permittivity=78.5 * constants.epsilon_0,
        correlation_length=correlation_length,
    )


#: whose double layers reach the bulk
DILUTE = solution(molar=2e-3, diameter=0.3e-9)
SOLUTIONS = {
    "point ions": solution(diameter=0.0, molar=0.1),
    "equal sizes": solution(),
    "2:1": solution(valence=(2, -1), share=(0.5, 1.0)),
    "1:2": solution(valence=(1, -2), share=(1.0, 0.5), diameter=0.4e-9),
    "three species": solution(valence=(1, 2, -1), share=(0.3, 0.3, 0.9), diameter=0.5e-9),
    "unequal sizes": solution(diameter=(0.38e-9, 0.33e-9), solvent=0.3e-9),
}


def stack() -> RailConstants:
    """Return constants like those of 10 nm sheets 1.5 nm apart."""
    width = 6e-9
    return RailConstants(
        slit_width=1.5e-9,
        strip_width=width,
        open_length=10e-9,
        storage=width * np.array([0.31, 0.58, 0.0, 0.0]),
        last_storage=width * np.array([0.67, 0.28, 0.0, 0.0]),
        path=width * np.array([0.42, 0.0, 0.16, 0.002]),
        mouth_path=width * np.array([0.25, 0.0, 0.0, 0.035]),
        entrance_path=width * np.array([0.12, 0.0, 0.62, 0.0]),
        open_path=width * 0.17,
        open_crossing=0.55 / width,
        mouth_plate=width * 0.445,
        mouth_rest=width * 0.06,
    )
