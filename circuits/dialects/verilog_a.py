"""The NCM as a Verilog-A module, for compilers such as OpenVAF and simulators that load OSDI.

The same equations as `netlist`: the charge of the slits behind a gap is the potential of an internal node s_i, in
volts of Cslit, held by an algebraic equation, so that each node sees only its neighbours and the matrix stays
sparse. Names of module and parameters are lower case, because VACASK folds the module's and no parameter's. All
parameters may be given with the model or with the instance. Source of the language: Verilog-AMS Language Reference
Manual 2.4, Annex C (analog subset).
"""

from collections.abc import Mapping, Sequence

from scipy.constants import Boltzmann

from ionspice.circuits.dialects.device import (
    HOLD,
    INITIAL_UNITS,
    TEMPERATURE_UNITS,
    UNITS,
    DeviceElement,
    charge_text,
    charge_volts_text,
    checked_name,
    device_elements,
    device_parameters,
    donnan_text,
    number,
    relative_charge_text,
    relative_resistance_text,
    subcircuit_name,
    temperature_parameters,
    temperature_text,
)
from ionspice.circuits.model.ladder import NanoCircuit

VERILOG_A = "verilog-a"
_WARMTH = temperature_text("$temperature", str.lower)
_POSITIVE = "from (0:inf)"
_UNITS = UNITS | TEMPERATURE_UNITS | INITIAL_UNITS | {"Rser": "ohm m2"}
_RANGES = {
    "gamma": "from [0:1]",
    "Ropen": "from [0:inf)",
    "Copen": "from [0:inf)",
    "rmin": "from (0:1]",
    "tc1": "",
    "tc2": "",
    "V0": "",
}


def print_verilog_a(circuit: NanoCircuit, name: str | None = None, area: float | None = None) -> str:
    """Return the text of `module <name>(EL, BULK)` in lower case; its parameters are SI values per area.

    Args:
        circuit: the half cell.
        name: letters, digits and underscores; `NCM<layers>` unless given.
        area: default of the parameter `area`, m^2; one metre of depth of the strip unless given.

    Raises:
        InputError: a name that would break the module, an area that is not positive, a law that Verilog-A
            cannot express.
    """
    title = checked_name(name or subcircuit_name(circuit))
    return print_module(
        title, ("EL", "BULK"), stack_nodes(circuit), module_parameters(circuit, area), stack_of(circuit)
    )


def print_module(
    title: str, pins: tuple[str, str], nodes: Sequence[str], parameters: Mapping[str, float], body: Sequence[str]
) -> str:
    """Return the text of a module, name and parameters in lower case.

    Args:
        title: its name.
        pins: its ports.
        nodes: those inside.
        parameters: values by name.
        body: lines of its equations.
    """
    return "\n".join(
        [
            '`include "disciplines.vams"',
            f"module {title.lower()}({', '.join(pins)});",
            f"  inout {', '.join(pins)};",
            f"  electrical {', '.join([*pins, *nodes])};",
            *(
                f'  (* type="instance" *) parameter real {key.lower()} = {number(value)} '
                f"{_RANGES.get(key, _POSITIVE)}; // {_UNITS[key]}"
                for key, value in parameters.items()
            ),
            "  analog begin",
            *body,
            "  end",
            "endmodule\n",
        ]
    )


def module_parameters(circuit: NanoCircuit, area: float | None = None) -> dict[str, float]:
    """Return the parameters of a half cell with their defaults; arguments as of `device_parameters`."""
    return device_parameters(circuit, area) | temperature_parameters(circuit) | {"V0": 0.0}


def stack_nodes(circuit: NanoCircuit) -> list[str]:
    """Return the nodes inside a half cell."""
    charges = [f"s{i}" for i in range(1, circuit.slits + 1)] if circuit.charge == "passed" else []
    return [*(f"n{i}" for i in range(circuit.slits + 1)), *charges]


def stack_of(circuit: NanoCircuit, start: str = "v0") -> list[str]:
    """Return the equations of a half cell: those of the mouth, then those of every gap and slit.

    Args:
        circuit: the half cell.
        start: text of the voltage that the pins are held at, unless it is 0, while an operating point is sought.
    """
    mouth = charge_text("V(EL,n0)", circuit.open_curve)
    lines = [
        *resistor_lines("EL", "BULK", "V(EL,BULK)", "rleak"),
        f'    if (analysis("static") && v0 != 0) I(EL,BULK) <+ (V(EL,BULK)-({start}))*{HOLD}*area/rc;',
        *resistor_lines("n0", "BULK", "V(n0,BULK)", f"max(ropen,1e-9*rc)*{_WARMTH}"),
        f"    I(EL,n0) <+ ddt(copen*area*{mouth});",
    ]
    elements = device_elements(circuit)
    for position in range(circuit.slits):
        lines += _element(circuit, elements, position)
    return lines


def resistor_lines(node: str, other: str, drop: str, resistance: str) -> list[str]:
    """Return a resistance (text, ohm m2) with its thermal noise."""
    noise = f'white_noise({number(4 * Boltzmann)}*$temperature*area/({resistance}),"thermal")'
    return [f"    I({node},{other}) <+ {drop}*area/({resistance});", f"    I({node},{other}) <+ {noise};"]


def _slit_volts(element: DeviceElement) -> str:
    return charge_text(f"V(EL,n{element.number})", element.curve)


def _element(circuit: NanoCircuit, elements: Sequence[DeviceElement], position: int) -> list[str]:
    element = elements[position]
    i, charge = element.number, _slit_volts(element)
    seen = charge_volts_text(circuit.charge, elements, position, _slit_volts)
    factor = relative_resistance_text(element, relative_charge_text(element, seen, "(cslit/qmax)"), str.lower)
    drop = f"V(n{i},n{i - 1})"
    if i == 1 and circuit.donnan_slope:
        drop = f"({drop}-{donnan_text(circuit, 'V(EL,n1)')})"
    lines = [
        *resistor_lines(f"n{i}", f"n{i - 1}", drop, f"{number(element.resistance)}*rc*{_WARMTH}*{factor}"),
        f"    I(EL,n{i}) <+ ddt({number(element.capacitance)}*cslit*area*{charge});",
    ]
    if circuit.charge == "passed":
        behind = f"-V(s{i + 1})" if i < circuit.slits else ""
        lines.append(f"    I(s{i}) <+ V(s{i})-{number(element.capacitance)}*{charge}{behind};")
    return lines
