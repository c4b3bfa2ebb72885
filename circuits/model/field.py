"""What the circuit takes from observables.nc: charges and node potentials of the first charging ramp.

Signs are turned to those of `ladder`: charges of the electrode, opposite to the net ionic ones, and u = v_EL -
v_node. The slits' node potentials are either conduction (electrochemical) or electric potentials; the mouth's is the
conduction potential in both cases, because its electric one is lifted by the double layer of the first sheet, which
is the charge of C_open. The mouth holds what the electrode has beyond the slits: in a half cell the ions in front of
the first sheet, in a full cell a part that the ions of both electrodes together do not show.

Laws are learnt on the first charging ramp. Charge over voltage is a state and not a history, so where a drive visits
both signs of the potential it is learnt on the whole run.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.ladder import Potential
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


#: least share of the larger potential that the other sign must reach to count as visited
_BOTH = 0.1


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
    #: charges over voltages
    storage: "Storage"
    #: whether the electrolyte stores the same charge at potentials of both signs
    symmetric: bool
    #: m
    strip_width: float

    @property
    def slits(self) -> int:
        """Number of slits."""
        return int(self.slit_charge.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Storage:
    """What slits and mouth hold at which voltages, over the ramp or the whole run."""

    #: phi_m - v_i, V, shape (time, slits)
    voltage: FloatArray
    #: q_i, C/m, shape (time, slits)
    charge: FloatArray
    #: phi_m - v_0, V, shape (time,)
    open_voltage: FloatArray
    #: C/m, shape (time,)
    open_charge: FloatArray
    #: as of `ChargingRamp`, V, shape (time,)
    donnan: FloatArray
    #: least and largest voltage of a slit in the whole run, V; slits go on charging when the electrode turns
    visited: tuple[float, float]
    #: the same for the mouth
    open_visited: tuple[float, float]


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
    electrode = _values(field, "electrode_potential")
    least, largest = sorted(np.abs([electrode.min(), electrode.max()]))
    both = electrode.min() < 0 < electrode.max() and least > _BOTH * largest
    return ChargingRamp(
        time=_values(ramp, "time"),
        electrode=_values(ramp, "electrode_potential"),
        node=node,
        mouth=_values(ramp, _MOUTH),
        donnan=_donnan(ramp, potential),
        slit_charge=-_values(ramp, "slit_charge"),
        open_charge=_open_charge(ramp),
        storage=_storage(field, field if both else ramp, potential),
        symmetric=_is_symmetric(field),
        strip_width=float(field.attrs["strip_width"]),
    )


def _storage(field: xr.Dataset, run: xr.Dataset, potential: Potential) -> Storage:
    voltage, opened = _voltages(run, potential)
    every, every_opened = _voltages(field, potential)
    return Storage(
        voltage=voltage,
        charge=-_values(run, "slit_charge"),
        open_voltage=opened,
        visited=(float(every.min()), float(every.max())),
        open_visited=(float(every_opened.min()), float(every_opened.max())),
        open_charge=_open_charge(run),
        donnan=_donnan(run, potential),
    )


def _voltages(run: xr.Dataset, potential: Potential) -> tuple[FloatArray, FloatArray]:
    electrode = _values(run, "electrode_potential")
    return electrode[:, None] - _values(run, NODE_VARIABLES[potential][0]), electrode - _values(run, _MOUTH)


def _donnan(run: xr.Dataset, potential: Potential) -> FloatArray:
    return _values(run, NODE_VARIABLES[potential][0])[:, 0] - _values(run, _CONDUCTION)[:, 0]


def _open_charge(run: xr.Dataset) -> FloatArray:
    if run.attrs.get("full_cell"):
        return _values(run, "electrode_charge") + _values(run, "slit_charge").sum(axis=1)
    return -_values(run, "open_charge")


def _is_symmetric(field: xr.Dataset) -> bool:
    """Return whether anions and cations differ but by sign and diffusivity; a run without ions counts as such."""
    if "species_valence" not in field.coords:
        return True
    diameters = _diameters(str(field.attrs.get("case", "")))
    ions = zip(field["species"].values, field["species_valence"].values, strict=True)
    own = [(int(valence), diameters.get(str(name), "")) for name, valence in ions]
    return sorted(own) == sorted((-valence, size) for valence, size in own)


def _diameters(case: str) -> dict[str, str]:
    """Return the ions' own diameters in a resolved case, by name; none where it cannot be read."""
    try:
        species = tomllib.loads(case)["electrolyte"]["species"]
        return {ion["name"]: str(ion.get("diameter", "")) for ion in species}
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return {}


def _values(ramp: xr.Dataset, name: str) -> FloatArray:
    values = np.asarray(ramp[name].to_numpy(), dtype=float)
    if not np.isfinite(values).all():
        raise InputError(f"{name} has values that are not finite; solve the field model again")
    return values
