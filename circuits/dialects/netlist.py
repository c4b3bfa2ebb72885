"""The NCM as a subcircuit of ngspice and the simulators that read SPICE.

Every gap is a behavioural resistor R={...}. The charge it reads is no integrator state but a chain of
voltage-controlled voltage sources over the slit capacitors' voltages,

    V(s_i) = V(s_(i+1)) + (C_i/Cslit) q_i/C_i,   V(s_(n+1)) = 0,   so that   Cslit V(s_i) = Q_i

with q_i/C_i the capacitor's voltage, or the voltage V(q_i) of a source that evaluates a nonlinear q(u) once for
the capacitor, the chain and the law, and therefore `.op` and `.ac` at a bias see the charged resistors. A law of
stored or local charge reads the capacitors' voltages without a chain. A nonlinear capacitor is a linear one at V(q_i)
whose current another source takes from the ladder's rail.

The ladder inside has one size, Cslit = 1 nF, whatever the area: with the micro-ohms and the charges of square
centimetres beside unit voltages Newton's method of ngspice fails in circuits that an ideal capacitor runs in. A
source of unit gain gives it the voltage of the port, and another draws its current from the port, times the ratio of
the capacitances. Parameters are values per area.
"""

from collections.abc import Sequence

from ionspice.circuits.dialects.device import (
    UNITS,
    DeviceElement,
    charge_text,
    charge_volts_text,
    checked_name,
    device_elements,
    device_parameters,
    donnan_text,
    inside_text,
    number,
    relative_resistance_text,
    subcircuit_name,
)
from ionspice.circuits.dialects.spice import NGSPICE, SpiceDialect
from ionspice.circuits.model.charge import ChargeCurve
from ionspice.circuits.model.ladder import NanoCircuit


def print_subcircuit(
    circuit: NanoCircuit, name: str | None = None, area: float | None = None, dialect: SpiceDialect = NGSPICE
) -> str:
    """Return the text of `.subckt <name> EL BULK`; its parameters are SI values per area.

    Args:
        circuit: the half cell.
        name: letters, digits and underscores; `NCM<layers>` unless given.
        area: default of the parameter `area`, m^2; one metre of depth of the strip unless given.
        dialect: the simulator.

    Raises:
        InputError: a name that would break a netlist, an area that is not positive, a law that SPICE cannot
            express.
    """
    title = checked_name(name or subcircuit_name(circuit))
    values = {key: number(value) for key, value in device_parameters(circuit, area).items()}
    p = dialect.parameter
    mouth = f"max({p('Ropen')},{_SHORT}*{p('Rc')})*{p('Cslit')}/{INSIDE}"
    lines = [
        f".subckt {title} EL BULK{dialect.parameters_keyword}",
        *(f"+ {' '.join(f'{key}={values[key]}' for key in keys)}" for keys in _ROWS),
        f"* units: {', '.join(f'{key} {unit}' for key, unit in UNITS.items())}",
        "Eport port 0 EL BULK 1",
        "Vport port e 0",
        *_port(dialect, f"{p('area')}*{p('Cslit')}/{INSIDE}"),
        f"Ropen 0 n0 {_value(mouth)}",
        *_capacitor(dialect, "open", "n0", f"{INSIDE}*{p('Copen')}/{p('Cslit')}", circuit.open_curve),
    ]
    elements = device_elements(circuit)
    for position in range(circuit.slits):
        lines += _element(dialect, circuit, elements, position)
    text = "\n".join([*lines, f".ends {title}"]) + "\n"
    return text.lower() if dialect.lower_case else text


def print_full_cell(circuit: NanoCircuit, name: str | None = None, dialect: SpiceDialect = NGSPICE) -> str:
    """Return `.subckt <name>CELL POS NEG`: two half cells back to back, sharing the bulk.

    The counter electrode charges the other way; the law reads |Q|, so both halves are the same subcircuit.
    """
    title = checked_name(name or subcircuit_name(circuit))
    values = device_parameters(circuit)
    keys = ("Rc", "gamma", "area")
    defaults = " ".join(f"{key}={number(values[key])}" for key in keys)
    passed = dialect.parameters_keyword + "".join(f" {key}={{{key}}}" for key in keys)
    return (
        f".subckt {title}CELL POS NEG{dialect.parameters_keyword} {defaults}\n"
        f"Xpos POS BULK {title}{passed}\nXneg NEG BULK {title}{passed}\n.ends {title}CELL\n"
    )


