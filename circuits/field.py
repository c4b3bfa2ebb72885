"""What the circuit takes from observables.nc: charges and node potentials of the first charging ramp.

Signs are turned to those of `ladder`: charges of the electrode, opposite to the net ionic ones, and
u = v_EL - v_node. The slits' node potentials are either conduction (electrochemical) or electric potentials; the
mouth's is the conduction potential in both cases, because its electric one is lifted by the double layer of the
first sheet, which is the charge of C_open.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from ionspice.circuits.ladder import FloatArray, Potential
from ionspice.core import InputError

_CONDUCTION = "slit_conduction_potential"
_NODES = {"electrochemical": _CONDUCTION, "electric": "slit_potential"}
_NEEDED = {"electrode_potential", "slit_charge", "open_charge", "mouth_conduction_potential", *_NODES.values()}


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
    #: jump of the node potential at the first slit over the conduction potential, V, shape (time,)
    donnan: FloatArray
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
    missing = sorted(_NEEDED - set(field.variables))
    missing += sorted({"charging_end", "strip_width"} - set(field.attrs))
    if missing:
        raise InputError(f"{path} lacks {', '.join(missing)}; solve the field model again")
    return field


def charging_ramp(field: xr.Dataset, potential: Potential = "electrochemical") -> ChargingRamp:
    """Return the first charging ramp of a field run.

    Raises:
        InputError: the ramp has too few times or values that are not finite.
    """
    # the step that ends the ramp lands on its end up to round-off
    ramp = field.sel(time=slice(None, float(field.attrs["charging_end"]) * (1 + 1e-9)))
    if ramp.sizes["time"] < 8:
        raise InputError(f"the charging ramp has {ramp.sizes['time']} times; at least 8 are needed to fit a circuit")
    node = _values(ramp, _NODES[potential])
    return ChargingRamp(
        time=_values(ramp, "time"),
        electrode=_values(ramp, "electrode_potential"),
        node=node,
        mouth=_values(ramp, "mouth_conduction_potential"),
        donnan=node[:, 0] - _values(ramp, _CONDUCTION)[:, 0],
        slit_charge=-_values(ramp, "slit_charge"),
        open_charge=-_values(ramp, "open_charge"),
        strip_width=float(field.attrs["strip_width"]),
    )


def _values(ramp: xr.Dataset, name: str) -> FloatArray:
    values = np.asarray(ramp[name].to_numpy(), dtype=float)
    if not np.isfinite(values).all():
        raise InputError(f"{name} has values that are not finite; solve the field model again")
    return values
