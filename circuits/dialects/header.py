"""The comment at the head of every exported file: what it is, where it comes from, where it holds.

Its first line is a comment too, because SPICE takes line 1 of a file for its title.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

from ionspice.circuits.model.ladder import NanoCircuit
from ionspice.circuits.model.record import CircuitRecord

_LINE = 118  # characters
_STEP = "step: write a maximum step into .tran, a 200th of a ramp or less (default error control is off here)"

_PORTS = "ports: EL (electrode) and BULK (electrolyte); a current into EL counts positive and charges the electrode"
_CELL_PORTS = "ports: POS and NEG; a current into POS counts positive and charges both electrodes, of `area` each"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the constants of a device come from, and what they make."""

    #: run, campaign or measurement
    source: str = ""
    #: SHA-256 by name of the files behind
    files: dict[str, str] = field(default_factory=dict)
    #: potential of the electrode where they were learnt, least and largest, V
    potential: tuple[float, float] | None = None
    #: electrode charge of one slit there, least and largest, C/m^2
    slit_charge: tuple[float, float] | None = None
    #: whether they were learnt there, instead of predicted for it
    learnt: bool = True
    #: errors against what they were learnt from, as text
    errors: tuple[str, ...] = ()
    #: capacitance, energy and resistance of the device by its own parameters, as text
    data: str = ""


def record_origin(
    record: CircuitRecord, sha256: str | None = None, errors: Sequence[str] = (), *, data: str = ""
) -> Origin:
    """Return the origin of a device of a record.

    Args:
        record: circuit.json.
        sha256: hash of circuit.json, where it is a file.
        errors: errors that are known, as text.
        data: of the device.
    """
    window, origin = record.window, record.provenance
    own = {} if sha256 is None else {"circuit.json": sha256}
    low, high = (0.0, 0.0) if window is None else window.slit_charge
    return Origin(
        source=origin.case,
        files=own | origin.files,
        potential=None if window is None else window.potential,
        slit_charge=None if window is None else (low / record.extent.width, high / record.extent.width),
        errors=tuple(errors),
        data=data,
    )


def ladder_header(circuit: NanoCircuit, title: str, origin: Origin | None, *, full_cell: bool = False) -> list[str]:
    """Return the lines of a device of `circuit`, or of a cell of two of them."""
    # A Donnan potential that falls with the voltage can outrun the slit's own; `passivity` tells.
    passive = "the part stays passive, but " if circuit.donnan_slope >= 0 else ""
    kind = "full cell of two electrodes, each" if full_cell else "half cell of"
    reading = {"passed": "that passed them", "stored": "stored behind them", "local": "of the slits beside them"}
    lines = [
        f"{title}: nano-circuitry model, {kind} {row_text(circuit.sheets)}",
        *_origin_lines(origin),
        *([f"of the area as written: {origin.data}"] if origin and origin.data else []),
        _CELL_PORTS if full_cell else _PORTS,
        f"resistances fall with the charge {reading[circuit.charge]}, down to rmin*Rc; capacitances follow q(u)",
        *_window_lines(origin),
        *_curve_lines(circuit),
        "beyond it: charges grow with their last capacitance and resistances go on by the law, down to rmin*Rc; "
        f"{passive}nothing is known there",
    ]
    return [_plain(line) for line in [*lines, *_error_lines(origin), _STEP]]


def rails_header(what: str, ports: str, origin: Origin | None, *, passive: bool) -> list[str]:
    """Return the lines of a device with one rail per ion.

    Args:
        what: name of the device and what it is.
        ports: what its pins are.
        origin: of its constants.
        passive: whether no cycle can give energy, as none can without correlations.
    """
    lines = [
        f"{what}; nano-circuitry model with one rail per ion",
        *_origin_lines(origin),
        f"ports: {ports}",
        "inside, one volt is kT/e; slits are at local equilibrium, conductances proportional to the number of ions",
        *_window_lines(origin),
        "beyond it: lengths of the geometry and cells stay as they are, but nothing was checked there",
        "passive at any voltage"
        if passive
        else "not passive by construction: correlations of the ions have no energy",
    ]
    return [_plain(line) for line in [*lines, *_error_lines(origin), _STEP]]


def row_text(layers: int) -> str:
    """Return what has so many layers."""
    if layers == 1:
        return "a planar electrode"
    return f"a stack of {layers} sheets, or of a pore in {layers - 1} sections"


def commented(lines: Sequence[str], mark: str) -> str:
    """Return lines as comments, long ones broken between words."""
    parts = (part for line in lines for part in textwrap.wrap(line, _LINE, subsequent_indent="  "))
    return "".join(f"{mark} {part}\n" for part in parts)


def _origin_lines(origin: Origin | None) -> list[str]:
    made = f"written by ionspice {version('ionspice')}"
    if origin is None or not (origin.source or origin.files):
        return [f"{made}; source not recorded"]
    hashes = [f"SHA-256 of {name}: {sha256}" for name, sha256 in origin.files.items()]
    return [f"{made} from {origin.source}" if origin.source else made, *hashes]


def _window_lines(origin: Origin | None) -> list[str]:
    if origin is None or origin.potential is None:
        return ["learnt: window not recorded"]
    charge = ""
    if origin.slit_charge is not None:
        charge = f", electrode charge of one slit from {_span(origin.slit_charge)} C/m^2"
    made = "learnt" if origin.learnt else "predicted for"
    return [f"{made}: potential of the electrode from {_span(origin.potential)} V{charge}"]


def _curve_lines(circuit: NanoCircuit) -> list[str]:
    """Return for which voltages q(u) was learnt, nothing for constant capacitances."""
    if not circuit.order:
        return []
    low, high = float(circuit.slit_curve.low.min()), float(circuit.slit_curve.high.max())
    return [f"q(u) learnt from {_span((low, high))} V over each slit"]


def _error_lines(origin: Origin | None) -> list[str]:
    known = () if origin is None else origin.errors
    return [f"error: {text}" for text in known] or ["error: not known"]


def _plain(text: str) -> str:
    """Return text of other files as one line that no language reads on: no control characters, no backslash."""
    return "".join(c if c.isprintable() and c != "\\" else " " for c in text)


def _span(limits: tuple[float, float]) -> str:
    return f"{limits[0] + 0.0:.4g} to {limits[1]:.4g}"