#: Cslit of the ladder inside, F
INSIDE = 1e-9
#: of Rc: an open electrolyte that has no resistance
_SHORT = 1e-9
_ROWS = (("Rc", "gamma", "Qmax"), ("Cslit", "Ropen"), ("Copen", "rmin"), ("area",))


def _element(
    dialect: SpiceDialect, circuit: NanoCircuit, elements: Sequence[DeviceElement], position: int
) -> list[str]:
    """Return the lines of a gap, its slit and its link of the charge chain."""
    element = elements[position]
    p, e, i = dialect.parameter, dialect.expression, element.number
    factor = relative_resistance_text(element, charge_volts_text(circuit.charge, elements, position, _slit_volts), p)
    resistance = f"{number(element.resistance / INSIDE)}*{p('Rc')}*{p('Cslit')}*{factor}"
    jump = i == 1 and circuit.donnan_slope != 0
    inner = "d1" if jump else f"n{i}"
    lines = [f"Bdonnan n1 d1 V={e(donnan_text(circuit, 'V(e,n1)'))}"] if jump else []
    if dialect.behavioural_elements:
        lines.append(f"R{i} n{i - 1} {inner} R={e(resistance)}")
    else:
        lines.append(f"BR{i} n{i - 1} {inner} I={e(f'V(n{i - 1},{inner})/({resistance})')}")
    lines += _capacitor(dialect, str(i), f"n{i}", number(element.capacitance * INSIDE), element.curve)
    if circuit.charge == "passed":
        # The charge of this slit on top of that of the slits behind.
        ends = f"s{i} {f's{i + 1}' if i < circuit.slits else '0'}"
        controls = f"q{i} 0" if element.curve.modes else f"e n{i}"
        lines.append(f"E{i} {ends} {controls} {number(element.capacitance)}")
    return lines


def _slit_volts(element: DeviceElement) -> str:
    return f"V(q{element.number})" if element.curve.modes else f"V(e,n{element.number})"


def _capacitor(dialect: SpiceDialect, name: str, node: str, capacitance: str, curve: ChargeCurve) -> list[str]:
    """Return a capacitor from e to `node`, and for a nonlinear one the source of V(q<name>) = q/C that it lies at."""
    if not curve.modes:
        return [f"C{name} e {node} {_value(capacitance)}"]
    # One node voltage in the place of two, and the window once: a third of the time for the derivatives.
    u, clamp, inside = f"V(u{name})", [], None
    if dialect.clamps_at_nodes:
        clamp, inside = [f"BW{name} w{name} 0 V={dialect.expression(inside_text(u, curve))}"], f"V(w{name})"
    return [
        f"EU{name} u{name} 0 e {node} 1",
        *clamp,
        f"BQ{name} q{name} 0 V={dialect.expression(charge_text(u, curve, inside))}",
        f"VQ{name} q{name} c{name} 0",
        f"C{name} c{name} 0 {_value(capacitance)}",
        f"FQ{name} e {node} VQ{name} 1",
    ]


def _port(dialect: SpiceDialect, ratio: str) -> list[str]:
    """Return what draws the current of the ladder inside, times a ratio, from the port."""
    if dialect.gains_are_numbers:
        return [
            "Fmirror 0 mirror Vport 1",
            "Rmirror mirror 0 1",
            f"Bport EL BULK I={dialect.expression(f'{ratio}*V(mirror)')}",
        ]
    return [f"Fport EL BULK Vport {_value(ratio)}"]


def _value(expression: str) -> str:
    """Return a constant expression as an element's value, which every dialect takes in braces."""
    constant = expression.replace("{", "").replace("}", "")
    return f"{{{constant}}}"
