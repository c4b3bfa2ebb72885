"""Whether a spectrum can be that of a linear, causal, stable device: the linear test of Kramers and Kronig.

A chain of relaxations, which obeys the relations by itself, is fitted to the spectrum; what it cannot meet no such
device can. By impedance.py, after Schönleber, Klotz and Ivers-Tiffée (2014, doi:10.1016/j.electacta.2014.01.034).
"""

import contextlib
import io
from dataclasses import dataclass

import numpy as np

from ionspice.circuits.measurements.records import Spectrum

#: rms error of a spectrum that passes, of the modulus
LIMIT = 0.02
_PER_DECADE = 4  # relaxations, as long as there are two points for each


@dataclass(frozen=True, slots=True, kw_only=True)
class KramersKronig:
    """What the test says of one spectrum."""

    #: rms error of the chain, of the modulus, 1
    error: float
    #: largest error, likewise
    largest: float
    #: frequency of the largest error, Hz
    frequency: float
    #: relaxations of the chain
    elements: int

    @property
    def holds(self) -> bool:
        """Whether the spectrum passes."""
        return self.error <= LIMIT


def kramers_kronig(spectrum: Spectrum) -> KramersKronig | None:
    """Return what the test says, None where impedance.py is not installed."""
    try:
        from impedance.validation import linKK
    except ImportError:
        return None
    decades = float(np.log10(spectrum.frequency.max() / spectrum.frequency.min()))
    # it counts aloud, and evaluates the text of its numbers, which NumPy 2 writes with their types
    with contextlib.redirect_stdout(io.StringIO()), np.printoptions(legacy="1.25"):
        elements, _, _, real, imaginary = linKK(
            spectrum.frequency,
            spectrum.impedance,
            c=None,  # the usual criterion stops too early for lines, which have a relaxation everywhere
            max_M=max(2, min(round(_PER_DECADE * decades), spectrum.frequency.size // 2)),
            fit_type="complex",
            add_cap=True,
        )
    size = np.hypot(real, imaginary)
    worst = int(np.argmax(size))
    return KramersKronig(
        error=float(np.sqrt(np.mean(size**2))),
        largest=float(size[worst]),
        frequency=float(spectrum.frequency[worst]),
        elements=int(elements),
    )
