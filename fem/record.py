"""What a run has measured so far, a row a step, and the dataset of observables.nc that becomes of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ionspice.core.bdf import derivative_weights
from ionspice.core.electrolyte import Electrolyte
from ionspice.core.observables import COORDINATES, PARTS, PER_PORE, SAMPLED_VARIABLES, VARIABLES

_DERIVATIVES = {
    "electrode_current": "electrode_charge",
    "trans_slit_current": "passed_charge",
    "cut_displacement_current": "cut_electric_flux",
}


#: column of the current that does not stay on what the drive acts on; it is recorded and not written
CONDUCTED = "conducted_current"


class Record:
    """The observables of all accepted steps so far, one row a step."""

    def __init__(self, columns: Mapping[str, Sequence[Any]] | None = None) -> None:
        self._columns: dict[str, list[Any]] = {name: list(values) for name, values in (columns or {}).items()}

    def append(self, time: float, order: int, legs_done: int, measured: Mapping[str, Any]) -> None:
        """Add a step: its end [s], the order of its formula, legs that have ended, what was measured there [SI]."""
        row = {"time": time, "step_order": order, "legs_done": legs_done, **measured}
        for name, value in row.items():
            self._columns.setdefault(name, []).append(value)
        for current, charge in _DERIVATIVES.items():
            if charge not in row:
                continue
            rate = self._rate(charge, order)
            if current == "electrode_current":
                rate = rate + row.get(CONDUCTED, 0.0)
            if current == "trans_slit_current":  # what is behind a gap also goes on to a second reservoir
                rate = rate - row.get("reservoir_current", 0.0)
            self._columns.setdefault(current, []).append(rate)

    @property
    def ramps(self) -> int:
        """Number of stretches between corners of the drive that were begun."""
        return self._columns.get("step_order", []).count(1)

    def columns(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return every column as an array with time first."""
        return {name: np.asarray(values) for name, values in self._columns.items()}

    def _rate(self, name: str, order: int) -> Any:
        """Return the time derivative by the formula that the step itself used."""
        values = self._columns[name]
        if order == 0:
            return np.zeros_like(values[-1])
        times = self._columns["time"][-1 : -order - 2 : -1]
        newest = values[-1 : -order - 2 : -1]
        return sum(w * v for w, v in zip(derivative_weights(times), newest, strict=True))


def to_dataset(
    record: Record,
    electrolyte: Electrolyte,
    attributes: Mapping[str, Any],
    slit_bulk_charge: Any,
    sampled: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Return the record as a dataset of `ionspice.core.observables`.

    Args:
        record: one row a step.
        electrolyte: its species become coordinates.
        attributes: global attributes; with `axisymmetric` set, what is else per metre of depth is of the whole pore.
        slit_bulk_charge: charge |z_i| e of all ions that each slit would hold in the bulk, C/m, shape (slits,).
        sampled: coordinates, in the form of xarray, of what a `Sampling` asked for.
    """
    columns = record.columns()
    per_pore = PER_PORE if attributes.get("axisymmetric") else {}
    variables = {
        name: (("time", *dims), columns[name], {"units": per_pore.get(units, units), "long_name": meaning})
        for name, (dims, units, meaning) in (VARIABLES | SAMPLED_VARIABLES).items()
        if name in VARIABLES or name in columns
    }
    species = electrolyte.species
    constants = {
        "slit": np.arange(1, columns["slit_charge"].shape[1] + 1),
        "slit_bulk_charge": slit_bulk_charge,
        "species_valence": [s.valence for s in species],
        "species_diffusivity": [s.diffusivity for s in species],
        "species_concentration": [s.concentration for s in species],
    }
    coordinates: dict[str, Any] = {
        "time": ("time", columns["time"], {"units": "s", "long_name": "time"}),
        "species": ("species", [s.name for s in species], {"long_name": "ion"}),
        "part": ("part", list(PARTS), {"long_name": "part of the flux"}),
    }
    for name, (dimension, units, meaning) in COORDINATES.items():
        described = {"units": per_pore.get(units, units), "long_name": meaning}
        coordinates[name] = (dimension, constants[name], described)
    return xr.Dataset(variables, coords=coordinates | dict(sampled or {}), attrs=dict(attributes))
