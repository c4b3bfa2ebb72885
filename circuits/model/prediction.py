"""Circuits without a field run, from a table of parameters that a sweep of field runs has filled.

A table is an xarray dataset whose dimensions are what was swept (slit width, concentration, ...) and whose variables
are those of `COLUMNS`; the attribute `charge` is the reading of their law, which has the study's form R = Rc (1 -
gamma X). Between the swept values the parameters are interpolated as power laws, log over log, because the
conductance of a slit is about proportional to concentration and diffusivity; gamma and the centres of the modes of
q(u), which may be zero, linearly over the logarithm. A positive mixture stays one, so q(u) grows between rows too.
Outside the swept values there is no answer.

A row is the `other_layers` of a circuit's record, so that the point of a table is a record again.
"""

from typing import Any

import numpy as np
import xarray as xr

from ionspice.circuits.model.assembly import charge_columns, circuit_of, first_and_inner, record_of
from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.forms import charge_constants, charge_form, gap_form
from ionspice.circuits.model.ladder import RESISTANCE_FLOOR, NanoCircuit
from ionspice.circuits.model.record import (
    ONE_SLIT,
    CircuitRecord,
    Constants,
    ElementForm,
    Extent,
    Mouth,
    Window,
    constant,
    constant_column,
)
from ionspice.circuits.model.shape import LINEAR
from ionspice.core import InputError

#: constants of a gap and of a slit in a record, with their columns
_GAP = {"Rc": "resistance", "gamma": "gamma", ONE_SLIT: "slit_charge"}
_SLIT = {"C": "slit_capacitance"}
#: variables of a table, with units, per metre of depth: Rc, gamma, charge of one full slit and C_slit of the inner
#: gaps and of the first, R_open, C_open, strip width
COLUMNS = {
    "resistance": "ohm m",
    "gamma": "1",
    "slit_charge": "C/m",
    "slit_capacitance": "F/m",
    "first_resistance": "ohm m",
    "first_gamma": "1",
    "first_slit_charge": "C/m",
    "first_slit_capacitance": "F/m",
    "open_resistance": "ohm m",
    "open_capacitance": "F/m",
    "strip_width": "m",
}
#: constants of q(u) with the further dimension `constant`, in the order of `charge_constants`; none where
#: capacitances are constant
CURVES = ("slit_charge_curve", "first_slit_charge_curve", "open_charge_curve")
#: where a run's constants were learnt; tables of circuits that nobody learnt go without
WINDOW = {
    "window_potential_low": "V",
    "window_potential_high": "V",
    "window_slit_charge_low": "C/m",
    "window_slit_charge_high": "C/m",
}


def table_row(record: CircuitRecord) -> xr.Dataset:
    """Return the first gap and the means of the inner ones of a circuit from a field run, as a row of a table.

    Rows become a table by `expand_dims` with the swept values and `xarray.combine_by_coords`.

    Raises:
        InputError: a law of another form than the study's, node potentials that jump at the mouth, or a record
            without elements of its own.
    """
    circuit = circuit_of(record)
    if any(shape != LINEAR for shape in circuit.shape):
        raise InputError("a table holds laws of the form R = Rc (1 - gamma X) only; fit that form to every run of it")
    if circuit.donnan_slope:
        raise InputError("a table holds circuits of electrochemical node potentials only; build them with these")
    reduced = record_of(circuit)
    constants = reduced.gaps[circuit.charge].other_layers | reduced.slits.other_layers
    values = {
        "open_resistance": circuit.open_resistance,
        "open_capacitance": circuit.open_capacitance,
        "strip_width": circuit.strip_width,
    }
    for name, column in _GAP.items():
        values[f"first_{column}"], values[column] = constants[name].value
    values["first_slit_capacitance"], values["slit_capacitance"] = first_and_inner(circuit.slit_capacitance)
    row = xr.Dataset({name: _scalar(values[name], unit) for name, unit in COLUMNS.items()})
    row.attrs.update(charge=circuit.charge, odd=int(circuit.slit_curve.odd))
    if circuit.order:
        names = charge_constants(circuit.order)
        first, inner = np.array([constants[name].value for name in names]).T
        curves = (inner, first, _mouth_constants(circuit))
        row = row.assign({name: ("constant", value) for name, value in zip(CURVES, curves, strict=True)})
        row = row.assign_coords(constant=list(names))
    if record.window:
        limits = (*record.window.potential, *record.window.slit_charge)
        row = row.assign(
            {name: _scalar(value, unit) for (name, unit), value in zip(WINDOW.items(), limits, strict=True)}
        )
    return row


