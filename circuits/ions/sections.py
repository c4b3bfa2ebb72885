"""How many sections a long chain of rails needs, by an estimate of its error.

The error is that of the impedance, uncharged and at the end of the window, over all frequencies at which the chain
relaxes: of small signals, that of the current. The estimate is the largest difference from a chain of half as many
sections, of which a quarter is left where the midpoint rule has its second order.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from ionspice.circuits.ions.impedance import rail_impedance, rail_spectrum
from ionspice.circuits.ions.rails import RailCircuit
from ionspice.circuits.ions.record import RailRecord, rails_of

#: largest estimate that is good enough, of the modulus
TARGET = 5e-3
_FIRST_TRY, _MOST, _STEP = 12, 192, 1.5  # sections
_POINTS = 3  # frequencies in a decade


@dataclass(frozen=True, slots=True, kw_only=True)
class RailSections:
    """A number of sections and what it costs."""

    #: sections; None for every slit by itself
    count: int | None
    #: estimated largest error of the impedance, of its modulus, 1
    error: float
    #: biases at which it was taken, V
    biases: tuple[float, ...]

    def __str__(self) -> str:
        """Return the estimate as a sentence for the header of a file."""
        biases = " and ".join(f"{bias:.3g}" for bias in self.biases)
        return (
            f"of the sections: estimated {100 * self.error:.2g} % of the impedance of the full chain at every "
            f"frequency (small signals at {biases} V)"
        )


def rail_sections(record: RailRecord, layers: int | None, nodes: int) -> RailSections:
    """Return so many sections that the estimate of their error is below `TARGET`.

    Args:
        record: what was learnt.
        layers: number of sheets, the record's own unless given.
        nodes: of the cells across half a slit.

    Raises:
        InputError: fewer than 2 layers.
        RunError: a cell's equilibrium was not found.
    """
    half = replace(record, sealed=False)
    slits = (record.layers if layers is None else layers) - 1
    biases = tuple(dict.fromkeys((0.0, max(record.window, key=abs))))
    count = _FIRST_TRY
    while count < min(slits, _MOST + 1):
        fine, coarse = (rails_of(half, layers, nodes=nodes, sections=n) for n in (count, count // 2))
        error = max(rail_difference(fine, coarse, bias) for bias in biases)
        if error <= TARGET or count == _MOST:
            return RailSections(count=count, error=error, biases=biases)
        count = min(_MOST, math.ceil(_STEP * count))
    return RailSections(count=None, error=0.0, biases=biases)


def rail_difference(one: RailCircuit, other: RailCircuit, bias: float) -> float:
    """Return the largest difference of two chains' impedances at a bias (V), of the modulus."""
    frequency = rail_spectrum(one, bias, _POINTS)["frequency"].to_numpy()
    first, second = (rail_impedance(circuit, frequency, bias) for circuit in (one, other))
    return float(np.abs(second / first - 1).max())
