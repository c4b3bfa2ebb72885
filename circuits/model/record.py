"""The parameter record of a circuit, circuit.json, whoever made it: law and field, campaign, measured data.

A record holds a form and its constants for every part of the ladder (`ladder`): the gaps' resistances R of the charge
Q that they read, one law for every reading, the slits' charge q of the voltage u, and the mouth. Every constant has
its unit, standard error and source. `gaps` and `slits` list their constants twice: in `elements` one by one for the
number of layers that they were learnt with, and in `other_layers` for the first element and for all others of a
circuit with any number of layers. There the charge scale is Qslit, that of one slit; a gap's Qmax is as many of them
as its reading counts (`ladder.slits_behind`).
"""

import math
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ionspice.circuits.model.ladder import Charge, Potential
from ionspice.core import InputError

type Source = Literal["law", "field", "fit", "mean", "campaign", "measured", "chosen"]
type Number = Annotated[float, Field(strict=True)]

#: constants of the forms that every circuit has
GAP_CONSTANTS = ("Rc", "gamma", "Qmax")
ONE_SLIT = "Qslit"


class Part(BaseModel):
    """A part of the record; no key that is not known, no number that is not finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class CircuitConstant(Part):
    """One constant."""

    unit: str
    value: Number
    standard_error: Number | None = None  #: in the same unit; None where nobody knows
    source: Source


class ConstantColumn(Part):
    """One constant of several elements."""

    unit: str
    value: tuple[Number, ...]  #: one an element
    standard_error: tuple[Number | None, ...]  #: in the same unit; None where nobody knows
    source: tuple[Source, ...]

    @model_validator(mode="after")
    def _have_one_length(self) -> Self:
        if not len(self.value) == len(self.standard_error) == len(self.source):
            raise ValueError(
                f"{len(self.value)} values, {len(self.standard_error)} standard errors and {len(self.source)} sources"
            )
        return self


type Constants = dict[str, ConstantColumn]


class ElementForm(Part):
    """One form for all elements and its constants."""

    #: infix: R in Q and constants, Rc*(1 - gamma*s) with s from 0 at Q = 0 to 1 at Qmax; or q in u and C1, u1, s1,
    #: ... between ulow and uhigh, beyond which it goes straight on (`charge`)
    form: str
    elements: Constants | None = None  #: of the record's own number of layers, element 1 first
    other_layers: Constants  #: two values: of the first element, of all others
    derived: Constants = {}  #: what follows from the constants of `elements`, for readers: C = dq/du at u = 0, rms

    @model_validator(mode="after")
    def _have_two_elements_for_others(self) -> Self:
        if any(len(column.value) != 2 for column in self.other_layers.values()):
            raise ValueError("other_layers: give two values of each constant, of the first element and of all others")
        return self


class Mouth(Part):
    """The open electrolyte in front of the first gap."""

    resistance: CircuitConstant  #: Ropen
    form: str  #: q in u, as of the slits
    constants: dict[str, CircuitConstant]  #: C1, u1, s1, ..., ulow, uhigh
    derived: dict[str, CircuitConstant] = {}  #: as of the slits
    #: the jump of an electric node potential at the first slit, a form of the same kind with D for C
    donnan: dict[str, CircuitConstant] = {}


class Window(Part):
    """Where the constants were learnt; beyond it a circuit guesses."""

    potential: tuple[Number, Number]  #: of the electrode, least and largest [V]
    slit_charge: tuple[Number, Number]  #: electrode charge of one slit, least and largest [C/m, or C of a device]


class Extent(Part):
    """What the constants belong to: a strip per metre of depth, or a whole device."""

    strip_width: Number | None = None  #: constants are per metre of depth of a strip so wide [m]
    area: Number | None = None  #: constants are of a device of this area [m^2]

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.strip_width is None) == (self.area is None):
            raise ValueError("give strip_width (constants per metre of depth) or area (of a whole device)")
        return self

    @property
    def width(self) -> float:
        """Width of the strip whose metre of depth has the constants [m]."""
        return self.area if self.strip_width is None else self.strip_width  # type: ignore[return-value]  # see above


class Provenance(Part):
    """Where the record comes from."""

    case: str = ""  #: name of the run, campaign or measurement
    version: str = ""  #: of ionspice
    files: dict[str, str] = {}  #: SHA-256 by name of the files that it was made of
    temperature: Number | None = None  #: [K]


class CircuitRecord(Part):
    """A circuit of any number of layers; `assembly.circuit_of` builds it."""

    model: Literal["ladder"] = "ladder"  #: kind of circuit
    layers: Annotated[int, Field(strict=True, ge=2)] | None = None  #: sheets of `elements`; None if there are none
    charge: Charge  #: the reading that is meant unless another is asked for
    other_charge: Charge | None = None  #: the same for other numbers of layers than `layers`; None: `charge`
    potential: Potential = "electrochemical"  #: what node potentials stand for
    resistance_floor: CircuitConstant  #: least R/Rc
    gaps: dict[Charge, ElementForm]  #: by what their resistors read
    slits: ElementForm
    mouth: Mouth
    leakage: CircuitConstant | None = None  #: resistance between the terminals, through which the part loses charge
    window: Window | None = None
    extent: Extent
    provenance: Provenance = Provenance()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for reading in (self.charge, self.other_charge):
            if reading is not None and reading not in self.gaps:
                raise ValueError(f'charge = "{reading}" has no entry in gaps, which has {", ".join(self.gaps)}')
        for part in (*self.gaps.values(), self.slits):
            for name, column in {**(part.elements or {}), **part.derived}.items():
                if self.layers is None or len(column.value) != self.layers - 1:
                    raise ValueError(f"{name} has {len(column.value)} elements; layers = {self.layers}")
        for name, law in self.gaps.items():
            for constants, scale in ((law.elements, "Qmax"), (law.other_layers, ONE_SLIT)):
                missing = {"Rc", "gamma", scale} - set(constants or ("Rc", "gamma", scale))
                if missing:
                    raise ValueError(f"gaps {name}: no {', '.join(sorted(missing))}")
        return self

    def reading(self, layers: int | None) -> Charge:
        """Return the charge that resistances of a circuit with so many layers read; None: the record's own."""
        own = layers in (None, self.layers)
        return self.charge if own or self.other_charge is None else self.other_charge

    @property
    def law_charge(self) -> Charge:
        """The reading of the law that was found; "local" where there is no other."""
        return next((name for name in self.gaps if name != "local"), "local")

    @property
    def capacitance_terms(self) -> int:
        """Terms of q(u) of the slits beyond a constant capacitance."""
        return sum(name[:1] == "C" and name[1:].isdigit() for name in self.slits.other_layers)


