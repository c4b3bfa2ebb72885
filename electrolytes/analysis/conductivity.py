"""Conductivity by Nernst and Einstein, and by Einstein and Helfand.

    sigma_NE = e^2/(V kT) sum of N_i z_i^2 D_i,    sigma = e^2/(6 V kT) d<|P(t) - P(0)|^2>/dt,  P = sum of z r

The first takes ions for independent; the second has their correlations. The Haven ratio is sigma_NE/sigma: above 1
where ions of opposite charge move together.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import constants, stats

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats
from ionspice.electrolytes.analysis.displacements import (
    MeanSquares,
    diffusive_start,
    is_diffusive,
    length_needed,
    log_slope,
    mean_squares,
)
from ionspice.electrolytes.analysis.estimate import IntervalEstimate, normal_estimate
from ionspice.electrolytes.analysis.slopes import slope_of


@dataclass(frozen=True, slots=True, kw_only=True)
class IonKind:
    """Ions of one kind in the cell."""

    name: str  #: for messages
    charge: float  #: z [e]
    count: int  #: in the cell
    coefficient: IntervalEstimate  #: self-diffusion of their centres [cm^2/s]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conductivity:
    """A conductivity and the collective displacement that it was read from."""

    value: IntervalEstimate  #: [mS/cm]
    start: float  #: first lag of the fit [ps]
    slope: IntervalEstimate  #: of the logarithm of the collective displacement in ln t
    squares: MeanSquares  #: of the dipole [e^2 angstrom^2]

    @property
    def is_diffusive(self) -> bool:
        """Whether the log slope is near 1."""
        return is_diffusive(self.squares, self.start)

    @property
    def needed(self) -> float | None:
        """Length of a run that would be diffusive [ps], about; None of one that is."""
        return length_needed(self.squares, self.start)


def nernst_einstein(ions: Sequence[IonKind], *, volume: float, temperature: float) -> IntervalEstimate:
    """Return the conductivity [mS/cm] of independent ions.

    Args:
        ions: all kinds in the cell.
        volume: of the cell [angstrom^3].
        temperature: [K].

    Raises:
        InputError: the cell is not neutral.
    """
    total = sum(ion.charge * ion.count for ion in ions)
    if abs(total) > 1e-6:
        counts = ", ".join(f"{ion.count} {ion.name} of {ion.charge:+g}" for ion in ions)
        raise InputError(f"the cell has the charge {total:+g} e ({counts}); give all kinds of ions")
    # a coefficient in cm^2/s is 10^8 angstrom^2/us, or 10^4 angstrom^2/ps
    unit = _unit(volume, temperature) * 1e4
    value = sum(ion.count * ion.charge**2 * ion.coefficient.value for ion in ions)
    error = math.hypot(*(ion.count * ion.charge**2 * ion.coefficient.standard_error for ion in ions))
    return normal_estimate(unit * value, unit * error, "mS/cm")


def helfand(
    paths: Floats,
    charges: Floats,
    interval: float,
    *,
    volume: float,
    temperature: float,
    start: float | None = None,
) -> Conductivity:
    """Return the conductivity [mS/cm] from the motion of all charges together.

    Args:
        paths: of ions or atoms, free of drift, shape (frames, paths, 3) [angstrom].
        charges: of each, shape (paths,) [e]; within a molecule any that add up to its charge do.
        interval: from frame to frame [ps].
        volume: of the cell [angstrom^3].
        temperature: [K].
        start: first lag of the fit [ps]; None for where the log slope comes near 1.

    Raises:
        InputError: the cell is not neutral, or there are too few frames.
    """
    squares = mean_squares(dipole_path(paths, charges), interval)
    first = diffusive_start(squares) if start is None else start
    slope = slope_of(squares, first, "e^2 angstrom^2/ps")
    return Conductivity(
        value=slope.scaled(_unit(volume, temperature) / 6, "mS/cm"),
        start=first,
        slope=log_slope(squares, first),
        squares=squares,
    )


def dipole_path(paths: Floats, charges: Floats) -> Floats:
    """Return the sum of charge times position as the path of one particle, shape (frames, 1, 3) [e angstrom].

    Raises:
        InputError: the charges do not fit the paths or do not cancel: the sum would depend on the drift.
    """
    if charges.shape != paths.shape[1:2]:
        raise InputError(f"{charges.size} charges were given for {paths.shape[1]} paths; give one for each")
    if abs(charges.sum()) > 1e-6 * np.abs(charges).sum():
        raise InputError(f"the charges add up to {charges.sum():+g} e instead of 0; give those of all ions")
    path: Floats = np.einsum("n,tnk->tk", charges, paths - paths[0])[:, None]
    return path


def haven_ratio(independent: IntervalEstimate, collective: IntervalEstimate) -> IntervalEstimate:
    """Return sigma_NE/sigma; without an upper end where the conductivity may be 0."""
    if collective.value <= 0:
        return IntervalEstimate(value=math.inf, standard_error=math.inf, low=0.0, high=math.inf, unit="1")
    value = independent.value / collective.value
    share = math.hypot(independent.standard_error / independent.value, collective.standard_error / collective.value)
    reach = math.exp(float(stats.norm.ppf(0.975)) * share)
    return IntervalEstimate(
        value=value,
        standard_error=value * share,
        low=value / reach,
        high=value * reach if collective.low > 0 else math.inf,
        unit="1",
    )


def _unit(volume: float, temperature: float) -> float:
    """Return the conductivity [mS/cm] of 1 e^2 angstrom^2/ps."""
    charge_flow = constants.e**2 * 1e-20 / 1e-12
    return float(charge_flow / (volume * 1e-30 * constants.k * temperature) * 10)
