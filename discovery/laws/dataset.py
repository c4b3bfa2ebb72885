"""Charge and voltage-integral series of the elements, from a field run or a table.

Element i carries the current I_i into slit i under the difference v(i-1) - v(i). Integrated over the charging half,

    V_i(t) = integral of (v(i-1) - v(i)) dt'   against   Q_i(t)

is monotone, and dV_i/dQ_i is the trans-slit resistance. Both enter as magnitudes: for a positive electrode
potential the net ionic charge, and with it the whole of V_i, is negative.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ionspice.core import InputError, sha256_of
from ionspice.core.observables import (
    CHARGE_VARIABLES,
    NODE_VARIABLES,
    ChargeReading,
    PotentialReading,
    charging,
    load_observables,
)
from ionspice.discovery.tables.columns import Columns, read_columns

if TYPE_CHECKING:
    import xarray as xr

#: units of field results, per metre of depth
CHARGE_UNIT = "C/m"
RESISTANCE_UNIT = "ohm m"
_FEWEST_POINTS = 8
#: elements that a law is searched and judged on; every candidate is fitted to each of them
_MOST_SEARCHED = 8
_LARGEST_FALL = 0.02  # of the maximum; more than noise, so the series is not that of a passive resistor
_ROUND_OFF_CHARGE = 1e-7  # of the largest charge: the solver balances currents to 1e-8 of their peak


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementSeries:
    """One element's series over the charging half."""

    #: element number i, 1 nearest the bulk
    element: int
    #: C/m, magnitude, strictly rising, shape (n,)
    charge: np.ndarray
    #: V s, magnitude, shape (n,)
    voltage_integral: np.ndarray
    #: net over total bulk ions in the slit, |X_c|/(2 c0) (1), shape (n,); None where unknown
    ion_excess: np.ndarray | None = None
    #: ohm m, dV/dQ where that was observed and the voltage integral was integrated from it, shape (n,)
    resistance: np.ndarray | None = None

    def __post_init__(self) -> None:
        """Check that the numbers can hold a resistance."""
        _check_series(self)

    @property
    def largest_charge(self) -> float:
        """Q^max in C/m."""
        return float(self.charge[-1])

    @property
    def largest_integral(self) -> float:
        """Largest voltage integral in V s."""
        return float(np.max(self.voltage_integral))

    @property
    def is_passive(self) -> bool:
        """Whether the voltage integral ends near its maximum, as it must for a resistance above zero."""
        return bool(self.voltage_integral[-1] >= (1.0 - _LARGEST_FALL) * self.largest_integral)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResistanceData:
    """All elements of one run or table."""

    #: series in the order of their elements
    series: tuple[ElementSeries, ...]
    #: reading of Q
    charge: ChargeReading = "passed"
    #: reading of the node potential
    potential: PotentialReading = "electrochemical"
    #: SHA-256 of the file, empty for data from memory
    sha256: str = ""
    #: unit of the charge: per metre of depth, or of a device or an area
    charge_unit: str = CHARGE_UNIT
    #: unit of the resistance dV/dQ
    resistance_unit: str = RESISTANCE_UNIT

    def __post_init__(self) -> None:
        """Check that there is something to learn from."""
        if not self.series:
            raise InputError("no element has data: give at least one series of charge and voltage integral")

    @property
    def inner(self) -> tuple[ElementSeries, ...]:
        """Elements i >= 2 that are passive, or all where fewer than two are: what a law is discovered from.

        The first element also holds the mouth's Donnan jump. Of many, as many as the search needs, evenly spread.
        """
        inner = tuple(series for series in self.series if series.element >= 2 and series.is_passive)
        found = inner if len(inner) >= 2 else self.series
        if len(found) <= _MOST_SEARCHED:
            return found
        return tuple(found[k] for k in np.linspace(0, len(found) - 1, _MOST_SEARCHED).round().astype(int))


