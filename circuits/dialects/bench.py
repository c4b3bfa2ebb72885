"""Test benches: a complete ngspice netlist of a circuit, its source and one analysis.

Accuracy is set by three things that belong together (measured against `reference`, see docs/circuits.md):
the trapezoidal rule with ngspice's local-error control made to work at the circuit's own charge, a maximum
step, and extra corners in the source at geometric distances behind each kink of the drive, because a step
across the fast relaxation behind a kink is the largest error of all. Tolerances scale with the circuit, so
the result does not depend on the area.
"""

from dataclasses import dataclass

import numpy as np

from ionspice.circuits.dialects.device import device_parameters, number, subcircuit_name
from ionspice.circuits.dialects.netlist import INSIDE, print_subcircuit
from ionspice.circuits.model.ladder import NanoCircuit, slit_charges
from ionspice.circuits.model.waveform import Waveform

#: maximum steps in a piece of the drive, on the mean
STEPS_PER_RAMP = 200
#: first corner behind a kink, in units of the fastest relaxation time
_FIRST_CORNER = 0.05
#: the same in units of the maximum step: ngspice takes corners nearer than 5e-5 of it for one
_CLOSEST = 1e-4
#: slits of a short ladder, which needs the tighter tolerance in slow sweeps; a long one only gets slower by it
_SHORT = 500
_SHORT_RELTOL, _LONG_RELTOL = 1e-7, 4e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How a run is tried: the tight tolerance first, then looser ones with shorter steps."""

    method: str = "trap"  #: of integration
    reltol: float | None = None  #: relative tolerance, that for the ladder's length if None
    steps: int = 1  #: factor on the number of steps

    def __str__(self) -> str:
        """Return the simulator with what differs from the first try."""
        return "ngspice" if self == EFFORTS[0] else f"ngspice (method={self.method} reltol={self.reltol:g})"


#: in the order in which they are tried
EFFORTS = (
    Effort(),
    Effort(reltol=1e-5, steps=2),
    Effort(reltol=1e-4, steps=4),
    Effort(method="gear", reltol=1e-4, steps=4),
)


def transient_bench(
    circuit: NanoCircuit,
    drive: Waveform,
    *,
    steps: int = STEPS_PER_RAMP,
    current_drive: bool = False,
    effort: Effort = EFFORTS[0],
) -> str:
    """Return a netlist that drives one half cell, per metre of depth.

    Saved are `el` (V), `x1.n0` ... `x1.n<slits>` (V) and the current of the source.

    Args:
        circuit: the half cell.
        drive: potential (V), or with `current_drive` current into the terminal (A/m).
        steps: maximum steps in a piece of the drive, on the mean over its pieces.
        current_drive: drive by a current source.
        effort: how hard ngspice has it.
    """
    longest = drive.mean_piece / (steps * effort.steps)
    source = "Iel 0 el" if current_drive else "Vel el 0"
    initial = " uic" if current_drive else ""
    nodes = " ".join(f"v(x1.n{i})" for i in range(circuit.layers))
    return (
        f"* {subcircuit_name(circuit)} transient bench\n"
        f"{print_subcircuit(circuit)}"
        f"{_print_source(graded(drive, _fastest_time(circuit), longest), source)}"
        f"X1 el 0 {subcircuit_name(circuit)}\n"
        f".options method={effort.method} "
        f"{tolerances(circuit, drive, current_drive=current_drive, reltol=effort.reltol)}\n"
        f".save v(el) {nodes}{'' if current_drive else ' i(vel)'}\n"
        f".tran {number(longest)} {number(drive.duration)} 0 {number(longest)}{initial}\n"
        ".end\n"
    )


def impedance_bench(circuit: NanoCircuit, bias: float, low: float, high: float, points: int) -> str:
    """Return a netlist of an `.ac` run with unit amplitude at `bias` (V).

    Args:
        circuit: the half cell, per metre of depth.
        bias: potential of the electrode terminal, V; every slit is charged to it.
        low: lowest frequency, Hz.
        high: highest frequency, Hz.
        points: frequencies in a decade.
    """
    return (
        f"* {subcircuit_name(circuit)} impedance bench\n"
        f"{print_subcircuit(circuit)}"
        f"Vel el 0 DC {number(bias)} AC 1\n"
        f"X1 el 0 {subcircuit_name(circuit)}\n"
        ".options reltol=1e-9 gmin=1e-30\n"
        ".save i(vel)\n"
        f".ac dec {points} {number(low)} {number(high)}\n"
        ".end\n"
    )


def graded(drive: Waveform, first: float, longest: float) -> Waveform:
    """Return the same drive with extra corners behind each kink, at distances that double.

    Args:
        drive: any piecewise linear drive.
        first: distance of the first extra corner, s.
        longest: distance at which the doubling ends, s.
    """
    closest = max(first, _CLOSEST * longest)
    doublings = int(np.log2(max(longest / closest, 1.0)))
    distances = closest * (np.exp2(np.arange(1, 1 + doublings)) - 1)
    times = [drive.time]
    for begin, end in zip(drive.time[:-1], drive.time[1:], strict=True):
        times.append(begin + distances[distances < 0.5 * (end - begin)])
    merged = np.unique(np.concatenate(times))
    return Waveform(time=merged, value=drive.at(merged))


def _fastest_time(circuit: NanoCircuit) -> float:
    """Return a twentieth of the fastest relaxation time, s, of any node in any state."""
    slowest_fall = circuit.resistance_zero * np.maximum(circuit.resistance_floor, 1 - circuit.gamma)
    fastest = float((slowest_fall * circuit.slit_capacitance).min())
    mouth = circuit.open_resistance * circuit.open_capacitance
    return _FIRST_CORNER * min(fastest, mouth if mouth > 0 else fastest)


def tolerances(
    circuit: NanoCircuit, drive: Waveform, *, current_drive: bool = False, reltol: float | None = None
) -> str:
    """Return tolerances at the scale of the ladder inside; ngspice's defaults suit microfarads and milliamperes.

    Args:
        circuit: the half cell.
        drive: potential (V), or with `current_drive` current (A/m).
        current_drive: whether the drive is a current.
        reltol: relative tolerance, that for the ladder's length unless given.
    """
    if current_drive:
        current = float(np.abs(drive.value).max())
        charge = current * drive.mean_piece
    else:
        charge = float(slit_charges(circuit, np.full(circuit.slits, np.abs(drive.value).max())).sum())
        current = charge / drive.mean_piece
    inside = INSIDE / device_parameters(circuit)["Cslit"] / circuit.strip_width
    abstol, chgtol = inside * current * 1e-9, inside * charge / circuit.slits * 1e-3
    own = _SHORT_RELTOL if circuit.slits <= _SHORT else _LONG_RELTOL
    return f"reltol={reltol or own:g} trtol=1 abstol={abstol:.3g} chgtol={chgtol:.3g}"


def _print_source(drive: Waveform, source: str) -> str:
    corners = zip(drive.time, drive.value, strict=True)
    return f"{source} PWL(\n" + "".join(f"+ {number(t)} {number(v)}\n" for t, v in corners) + "+ )\n"
