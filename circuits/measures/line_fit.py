"""Claim L: the best that a transmission line with any parameters can do for a circuit's voltammogram.

`best_transmission_line(circuit, waveform)` varies R, C, Ropen and Copen of a line of as many slits until its current
is closest to the circuit's. On a periodic triangle no line can come closer than the loop's asymmetry
(`loop.loop_asymmetry`, the same measure as `LineFit.loop_error`), so this error is a property of the circuit, not of
the fit.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import least_squares

from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.ladder import (
    NanoCircuit,
    mean_resistance_line,
    transmission_line,
    with_constant_capacitance,
)
from ionspice.circuits.model.waveform import Waveform
from ionspice.circuits.simulation.linear import line_current
from ionspice.circuits.simulation.reference import solve_ladder
from ionspice.core import InputError

_RANGE = 1e6  # of each parameter, up and down from the start
_SAMPLES = 200  # in a piece of the drive
_SMALL = 1e-3  # of a slit: start of a mouth element that the circuit goes without


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineFit:
    """The transmission line closest to a circuit's current."""

    line: NanoCircuit  #: gamma = 0, constant capacitances
    resistance_scale: float  #: R of its slits over Rc of the circuit
    capacitance_scale: float  #: C of its slits over that of the circuit
    error: float  #: rms deviation of the current over the peak of the circuit's [1]
    loop_error: float  #: the same over the rms of the circuit's current [1]
    time: FloatArray  #: of the fit [s], shape (time,)
    current: FloatArray  #: of the circuit [A/m], shape (time,)
    line_current: FloatArray  #: of the line [A/m], shape (time,)


def best_transmission_line(circuit: NanoCircuit, waveform: Waveform, *, since: float = 0.0) -> LineFit:
    """Fit a transmission line to the current of a circuit under a drive, by least squares over time.

    The line's slits keep the circuit's relative differences; four factors are free: all R, all C, Ropen, Copen. The
    fit starts at the line of the empty slits' resistance and at that of the law's mean, and the better end counts.
    Both currents come from SciPy, the circuit's by `solve_ladder`, the line's in closed form.

    Args:
        circuit: the half cell.
        waveform: potential of the electrode, V; 0 at time 0.
        since: where the comparison begins, s; the start of the last cycle compares periodic loops.

    Raises:
        InputError: `since` is outside the drive, or no current flows behind it.
        RunError: the circuit could not be solved.
    """
    if not 0 <= since < waveform.duration:
        raise InputError(f"since = {since:g} s; it must lie within the drive, 0 to {waveform.duration:g} s")
    spacing = waveform.mean_piece / _SAMPLES
    count = round((waveform.duration - since) / spacing)
    time: FloatArray = since + spacing * (np.arange(count, dtype=np.float64) + 0.5)
    target = solve_ladder(circuit, waveform, time, rtol=1e-8).current
    size = float(np.sqrt(np.mean(target**2)))
    if size == 0:
        raise InputError("no current flows under this drive; give it an amplitude")
    constant = with_constant_capacitance(circuit, float(np.abs(waveform.value).max()))
    ends = [
        _fit(_with_mouth(line), waveform, time, target, size)
        for line in (transmission_line(constant), mean_resistance_line(constant))
    ]
    line = min(ends, key=lambda end: end[0])[1]
    fitted = line_current(line, waveform, time)
    rms = float(np.sqrt(np.mean((fitted - target) ** 2)))
    return LineFit(
        line=line,
        resistance_scale=float(line.resistance_zero[0] / circuit.resistance_zero[0]),
        capacitance_scale=float(line.slit_capacitance[0] / circuit.slit_capacitance[0]),
        error=rms / float(np.abs(target).max()),
        loop_error=rms / size,
        time=time,
        current=target,
        line_current=fitted,
    )


def _fit(
    start: NanoCircuit, waveform: Waveform, time: FloatArray, target: FloatArray, size: float
) -> tuple[float, NanoCircuit]:
    """Return the least cost, in units of the rms of the target, and its line."""

    def misfit(logarithms: FloatArray) -> FloatArray:
        return (line_current(_scaled(start, np.exp(logarithms)), waveform, time) - target) / size

    limit = np.log(_RANGE)
    found = least_squares(misfit, np.zeros(4), bounds=(-limit, limit))
    return float(found.cost), _scaled(start, np.exp(found.x))


def _scaled(line: NanoCircuit, factors: FloatArray) -> NanoCircuit:
    return replace(
        line,
        resistance_zero=line.resistance_zero * factors[0],
        slit_capacitance=line.slit_capacitance * factors[1],
        open_resistance=line.open_resistance * float(factors[2]),
        open_capacitance=line.open_capacitance * float(factors[3]),
    )


def _with_mouth(line: NanoCircuit) -> NanoCircuit:
    """Return the line with at least a small Ropen and Copen to scale."""
    return replace(
        line,
        open_resistance=line.open_resistance or _SMALL * float(line.resistance_zero[0]),
        open_capacitance=line.open_capacitance or _SMALL * float(line.slit_capacitance[0]),
    )
