"""Long ladders by sections, with an estimate of the error.

The estimate solves the drive with sections grouped in pairs as well. The midpoint rule is of second order in the
section size, so the finer solution's error is about a third of the difference of the two; the estimate is the full
difference, a bound as long as the pair converges at more than first order, and the error of the simulation itself on
top.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ionspice.circuits.model.coarse import coarsened, section_sizes
from ionspice.circuits.model.ladder import NanoCircuit
from ionspice.circuits.model.waveform import Waveform
from ionspice.circuits.simulation.transient import simulate

#: sections of a coarse ladder unless asked otherwise
SECTIONS = 80
#: error of `simulate` against SciPy, share of the peak (docs/circuits.md)
SIMULATION_ERROR = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoarseRun:
    """A coarse simulation and how far off it may be."""

    #: as of `simulate`; slits are sections
    run: xr.Dataset
    #: estimated largest error of the electrode current as a share of its peak, 1
    error: float
    #: number of slits in each section
    sizes: NDArray[np.int64]


def simulate_coarse(circuit: NanoCircuit, drive: Waveform, *, sections: int = SECTIONS) -> CoarseRun:
    """Run a long ladder as `sections` sections and estimate the error.

    Args:
        circuit: the full ladder.
        drive: potential of the electrode, V, 0 at time 0.
        sections: at most so many sections.

    Raises:
        InputError: too few sections.
        RunError: ngspice failed.
    """
    sizes = section_sizes(circuit.slits, sections)
    run = simulate(coarsened(circuit, sizes), drive)
    pairs = np.add.reduceat(sizes, np.arange(0, sizes.size, 2))
    check = simulate(coarsened(circuit, pairs), drive)
    current = run["electrode_current"].to_numpy()
    other = np.interp(run["time"], check["time"], check["electrode_current"])
    difference = float(np.abs(current - other).max() / np.abs(current).max())
    return CoarseRun(run=run, error=difference + SIMULATION_ERROR, sizes=sizes)
