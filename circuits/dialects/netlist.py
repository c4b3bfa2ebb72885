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

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ionspice.circuits.dialects.device import (
    HOLD,
    INITIAL_UNITS,
    SPREAD_UNITS,
    TEMPERATURE_UNITS,
    UNITS,
    DeviceElement,
    charge_text,
    charge_volts_text,
    checked_name,
    device_elements,
    device_parameters,
    donnan_text,
    factor,
    inside_text,
    number,
    relative_charge_text,
    relative_resistance_text,
    subcircuit_name,
    temperature_parameters,
)
from ionspice.circuits.dialects.spice import NGSPICE, SpiceDialect
from ionspice.circuits.model.charge import ChargeCurve
from ionspice.circuits.model.ladder import NanoCircuit, at_rest
from ionspice.circuits.model.shape import LINEAR


def print_subcircuit(
    circuit: NanoCircuit,
    name: str | None = None,
    area: float | None = None,
    dialect: SpiceDialect = NGSPICE,
    *,
    noise: bool = False,
    bias: float | None = None,
) -> str:
    """Return the text of `.subckt <name> EL BULK`; its parameters are SI values per area.

    Args:
        circuit: the half cell.
        name: letters, digits and underscores; `NCM<layers>` unless given.
        area: default of the parameter `area`, m^2; one metre of depth of the strip unless given.
        dialect: the simulator.
        noise: whether its resistances make thermal noise, which costs time in every analysis; ngspice alone can.
        bias: V, makes a part of small signals about it, whose resistors and capacitors are constants; ngspice's
            `.sens` in the frequency domain knows no others.

    Raises:
        InputError: a name that would break a netlist, an area that is not positive, a law that SPICE cannot
            express, a bias where there is a Donnan potential.
    """
    if bias is not None:
        circuit = at_rest(circuit, bias)
    title = checked_name(name or subcircuit_name(circuit))
    values = {
        key: number(value)
        for key, value in spice_parameters(circuit, area, dialect).items()
        if bias is None or key not in _OF_THE_LAW
    }
    units = UNITS | TEMPERATURE_UNITS | SPREAD_UNITS | INITIAL_UNITS
    p = _parameter(dialect)
    warm, coefficients = _warmth(dialect)
    mouth = f"max({p('Ropen')},{_SHORT}*{p('Rc')})*{p('Cslit')}/{INSIDE}{warm}"
    ratio = f"{p('area')}*{p('Cslit')}/{INSIDE}"
    start, elements = _start_of(dialect, circuit), device_elements(circuit)
    body = _capacitor(
        dialect,
        "open",
        "n0",
        f"{INSIDE}*{dialect.parameter('Copen')}/{dialect.parameter('Cslit')}",
        start,
        circuit.open_curve,
    )
    for position in range(circuit.slits):
        body += _element(dialect, circuit, elements, position, start, noise=noise, constant=bias is not None)
    lines = [
        f".subckt {title} EL BULK{dialect.parameters_keyword}",
        *(f"+ {' '.join(f'{key}={values[key]}' for key in keys)}" for keys in _ROWS if values.keys() >= set(keys)),
        f"* units: {', '.join(f'{key} {units[key]}' for key in values)}",
        *_temperature(dialect),
        *(_SPREAD if dialect.draws else []),
        *_constants(dialect, constant=bias is not None),
        *_equilibrium(dialect, circuit),
        *([] if start is None else start.lines()),
        f"Rleak EL BULK {_value(f'{p("Rleak")}/{p("area")}')}",
        *(_HOLD if dialect.holds_at_start else []),
        "Eport port 0 EL BULK 1",
        "Vport port e 0",
        *_port(dialect, ratio),
        # The ladder's own scale is not that of its noise.
        f"Ropen 0 n0 {_value(mouth)}{coefficients}{' noisy=0' if dialect.temperature_coefficients else ''}",
        *(_noise(p, "open", "0", "n0", mouth, coefficients) if noise else []),
        *body,
        f".ends {title}",
    ]
    text = "\n".join(lines) + "\n"
    return text.lower() if dialect.lower_case else text


#: Cslit of the ladder inside, F
INSIDE = 1e-9
#: of Rc: an open electrolyte that has no resistance
_SHORT = 1e-9
#: parameters of the law of the charge
_OF_THE_LAW = ("gamma", "Qmax", "rmin")
_ROWS = (
    ("Rc",),
    ("gamma", "Qmax", "rmin"),
    ("Cslit", "Ropen", "Copen"),
    ("Rleak",),
    ("tc1", "tc2", "T0"),
    ("tolR", "tolC"),
    ("V0",),
    ("area",),
)
#: parameters of a part whose every instance draws its own constants; of agauss() itself ngspice draws at every use
_SPREAD = (
    ".func drawn(tol) {agauss(1,tol,1)}",
    ".param Rdrawn={drawn(tolR)}",
    ".param Cdrawn={Cslit*drawn(tolC)}",
)
#: a source that holds the pins at V0, unless that is 0, as long as the time stands still
_HOLD = (
    f".param Ghold={{min(1e30*abs(V0),1)*{HOLD}*area/Rc}}",
    "Bhold EL BULK I={(time > 0) ? 0 : Ghold*(V(EL,BULK)-V0)}",
)
#: steps from V0 to the slits' voltage behind a Donnan potential
_STEPS_TO_EQUILIBRIUM = 16
#: K, at which ngspice's resistors have the value that is written
_REFERENCE = 300.15


