"""Series of every ion from a field run: numbers, electrochemical potentials and currents.

For two species the numbers follow from the net charge and the total number of ions of a slit; for more they must
have been recorded (`slit_species_ions`).
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import constants

from ionspice.circuits.ions.solution import FloatArray, IonSolution
from ionspice.core import InputError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IonSeries:
    """What the slits of a field run do, ion by ion; per metre of depth."""

    #: s, shape (time,)
    time: FloatArray
    #: order of the formula of the step that ends here, shape (time,)
    order: NDArray[np.int_]
    #: e phi_m/kT, shape (time,)
    electrode: FloatArray
    #: mean mu/kT of the slits, shape (time, slits, species)
    slit_potential: FloatArray
    #: mean mu/kT of the mouth, shape (time, species)
    mouth_potential: FloatArray
    #: ions of the slits, 1/m, shape (time, slits, species)
    slit_ions: FloatArray
    #: ions in front of the first sheet's mid-plane, 1/m, shape (time, species); None where it was not recorded
    open_ions: FloatArray | None
    #: ions that pass the gap into every slit, 1/(m s), shape (time, slits, species)
    gap_flow: FloatArray
    #: ions out of the reservoir, 1/(m s), shape (time, species); None where it was not recorded
    inflow: FloatArray | None
    #: width of the strip, m
    strip_width: float
    #: whether a counter electrode closes the cell
    sealed: bool

    @property
    def slits(self) -> int:
        """Number of slits."""
        return int(self.slit_ions.shape[1])

    def reduced(self, solution: IonSolution) -> FloatArray:
        """Return a_s of the slits, shape (time, slits, species)."""
        return np.asarray(self.slit_potential - self.electrode[:, None, None] * solution.valence)

    def reduced_mouth(self, solution: IonSolution) -> FloatArray:
        """Return a_s of the mouth, shape (time, species)."""
        return np.asarray(self.mouth_potential - self.electrode[:, None] * solution.valence)


def ion_series(field: xr.Dataset, solution: IonSolution) -> IonSeries:
    """Return the series of a loaded observables.nc.

    Raises:
        InputError: more than two species whose numbers were not recorded, or too few times.
    """
    if field.sizes["time"] < 8:
        raise InputError(f"the field run has {field.sizes['time']} times; at least 8 are needed to fit rails")
    volt = solution.thermal_voltage
    time = np.asarray(field["time"].to_numpy(), dtype=float)
    order = np.asarray(field["step_order"].to_numpy(), dtype=int)
    ions = _slit_ions(field, solution)
    passed = np.cumsum(ions[:, ::-1], axis=1)[:, ::-1]
    open_ions = field["open_species_ions"].to_numpy() if "open_species_ions" in field else None
    return IonSeries(
        time=time,
        order=order,
        electrode=np.asarray(field["electrode_potential"].to_numpy() / volt),
        slit_potential=field["slit_electrochemical_potential"].to_numpy() / volt * solution.valence,
        mouth_potential=field["mouth_electrochemical_potential"].to_numpy() / volt * solution.valence,
        slit_ions=ions,
        open_ions=open_ions,
        inflow=None if open_ions is None else rates(time, order, open_ions + ions.sum(axis=1)),
        gap_flow=rates(time, order, passed),
        strip_width=float(field.attrs["strip_width"]),
        sealed=bool(field.attrs.get("full_cell", 0)),
    )


def rates(time: FloatArray, order: FloatArray, values: FloatArray) -> FloatArray:
    """Return time derivatives by the backward formulas (order 1 or 2; 0 at the start) that made the values.

    Args:
        time: s, shape (time,).
        order: shape (time,).
        values: shape (time, ...).
    """
    shape = (-1,) + (1,) * (values.ndim - 1)
    h = np.diff(time).reshape(shape)
    slope = np.diff(values, axis=0) / h
    result = np.concatenate([np.zeros_like(values[:1]), slope])
    # BDF2 is the newest slope plus a share r/(1 + r) of its change, r = h_n / h_(n-1)
    r = h[1:] / h[:-1]
    second = slope[1:] + r / (1 + r) * (slope[1:] - slope[:-1])
    result[2:] = np.where(np.asarray(order)[2:].reshape(shape) == 2, second, result[2:])
    return np.asarray(result)


def _slit_ions(field: xr.Dataset, solution: IonSolution) -> FloatArray:
    if "slit_species_ions" in field:
        return np.asarray(field["slit_species_ions"].to_numpy(), dtype=float)
    if solution.species != 2:
        raise InputError(
            f"the field run has {solution.species} species and no slit_species_ions; solve the field model again"
        )
    net = np.asarray(field["slit_charge"].to_numpy()) / constants.e
    total = np.asarray(field["slit_ions"].to_numpy())
    first, second = solution.valence
    return np.stack([(net - second * total) / (first - second), (first * total - net) / (first - second)], axis=-1)
