"""Runs of the rails in ngspice, through PySpice."""

from dataclasses import dataclass

import numpy as np

from ionspice.circuits.ions.netlist import print_rails
from ionspice.circuits.ions.rails import RailCircuit
from ionspice.circuits.ions.solution import FloatArray
from ionspice.circuits.model.waveform import Waveform
from ionspice.circuits.simulation.ngspice import run_netlist
from ionspice.core import InputError

#: maximum steps in a piece of the drive, on the mean
_STEPS = 200
#: Gear's formula, because the trapezoidal rule keeps what noise a displacement current has behind a corner for ever
_OPTIONS = "reltol=1e-4 chgtol=1e-18 itl4=50 method=gear"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TerminalRun:
    """What the terminal of a cell shows, per metre of depth."""

    #: s, shape (time,)
    time: FloatArray
    #: current into the electrode, A/m, shape (time,)
    current: FloatArray


def rail_bench(circuit: RailCircuit, drive: Waveform, *, steps: int = _STEPS) -> str:
    """Return a netlist that drives a cell, per metre of depth; `el` (V) and the source's current are saved.

    Args:
        circuit: a half or full cell.
        drive: potential of the electrode, V; a full cell gets twice as much.
        steps: maximum steps in a piece of the drive, on the mean over its pieces.
    """
    longest = drive.mean_piece / steps
    volts = drive.value * (1 if circuit.reservoir else 2)
    corners = " ".join(f"{t:.15g} {v:.12g}" for t, v in zip(drive.time, volts, strict=True))
    return (
        f"* rails\n{print_rails(circuit)}"
        f"Vel el 0 PWL({corners})\nX1 el 0 RAILS\n.options {_OPTIONS}\n.save v(el) i(vel)\n"
        f".tran {longest:.6g} {drive.duration:.15g} 0 {longest:.6g}\n.end\n"
    )


def simulate_rails_in_ngspice(circuit: RailCircuit, drive: Waveform, *, steps: int = _STEPS) -> TerminalRun:
    """Run an uncharged cell under a drive in ngspice.

    Args:
        circuit: a half or full cell.
        drive: potential of the electrode, V, 0 at time 0.
        steps: maximum steps in a piece of the drive, on the mean over its pieces.

    Raises:
        InputError: the drive does not start at 0 V.
        RunError: ngspice is missing or failed.
    """
    if drive.value[0] != 0:
        raise InputError(f"the drive starts at {drive.value[0]:g} V; an uncharged cell starts at 0 V")
    vectors = run_netlist(rail_bench(circuit, drive, steps=steps), drive.duration)
    # ngspice repeats points at corners
    chosen = np.flatnonzero(np.diff(vectors["time"], prepend=-1.0) > 1e-12 * drive.duration)
    return TerminalRun(time=vectors["time"][chosen], current=-vectors["vel#branch"][chosen])
