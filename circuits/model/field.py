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

from ionspice.circuits.model.ladder import FloatArray, Potential
from ionspice.core import InputError
from ionspice.core.observables import NODE_VARIABLES, charging, load_observables

_CONDUCTION, _MOUTH = NODE_VARIABLES["electrochemical"]
_NEEDED = (
    "electrode_potential",
    "slit_charge",
    "open_charge",
    _MOUTH,
    *(slits for slits, _ in NODE_VARIABLES.values()),
    "charging_end",
    "strip_width",
)


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
    return load_observables(path, _NEEDED)


def charging_ramp(field: xr.Dataset, potential: Potential = "electrochemical") -> ChargingRamp:
    """Return the first charging ramp of a field run.

    Raises:
        InputError: the ramp has too few times or values that are not finite.
    """
    ramp = field.isel(time=charging(field))
    if ramp.sizes["time"] < 8:
        raise InputError(f"the charging ramp has {ramp.sizes['time']} times; at least 8 are needed to fit a circuit")
    node = _values(ramp, NODE_VARIABLES[potential][0])
    return ChargingRamp(
        time=_values(ramp, "time"),
        electrode=_values(ramp, "electrode_potential"),
        node=node,
        mouth=_values(ramp, _MOUTH),
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