def predict_circuit(table: xr.Dataset, *, layers: int, **where: float) -> NanoCircuit:
    """Return a circuit of any number of layers with the study's law at a point of a table.

    Args:
        table: swept parameters, see the module.
        layers: number of sheets, at least 2.
        where: a value for every swept dimension of the table, in the unit of its coordinate.

    Raises:
        InputError: a column, a dimension or a run next to the point is missing, or a value lies outside the table.
    """
    return circuit_of(predict_record(table, **where), layers)


def predict_record(table: xr.Dataset, **where: float) -> CircuitRecord:
    """Return the record of circuits with the study's law at a point of a table; arguments as of `predict_circuit`.

    Raises:
        InputError: a column, a dimension or a run next to the point is missing, or a value lies outside the table.
    """
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise InputError(f"the table lacks {', '.join(missing)}; fill it by `table_row` of each run")
    swept = {str(name) for name in table.dims} - {"constant"}
    if set(where) != swept:
        raise InputError(
            f"the table depends on {', '.join(sorted(swept))}; give a value for each, not for {sorted(where)}"
        )
    for name, value in where.items():
        low, high = float(table[name].min()), float(table[name].max())
        if not low <= value <= high:
            raise InputError(
                f"{name} = {value:g} lies outside the table ({low:g} to {high:g}); solve the field model there"
            )
    point = _interpolated(table, where) if where else table
    if any(not np.isfinite(point[name]).all() for name in COLUMNS):
        raise InputError(f"a run next to {where} failed or is missing in the table; solve the field model there")
    return _record(point, table.attrs.get("charge", "passed"), odd=bool(table.attrs.get("odd", 1)))


def _interpolated(table: xr.Dataset, where: dict[str, float]) -> xr.Dataset:
    """Return the table at a point; a dimension that is not positive throughout keeps its own scale."""
    scaled = {name for name in where if float(table[name].min()) > 0}
    axes = table.assign_coords({name: np.log(table[name]) for name in scaled})
    powers = [name for name in COLUMNS if not name.endswith("gamma") and (table[name] > 0).all()]
    axes = axes.assign({name: np.log(axes[name]) for name in powers})
    point = axes.interp({name: np.log(value) if name in scaled else value for name, value in where.items()})
    return point.assign({name: np.exp(point[name]) for name in powers})


def _record(point: xr.Dataset, charge: Any, *, odd: bool) -> CircuitRecord:
    slits, mouth = _constants(point, _SLIT), {"C": float(point["open_capacitance"])}
    order = 0
    if CURVES[0] in point:
        names = [str(name) for name in point["constant"].values]
        order = sum(name.startswith("C") for name in names)
        inner, first, opened = (point[name].to_numpy() for name in CURVES)
        units = charge_constants(order)
        slits = {
            name: constant_column(units[name], pair, None, "campaign")
            for name, pair in zip(names, zip(first, inner, strict=True), strict=True)
        }
        mouth = dict(zip(names, opened.tolist(), strict=True))
    units = charge_constants(order)
    return CircuitRecord(
        charge=charge,
        resistance_floor=constant("1", RESISTANCE_FLOOR, "chosen"),
        gaps={charge: ElementForm(form=gap_form(LINEAR), other_layers=_constants(point, _GAP))},
        slits=ElementForm(form=charge_form(order, odd=odd), other_layers=slits),
        mouth=Mouth(
            resistance=constant(COLUMNS["open_resistance"], float(point["open_resistance"]), "campaign"),
            form=charge_form(order, odd=odd),
            constants={name: constant(units[name], value, "campaign") for name, value in mouth.items()},
        ),
        window=_window(point),
        extent=Extent(strip_width=float(point["strip_width"])),
    )


def _mouth_constants(circuit: NanoCircuit) -> FloatArray:
    """Return the constants of the mouth's q(u); one that holds nothing has none of its own and takes the slits'."""
    curve = circuit.open_curve if circuit.open_curve.modes else circuit.slit_curve.at([0])
    columns = charge_columns(np.array([circuit.open_capacitance]), curve)
    return np.array([values[0] for _, values in columns.values()])


def _window(point: xr.Dataset) -> Window | None:
    limits = [float(point[name]) for name in WINDOW if name in point]
    if len(limits) < len(WINDOW) or not np.isfinite(limits).all():
        return None
    return Window(potential=(limits[0], limits[1]), slit_charge=(limits[2], limits[3]))


def _constants(point: xr.Dataset, columns: dict[str, str]) -> Constants:
    """Return constants of the first element and of the others by their names in a record."""
    return {
        name: constant_column(
            COLUMNS[column], (float(point[f"first_{column}"]), float(point[column])), None, "campaign"
        )
        for name, column in columns.items()
    }


def _scalar(value: float, unit: str) -> Any:
    return (), float(value), {"units": unit}
