"""Numbers behind the report's figures and tables, computed from the files of a run.

For element i with node potentials v, trans-slit current I_i and charge Q_i (magnitudes with one common sign),
X = Q_i/max Q_i and Y = integral of (v_{i-1} - v_i) dt / its maximum over the charging half. The law gives
Y(X) = (Qmax/Y_max) integral of R dX; R = (v_{i-1} - v_i)/I_i is what the fields show at any moment.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.constants import elementary_charge
from scipy.integrate import cumulative_trapezoid

from ionspice.core.observables import CHARGE_VARIABLES, NODE_VARIABLES, charging

type Array = NDArray[np.float64]
#: R [ohm m] of one element as a function of the magnitude of its charge [C/m]
type Resistance = Callable[[Array], Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementCurve:
    """One element over the run, magnitudes with the sign of charging taken out."""

    element: int  #: number i, 1 at the mouth
    time: Array  #: shape (time,) [s]
    charge: Array  #: |Q_i| [C/m]
    difference: Array  #: v_{i-1} - v_i, positive while charging [V]
    current: Array  #: I_i, positive while charging [A/m]
    charging: NDArray[np.bool_]  #: whether the moment belongs to the first charging ramp
    resistance: Resistance | None  #: the law, or None where none was fitted

    @property
    def normalised(self) -> tuple[Array, Array]:
        """X and Y of the charging half as the fields give them."""
        charge = self.charge[self.charging]
        integral = self._integral
        return charge / charge.max(), integral / integral.max()

    @property
    def law_integral(self) -> Array:
        """Y of the law at the same charges; needs `resistance`."""
        charge = self.charge[self.charging]
        grid = np.linspace(0, charge.max(), 2001)
        integral = cumulative_trapezoid(self.law_resistance(grid), grid, initial=0)
        return np.asarray(np.interp(charge, grid, integral / self._integral.max()), dtype=float)

    def law_resistance(self, charge: Array) -> Array:
        """R of the law [ohm m] at charges [C/m].

        Raises:
            ValueError: no law was fitted to this element.
        """
        if self.resistance is None:
            raise ValueError(f"element {self.element} has no law")
        return self.resistance(charge)

    def field_resistance(self, least: float = 0.1) -> Array:
        """(v_{i-1} - v_i)/I_i [ohm m]; NaN where the current is below the share `least` of its peak."""
        small = np.abs(self.current) < least * np.abs(self.current).max()
        return np.where(small, np.nan, self.difference / np.where(small, 1, self.current))

    @property
    def _integral(self) -> Array:
        when = self.charging
        return np.asarray(cumulative_trapezoid(self.difference[when], self.time[when], initial=0))


def element_curves(
    fields: xr.Dataset, charge: str, potential: str, resistances: dict[int, Resistance]
) -> tuple[ElementCurve, ...]:
    """Return every element of a run.

    Args:
        fields: observables.nc.
        charge: `passed` or `stored`, the reading of Q.
        potential: `electrochemical` or `electric`, the reading of the node potential.
        resistances: the law per element number; elements without one keep `resistance = None`.
    """
    slits, mouth = NODE_VARIABLES[potential]
    nodes = np.column_stack([fields[mouth].values, fields[slits].values])
    differences = nodes[:, :-1] - nodes[:, 1:]
    charges = fields[CHARGE_VARIABLES[charge]].values
    time = fields["time"].values
    ramp = charging(fields)
    sign = np.sign(charges[ramp][-1].sum()) or 1.0
    return tuple(
        ElementCurve(
            element=int(number),
            time=time,
            charge=np.abs(charges[:, k]),
            difference=sign * differences[:, k],
            current=sign * fields["trans_slit_current"].values[:, k],
            charging=ramp,
            resistance=resistances.get(int(number)),
        )
        for k, number in enumerate(fields["slit"].values)
    )


def net_ions(fields: xr.Dataset) -> Array:
    """Return the number of net ions per slit and nanometre of depth, shape (time, slit) [1/nm]."""
    return np.asarray(fields["slit_charge"].values / elementary_charge * 1e-9, dtype=float)


def same_direction_share(time: Array, first: Array, second: Array, scale: float) -> float:
    """Return the share of time in which two parts of a flux point the same way.

    Moments at which either is below 1 % of `scale`, the peak of the whole flux, do not count, because they
    carry nothing; NaN if no moment counts.
    """
    weights = np.gradient(time)
    counted = (np.abs(first) > 0.01 * scale) & (np.abs(second) > 0.01 * scale)
    if not counted.any():
        return float("nan")
    return float(weights[counted & (first * second > 0)].sum() / weights[counted].sum())


def flux_parts(flux: xr.DataArray) -> dict[str, Array]:
    """Return diffusion, migration and steric part of a net-ion current by name, shape (time,) each [A/m]."""
    return {str(name): flux.sel(part=name).values for name in flux["part"].values}


def direction_shares(time: Array, flux: xr.DataArray) -> tuple[float, float]:
    """Return the shares of time with migration along diffusion, and with the steric part along migration."""
    parts = flux_parts(flux)
    scale = max(float(np.abs(part).max()) for part in parts.values())
    return (
        same_direction_share(time, parts["migration"], parts["diffusion"], scale),
        same_direction_share(time, parts["steric"], parts["migration"], scale),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelError:
    """How far a circuit's current, or potential at constant current, lies from the field model's."""

    rms: float  #: root mean square over time as a share of the peak [1]
    largest: float  #: largest deviation as a share of the peak [1]
    peak_ratio: float  #: peak of the model over the peak of the field model [1]


def model_error(field: xr.DataArray, model: xr.DataArray) -> ModelError:
    """Compare two courses over `time` while both run, every moment with the same weight."""
    model = model.dropna("time")
    time, model_time = field["time"].values, model["time"].values
    grid = np.linspace(max(time[0], model_time[0]), min(time[-1], model_time[-1]), 4001)
    reference = np.interp(grid, time, field.values)
    predicted = np.interp(grid, model_time, model.values)
    deviation = predicted - reference
    peak = np.abs(reference).max()
    return ModelError(
        rms=float(np.sqrt(np.mean(deviation**2)) / peak),
        largest=float(np.abs(deviation).max() / peak),
        peak_ratio=float(np.abs(predicted).max() / peak),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """Charge balances of the field solution, largest violation as a share of the peak; NaN without slits."""

    gaps: float  #: d(slit charges)/dt against the currents through the gaps [1]
    parts: float  #: sum of the three flux parts against the trans-slit current [1]
    cell: float  #: electrode charge plus all ionic charge, of the electrode's peak [1]


def charge_balances(fields: xr.Dataset) -> Balances:
    """Return how well a field solution conserves charge."""
    current = fields["trans_slit_current"].values
    through_gaps = fields["gap_flux"].sum("part").values
    ions = fields["slit_charge"].sum("slit").values + fields["open_charge"].values
    electrode = fields["electrode_charge"].values
    two_ends = "reservoir_flux" in fields  # field lines then end in either
    cell = float("nan") if two_ends else float(np.abs(electrode + ions).max() / np.abs(electrode).max())
    if not current.shape[1]:
        return Balances(gaps=float("nan"), parts=float("nan"), cell=cell)
    steps = slice(1, None)
    inflow = current - np.pad(current[:, 1:], ((0, 0), (0, 1)))
    inflow_flux = through_gaps - np.pad(through_gaps[:, 1:], ((0, 0), (0, 1)))
    peak = np.abs(current).max()
    return Balances(
        gaps=float(np.abs(inflow - inflow_flux)[steps].max() / peak),
        parts=float(np.abs(current - through_gaps)[steps].max() / peak),
        cell=cell,
    )