def spice_parameters(
    circuit: NanoCircuit, area: float | None = None, dialect: SpiceDialect = NGSPICE
) -> dict[str, float]:
    """Return the parameters of the subcircuit with their defaults; `circuit` and `area` as of `device_parameters`."""
    warm = temperature_parameters(circuit) if dialect.temperature_coefficients else {}
    spread = dict.fromkeys(SPREAD_UNITS, 0.0) if dialect.draws else {}
    return device_parameters(circuit, area) | warm | spread | ({"V0": 0.0} if dialect.starts_charged else {})


def _temperature(dialect: SpiceDialect) -> list[str]:
    """Return parameters that centre the polynomial in T at the simulator's own reference.

    So the simulator evaluates it once, and not with every resistor at every step.
    """
    if not dialect.temperature_coefficients:
        return []
    return [
        f".param above={{{_REFERENCE}-T0}}",
        ".param warm={1+tc1*above+tc2*above*above}",
        ".param warm1={(tc1+2*tc2*above)/warm}",
        ".param warm2={tc2/warm}",
    ]


def _warmth(dialect: SpiceDialect) -> tuple[str, str]:
    """Return a factor on a resistance and what follows it, for the temperature."""
    drawn = "*Rdrawn" if dialect.draws else ""
    return (f"*warm{drawn}", " tc1={warm1} tc2={warm2}") if dialect.temperature_coefficients else (drawn, "")


def _constants(dialect: SpiceDialect, *, constant: bool) -> list[str]:
    """Return parameters of every gap: ohm of the ladder inside that an Rc stands for, and Cslit/Qmax, 1/V.

    ngspice evaluates what an expression of voltages spells out at every iteration, constants too.
    """
    if not dialect.behavioural_elements:
        return []
    p = _parameter(dialect)
    scale = [] if constant else [f".param Xin={{{p('Cslit')}/Qmax}}"]
    return [f".param Rin={{Rc*{p('Cslit')}/{INSIDE}{_warmth(dialect)[0]}}}", *scale]


def _law(dialect: SpiceDialect, element: DeviceElement, charge: str) -> tuple[list[str], str]:
    """Return R/Rc of a gap as text, and lines that it needs, which leave little to evaluate at every iteration.

    Args:
        dialect: the simulator.
        element: the gap.
        charge: text of the charge that its law reads over Cslit, V.
    """
    p, i = _parameter(dialect), element.number
    if not dialect.behavioural_elements:
        x = relative_charge_text(element, charge, f"({p('Cslit')}/{p('Qmax')})")
        return [], relative_resistance_text(element, x, p)
    if element.shape == LINEAR:
        share = f"{factor(element.gamma)}gamma*{factor(1 / element.charge)}Xin"
        return [f".param Gin{i}={{{share}}}"], f"max(rmin,1-Gin{i}*abs({charge}))"
    # A law that has X more than once, and its derivatives, would evaluate it as often.
    x = f"BX{i} x{i} 0 V={dialect.expression(relative_charge_text(element, charge, 'Xin'))}"
    return [x], relative_resistance_text(element, f"V(x{i})", p)


def _parameter(dialect: SpiceDialect) -> Callable[[str], str]:
    """Return how a parameter is named in expressions, Cslit by what was drawn for it."""
    return lambda name: dialect.parameter("Cdrawn" if name == "Cslit" and dialect.draws else name)


def _equilibrium(dialect: SpiceDialect, circuit: NanoCircuit) -> list[str]:
    """Return parameters for the voltage u of the slits with u + D(u) = V0, if there is a Donnan potential D.

    A step takes away the rest of the equation over the mean of its least and largest slope, so that it shrinks by
    (largest - least)/(largest + least), whatever D.
    """
    if not (dialect.takes_initial_voltages and circuit.donnan_slope):
        return []
    curve = circuit.donnan_curve
    voltage = np.linspace(curve.low[0], curve.high[0], 201)[:, None]
    slope = 1 + circuit.donnan_slope * (curve.slope(voltage) if curve.modes else np.ones(1))
    mean = number(float(slope.min() + slope.max()) / 2)
    lines = ["Vin0={V0}"]
    for k in range(_STEPS_TO_EQUILIBRIUM):
        lines.append(f"Vin{k + 1}={{Vin{k}-(Vin{k}+{donnan_text(circuit, f'Vin{k}')}-V0)/{mean}}}")
    return [f".param {line}" for line in lines]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """What the capacitors have at the start with `uic`, as parameters inside the subcircuit, each once."""

    slits: str  #: voltage of the slits
    names: dict[str, str]  #: of parameters, by their value

    def value(self, name: str, curve: ChargeCurve) -> str:
        """Return what follows the value of a capacitor of q/C."""
        text = charge_text(self.volts(name), curve)
        return f" IC={{{self.names.setdefault(text, f'Qin{len(self.names) + 1}')}}}"

    def volts(self, name: str) -> str:
        """Return the voltage of a capacitor and its slit."""
        return "V0" if name == "open" else self.slits

    def lines(self) -> list[str]:
        """Return the parameters that `value` named."""
        return [f".param {name}={_value(text)}" for text, name in self.names.items()]


