"""The current between two reservoirs against their potential difference, and what it says of a membrane.

The potential is that of the second reservoir against the first; a positive current flows from the second to the
first."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import constants

from ionspice.core import replacing
from ionspice.core.electrolyte import Electrolyte
from ionspice.core.observables import load_observables, pore_depth
from ionspice.core.reservoirs import reservoir_potentials
from ionspice.core.run_files import CURRENT_VOLTAGE, OBSERVABLES
from ionspice.pipeline.cases.case import Case

type Array = NDArray[np.float64]

_ON_POTENTIAL = 1e-3  # of the range: closer to a potential than this is at it
_AT_REST = 1e-9  # of the largest current: less than this is none


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentVoltage:
    """The course of a run in the plane of current and potential."""

    potential: Array  #: (time,) [V]
    current: Array  #: (time,), displacement included [`unit`]
    species_current: Array  #: z_i e N_i, (time, species) [`unit`]
    species: tuple[str, ...]  #: names
    unit: str  #: A/m, of a whole pore A

    @property
    def reversal_potential(self) -> float:
        """Last potential at which no current flowed, passed or rested at; NaN if there is none [V]."""
        none = np.abs(self.current) <= _AT_REST * np.abs(self.current).max()
        if none[-1]:
            return float(self.potential[-1])
        passes = np.flatnonzero(self.current[1:] * self.current[:-1] < 0)
        if not len(passes):
            return math.nan
        (v0, v1), (i0, i1) = (values[passes[-1] : passes[-1] + 2] for values in (self.potential, self.current))
        return float(v0 - i0 * (v1 - v0) / (i1 - i0))

    @property
    def rectification(self) -> tuple[float, float]:
        """The largest potential of both signs [V], and the ratio of the currents there, positive over negative."""
        both = min(self.potential.max(), -self.potential.min())
        if not both > 0:
            return math.nan, math.nan
        return float(both), abs(self.current_at(both) / self.current_at(-both))

    def current_at(self, potential: float) -> float:
        """Return the last current at a potential [V]."""
        return float(self.current[self._nearest(potential)])

    def shares_at(self, potential: float) -> Array:
        """Return the shares of the species in the ions' current at a potential [V], (species,)."""
        own = self.species_current[self._nearest(potential)]
        return np.asarray(own / own.sum())

    def _nearest(self, potential: float) -> int:
        distance = np.abs(self.potential - potential)
        near = np.flatnonzero(distance <= distance.min() + _ON_POTENTIAL * np.ptp(self.potential))
        return int(near[-1])


def current_voltage(fields: xr.Dataset) -> CurrentVoltage:
    """Return the course of a run from its observables, as `load_observables` reads them."""
    whole = int(fields.attrs.get("axisymmetric", 0))
    depth = pore_depth(float(fields.attrs["strip_width"])) if whole else 1.0
    charges = constants.e * fields["species_valence"].values
    return CurrentVoltage(
        potential=fields["electrode_potential"].values,
        current=fields["electrode_current"].values * depth,
        species_current=fields["reservoir_flux"].values * charges * depth,
        species=tuple(map(str, fields["species"].values)),
        unit="A" if whole else "A/m",
    )


def permselectivity(curve: CurrentVoltage, first: Electrolyte, second: Electrolyte) -> float:
    """Return the reversal potential over that of a membrane for cations alone [1]; NaN but for one z:z salt.

    It is t_+ - t_- of the ions' shares in the current: 1 for cations alone, -1 for anions alone.
    """
    valences = sorted(s.valence for s in first.species)
    driving = float(np.mean(reservoir_potentials(first, second)))
    if len(valences) != 2 or valences[0] != -valences[1] or driving == 0:
        return math.nan
    return -curve.reversal_potential * valences[1] / (first.thermal_voltage * driving)


def has_current_voltage(case: Case) -> bool:
    """Return whether a run of a case gives a curve."""
    around = case.surroundings()
    return around.second_reservoir is not None and around.second_reservoir.driven


def write_current_voltage(directory: Path) -> None:
    """Write current_voltage.csv beside the observables of a run.

    Raises:
        InputError: observables.nc cannot be read, or the file not be written.
    """
    curve = current_voltage(load_observables(directory / OBSERVABLES, ["reservoir_flux", "strip_width"]))
    heads = ["potential [V]", f"current [{curve.unit}]", *(f"current of {n} [{curve.unit}]" for n in curve.species)]
    rows = np.column_stack([curve.potential, curve.current, curve.species_current])
    with (
        replacing(directory / CURRENT_VOLTAGE) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows([f"{value:.9g}" for value in row] for row in rows)
