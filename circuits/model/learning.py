"""The record of what a law and a field run teach, for the run's own number of layers and for any other.

For the run's own number of layers every element keeps its values. For another number the first element keeps its Rc
and gamma, all others take the means over the inner ones, and so does the charge of one slit, for all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import sympy

from ionspice.circuits.model.assembly import circuit_of, donnan_name, donnan_unit
from ionspice.circuits.model.capacitance import Capacitances
from ionspice.circuits.model.charge_fit import ChargeFit
from ionspice.circuits.model.extraction import (
    Element,
    ResistanceLaw,
    fit_like,
    law_elements,
    local_elements,
    mean_element,
)
from ionspice.circuits.model.field import ChargingRamp
from ionspice.circuits.model.forms import charge_constants, charge_form, gap_form, law_shape
from ionspice.circuits.model.ladder import RESISTANCE_FLOOR, Charge, NanoCircuit, Potential, slits_behind
from ionspice.circuits.model.record import (
    ONE_SLIT,
    CircuitConstant,
    CircuitRecord,
    Constants,
    ElementForm,
    Extent,
    Mouth,
    Provenance,
    Window,
    constant,
    constant_column,
)
from ionspice.circuits.model.shape import LINEAR
from ionspice.core import InputError


def learn_record(
    law: ResistanceLaw,
    capacitances: Capacitances,
    ramp: ChargingRamp,
    *,
    readings: Sequence[Literal["law", "local"]] = ("law", "local"),
    local_elsewhere: bool = False,
    provenance: Provenance | None = None,
) -> CircuitRecord:
    """Return the record of a discovered law and of the field run that it was found in.

    Args:
        law: the discovered law with constants of the elements.
        capacitances: of the same field run and node potential.
        ramp: the field run's charging ramp, for what the law leaves out.
        readings: charges that the gaps can read, the law's own and the local one; the first is the record's choice.
            One that gives a gap no positive resistance is left out.
        local_elsewhere: circuits of other numbers of layers read the local charge, unless another is asked for.
        provenance: where all this comes from.

    Raises:
        InputError: elements that the field run does not have, no inner element, values out of range, or no positive
            resistance.
    """
    if not law.elements or max(law.elements) > ramp.slits:
        raise InputError(f"the law is for elements {sorted(law.elements)}, the field run has 1 to {ramp.slits}")
    elements = law_elements(law, ramp)
    known = [elements[number] for number in sorted(elements)]
    form = gap_form(LINEAR if law.charge == "stored" or not known else law_shape(law.resistance)[0])
    gaps: dict[Charge, ElementForm] = {}
    for reading in readings:
        if reading == "law":
            gaps[law.charge] = _law_gaps(elements, ramp, form, law.charge)
        else:
            gaps["local"] = _local_gaps(ramp, known[len(known) // 2] if known else _LINEAR_ELEMENT, form)
    gaps = _passive(gaps)
    record = _record(gaps, capacitances, ramp, law.potential, provenance)
    return record.model_copy(update={"other_charge": "local"}) if local_elsewhere and "local" in gaps else record


def learn_local_record(
    capacitances: Capacitances,
    ramp: ChargingRamp,
    *,
    shape: sympy.Expr = LINEAR,
    potential: Potential = "electrochemical",
    provenance: Provenance | None = None,
) -> CircuitRecord:
    """Return the record of a circuit of the local charge; it needs the form of a law and no more.

    Args:
        capacitances: of the same field run and node potential.
        ramp: the field run's charging ramp.
        shape: s(X) of R = Rc (1 - gamma s), the study's unless given.
        potential: node potential that `ramp` holds.
        provenance: where all this comes from.
    """
    like = replace(_LINEAR_ELEMENT, shape=shape)
    return _record({"local": _local_gaps(ramp, like, gap_form(shape))}, capacitances, ramp, potential, provenance)


def build_circuit(
    law: ResistanceLaw,
    capacitances: Capacitances,
    ramp: ChargingRamp,
    layers: int | None = None,
    charge: Literal["law", "local"] = "law",
) -> NanoCircuit:
    """Return the circuit of `layers` sheets (default: as many as the field run has).

    Args:
        law: the discovered law with constants of the elements.
        capacitances: of the same field run and node potential.
        ramp: the field run's charging ramp, for element 1 if the law leaves it out.
        layers: number of sheets, at least 2.
        charge: what the resistances read, the law's own charge or the local one.

    Raises:
        InputError: elements that the field run does not have, no inner element, or values out of range.
    """
    return circuit_of(learn_record(law, capacitances, ramp, readings=(charge,)), layers)


def build_local_circuit(
    capacitances: Capacitances,
    ramp: ChargingRamp,
    layers: int | None = None,
    *,
    shape: sympy.Expr = LINEAR,
    potential: Potential = "electrochemical",
) -> NanoCircuit:
    """Return the circuit whose resistances read the local charge; arguments as of `learn_local_record`.

    Raises:
        InputError: values out of range.
    """
    return circuit_of(learn_local_record(capacitances, ramp, shape=shape, potential=potential), layers)


def _passive(gaps: Mapping[Charge, ElementForm]) -> dict[Charge, ElementForm]:
    """Return the readings of which every gap has a positive resistance.

    Raises:
        InputError: there is none.
    """
    parts = {reading: (part.elements or {}, part.other_layers) for reading, part in gaps.items()}
    kept = [reading for reading, both in parts.items() if all(value > 0 for c in both for value in c["Rc"].value)]
    if not kept:
        least = {reading: min(value for c in both for value in c["Rc"].value) for reading, both in parts.items()}
        found = ", ".join(f"{value:.3g} ohm m of the {reading} charge" for reading, value in least.items())
        raise InputError(
            f"a gap's resistance comes out as {found}; no resistance of one charge holds in this run: take the "
            "circuit with one rail per ion, or a smaller potential"
        )
    return {reading: gaps[reading] for reading in kept}


_LINEAR_ELEMENT = Element(resistance=1.0, gamma=0.0, charge_max=1.0, shape=LINEAR)


def _law_gaps(elements: Mapping[int, Element], ramp: ChargingRamp, form: str, charge: Charge) -> ElementForm:
    inner = [elements[i] for i in sorted(elements) if i > 1]
    like = mean_element(inner) if inner else _LINEAR_ELEMENT
    known = {1: elements[1] if 1 in elements else fit_like(like, ramp, [1], charge), **elements}
    return _gaps(known, mean_element(inner or [known[1]]), ramp, form, charge)


def _local_gaps(ramp: ChargingRamp, like: Element, form: str) -> ElementForm:
    elements = local_elements(ramp, like)
    return _gaps(elements, elements[max(elements)], ramp, form, "local")


def _gaps(
    elements: Mapping[int, Element], mean: Element, ramp: ChargingRamp, form: str, charge: Charge
) -> ElementForm:
    """Return the constants of all gaps; a gap that has no element of its own takes the mean one."""
    behind = slits_behind(charge, ramp.slits)
    inner = [i for i in elements if i > 1] or list(elements)
    one_slit = float(np.mean([elements[i].charge_max / behind[i - 1] for i in inner]))
    own = [elements.get(i, replace(mean, source="mean")) for i in range(1, ramp.slits + 1)]
    others = [replace(element, charge_max=one_slit) for element in (elements[1], mean)]
    return ElementForm(form=form, elements=_columns(own, "Qmax"), other_layers=_columns(others, ONE_SLIT))


def _columns(elements: Sequence[Element], scale: str) -> Constants:
    """Return the constants of elements by name; `scale` names the charge scale."""
    sources = [element.source for element in elements]
    columns = {
        "Rc": ("ohm m", [e.resistance for e in elements], [e.resistance_error for e in elements]),
        "gamma": ("1", [e.gamma for e in elements], [e.gamma_error for e in elements]),
        scale: ("C/m", [e.charge_max for e in elements], [0.0] * len(elements)),
    }
    for name in elements[0].constants:
        errors = [e.constant_errors.get(name, float("nan")) for e in elements]
        columns[name] = ("1", [e.constants[name] for e in elements], errors)
    return {name: constant_column(unit, values, errors, sources) for name, (unit, values, errors) in columns.items()}


def _record(
    gaps: Mapping[Charge, ElementForm],
    capacitances: Capacitances,
    ramp: ChargingRamp,
    potential: Potential,
    provenance: Provenance | None,
) -> CircuitRecord:
    return CircuitRecord(
        layers=ramp.slits + 1,
        charge=next(iter(gaps)),
        potential=potential,
        resistance_floor=constant("1", RESISTANCE_FLOOR, "chosen"),
        gaps=dict(gaps),
        slits=_slits(capacitances),
        mouth=_mouth(capacitances),
        window=Window(
            potential=(float(ramp.electrode.min()), float(ramp.electrode.max())),
            slit_charge=(float(ramp.slit_charge.min()), float(ramp.slit_charge.max())),
        ),
        extent=Extent(strip_width=capacitances.strip_width),
        provenance=provenance or Provenance(),
    )


def _slits(fit: Capacitances) -> ElementForm:
    """Return q(u): every slit's own, and for other numbers of layers the first and the one of all inner slits."""
    others = _charge_columns((fit.slits[0], fit.inner))
    derived = {
        "C": constant_column("F/m", fit.slit, fit.slit_standard_error, "field"),
        "rms": constant_column("1", fit.slit_relative_rms, None, "field"),
    }
    return ElementForm(
        form=charge_form(fit.inner.modes, odd=fit.inner.odd),
        elements=_charge_columns(fit.slits),
        other_layers=others,
        derived=derived if fit.inner.modes else {"rms": derived["rms"]},
    )


