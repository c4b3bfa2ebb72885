"""Self-diffusion of atoms and of molecules, its finite-size correction and its activation energy.

    D = slope/6,    D(infinite) = D + 2.837297 kT/(6 pi eta L),    D = D0 exp(-E/kT)

The second is Yeh and Hummer, J. Phys. Chem. B 108, 15873 (2004), doi:10.1021/jp0477147, for a cubic cell.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import constants

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Flags, Floats
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
from ionspice.electrolytes.analysis.trajectory import Trajectory, centres_of_mass, diffusive_positions

#: [cm^2/s] per angstrom^2/ps
_CM2_PER_S = 1e-4
_YEH_HUMMER = 2.837297


@dataclass(frozen=True, slots=True, kw_only=True)
class Diffusivity:
    """A diffusion coefficient and what it was read from."""

    coefficient: IntervalEstimate  #: [cm^2/s]
    start: float  #: first lag of the fit [ps]
    slope: IntervalEstimate  #: of ln MSD in ln t from there on
    squares: MeanSquares  #: the displacements

    @property
    def is_diffusive(self) -> bool:
        """Whether the log slope is near 1: else the trajectory is too short, and the coefficient a guess."""
        return is_diffusive(self.squares, self.start)

    @property
    def needed(self) -> float | None:
        """Length of a run that would be diffusive [ps], about; None of one that is."""
        return length_needed(self.squares, self.start)


def diffusivity(
    paths: Floats,
    interval: float,
    *,
    independent: int | None = None,
    start: float | None = None,
) -> Diffusivity:
    """Return the diffusion coefficient of paths.

    Args:
        paths: shape (frames, paths, 3) [angstrom].
        interval: from frame to frame [ps].
        independent: paths that tell their own story.
        start: first lag of the fit [ps]; None for where the log slope comes near 1.

    Raises:
        InputError: there are too few frames.
    """
    squares = mean_squares(paths, interval, independent=independent)
    first = diffusive_start(squares) if start is None else start
    slope = slope_of(squares, first, "angstrom^2/ps")
    return Diffusivity(
        coefficient=slope.scaled(_CM2_PER_S / 6, "cm^2/s"),
        start=first,
        slope=log_slope(squares, first),
        squares=squares,
    )


def diffusivity_of_atoms(trajectory: Trajectory, group: Flags, *, start: float | None = None) -> Diffusivity:
    """Return the diffusion coefficient of atoms, shape (atoms,); those of one molecule count once for the error."""
    independent = len(np.unique(trajectory.molecules[group]))
    paths = diffusive_positions(trajectory)[:, group]
    return diffusivity(paths, trajectory.interval, independent=independent, start=start)


def diffusivity_of_molecules(trajectory: Trajectory, group: Flags, *, start: float | None = None) -> Diffusivity:
    """Return the diffusion coefficient of the centres of mass of a group of atoms' molecules, shape (atoms,)."""
    paths, _ = molecule_paths(trajectory, group)
    return diffusivity(paths, trajectory.interval, start=start)


def molecule_paths(trajectory: Trajectory, group: Flags) -> tuple[Floats, Floats]:
    """Return paths of centres of mass, shape (frames, molecules, 3) [angstrom], and the molecules' numbers."""
    paths, numbers = centres_of_mass(
        diffusive_positions(trajectory)[:, group], trajectory.masses[group], trajectory.molecules[group]
    )
    return paths, numbers.astype(np.float64)


def in_infinite_box(
    coefficient: IntervalEstimate, *, temperature: float, viscosity: float, volume: float
) -> IntervalEstimate:
    """Return a diffusion coefficient [cm^2/s] freed of the periodic images' drag.

    Args:
        coefficient: from a cubic cell [cm^2/s].
        temperature: [K].
        viscosity: of the liquid [Pa s].
        volume: of the cell [angstrom^3].
    """
    edge = volume ** (1 / 3) * 1e-10
    added = _YEH_HUMMER * constants.k * temperature / (6 * math.pi * viscosity * edge) * 1e4
    return IntervalEstimate(
        value=coefficient.value + added,
        standard_error=coefficient.standard_error,
        low=coefficient.low + added,
        high=coefficient.high + added,
        unit=coefficient.unit,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrhenius:
    """D = D0 exp(-E/kT)."""

    energy: IntervalEstimate  #: E [eV]
    prefactor: float  #: D0 [cm^2/s]
    covariance: Floats  #: of ln D0 and E, shape (2, 2)

    def at(self, temperature: float) -> IntervalEstimate:
        """Return D [cm^2/s] at a temperature [K], with the interval of the line."""
        direction = np.array([1.0, -1 / (_boltzmann() * temperature)])
        value = self.prefactor * math.exp(self.energy.value * direction[1])
        error = math.sqrt(float(direction @ self.covariance @ direction))
        return IntervalEstimate(
            value=value,
            standard_error=value * error,
            low=value * math.exp(-1.96 * error),
            high=value * math.exp(1.96 * error),
            unit="cm^2/s",
        )


def arrhenius(temperatures: Sequence[float], coefficients: Sequence[IntervalEstimate]) -> Arrhenius:
    """Fit an activation energy, every point weighted by its error; points that scatter more widen the interval.

    Args:
        temperatures: two different ones or more [K].
        coefficients: [cm^2/s].

    Raises:
        InputError: fewer than two temperatures, or a coefficient that is not above 0.
    """
    if len(set(temperatures)) < 2:
        raise InputError(f"an activation energy needs two temperatures or more, not {len(set(temperatures))}")
    values = np.array([coefficient.value for coefficient in coefficients])
    errors = np.array([coefficient.standard_error for coefficient in coefficients])
    if not ((values > 0) & (errors > 0)).all():
        raise InputError("a diffusion coefficient or its error is 0; leave out temperatures at which nothing moved")
    matrix = np.stack([np.ones(len(values)), -1 / (_boltzmann() * np.array(temperatures))], axis=1)
    weights = values / errors
    solution, *_ = np.linalg.lstsq(matrix * weights[:, None], np.log(values) * weights)
    covariance = np.linalg.inv((matrix * weights[:, None] ** 2).T @ matrix)
    freedom = len(values) - 2
    if freedom > 0:
        residual = (np.log(values) - matrix @ solution) * weights
        covariance = covariance * max(1.0, float(residual @ residual) / freedom)
    return Arrhenius(
        energy=normal_estimate(float(solution[1]), math.sqrt(covariance[1, 1]), "eV"),
        prefactor=math.exp(float(solution[0])),
        covariance=covariance,
    )


def _boltzmann() -> float:
    """Return k [eV/K]."""
    return float(constants.k / constants.e)
