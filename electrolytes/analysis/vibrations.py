"""Vibrational density of states by the theorem of Wiener and Khinchin.

    g(nu) ~ sum over atoms of m times the Fourier transform of <v(0) v(t)>

scaled so that all of it integrates to 3 per atom. Parts (elements, species) are scaled alike, so they add up to the
whole. The errors are those of the mean over blocks of the trajectory.
"""

from dataclasses import dataclass

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Flags, Floats
from ionspice.electrolytes.analysis.trajectory import Trajectory

#: the stretching vibrations of C-H and N-H stay below [THz]
HIGHEST_FREQUENCY = 100.0
#: blocks that errors come from
_BLOCKS = 4
#: points of a spectrum per width of its lines
_FINENESS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum:
    """A density of vibrational states."""

    frequencies: Floats  #: shape (points,) [THz]
    values: Floats  #: modes per frequency, shape (points,) [1/THz]
    errors: Floats  #: standard errors, NaN of a single block [1/THz]
    atoms: int  #: that were counted; the integral is three times as many where all vibrate at one temperature


def check_interval(interval: float, highest: float) -> None:
    """Refuse frames too far apart: a frequency above half the rate of frames shows up at a lower one.

    Args:
        interval: from frame to frame [ps].
        highest: frequency that occurs [THz].

    Raises:
        InputError: with the interval that is needed.
    """
    longest = 0.5 / highest
    if interval > longest * (1 + 1e-6):
        raise InputError(
            f"frames every {interval * 1e3:g} fs show frequencies up to {0.5 / interval:g} THz only, and {highest:g} "
            f"THz would appear at a wrong place; write velocities every {longest * 1e3:g} fs or less"
        )


def vibrational_spectrum(
    trajectory: Trajectory,
    group: Flags | None = None,
    *,
    highest: float = HIGHEST_FREQUENCY,
    resolution: float = 1.0,
) -> Spectrum:
    """Return the density of states of a group of atoms, or of all.

    Args:
        trajectory: with velocities.
        group: atoms, shape (atoms,).
        highest: frequency that occurs [THz]; without hydrogen less than 50.
        resolution: width of a line [THz]; the correlation is followed for its inverse.

    Raises:
        InputError: there are no velocities, frames are too far apart, or the trajectory is too short.
    """
    check_interval(trajectory.interval, highest)
    if trajectory.velocities is None:
        raise InputError("the trajectory has no velocities; dump vx vy vz, or give CP2K's PROJECT-vel-1.xyz")
    chosen = np.ones(len(trajectory.elements), dtype=bool) if group is None else group
    lags = round(1 / (resolution * trajectory.interval))
    if len(trajectory.times) < 2 * lags:
        raise InputError(
            f"{trajectory.times[-1] - trajectory.times[0]:g} ps are too short for lines of {resolution:g} THz; give "
            f"at least {2 / resolution:g} ps or a coarser resolution"
        )
    blocks = min(_BLOCKS, len(trajectory.times) // (2 * lags))
    spectra = np.array(
        [
            _spectrum(block, trajectory.masses, chosen, lags, trajectory.interval)
            for block in np.array_split(trajectory.velocities, blocks)
        ]
    )
    return Spectrum(
        frequencies=np.fft.rfftfreq(2 * _FINENESS * lags, trajectory.interval),
        values=spectra.mean(axis=0),
        errors=spectra.std(axis=0, ddof=1) / np.sqrt(blocks) if blocks > 1 else np.full(spectra.shape[1], np.nan),
        atoms=int(chosen.sum()),
    )


def _spectrum(velocities: Floats, masses: Floats, chosen: Flags, lags: int, interval: float) -> Floats:
    """Return the group's spectrum, scaled by the kinetic energy of all atoms."""
    energy = np.einsum("n,tnk->", masses, velocities**2) / len(velocities)
    if energy == 0:
        raise InputError("all velocities are 0; dump them from a running simulation")
    correlation = np.zeros(lags)
    for atom in np.flatnonzero(chosen):
        correlation += masses[atom] * autocorrelation(velocities[:, atom], lags)
    correlation *= np.hanning(2 * lags + 1)[lags:-1] * 3 * len(masses) / energy
    # even in time: twice the cosine transform, less the first point that stands once
    padded = np.fft.rfft(correlation, 2 * _FINENESS * lags).real
    spectrum: Floats = 2 * interval * (2 * padded - correlation[0])
    return spectrum


def autocorrelation(series: Floats, lags: int) -> Floats:
    """Return the mean of x(t) x(t + lag), summed over components, for the lags 0, 1, ...

    Args:
        series: shape (times, components).
        lags: how many.
    """
    times = len(series)
    power = np.abs(np.fft.rfft(series, 2 * times, axis=0)) ** 2
    products = np.fft.irfft(power.sum(axis=1), 2 * times)[:lags]
    mean: Floats = products / (times - np.arange(lags))
    return mean


def superposition(parts: list[tuple[Spectrum, int]], frequencies: Floats) -> Floats:
    """Return the sum of spectra of single species [1/THz] at frequencies [THz].

    Args:
        parts: the spectrum of a species, and how many times its atoms stand in the liquid.
        frequencies: where.
    """
    total = np.zeros(len(frequencies))
    for spectrum, count in parts:
        total += count * np.interp(frequencies, spectrum.frequencies, spectrum.values, right=0.0)
    return total


def overlap(first: Floats, second: Floats) -> float:
    """Return which share two spectra on the same frequencies have in common: 1 for the same shape, 0 for none."""
    one, other = first.clip(0) / first.clip(0).sum(), second.clip(0) / second.clip(0).sum()
    return float(np.minimum(one, other).sum())
