"""The table of observables: names, dimensions, units, and its netCDF file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ionspice.core import InputError, replacing
from ionspice.fem.bdf import derivative_weights
from ionspice.fem.electrolyte import Electrolyte
from ionspice.fem.observables import PARTS

#: name: (dimensions after time, units, meaning)
VARIABLES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "step_order": ((), "1", "order of the BDF formula of the step that ended here"),
    "electrode_potential": ((), "V", "electrode potential phi_m against the bulk"),
    "electrode_charge": ((), "C/m", "electrode charge from the residual of Poisson's equation"),
    "electrode_current": ((), "A/m", "electrode current"),
    "slit_charge": (("slit",), "C/m", "net ionic charge of the slit"),
    "passed_charge": (("slit",), "C/m", "net ionic charge passed through the gap into the slit"),
    "trans_slit_current": (("slit",), "A/m", "net ionic current through the gap into the slit"),
    "slit_potential": (("slit",), "V", "electric potential at the mark on the slit's centre line"),
    "slit_electrochemical_potential": (("slit", "species"), "V", "slit mean of mu_i/(z_i e)"),
    "slit_conduction_potential": (("slit",), "V", "slit mean of mu_i/(z_i e) weighted by z_i^2 D_i c_i"),
    "gap_flux": (("slit", "part"), "A/m", "net-ion current through the gap into the slit"),
    "slit_flux": (("slit", "part"), "A/m", "net-ion current through the middle of the slit, inwards"),
    "open_flux": (
        ("part",),
        "A/m",
        "net-ion current towards the stack, half a slit width before the first sheet",
    ),
    "slit_ions": (("slit",), "1/m", "total number of ions of the slit"),
    "open_charge": ((), "C/m", "net ionic charge in front of the mid-plane of the first sheet"),
    "mouth_potential": ((), "V", "mean electric potential of the mouth"),
    "mouth_electrochemical_potential": (("species",), "V", "mouth mean of mu_i/(z_i e)"),
    "mouth_conduction_potential": ((), "V", "mouth mean of mu_i/(z_i e) weighted by z_i^2 D_i c_i"),
    "free_energy": ((), "J/m", "free energy less the supplies of reservoir and electrode"),
}
#: written where `Sampling` asks for them
SAMPLED_VARIABLES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "cut_flux": (("cut", "part"), "A/m", "net-ion current through the plane, along x"),
    "cut_electric_flux": (("cut",), "C/m", "electric flux eps E through the plane, along x"),
    "cut_displacement_current": (("cut",), "A/m", "time derivative of the electric flux through the plane"),
    "profile_potential": (("profile_slit", "point"), "V", "electric potential across the slit"),
    "profile_net_ions": (("profile_slit", "point"), "mol/L", "sum of z_i c_i across the slit"),
    "profile_concentration": (("profile_slit", "point", "species"), "mol/L", "concentration across the slit"),
}
_PER_PORE = {"C/m": "C", "A/m": "A", "1/m": "1", "J/m": "J"}
_DERIVATIVES = {
    "electrode_current": "electrode_charge",
    "trans_slit_current": "passed_charge",
    "cut_displacement_current": "cut_electric_flux",
}


class Record:
    """The observables of all accepted steps so far, one row a step."""

    def __init__(self, columns: Mapping[str, Sequence[Any]] | None = None) -> None:
        self._columns: dict[str, list[Any]] = {name: list(values) for name, values in (columns or {}).items()}

    def append(self, time: float, order: int, measured: Mapping[str, Any]) -> None:
        """Add a step: its end [s], the order of its formula and what was measured there [SI]."""
        row = {"time": time, "step_order": order, **measured}
        for name, value in row.items():
            self._columns.setdefault(name, []).append(value)
        for current, charge in _DERIVATIVES.items():
            if charge not in row:
                continue
            self._columns.setdefault(current, []).append(self._rate(charge, order))

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
    sampled: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Return the record as an xarray dataset with units, coordinates and the given global attributes.

    With the attribute `axisymmetric` set, what is else per metre of depth is of the whole pore. `sampled` are the
    coordinates, in the form of xarray, of what a `Sampling` asked for.
    """
    columns = record.columns()
    per_pore = _PER_PORE if attributes.get("axisymmetric") else {}
    variables = {
        name: (("time", *dims), columns[name], {"units": per_pore.get(units, units), "long_name": meaning})
        for name, (dims, units, meaning) in (VARIABLES | SAMPLED_VARIABLES).items()
        if name in VARIABLES or name in columns
    }
    species = electrolyte.species
    slits = columns["slit_charge"].shape[1]
    coordinates = {
        "time": ("time", columns["time"], {"units": "s", "long_name": "time"}),
        "slit": ("slit", np.arange(1, slits + 1), {"units": "1", "long_name": "slit, 1 nearest the bulk"}),
        "species": ("species", [s.name for s in species], {"long_name": "ion"}),
        "part": ("part", list(PARTS), {"long_name": "part of the flux"}),
        "species_valence": (
            "species",
            [s.valence for s in species],
            {"units": "1", "long_name": "signed charge number"},
        ),
        "species_diffusivity": (
            "species",
            [s.diffusivity for s in species],
            {"units": "m^2/s", "long_name": "diffusivity"},
        ),
    }
    return xr.Dataset(variables, coords=coordinates | dict(sampled or {}), attrs=dict(attributes))


def write_observables(path: str | Path, dataset: xr.Dataset) -> None:
    """Write observables.nc (netCDF-4), whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as temporary:
        dataset.to_netcdf(temporary, engine="h5netcdf")


def read_observables(path: str | Path) -> xr.Dataset:
    """Read observables.nc into memory.

    Raises:
        InputError: missing or corrupt file, or one that lacks a variable.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; make it with `ionspice solve`")
    try:
        with xr.open_dataset(path, engine="h5netcdf") as stored:
            dataset = stored.load()
    except Exception as error:  # a damaged HDF5 file raises anything
        raise InputError(f"{path}: not a readable netCDF-4 file ({error}); run `ionspice solve` again") from error
    missing = [name for name in VARIABLES if name not in dataset]
    if missing:
        raise InputError(f"{path}: variables {', '.join(missing)} are missing; run `ionspice solve` again")
    return dataset
