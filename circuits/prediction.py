"""Circuits without a field run, from a table of parameters that a sweep of field runs has filled.

A table is an xarray dataset whose dimensions are what was swept (slit width, concentration, ...) and whose
variables are those of `COLUMNS`; the attribute `charge` is the reading of their law. Between the swept values the
parameters are interpolated linearly; outside them there is no answer.
"""

import numpy as np
import xarray as xr

from ionspice.circuits.ladder import NanoCircuit, uniform_circuit
from ionspice.core import InputError

#: variables of a table, with units, per metre of depth: Rc, gamma, charge of one full slit, C_slit, R_open,
#: C_open, strip width
COLUMNS = {
    "resistance": "ohm m",
    "gamma": "1",
    "slit_charge": "C/m",
    "slit_capacitance": "F/m",
    "open_resistance": "ohm m",
    "open_capacitance": "F/m",
    "strip_width": "m",
}


def table_row(circuit: NanoCircuit) -> xr.Dataset:
    """Return the inner means of a circuit that was extracted from a field run, as a row without dimensions.

    Rows become a table by `expand_dims` with the swept values and `xarray.combine_by_coords`.
    """
    inner = slice(1, None) if circuit.slits > 1 else slice(None)
    behind = np.arange(circuit.slits, 0, -1.0) if circuit.charge == "passed" else np.ones(circuit.slits)
    values = {
        "resistance": circuit.resistance_zero[inner].mean(),
        "gamma": circuit.gamma[inner].mean(),
        "slit_charge": (circuit.charge_max / behind)[inner].mean(),
        "slit_capacitance": circuit.slit_capacitance[inner].mean(),
        "open_resistance": circuit.open_resistance,
        "open_capacitance": circuit.open_capacitance,
        "strip_width": circuit.strip_width,
    }
    columns = {name: ((), float(value), {"units": COLUMNS[name]}) for name, value in values.items()}
    return xr.Dataset(columns, attrs={"charge": circuit.charge})


def predict_circuit(table: xr.Dataset, *, layers: int, **where: float) -> NanoCircuit:
    """Return a circuit of equal slits with the study's law at a point of a table.

    Args:
        table: swept parameters, see the module.
        layers: number of sheets.
        where: a value for every dimension of the table, in the unit of its coordinate.

    Raises:
        InputError: a column or dimension is missing, or a value lies outside the table.
    """
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise InputError(f"the table lacks {', '.join(missing)}; fill it by `table_row` of each run")
    if set(where) != set(table.dims):
        needed = ", ".join(sorted(map(str, table.dims)))
        raise InputError(f"the table depends on {needed}; give a value for each, not for {sorted(where)}")
    for name, value in where.items():
        low, high = float(table[name].min()), float(table[name].max())
        if not low <= value <= high:
            raise InputError(
                f"{name} = {value:g} lies outside the table ({low:g} to {high:g}); solve the field model there"
            )
    row = {name: float(value) for name, value in table[list(COLUMNS)].interp(where).items()}
    return uniform_circuit(
        layers=layers,
        resistance=row["resistance"],
        gamma=row["gamma"],
        slit_charge=row["slit_charge"],
        slit_capacitance=row["slit_capacitance"],
        open_resistance=row["open_resistance"],
        open_capacitance=row["open_capacitance"],
        strip_width=row["strip_width"],
        charge=table.attrs.get("charge", "passed"),
    )