def _check_series(series: ElementSeries) -> None:
    name = f"element {series.element}"
    charge, integral = series.charge, series.voltage_integral
    if charge.ndim != 1 or charge.shape != integral.shape:
        raise InputError(f"{name}: charge {charge.shape} and voltage_integral {integral.shape} must be equal columns")
    if charge.size < _FEWEST_POINTS:
        raise InputError(f"{name}: {charge.size} points, at least {_FEWEST_POINTS} are needed; write more time steps")
    for label, column in (("charge", charge), ("voltage_integral", integral)):
        bad = np.flatnonzero(~np.isfinite(column))
        if bad.size:
            raise InputError(f"{name}: {label} is not finite in row {bad[0] + 1}; remove or repair that row")
        if np.ptp(column) == 0.0:
            raise InputError(f"{name}: {label} is constant ({column[0]:g}); a law needs a series that varies")
    if charge[0] < 0.0:
        raise InputError(
            f"{name}: charge begins at {charge[0]:g} C/m; magnitudes that start at or above 0 are needed"
        )
    falls = np.flatnonzero(np.diff(charge) <= 0.0)
    if falls.size:
        raise InputError(
            f"{name}: charge does not rise from row {falls[0] + 1} ({charge[falls[0]]:g} to "
            f"{charge[falls[0] + 1]:g}); give the charging half only, sorted by time"
        )


def read_observables(
    path: str | Path, charge: ChargeReading = "passed", potential: PotentialReading = "electrochemical"
) -> ResistanceData:
    """Read the charging half of observables.nc.

    Args:
        path: the file that the field solver wrote.
        charge: "passed" through the gap into slit i and beyond, or "stored" in slit i.
        potential: "electrochemical" (Kirchhoff's laws hold for it) or "electric" (the study's choice).

    Raises:
        InputError: the file is missing, damaged, lacks a variable, or holds no charging half.
    """
    if charge not in CHARGE_VARIABLES or potential not in NODE_VARIABLES:
        raise InputError(
            f"charge={charge!r}, potential={potential!r}: choose from {', '.join(CHARGE_VARIABLES)} and "
            f"{', '.join(NODE_VARIABLES)}"
        )
    needed = ("time", "slit", "slit_charge", CHARGE_VARIABLES[charge], *NODE_VARIABLES[potential], "charging_end")
    return from_observables(load_observables(path, needed), path, charge, potential)


def from_observables(
    dataset: "xr.Dataset",
    path: str | Path,
    charge: ChargeReading = "passed",
    potential: PotentialReading = "electrochemical",
) -> ResistanceData:
    """Return the charging half of observables.nc that was opened from `path`; see `read_observables`."""
    from scipy.integrate import cumulative_trapezoid

    slit_name, mouth_name = NODE_VARIABLES[potential]
    half = dataset.isel(time=charging(dataset))
    time = half["time"].values
    if time.size < _FEWEST_POINTS:
        raise InputError(f"{path}: {time.size} time steps in the charging half, {_FEWEST_POINTS} are needed")
    nodes = np.column_stack([half[mouth_name].values, half[slit_name].transpose("time", "slit").values])
    difference = -np.diff(nodes, axis=1)
    integral = cumulative_trapezoid(difference, time, axis=0, initial=0.0)
    charges = half[CHARGE_VARIABLES[charge]].transpose("time", "slit").values
    stored = np.abs(half["slit_charge"].transpose("time", "slit").values)
    full = dataset["slit_bulk_charge"].values if "slit_bulk_charge" in dataset.coords else None
    least = _ROUND_OFF_CHARGE * np.abs(charges).max()
    found = (
        _charging_series(int(number), charges[:, k], integral[:, k], None if full is None else stored[:, k] / full[k])
        for k, number in enumerate(half["slit"].values)
        if np.abs(charges[:, k]).max() > least
    )
    return ResistanceData(
        series=tuple(series for series in found if series is not None),
        charge=charge,
        potential=potential,
        sha256=sha256_of(path),
    )


def _charging_series(
    element: int, charge: np.ndarray, integral: np.ndarray, excess: np.ndarray | None
) -> ElementSeries | None:
    """Return magnitudes where the charge rises, from where it leaves round-off; None where it hardly does.

    Deep slits stay empty for the first steps, and slits of a cell that runs out of ions give charge back.
    """
    sign = np.sign(charge[np.abs(charge).argmax()])
    empty = np.flatnonzero(np.abs(charge) <= _ROUND_OFF_CHARGE * np.abs(charge).max())
    start = int(empty[-1]) if empty.size else 0
    magnitude = np.maximum(charge[start:] * sign, 0.0)
    rising = np.concatenate([[True], magnitude[1:] > np.maximum.accumulate(magnitude)[:-1]])
    if rising.sum() < _FEWEST_POINTS:
        return None
    return ElementSeries(
        element=element,
        charge=magnitude[rising],
        voltage_integral=integral[start:][rising] * sign,
        ion_excess=None if excess is None else excess[start:][rising],
    )


