"""observables.nc: what a field run measures over time, and the one place that knows its names.

A netCDF-4 file of one run; docs/architecture.md lists the variables. Per metre of depth of the mirror strip, or of
the whole pore where `axisymmetric` is set. Charges are net ionic ones (cations minus anions), so a positive electrode
potential makes them negative; potentials are zero in the bulk. Besides the variables over time there are, per
species, valence, diffusivity and bulk concentration, and per slit the charge |z_i| e of all ions that it would hold
in the bulk.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ionspice.core.errors import InputError
from ionspice.core.netcdf import read_netcdf, write_netcdf

if TYPE_CHECKING:
    import xarray as xr

type ChargeReading = Literal["passed", "stored"]
type PotentialReading = Literal["electrochemical", "electric"]
type Meaning = tuple[tuple[str, ...], str, str]

#: the parts of a net-ion current, which sum to it
PARTS = ("diffusion", "migration", "steric")

#: name: (dimensions after time, units, meaning)
VARIABLES: dict[str, Meaning] = {
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
    "open_flux": (("part",), "A/m", "net-ion current towards the stack, half a slit width before the first sheet"),
    "slit_ions": (("slit",), "1/m", "total number of ions of the slit"),
    "slit_species_ions": (("slit", "species"), "1/m", "number of ions of one kind in the slit"),
    "open_species_ions": (("species",), "1/m", "number of ions of one kind in front of the first sheet's mid-plane"),
    "open_charge": ((), "C/m", "net ionic charge in front of the mid-plane of the first sheet"),
    "mouth_potential": ((), "V", "mean electric potential of the mouth"),
    "mouth_electrochemical_potential": (("species",), "V", "mouth mean of mu_i/(z_i e)"),
    "mouth_conduction_potential": ((), "V", "mouth mean of mu_i/(z_i e) weighted by z_i^2 D_i c_i"),
    "free_energy": ((), "J/m", "free energy less the supplies of reservoir and electrode"),
}
#: written where the case's [sampling] asks for them, or where there are reactions or two reservoirs
SAMPLED_VARIABLES: dict[str, Meaning] = {
    "faradaic_current": (
        (),
        "A/m",
        "current that reactions and leakage take from the electrode, a part of electrode_current",
    ),
    "reservoir_flux": (("species",), "1/(m s)", "ions of one kind that flow from the second reservoir"),
    "reservoir_current": ((), "A/m", "current that ions carry from the second reservoir"),
    "cut_flux": (("cut", "part"), "A/m", "net-ion current through the plane, along x"),
    "cut_electric_flux": (("cut",), "C/m", "electric flux eps E through the plane, along x"),
    "cut_displacement_current": (("cut",), "A/m", "time derivative of the electric flux through the plane"),
    "profile_potential": (("profile_slit", "point"), "V", "electric potential across the slit"),
    "profile_net_ions": (("profile_slit", "point"), "mol/L", "sum of z_i c_i across the slit"),
    "profile_concentration": (("profile_slit", "point", "species"), "mol/L", "concentration across the slit"),
}
#: name: (dimension, units, meaning) of what does not change in time
COORDINATES: dict[str, tuple[str, str, str]] = {
    "slit": ("slit", "1", "slit, 1 nearest the bulk"),
    "slit_bulk_charge": ("slit", "C/m", "charge |z_i| e of all ions that the slit would hold in the bulk"),
    "species_valence": ("species", "1", "signed charge number"),
    "species_diffusivity": ("species", "m^2/s", "diffusivity"),
    "species_concentration": ("species", "mol/m^3", "concentration in the bulk"),
}
#: global attributes that every reader may rely on
ATTRIBUTES = (
    "case",
    "versions",
    "ranks",
    "wall_time",
    "strip_width",
    "layers",
    "charging_end",
    "unknowns",
    "temperature",
)
#: what stands in the place of a unit per metre of depth where the whole pore is meant
PER_PORE = {"C/m": "C", "A/m": "A", "1/m": "1", "J/m": "J", "1/(m s)": "1/s"}

#: variables that a reading of the node potential stands for: of the slits, of the mouth
NODE_VARIABLES: dict[str, tuple[str, str]] = {
    "electrochemical": ("slit_conduction_potential", "mouth_conduction_potential"),
    "electric": ("slit_potential", "mouth_potential"),
}
#: variable that a reading of the charge stands for
CHARGE_VARIABLES: dict[str, str] = {"passed": "passed_charge", "stored": "slit_charge"}

# A step lands on the end of the ramp up to round-off.
_ON_TIME = 1e-9
_REMEDY = "solve the case again with `ionspice solve`"


def write_observables(path: str | Path, dataset: "xr.Dataset") -> None:
    """Write observables.nc, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    write_netcdf(path, {"/": dataset})


def load_observables(path: str | Path, needed: Iterable[str] | None = None) -> "xr.Dataset":
    """Read observables.nc into memory, results of a whole pore per metre of depth as of `per_depth`.

    Args:
        path: the file that `ionspice solve` wrote.
        needed: variables and attributes that the caller uses; all of the schema unless given.

    Raises:
        InputError: the file is missing or damaged, or lacks what is needed.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; run `ionspice solve CASE -o {path.parent}` first")
    dataset = read_netcdf(path, remedy=_REMEDY)["/"]
    wanted = (*VARIABLES, *COORDINATES, *ATTRIBUTES) if needed is None else tuple(needed)
    missing = [name for name in wanted if name not in dataset.variables and name not in dataset.attrs]
    if missing:
        raise InputError(f"{path} lacks {', '.join(missing)}; {_REMEDY}")
    return per_depth(dataset)


def pore_depth(strip_width: float) -> float:
    """Return the depth pi W (m) at which a strip of width W has the area of the circle of radius W."""
    return float(np.pi * strip_width)


def per_depth(dataset: "xr.Dataset") -> "xr.Dataset":
    """Return results of a whole pore per metre of depth; all others as they are.

    A pore in the middle of a circle of radius W is pi W metres of a strip of width W, for both have the same
    electrode area. Divided by that depth, results of pores obey what is said of strips: times A/W they are those of
    an area A, on which pores stand so densely.
    """
    if not int(dataset.attrs.get("axisymmetric", 0)):
        return dataset
    depth = pore_depth(float(dataset.attrs["strip_width"]))
    meanings = {**VARIABLES, **SAMPLED_VARIABLES, **COORDINATES}
    changed = {}
    for name, (_, unit, _) in meanings.items():
        if name in dataset.variables and dataset[name].attrs["units"] == PER_PORE.get(unit):
            values = dataset[name]
            changed[name] = (values / depth).assign_attrs(values.attrs | {"units": unit})
    coordinates = {name: values for name, values in changed.items() if name in dataset.coords}
    return dataset.assign({k: v for k, v in changed.items() if k not in coordinates}).assign_coords(coordinates)


def charging(dataset: "xr.Dataset") -> NDArray[np.bool_]:
    """Return which times belong to the first charging ramp, shape (time,)."""
    return np.asarray(dataset["time"].values <= float(dataset.attrs["charging_end"]) * (1 + _ON_TIME))
