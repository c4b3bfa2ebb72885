"""Whether a circuit's resistors stay positive: proved for the law, or kept by the floor.

The law 1 - gamma_i s_i(X) is bounded from below by interval arithmetic on 0 <= X <= X_max, so the statement is a
proof and not a sample. X_max belongs to a window: a slit at potential difference V holds q_i(V), and the charge
of the fully charged slits behind gap i over Qmax_i is the largest X that this window can reach.
"""

from dataclasses import dataclass

import numpy as np

from ionspice.circuits.model.ladder import NanoCircuit, law_charges, slit_charges
from ionspice.circuits.model.shape import bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Passivity:
    """What holds for the resistors up to a potential."""

    #: largest |Q|/Qmax that is reached, 1
    reach: float
    #: proven lower bound of the law's R/Rc on that range, without the floor, 1
    lowest: float
    #: whether the law alone keeps R above the floor; if not, the floor rmin does
    by_law: bool

    def __str__(self) -> str:
        """Return the statement for reports."""
        if self.by_law:
            return f"R > {self.lowest:.3g} Rc is proved for the law up to |Q|/Qmax = {self.reach:.3g}"
        return (
            f"the floor rmin keeps R positive: the law reaches {self.lowest:.3g} Rc at |Q|/Qmax <= {self.reach:.3g}"
        )


def passivity(circuit: NanoCircuit, potential: float) -> Passivity:
    """Return what keeps the resistors positive for all charges up to those at `potential` (V).

    Raises:
        InputError: a law has a pole within the reach.
    """
    stored = slit_charges(circuit, np.full(circuit.slits, abs(potential)))
    charge = law_charges(circuit, stored)
    reach = np.maximum(np.abs(charge) / circuit.charge_max, 1.0)
    lowest = np.inf
    for shape in dict.fromkeys(circuit.shape):
        members = [i for i, other in enumerate(circuit.shape) if other == shape]
        high = bounds(shape, float(reach[members].max()))[1]
        lowest = min(lowest, float((1 - circuit.gamma[members] * high).min()))
    return Passivity(reach=float(reach.max()), lowest=lowest, by_law=lowest >= circuit.resistance_floor)