def read_table(path: str | Path, units: Mapping[str, str] | None = None) -> ResistanceData:
    """Read a CSV table with columns `charge`, `voltage_integral` and, optionally, `series` (whole numbers).

    A column `resistance` (dV/dQ) may stand in place of `voltage_integral`; the law's derivative is fitted to it.

    Args:
        path: the table; a header cell may hold a unit, as `charge [C/m]`. Columns without one are in C/m, V s and
            ohm m.
        units: units by the name of the column, in place of those of the header.

    Raises:
        InputError: the file is missing, a column is missing, a cell is not a number, or a unit does not fit.
    """
    columns = read_columns(path)
    observed = "resistance" if "voltage_integral" not in columns.names else "voltage_integral"
    if not {"charge", observed} <= set(columns.names):
        raise InputError(
            f"{path} must have columns charge,voltage_integral or charge,resistance (and series); found "
            f"{', '.join(columns.names)}. For a formula of other columns name them with --x and --y"
        )
    if units is not None:
        columns = columns.with_units(units)
    charge_unit, resistance_unit = _law_units(columns, observed)
    return ResistanceData(
        series=tuple(_table_series(columns, observed)),
        sha256=columns.sha256,
        charge_unit=charge_unit,
        resistance_unit=resistance_unit,
    )


def _table_series(columns: Columns, observed: str) -> Iterator[ElementSeries]:
    """Yield the series of a table as magnitudes, `observed` being voltage_integral or resistance."""
    numbers = columns.numbers("series") if "series" in columns.names else np.ones(len(columns.rows))
    charges, targets = columns.numbers("charge"), columns.numbers(observed)
    for number in np.unique(numbers):
        if number != int(number):
            raise InputError(f"{columns.path}: series {number:g} is not a whole number")
        charge, target = charges[numbers == number], targets[numbers == number]
        if abs(charge[-1]) < abs(charge).max() or charge[-1] == 0.0:
            raise InputError(
                f"{columns.path}: charge of series {number:g} does not end at its maximum; give the charging half"
            )
        sign = np.sign(charge[-1])
        if observed == "resistance":
            yield _from_resistance(int(number), charge * sign, target)
        else:
            yield ElementSeries(element=int(number), charge=charge * sign, voltage_integral=target * sign)


def _from_resistance(element: int, charge: np.ndarray, resistance: np.ndarray) -> ElementSeries:
    """Return a series whose voltage integral is that of its resistance, from Q = 0 on."""
    steps = 0.5 * (resistance[1:] + resistance[:-1]) * np.diff(charge)
    integral = resistance[0] * charge[0] + np.concatenate([[0.0], np.cumsum(steps)])
    return ElementSeries(element=element, charge=charge, voltage_integral=integral, resistance=resistance)


def _law_units(columns: Columns, observed: str) -> tuple[str, str]:
    """Return the SI units of Q and of R = dV/dQ.

    Raises:
        InputError: one column has a unit and the other has none, or dV/dQ is no resistance (per area, per length).
    """
    charge, target = columns.units["charge"], columns.units[observed]
    if charge is None and target is None:
        return CHARGE_UNIT, RESISTANCE_UNIT
    if charge is None or target is None:
        raise InputError(f"{columns.path}: give units to both charge and {observed}, or to none of them")
    from ionspice.discovery.tables.dimensions import parse_unit  # pint is slow to import

    known = {("C/m", "ohm m"), ("C", "ohm"), ("C/m^2", "ohm m^2")}
    for charge_unit, resistance_unit in sorted(known):
        wanted = resistance_unit if observed == "resistance" else "V s"
        if (
            parse_unit(charge).powers == parse_unit(charge_unit).powers
            and parse_unit(target).powers == parse_unit(wanted).powers
        ):
            return charge_unit, resistance_unit
    raise InputError(
        f"{columns.path}: units {charge} of charge and {target} of {observed}; use units of C/m, C or C/m^2, and of "
        "V s for a voltage integral or ohm m, ohm or ohm m^2 for a resistance"
    )
