"""The NCM as a Verilog-A module, for compilers such as OpenVAF and simulators that load OSDI.

The same equations as `netlist`: the charge of the slits behind a gap is the potential of an internal node s_i, in
volts of Cslit, held by an algebraic equation, so that each node sees only its neighbours and the matrix stays
sparse. Names of module and parameters are lower case, because VACASK folds the module's and no parameter's. All
parameters may be given with the model or with the instance. Source of the language: Verilog-AMS Language Reference
Manual 2.4, Annex C (analog subset).
"""

from collections.abc import Sequence

from scipy.constants import Boltzmann

from ionspice.circuits.dialects.device import (
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
    relative_resistance_text,
    subcircuit_name,
    temperature_parameters,
    temperature_text,
)
from ionspice.circuits.model.ladder import NanoCircuit

VERILOG_A = "verilog-a"
_WARMTH = temperature_text("$temperature", str.lower)
_POSITIVE = "from (0:inf)"
_RANGES = {
    "gamma": "from [0:1]",
    "Ropen": "from [0:inf)",
    "Copen": "from [0:inf)",
    "rmin": "from (0:1]",
    "tc1": "",
    "tc2": "",
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
    title = checked_name(name or subcircuit_name(circuit)).lower()
    slits = range(1, circuit.slits + 1)
    nodes = ["n0", *(f"n{i}" for i in slits)]
    if circuit.charge == "passed":
        nodes += [f"s{i}" for i in slits]
    units = UNITS | TEMPERATURE_UNITS
    parameters = [
        f'  (* type="instance" *) parameter real {key.lower()} = {number(value)} {_RANGES.get(key, _POSITIVE)};'
        f" // {units[key]}"
        for key, value in (device_parameters(circuit, area) | temperature_parameters(circuit)).items()
    ]
    return "\n".join(
        [
            '`include "disciplines.vams"',
            f"module {title}(EL, BULK);",
            "  inout EL, BULK;",
            f"  electrical EL, BULK, {', '.join(nodes)};",
            *parameters,
            "  analog begin",
            *_body(circuit),
            "  end",
            "endmodule\n",
        ]
    )


def _body(circuit: NanoCircuit) -> list[str]:
    """Return the equations: the mouth's, then every gap's and slit's."""
    mouth = charge_text("V(EL,n0)", circuit.open_curve)
    lines = [
        *_resistor("EL", "BULK", "V(EL,BULK)", "rleak"),
        *_resistor("n0", "BULK", "V(n0,BULK)", f"max(ropen,1e-9*rc)*{_WARMTH}"),
        f"    I(EL,n0) <+ ddt(copen*area*{mouth});",
    ]
    elements = device_elements(circuit)
    for position in range(circuit.slits):
        lines += _element(circuit, elements, position)
    return lines


def _resistor(node: str, other: str, drop: str, resistance: str) -> list[str]:
    """Return a resistance (text, ohm m2) with its thermal noise."""
    noise = f'white_noise({number(4 * Boltzmann)}*$temperature*area/({resistance}),"thermal")'
    return [f"    I({node},{other}) <+ {drop}*area/({resistance});", f"    I({node},{other}) <+ {noise};"]


def _slit_volts(element: DeviceElement) -> str:
    return charge_text(f"V(EL,n{element.number})", element.curve)


def _element(circuit: NanoCircuit, elements: Sequence[DeviceElement], position: int) -> list[str]:
    element = elements[position]
    i, charge = element.number, _slit_volts(element)
    seen = charge_volts_text(circuit.charge, elements, position, _slit_volts)
    factor = relative_resistance_text(element, seen, str.lower)
    drop = f"V(n{i},n{i - 1})"
    if i == 1 and circuit.donnan_slope:
        drop = f"({drop}-{donnan_text(circuit, 'V(EL,n1)')})"
    lines = [
        *_resistor(f"n{i}", f"n{i - 1}", drop, f"{number(element.resistance)}*rc*{_WARMTH}*{factor}"),
        f"    I(EL,n{i}) <+ ddt({number(element.capacitance)}*cslit*area*{charge});",
    ]
    if circuit.charge == "passed":
        behind = f"-V(s{i + 1})" if i < circuit.slits else ""
        lines.append(f"    I(s{i}) <+ V(s{i})-{number(element.capacitance)}*{charge}{behind};")
    return lines
