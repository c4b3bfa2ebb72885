"""What the circuit takes from observables.nc: charges and node potentials of the first charging ramp.

Signs are turned to those of `ladder`: charges of the electrode, opposite to the net ionic ones, and
u = v_EL - v_node. The node potentials are either conduction (electrochemical) or electric potentials.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from ionspice.circuits.ladder import FloatArray, Potential
from ionspice.core import InputError

_VARIABLES = {
    "electrochemical": ("slit_conduction_potential", "mouth_conduction_potential"),
    "electric": ("slit_potential", "mouth_potential"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChargingRamp:
    """States of the field model while the electrode's potential rises from zero."""

    #: s, shape (time,)
    time: FloatArray
    #: phi_m, V, shape (time,)
    electrode: FloatArray
    #: v_1 ... v_n, V, shape (time, slits)
    node: FloatArray
    #: v_0, V, shape (time,)
    mouth: FloatArray
    #: q_i, C/m, shape (time, slits)
    slit_charge: FloatArray
    #: charge held in front of the first gap, C/m, shape (time,)
    open_charge: FloatArray
    #: m
    strip_width: float

    @property
    def slits(self) -> int:
        """Number of slits."""
        return int(self.slit_charge.shape[1])


def read_field(path: str | Path) -> xr.Dataset:
    """Return observables.nc, loaded.

    Raises:
        InputError: the file is missing or damaged, or lacks what a circuit needs.
    """
    try:
        with xr.open_dataset(path, engine="h5netcdf") as dataset:
            field = dataset.load()
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"cannot read {path}: {error}; solve the field model again") from error
    needed = {"electrode_potential", "slit_charge", "open_charge"}.union(*_VARIABLES.values())
    missing = sorted(needed - set(field.variables)) + sorted({"charging_end", "strip_width"} - set(field.attrs))
    if missing:
        raise InputError(f"{path} lacks {', '.join(missing)}; solve the field model again")
    return field


def charging_ramp(field: xr.Dataset, potential: Potential = "electrochemical") -> ChargingRamp:
    """Return the first charging ramp of a field run.

    Raises:
        InputError: the ramp has too few times or values that are not finite.
    """
    slit, mouth = _VARIABLES[potential]
    # the step that ends the ramp lands on its end up to round-off
    ramp = field.sel(time=slice(None, float(field.attrs["charging_end"]) * (1 + 1e-9)))
    if ramp.sizes["time"] < 8:
        raise InputError(f"the charging ramp has {ramp.sizes['time']} times; at least 8 are needed to fit a circuit")
    return ChargingRamp(
        time=_values(ramp, "time"),
        electrode=_values(ramp, "electrode_potential"),
        node=_values(ramp, slit),
        mouth=_values(ramp, mouth),
        slit_charge=-_values(ramp, "slit_charge"),
        open_charge=-_values(ramp, "open_charge"),
        strip_width=float(field.attrs["strip_width"]),
    )


def _values(ramp: xr.Dataset, name: str) -> FloatArray:
    values = np.asarray(ramp[name].to_numpy(), dtype=float)
    if not np.isfinite(values).all():
        raise InputError(f"{name} has values that are not finite; solve the field model again")
    return values
