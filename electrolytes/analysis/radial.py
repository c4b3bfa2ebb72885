"""Radial distribution functions and coordination numbers.

    g(r) = V n(r) / (N_a N_b 4 pi r^2 dr),    c(r) = sum over r' < r of n(r') / N_a

n(r) counts pairs in a shell, per frame. The errors are those of the mean over blocks of frames.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks
from scipy.stats import norm

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Flags, Floats
from ionspice.electrolytes.analysis.neighbours import check_cutoff, pairs_within
from ionspice.electrolytes.analysis.trajectory import Trajectory

#: blocks of frames that errors come from
_BLOCKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RadialDistribution:
    """g(r) of atoms b around atoms a."""

    edges: Floats  #: of the shells, shape (shells + 1,) [angstrom]
    values: Floats  #: g, shape (shells,) [1]
    errors: Floats  #: standard errors of g, NaN of a single frame [1]
    coordination: Floats  #: atoms b nearer to an atom a than the shell's outer edge [1]
    coordination_errors: Floats  #: standard errors, NaN of a single frame [1]

    @property
    def radii(self) -> Floats:
        """Middles of the shells [angstrom]."""
        middles: Floats = (self.edges[1:] + self.edges[:-1]) / 2
        return middles

    def coordination_within(self, radius: float) -> float:
        """Return how many atoms b lie within a radius [angstrom] of an atom a."""
        return float(np.interp(radius, self.edges, np.concatenate([[0.0], self.coordination])))


def radial_distribution(
    trajectory: Trajectory, centre: Flags, other: Flags, *, cutoff: float, shells: int = 200, every: int = 1
) -> RadialDistribution:
    """Count pairs of two groups of atoms.

    Args:
        trajectory: its frames.
        centre: atoms a, shape (atoms,).
        other: atoms b; an atom that is in both is no pair with itself.
        cutoff: outer edge of the last shell [angstrom].
        shells: of equal width.
        every: use one frame of so many.

    Raises:
        InputError: the cutoff is above half the width of a cell, or a group is empty.
    """
    for cell in trajectory.cells[::every]:
        check_cutoff(cutoff, cell)
    itself = int((centre & other).sum())
    pairs = int(centre.sum()) * int(other.sum()) - itself
    if pairs == 0:
        raise InputError("a radial distribution needs two atoms; one of the groups is empty or both are one atom")
    edges = np.linspace(0.0, cutoff, shells + 1)
    points = trajectory.scaled_positions[::every]
    cells = trajectory.cells[::every]
    counts = np.array(
        [
            _shell_counts(frame[centre], frame[other], cell, edges, itself)
            for frame, cell in zip(points, cells, strict=True)
        ]
    )
    ideal = 4 / 3 * np.pi * np.diff(edges**3) * pairs / np.abs(np.linalg.det(cells))[:, None]
    values, errors = _mean_over_blocks(counts / ideal)
    coordination, coordination_errors = _mean_over_blocks(np.cumsum(counts, axis=1) / centre.sum())
    return RadialDistribution(
        edges=edges,
        values=values,
        errors=errors,
        coordination=coordination,
        coordination_errors=coordination_errors,
    )


def _shell_counts(first: Floats, second: Floats, cell: Floats, edges: Floats, itself: int) -> Floats:
    _, distances = pairs_within(float(edges[-1]), first, second, cell)
    counts = np.histogram(distances, edges)[0].astype(np.float64)
    counts[0] -= itself
    return counts


def _mean_over_blocks(samples: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard error over frames, shape (frames, ...), from blocks that are taken for independent."""
    blocks = min(_BLOCKS, len(samples))
    means = np.array([block.mean(axis=0) for block in np.array_split(samples, blocks)])
    if blocks < 2:
        return samples.mean(axis=0), np.full(samples.shape[1:], np.nan)
    return samples.mean(axis=0), means.std(axis=0, ddof=1) / np.sqrt(blocks)


def first_minimum(distribution: RadialDistribution, *, smoothing: float = 0.05) -> float:
    """Return the radius [angstrom] of the first minimum of g behind its first peak: where the first shell ends.

    Args:
        distribution: g(r).
        smoothing: width of the Gaussian that noise is smoothed with before [angstrom].

    Raises:
        InputError: g has no peak, or no minimum behind it, below the cutoff.
    """
    radii, width = distribution.radii, distribution.edges[1]
    reach = np.arange(-round(4 * smoothing / width), round(4 * smoothing / width) + 1) * width
    kernel = norm.pdf(reach, scale=smoothing)
    smooth = np.convolve(np.pad(distribution.values, len(reach) // 2, mode="edge"), kernel / kernel.sum(), "valid")
    peaks, _ = find_peaks(smooth, prominence=0.1 * smooth.max())
    # a gap between two shells is flat: its middle ends the first one
    minima, _ = find_peaks(-smooth)
    if not peaks.size or not (minima > peaks[0]).any():
        raise InputError(
            f"g(r) has no first minimum below {distribution.edges[-1]:g} angstrom; give a larger cutoff, or the "
            "radius of the shell by hand"
        )
    return float(radii[minima[minima > peaks[0]][0]])