def _start_of(dialect: SpiceDialect, circuit: NanoCircuit) -> _Start | None:
    """Return the start of a part in a dialect that has one."""
    if not dialect.takes_initial_voltages:
        return None
    return _Start(slits=f"Vin{_STEPS_TO_EQUILIBRIUM}" if circuit.donnan_slope else "V0", names={})


def _element(
    dialect: SpiceDialect,
    circuit: NanoCircuit,
    elements: Sequence[DeviceElement],
    position: int,
    start: _Start | None,
    *,
    noise: bool,
    constant: bool,
) -> list[str]:
    """Return the lines of a gap, its slit and its link of the charge chain."""
    element = elements[position]
    p, e, i = _parameter(dialect), dialect.expression, element.number
    coefficients = _warmth(dialect)[1]
    unit = "Rin" if dialect.behavioural_elements else f"{number(1 / INSIDE)}*{p('Rc')}*{p('Cslit')}"
    jump = i == 1 and circuit.donnan_slope != 0
    inner = "d1" if jump else f"n{i}"
    lines = [f"Bdonnan n1 d1 V={e(donnan_text(circuit, 'V(e,n1)'))}"] if jump else []
    resistance = f"{factor(element.resistance)}{unit}"
    if not constant:
        charge = charge_volts_text(circuit.charge, elements, position, _slit_volts)
        before, law = _law(dialect, element, charge)
        lines += before
        resistance += f"*{law}"
    if constant:
        quiet = " noisy=0" if dialect.temperature_coefficients else ""
        lines.append(f"R{i} n{i - 1} {inner} {_value(resistance)}{coefficients}{quiet}")
    elif dialect.behavioural_elements:
        lines.append(f"R{i} n{i - 1} {inner} R={e(resistance)}{coefficients}")
    else:
        lines.append(f"BR{i} n{i - 1} {inner} I={e(f'V(n{i - 1},{inner})/({resistance})')}")
    if noise:
        lines += _noise(p, str(i), f"n{i - 1}", inner, resistance, coefficients)
    lines += _capacitor(dialect, str(i), f"n{i}", number(element.capacitance * INSIDE), start, element.curve)
    if circuit.charge == "passed" and not constant:
        # The charge of this slit on top of that of the slits behind.
        ends = f"s{i} {f's{i + 1}' if i < circuit.slits else '0'}"
        controls = f"q{i} 0" if element.curve.modes else f"e n{i}"
        lines.append(f"E{i} {ends} {controls} {number(element.capacitance)}")
    return lines


def _noise(
    parameter: Callable[[str], str], name: str, before: str, behind: str, resistance: str, coefficients: str
) -> list[str]:
    """Return a source of the thermal noise 4 kT R of a resistance R of the device, and not of that inside.

    Args:
        parameter: how a parameter is named.
        name: of the resistor.
        before: its first node.
        behind: its second node.
        resistance: text of that inside, ohm.
        coefficients: what follows its value.
    """
    ratio = f"area*{parameter('Cslit')}/{INSIDE}"
    return [
        f"Rnoise{name} z{name} 0 1{coefficients}",
        f"Vnoise{name} z{name} 0 0",
        f"Bnoise{name} {before} {behind} I={{i(Vnoise{name})/sqrt(({resistance})*({ratio}))}}",
    ]


def _slit_volts(element: DeviceElement) -> str:
    return f"V(q{element.number})" if element.curve.modes else f"V(e,n{element.number})"


def _capacitor(
    dialect: SpiceDialect, name: str, node: str, capacitance: str, start: _Start | None, curve: ChargeCurve
) -> list[str]:
    """Return a capacitor from e to `node`, and for a nonlinear one the source of V(q<name>) = q/C that it lies at."""
    value = _value(capacitance) + ("" if start is None else start.value(name, curve))
    if not curve.modes:
        return [f"C{name} e {node} {value}"]
    # One node voltage in the place of two, and the window once: a third of the time for the derivatives.
    u, clamp, inside = f"V(u{name})", [], None
    if dialect.clamps_at_nodes:
        clamp, inside = [f"BW{name} w{name} 0 V={dialect.expression(inside_text(u, curve))}"], f"V(w{name})"
    if clamp and start is not None:
        # From 0 V Newton's method can jump between both ends of the window.
        clamp.append(f".nodeset v(w{name})={_value(start.volts(name))}")
    return [
        f"EU{name} u{name} 0 e {node} 1",
        *clamp,
        f"BQ{name} q{name} 0 V={dialect.expression(charge_text(u, curve, inside))}",
        f"VQ{name} q{name} c{name} 0",
        f"C{name} c{name} 0 {value}",
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
