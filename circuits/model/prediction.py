"""Circuits without a field run, from a table of parameters that a sweep of field runs has filled.

A table is an xarray dataset whose dimensions are what was swept (slit width, concentration, ...) and whose
variables are those of `COLUMNS`; the attribute `charge` is the reading of their law, which has the study's form
R = Rc (1 - gamma X). Between the swept values the parameters are interpolated as power laws, log over log, because
the conductance of a slit is about proportional to concentration and diffusivity; gamma and the terms of q(v), which
may be zero, linearly over the logarithm. Outside the swept values there is no answer.
"""

import numpy as np
import xarray as xr

from ionspice.circuits.model.ladder import FloatArray, NanoCircuit
from ionspice.circuits.model.shape import LINEAR
from ionspice.core import InputError

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
#: variables with the further dimension `term`: b_k of q(v), 1/V^k; none where capacitances are constant
TERMS = ("slit_charge_terms", "first_slit_charge_terms", "open_charge_terms")


def table_row(circuit: NanoCircuit) -> xr.Dataset:
    """Return the first gap and the means of the inner ones of a circuit from a field run, as a row of a table.

    Rows become a table by `expand_dims` with the swept values and `xarray.combine_by_coords`.

    Raises:
        InputError: a law of another form than the study's, or node potentials that jump at the mouth.
    """
    if any(shape != LINEAR for shape in circuit.shape):
        raise InputError("a table holds laws of the form R = Rc (1 - gamma X) only; fit that form to every run of it")
    if circuit.donnan_terms.size:
        raise InputError("a table holds circuits of electrochemical node potentials only; build them with these")
    inner = slice(1, None) if circuit.slits > 1 else slice(None)
    one_slit = circuit.charge_max / _slits_behind(circuit.charge, circuit.slits)
    values = {
        "resistance": circuit.resistance_zero[inner].mean(),
        "gamma": circuit.gamma[inner].mean(),
        "slit_charge": one_slit[inner].mean(),
        "slit_capacitance": circuit.slit_capacitance[inner].mean(),
        "first_resistance": circuit.resistance_zero[0],
        "first_gamma": circuit.gamma[0],
        "first_slit_charge": one_slit[0],
        "first_slit_capacitance": circuit.slit_capacitance[0],
        "open_resistance": circuit.open_resistance,
        "open_capacitance": circuit.open_capacitance,
        "strip_width": circuit.strip_width,
    }
    columns = {name: ((), float(value), {"units": COLUMNS[name]}) for name, value in values.items()}
    row = xr.Dataset(columns, attrs={"charge": circuit.charge})
    terms = (circuit.slit_charge_terms[inner].mean(axis=0), circuit.slit_charge_terms[0], circuit.open_charge_terms)
    if circuit.order and circuit.open_charge_terms.size == circuit.order:
        row = row.assign({name: ("term", value) for name, value in zip(TERMS, terms, strict=True)})
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
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise InputError(f"the table lacks {', '.join(missing)}; fill it by `table_row` of each run")
    if layers < 2:
        raise InputError(f"layers = {layers}; a stack needs at least 2 sheets to have a slit")
    swept = {str(name) for name in table.dims} - {"term"}
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
    return _circuit(point, layers, table.attrs.get("charge", "passed"))


def _interpolated(table: xr.Dataset, where: dict[str, float]) -> xr.Dataset:
    """Return the table at a point; a dimension that is not positive throughout keeps its own scale."""
    scaled = {name for name in where if float(table[name].min()) > 0}
    axes = table.assign_coords({name: np.log(table[name]) for name in scaled})
    powers = [name for name in COLUMNS if not name.endswith("gamma") and (table[name] > 0).all()]
    axes = axes.assign({name: np.log(axes[name]) for name in powers})
    point = axes.interp({name: np.log(value) if name in scaled else value for name, value in where.items()})
    return point.assign({name: np.exp(point[name]) for name in powers})


def _circuit(point: xr.Dataset, layers: int, charge: str) -> NanoCircuit:
    slits = layers - 1
    first = np.arange(slits) == 0

    def column(name: str) -> FloatArray:
        return np.where(first, float(point[f"first_{name}"]), float(point[name]))

    def terms(name: str) -> FloatArray:
        return np.asarray(point[name].to_numpy() if name in point else [], dtype=float)

    slit_terms = np.where(first[:, None], terms("first_slit_charge_terms"), terms("slit_charge_terms"))
    return NanoCircuit(
        resistance_zero=column("resistance"),
        gamma=column("gamma"),
        charge_max=column("slit_charge") * _slits_behind(charge, slits),
        slit_capacitance=column("slit_capacitance"),
        slit_charge_terms=slit_terms,
        open_resistance=float(point["open_resistance"]),
        open_capacitance=float(point["open_capacitance"]),
        open_charge_terms=terms("open_charge_terms"),
        strip_width=float(point["strip_width"]),
        shape=(LINEAR,) * slits,
        charge=charge,  # type: ignore[arg-type]  # checked there
    )


def _slits_behind(charge: str, slits: int) -> FloatArray:
    return np.arange(slits, 0, -1.0) if charge == "passed" else np.ones(slits)
