"""How circuit simulators that read SPICE spell the same device.

ngspice and Xyce have solution-dependent resistors `R={...}`. For LTspice, neospice and VACASK behavioural sources
take their place: LTspice has such elements, but in a spelling that no other program reads and that could not be run
here, while its B sources can be. Capacitors are linear in all of them. Verilog-A is another language: see
`verilog_a`.

Sources: ngspice manual (version 39) chapters 2.8, 3.3 and 5.1; Xyce Reference Guide, devices R, C, B and E;
LTspice Help, "B. Arbitrary Behavioral Voltage or Current Sources" and ".SUBCKT".
"""

from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class SpiceDialect:
    """One way of writing a device."""

    #: name for users
    name: str
    #: words between the pins and the parameters of a subcircuit
    parameters_keyword: str
    #: a parameter inside an expression that depends on node voltages
    parameter: Callable[[str], str]
    #: an expression that depends on node voltages
    expression: Callable[[str], str]
    #: whether R= takes expressions of node voltages
    behavioural_elements: bool
    #: whether what is not SPICE, but uses the device, must spell its name and parameters in lower case
    lower_case: bool = False
    #: whether Newton's method converges on a voltage that is clamped at a node of its own
    clamps_at_nodes: bool = True
    #: whether `IC=` of a capacitor counts in `.tran uic` only; others hold the operating point at it
    takes_initial_voltages: bool = False
    #: whether a source that knows the time holds the part at V0 until the time starts to run
    holds_at_start: bool = False
    #: whether resistors of expressions take tc1 and tc2, about 27 degrees Celsius, and `noisy`
    temperature_coefficients: bool = False
    #: whether parameters may be random numbers, agauss()
    draws: bool = False
    #: whether gains of E and F take no parameters
    gains_are_numbers: bool = False

    @property
    def starts_charged(self) -> bool:
        """Whether a part has the parameter V0."""
        return self.takes_initial_voltages or self.holds_at_start


def _plain(text: str) -> str:
    return text


def _braced(text: str) -> str:
    return f"{{{text}}}"


NGSPICE = SpiceDialect(
    name="ngspice",
    parameters_keyword="",
    parameter=_plain,
    expression=_braced,
    behavioural_elements=True,
    takes_initial_voltages=True,
    temperature_coefficients=True,
    draws=True,
)
XYCE = SpiceDialect(
    name="xyce",
    parameters_keyword=" PARAMS:",
    parameter=_plain,
    expression=_braced,
    behavioural_elements=True,
    holds_at_start=True,
)
LTSPICE = SpiceDialect(
    name="ltspice",
    parameters_keyword=" params:",
    parameter=_braced,
    expression=_plain,
    behavioural_elements=False,
    takes_initial_voltages=True,
)
NEOSPICE = SpiceDialect(
    name="neospice",
    parameters_keyword="",
    parameter=_plain,
    expression=_braced,
    behavioural_elements=False,
    takes_initial_voltages=True,
)

VACASK = replace(
    NEOSPICE,
    name="vacask",
    lower_case=True,
    clamps_at_nodes=False,
    gains_are_numbers=True,
    takes_initial_voltages=False,
)

#: dialects that `print_subcircuit` writes, by name
SPICE_DIALECTS = {dialect.name: dialect for dialect in (NGSPICE, XYCE, LTSPICE, NEOSPICE, VACASK)}