def constant_column(
    unit: str, values: Iterable[float], errors: Iterable[float] | None, source: Source | Sequence[Source]
) -> ConstantColumn:
    """Return a constant of several elements.

    Args:
        unit: of values and errors.
        values: one an element.
        errors: standard errors, NaN where nobody knows; None for none.
        source: of all elements, or one each.
    """
    numbers = tuple(map(float, values))
    known = (math.nan,) * len(numbers) if errors is None else tuple(map(float, errors))
    return ConstantColumn(
        unit=unit,
        value=numbers,
        standard_error=tuple(error if math.isfinite(error) else None for error in known),
        source=(source,) * len(numbers) if isinstance(source, str) else tuple(source),
    )


def constant(unit: str, value: float, source: Source, error: float = math.nan) -> CircuitConstant:
    """Return one constant; an error that is NaN is not known."""
    known = float(error) if math.isfinite(error) else None
    return CircuitConstant(unit=unit, value=float(value), standard_error=known, source=source)


def typical_error(part: ElementForm, name: str, *, relative: bool) -> float:
    """Return the root mean square of the standard errors of a constant over the elements.

    Elements that a law could not give, and that were fitted or taken over from others, count only where no element
    comes from a law.

    Args:
        part: gaps or slits.
        name: of the constant.
        relative: as shares of the values.

    Raises:
        InputError: no standard error is known.
    """
    column = {**part.derived, **(part.elements or part.other_layers)}[name]
    rows = list(zip(column.value, column.standard_error, column.source, strict=True))
    found = [row for row in rows if row[2] == "law"] or rows
    shares = [error / value if relative else error for value, error, _ in found if error is not None]
    if not shares:
        raise InputError(f"the circuit has no standard errors of {name}; leave --samples out, or write them into it")
    return math.sqrt(sum(share**2 for share in shares) / len(shares))
