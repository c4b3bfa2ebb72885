"""From a record to a circuit, and from a circuit to a record."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import sympy

from ionspice.circuits.model.charge import ChargeCurve, FloatArray, scaled_curve
from ionspice.circuits.model.forms import charge_constants, charge_form, charge_order, gap_form, gap_shape
from ionspice.circuits.model.ladder import ROOM_TEMPERATURE, Charge, NanoCircuit, slits_behind
from ionspice.circuits.model.record import (
    ONE_SLIT,
    CircuitConstant,
    CircuitRecord,
    ElementForm,
    Extent,
    Mouth,
    Source,
    constant,
    constant_column,
)
from ionspice.core import InputError


def circuit_of(
    record: CircuitRecord,
    layers: int | None = None,
    *,
    charge: Charge | Literal["law"] | None = None,
    gamma: float | None = None,
    resistance_scale: float = 1.0,
) -> NanoCircuit:
    """Return the circuit of `layers` sheets, per metre of depth (of a device, of a strip as wide as its area).

    Args:
        record: forms and constants.
        layers: number of sheets, at least 2; the record's own unless given.
        charge: what the resistances read, "law" for the law's own charge; the record's choice unless given.
        gamma: in place of the record's, for all gaps.
        resistance_scale: factor on every Rc.

    Raises:
        InputError: a number out of its range, no number of layers, or a reading that the record does not have.
    """
    _check_changes(gamma, resistance_scale)
    reading = record.law_charge if charge == "law" else charge or record.reading(layers)
    if reading not in record.gaps:
        raise InputError(f"the circuit has no law of the {reading} charge, but of {', '.join(record.gaps)}")
    gaps, slits, mouth, count = record.gaps[reading], record.slits, record.mouth, _layers(record, layers)
    law, storage = (_columns(part, count, own=count == record.layers) for part in (gaps, slits))
    if ONE_SLIT in law:
        law["Qmax"] = law.pop(ONE_SLIT) * slits_behind(reading, count - 1)
    capacitance, curve = _charge(slits.form, storage)
    open_capacitance, open_curve = _charge(mouth.form, _numbers(mouth.constants))
    jump, jump_curve = _donnan(mouth)
    return NanoCircuit(
        resistance_zero=law["Rc"] * resistance_scale,
        gamma=law["gamma"] if gamma is None else np.full(count - 1, float(gamma)),
        charge_max=law["Qmax"],
        slit_capacitance=capacitance,
        slit_curve=curve,
        open_resistance=mouth.resistance.value,
        open_capacitance=float(open_capacitance[0]),
        open_curve=open_curve,
        donnan_slope=jump,
        donnan_curve=jump_curve,
        leakage=np.inf if record.leakage is None else record.leakage.value,
        temperature=record.provenance.temperature or ROOM_TEMPERATURE,
        strip_width=record.extent.width,
        shape=_shapes(gaps.form, law),
        charge=reading,
        potential=record.potential,
        resistance_floor=record.resistance_floor.value,
    )


def record_of(circuit: NanoCircuit, source: Source = "chosen") -> CircuitRecord:
    """Return the record of a circuit of one form; circuits of other sizes get its first element and the inner means.

    Raises:
        InputError: gaps of different forms.
    """
    if len(set(circuit.shape)) > 1:
        raise InputError("the gaps have different forms; a record holds one form for all of them")
    behind = slits_behind(circuit.charge, circuit.slits)
    law = {"Rc": ("ohm m", circuit.resistance_zero), "gamma": ("1", circuit.gamma)}
    storage = charge_columns(circuit.slit_capacitance, circuit.slit_curve)
    scales = (("Qmax", circuit.charge_max), (ONE_SLIT, circuit.charge_max / behind))
    own, one = ({**law, name: ("C/m", values)} for name, values in scales)
    return CircuitRecord(
        layers=circuit.layers,
        charge=circuit.charge,
        potential=circuit.potential,
        resistance_floor=constant("1", circuit.resistance_floor, source),
        gaps={circuit.charge: _element_form(gap_form(circuit.shape[0]), own, one, source)},
        slits=_element_form(charge_form(circuit.order, odd=circuit.slit_curve.odd), storage, storage, source),
        mouth=mouth_of(circuit, source),
        leakage=None if np.isinf(circuit.leakage) else constant("ohm m", circuit.leakage, source),
        extent=Extent(strip_width=circuit.strip_width),
    )


def _check_changes(gamma: float | None, resistance_scale: float) -> None:
    if gamma is not None and not 0 <= gamma <= 1:
        raise InputError(f"gamma = {gamma} must lie between 0 (constant resistance) and 1")
    if not resistance_scale > 0:
        raise InputError(f"rc-scale = {resistance_scale} must be greater than 0")


def _layers(record: CircuitRecord, layers: int | None) -> int:
    count = record.layers if layers is None else layers
    if count is None:
        raise InputError("the circuit is for any number of sheets; say how many layers it shall have")
    if count < 2:
        raise InputError(f"layers = {count}; a stack needs at least 2 sheets to have a slit")
    return count


def _shapes(form: str, law: Mapping[str, FloatArray]) -> tuple[sympy.Expr, ...]:
    """Return s(X) of every gap; gaps of equal constants share theirs, and all but the charge scale counts."""
    names = [name for name in law if name != "Qmax"]
    rows = list(zip(*(law[name].tolist() for name in names), strict=True))
    known = {row: gap_shape(form, dict(zip(names, row, strict=True))) for row in set(rows)}
    return tuple(known[row] for row in rows)


def mouth_of(circuit: NanoCircuit, source: Source) -> Mouth:
    """Return the mouth of a circuit, without errors."""
    stored = charge_columns(np.array([circuit.open_capacitance]), circuit.open_curve)
    jump = charge_columns(np.array([circuit.donnan_slope]), circuit.donnan_curve) if circuit.donnan_slope else {}
    return Mouth(
        resistance=constant("ohm m", circuit.open_resistance, source),
        form=charge_form(circuit.open_curve.modes, odd=circuit.open_curve.odd),
        constants={name: constant(unit, values[0], source) for name, (unit, values) in stored.items()},
        donnan={
            donnan_name(name): constant(donnan_unit(unit), values[0], source) for name, (unit, values) in jump.items()
        },
    )


def charge_columns(capacitance: FloatArray, curve: ChargeCurve) -> dict[str, tuple[str, FloatArray]]:
    """Return the constants of q(u) by name, with units, shape (elements,)."""
    if not curve.modes:
        return {"C": ("F/m", capacitance)}
    amplitude = capacitance[:, None] * curve.weight
    triples = (
        column for k in range(curve.modes) for column in (amplitude[:, k], curve.centre[:, k], curve.width[:, k])
    )
    columns = (*triples, curve.low, curve.high)
    return {
        name: (unit, column)
        for (name, unit), column in zip(charge_constants(curve.modes).items(), columns, strict=True)
    }


def donnan_name(name: str) -> str:
    """Return what a constant of q(u) is called in the Donnan potential."""
    return name.replace("C", "D")


def donnan_unit(unit: str) -> str:
    """Return the unit of a constant of the Donnan potential from that of q(u)."""
    return "1" if unit == "F/m" else unit


def first_and_inner(values: FloatArray) -> tuple[float, float]:
    """Return the first of the elements' values and the mean of the others (of all if there is one)."""
    return float(values[0]), float((values[1:] if values.size > 1 else values).mean())


