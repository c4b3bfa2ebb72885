"""How many sections a long ladder needs, by an estimate of its error.

The error is of the current in triangles whose half cycles go by decades from the relaxation of a few slits to beyond
that of the whole stack, because a part does not know its drive. The estimate is the largest difference from a ladder
of half as many sections: the midpoint rule is of second order, so that it is about three times the error.
"""

import math
from dataclasses import dataclass

import numpy as np

from ionspice.circuits.model.coarse import coarsened, section_sizes
from ionspice.circuits.model.ladder import NanoCircuit
from ionspice.circuits.model.waveform import triangular
from ionspice.circuits.simulation.implicit import graded_times, implicit_currents
from ionspice.core import InputError

#: largest estimate that is good enough, of the peak current
TARGET = 5e-3
_FIRST_TRY, _MOST = 64, 1024  # sections
_RATES = 8
_SHORTEST = 4.0  # half cycle, of the relaxation time of one slit
_LONGEST = 20.0  # the same, of the whole stack's
_GROWTH = 1.5  # of the number of sections at once: few of them have an error of lower order
_ROOM = 1.05  # of the number of sections that the order of the rule asks for


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SectionedLadder:
    """A coarse ladder and how far it may be from the full one."""

    #: the coarse ladder
    circuit: NanoCircuit
    #: estimated largest error of the current, of its peak, 1; 0 for a ladder that is not coarse
    error: float
    #: turning potential of the triangles, V
    amplitude: float
    #: shortest and longest half cycle of them, s
    half_cycles: tuple[float, float]

    def __str__(self) -> str:
        """Return the estimate as a sentence for the header of a file."""
        shortest, longest = self.half_cycles
        return (
            f"{self.circuit.slits} sections for {self.circuit.sheets - 1} slits: estimated "
            f"{100 * self.error:.2g} % of the peak current against the full ladder "
            f"(triangles to {self.amplitude:.3g} V, half cycles from {shortest:.2g} to {longest:.2g} s)"
        )


def sectioned(circuit: NanoCircuit, sections: int | None, amplitude: float) -> SectionedLadder:
    """Return a ladder of so many sections, or of so many that the estimate of its error is below `TARGET`.

    Args:
        circuit: the full ladder.
        sections: at most so many; chosen if None.
        amplitude: largest potential that the ladder shall be used for, V.

    Raises:
        InputError: too few sections, an amplitude of 0.
    """
    if not (np.isfinite(amplitude) and amplitude):
        raise InputError(
            f"an amplitude of {amplitude:g} V tells nothing of the error of a coarse ladder; give another"
        )
    if sections is not None:
        return _estimated(circuit, sections, amplitude)
    count = _FIRST_TRY
    while True:
        found = _estimated(circuit, count, amplitude)
        if found.error <= TARGET or count >= _MOST:
            return found
        count = min(_MOST, math.ceil(count * min(_GROWTH, _ROOM * math.sqrt(found.error / TARGET))))


def _estimated(circuit: NanoCircuit, sections: int, amplitude: float) -> SectionedLadder:
    sizes = section_sizes(circuit.slits, sections)
    coarse = coarsened(circuit, sizes)
    shortest = _SHORTEST * float((circuit.resistance_zero * circuit.slit_capacitance).mean())
    longest = max(_LONGEST * circuit.time_constant, 2 * shortest)
    error = 0.0
    if sizes.size < circuit.slits:
        other = coarsened(circuit, section_sizes(circuit.slits, max(2, sections // 2)))
        rates = np.geomspace(shortest, longest, _RATES)
        error = max(_difference(coarse, other, amplitude, float(half)) for half in rates)
    return SectionedLadder(circuit=coarse, error=error, amplitude=amplitude, half_cycles=(shortest, longest))


def _difference(one: NanoCircuit, other: NanoCircuit, amplitude: float, half_cycle: float) -> float:
    """Return the largest difference of the currents, of the peak."""
    drive = triangular(amplitude, half_cycle)
    time = graded_times(drive)
    first, second = (implicit_currents(circuit, drive, time) for circuit in (one, other))
    return float(np.abs(first - second).max() / np.abs(first).max())
