"""A leaky integrate-and-fire neuron whose membrane is a nanoslit stack, in ngspice.

    python examples/spiking_neuron.py results/kcl_slits -o spiking_neuron.png

A constant current charges the stack (the exported NCM or TLM) and a small wiring capacitance beside a leak; at 80 mV
a comparator closes a switch that discharges the membrane to 20 mV. The deep slits discharge late and give charge back
to the mouth: the intervals between spikes remember the spikes before, and they depend on how the resistance falls
with charge.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from ionspice.circuits import (
    NanoCircuit,
    build_circuit,
    charging_ramp,
    extract_capacitances,
    print_device,
    read_field,
    run_netlist,
    transmission_line,
)
from ionspice.discovery import read_law

AREA = 1e-10  # m^2, a square of 10 um
HIGH, LOW = 0.08, 0.02  # V, where the switch closes and opens
DURATION = 2.5  # of the run over the time that the current takes to charge the stack to the threshold
WIRING = 0.02  # capacitance of the wiring over that of the stack
LEAK, SWITCH = 20.0, 0.05  # resistances over that of the empty stack


def fire(circuit: NanoCircuit, duration: float = DURATION) -> dict[str, np.ndarray]:
    """Return time (s), membrane potential (V) and the current into the stack (A) of a spiking neuron."""
    scale = AREA / circuit.strip_width
    capacitance = circuit.slit_capacitance.sum() * scale
    resistance = circuit.resistance_zero.sum() / scale
    current = 0.25 * HIGH / resistance
    end = duration * capacitance * HIGH / current
    step = end / 2e4
    netlist = f"""* leaky integrate-and-fire neuron
{print_device(circuit, "ngspice", name="stack", area=AREA)}
Iin 0 el DC {current}
Rleak el 0 {LEAK * resistance}
Vmeter el in DC 0
Xstack in 0 stack
Cwire el 0 {WIRING * capacitance}
Sfire el 0 el 0 threshold
.model threshold sw vt={(HIGH + LOW) / 2} vh={(HIGH - LOW) / 2} ron={SWITCH * resistance} roff={1e6 * resistance}
.options method=trap reltol=1e-5 abstol={current * 1e-6} chgtol={capacitance * HIGH * 1e-6}
.save v(el) i(vmeter)
.tran {step} {end} 0 {step} uic
.end
"""
    vectors = run_netlist(netlist, end)
    return {"time": vectors["time"], "potential": vectors["el"], "current": vectors["vmeter#branch"]}


def spike_times(time: np.ndarray, potential: np.ndarray) -> np.ndarray:
    """Return when the membrane starts to fall from the threshold, s."""
    over = potential > (HIGH + LOW) / 2
    falls = np.flatnonzero(over[:-1] & ~over[1:])
    return np.asarray(time[falls])


def draw(runs: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Draw membrane potentials over time, and the interval before every spike."""
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=(2, 1))
    for (name, run), colour in zip(runs.items(), ("#0072b2", "#d55e00"), strict=True):
        above.plot(run["time"] * 1e6, run["potential"] * 1e3, color=colour, label=name, linewidth=1)
        spikes = spike_times(run["time"], run["potential"])
        below.plot(np.arange(2, spikes.size + 1), np.diff(spikes) * 1e9, "o-", color=colour, markersize=4)
    above.set(xlabel="time / µs", ylabel="membrane / mV")
    above.legend(frameon=False, loc="lower right")
    below.set(xlabel="spike", ylabel="interval before / ns")
    return figure


def main() -> None:
    """Run both membranes and draw them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path, help="folder of `ionspice run`")
    parser.add_argument("-o", "--output", type=Path, default=Path("spiking_neuron.png"))
    arguments = parser.parse_args()
    law = read_law(arguments.directory / "law.json")
    ramp = charging_ramp(read_field(arguments.directory / "observables.nc"), law.potential)
    stack = build_circuit(law, extract_capacitances(ramp, order=2), ramp, charge="local")
    runs = {"NCM": fire(stack), "TLM": fire(transmission_line(stack))}
    for name, run in runs.items():
        intervals = np.diff(spike_times(run["time"], run["potential"]))
        print(f"{name}: {intervals.size + 1} spikes, first interval {intervals[0]:.4g} s, last {intervals[-1]:.4g} s")
    draw(runs).savefig(arguments.output, dpi=150)
    print(arguments.output)


if __name__ == "__main__":
    main()
