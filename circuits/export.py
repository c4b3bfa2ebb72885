"""Devices for circuit simulators, by the simulator's name."""

from ionspice.circuits.dialects import SPICE_DIALECTS
from ionspice.circuits.ladder import NanoCircuit
from ionspice.circuits.netlist import print_subcircuit
from ionspice.circuits.verilog_a import print_verilog_a
from ionspice.core import InputError

VERILOG_A = "verilog-a"

#: names that `print_device` takes, with the suffix of a file
DIALECT_SUFFIXES = {**dict.fromkeys(SPICE_DIALECTS, "lib"), VERILOG_A: "va"}


def print_device(
    circuit: NanoCircuit, dialect: str = "ngspice", name: str | None = None, area: float | None = None
) -> str:
    """Return the text of a device for one simulator.

    Args:
        circuit: the half cell.
        dialect: one of `DIALECT_SUFFIXES`.
        name: letters, digits and underscores; `NCM<layers>` unless given.
        area: m^2; one metre of depth of the strip unless given.

    Raises:
        InputError: an unknown dialect, a name or area that is refused, a law that the language cannot express.
    """
    if dialect == VERILOG_A:
        return print_verilog_a(circuit, name, area)
    if dialect not in SPICE_DIALECTS:
        raise InputError(f"dialect {dialect!r} is not known; choose one of {', '.join(DIALECT_SUFFIXES)}")
    return print_subcircuit(circuit, name, area, SPICE_DIALECTS[dialect])