def _charge_columns(fits: Sequence[ChargeFit]) -> Constants:
    values, errors = (np.array(rows).T for rows in ([_values(fit) for fit in fits], [_errors(fit) for fit in fits]))
    return {
        name: constant_column(unit, value, error, "field")
        for (name, unit), value, error in zip(charge_constants(fits[0].modes).items(), values, errors, strict=True)
    }


def _mouth(fit: Capacitances) -> Mouth:
    jump = _charge_constants(fit.donnan) if fit.donnan else {}
    return Mouth(
        resistance=constant("ohm m", fit.open_resistance, "field", fit.open_resistance_standard_error),
        form=charge_form(fit.mouth.modes, odd=fit.mouth.odd),
        constants=_charge_constants(fit.mouth),
        derived={
            "C": constant("F/m", fit.open, "field", fit.open_standard_error),
            "rms": constant("1", fit.mouth.relative_rms, "field"),
        },
        donnan={
            donnan_name(name): known.model_copy(
                update={
                    "unit": donnan_unit(known.unit),
                    "value": known.value * (fit.donnan_sign if name.startswith("C") else 1.0),
                }
            )
            for name, known in jump.items()
        },
    )


def _charge_constants(fit: ChargeFit) -> dict[str, CircuitConstant]:
    rows = zip(charge_constants(fit.modes).items(), _values(fit), _errors(fit), strict=True)
    return {name: constant(unit, value, "field", error) for (name, unit), value, error in rows}


def _values(fit: ChargeFit) -> list[float]:
    """Return the constants of a fit in the order of `charge_constants`."""
    if not fit.modes:
        return [float(fit.amplitude[0])]
    modes = np.stack([fit.amplitude, fit.centre, fit.width], axis=1)
    return [*modes.ravel().tolist(), fit.low, fit.high]


def _errors(fit: ChargeFit) -> list[float]:
    """Return their standard errors; the window has none."""
    errors = fit.standard_error
    return [*errors.reshape(-1, max(fit.modes, 1)).T.ravel().tolist(), *([0.0, 0.0] if fit.modes else [])]