def _element_form(
    form: str,
    own: Mapping[str, tuple[str, FloatArray]],
    any_size: Mapping[str, tuple[str, FloatArray]],
    source: Source,
) -> ElementForm:
    return ElementForm(
        form=form,
        elements={name: constant_column(unit, values, None, source) for name, (unit, values) in own.items()},
        other_layers={
            name: constant_column(unit, first_and_inner(values), None, source)
            for name, (unit, values) in any_size.items()
        },
    )


def _columns(part: ElementForm, layers: int, *, own: bool) -> dict[str, FloatArray]:
    """Return the constants of every element, shape (layers - 1,)."""
    if own and part.elements is not None:
        return {name: np.array(column.value) for name, column in part.elements.items()}
    return {name: _spread(column.value, layers - 1) for name, column in part.other_layers.items()}


def _spread(values: tuple[float, ...], slits: int) -> FloatArray:
    first, inner = values
    return np.where(np.arange(slits) == 0, first, inner)


def _charge(form: str, constants: Mapping[str, FloatArray]) -> tuple[FloatArray, ChargeCurve]:
    """Return C, F/m, and q/C of every element; a curve that holds nothing is straight."""
    order, odd = charge_order(form, constants)
    if not order:
        return constants["C"], ChargeCurve.linear(constants["C"].size)
    amplitude, centre, width = (
        np.stack([constants[f"{name}{k}"] for k in range(1, order + 1)], axis=1) for name in ("C", "u", "s")
    )
    if not amplitude.any():
        return np.zeros(len(amplitude)), ChargeCurve.linear(len(amplitude))
    return scaled_curve(amplitude, centre, width, constants["ulow"], constants["uhigh"], odd=odd)


def _donnan(mouth: Mouth) -> tuple[float, ChargeCurve]:
    """Return the slope of the Donnan potential at u = 0 and the potential over it."""
    if not mouth.donnan:
        return 0.0, ChargeCurve.linear(1)
    named = {name.replace("D", "C"): value for name, value in _numbers(mouth.donnan).items()}
    sign = float(np.sign(sum(value[0] for name, value in named.items() if name.startswith("C")))) or 1.0
    own = {name: sign * value if name.startswith("C") else value for name, value in named.items()}
    order = sum(name.startswith("u") and name[1:].isdigit() for name in named)
    slope, curve = _charge(charge_form(order, odd=charge_order(mouth.form, mouth.constants)[1]), own)
    return sign * float(slope[0]), curve


def _numbers(constants: Mapping[str, CircuitConstant]) -> dict[str, FloatArray]:
    return {name: np.array([constant.value]) for name, constant in constants.items()}
