r"""Structure factors: how the charge and the number of ions fluctuate at the wave vectors of a periodic box.

    S_qq(k) = <|sum_j z_j exp(-i k.r_j)|^2> / sum_j z_j^2,    S_NN(k) = <|sum_j exp(-i k.r_j)|^2> / N

Both are 1 where ions do not see each other. k = 2 pi n h^-T for whole n, with the edges of the cell as the rows of h;
k and -k are one. The amplitude of a wave vector is nearly Gaussian, so the square of its modulus has a relative
variance of 1 per independent frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats, Integers
from ionspice.electrolytes.transport.ions import IonFrame

#: parts of the trajectory that errors come from
_BLOCKS = 10
#: wave numbers that differ by less than this share of the smallest are one
_SAME = 1e-6
#: most wave vectors; beyond them the largest wave numbers are left out
_MOST_VECTORS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureFactor:
    """A structure factor by wave number."""

    wave_numbers: Floats  #: rising, shape (shells,) [1/angstrom]
    vectors: Integers  #: wave vectors of each, k and -k as one, shape (shells,)
    values: Floats  #: shape (shells,) [1]
    errors: Floats  #: standard errors by blocks of time, NaN of a single frame, shape (shells,) [1]
    frames: int  #: that were used

    def below(self, wave_number: float) -> "StructureFactor":
        """Return the part up to a wave number [1/angstrom]."""
        used = self.wave_numbers <= wave_number * (1 + 1e-9)
        return StructureFactor(
            wave_numbers=self.wave_numbers[used],
            vectors=self.vectors[used],
            values=self.values[used],
            errors=self.errors[used],
            frames=self.frames,
        )

    @property
    def samples(self) -> Floats:
        """Independent squares behind each value, shape (shells,): 1 over its relative variance.

        The errors of single shells are too noisy to weight by, and low where the value is; so all shells tell
        together how many frames are independent.
        """
        if self.frames < 2:
            return self.vectors.astype(np.float64)
        variance = float(np.average((self.errors / self.values) ** 2 * self.vectors, weights=self.vectors))
        independent = min(self.frames, 1 / variance) if variance > 0 else self.frames
        samples: Floats = self.vectors.astype(np.float64) * independent
        return samples


@dataclass(frozen=True, slots=True, kw_only=True)
class IonStructure:
    """The structure factors of all ions."""

    charge: StructureFactor  #: S_qq
    number: StructureFactor  #: S_NN


def ion_structure(frames: Sequence[IonFrame], cells: Floats, *, largest: float = 2.0) -> IonStructure:
    """Return the structure factors of ions.

    Args:
        frames: their centres and charges.
        cells: rows a, b, c, shape (any number, 3, 3) [angstrom]; wave numbers are those of the mean one.
        largest: wave number [1/angstrom].

    Raises:
        InputError: there are no frames, or no wave vector of the box is below the largest.
    """
    if not frames:
        raise InputError("no frame has ions of known charge only; give the charges of all molecules by formula")
    whole, wave_numbers = wave_vectors(cells.mean(axis=0), largest)
    charge = np.empty((len(frames), len(whole)))
    number = np.empty((len(frames), len(whole)))
    for row, frame in enumerate(frames):
        q = frame.charges
        charge[row] = _squares(frame.points, q, whole) / float(q @ q)
        number[row] = _squares(frame.points, np.ones(len(q)), whole) / len(q)
    return IonStructure(charge=_by_shell(charge, wave_numbers), number=_by_shell(number, wave_numbers))


def wave_vectors(cell: Floats, largest: float) -> tuple[Integers, Floats]:
    """Return whole numbers n of the wave vectors of half space, shape (vectors, 3), and their wave numbers, rising.

    Args:
        cell: rows a, b, c [angstrom].
        largest: wave number [1/angstrom].

    Raises:
        InputError: no wave vector is below it.
    """
    inverse = 2 * np.pi * np.linalg.inv(cell).T
    # |n_a| <= |k| |a| / 2 pi
    reach = np.floor(largest * np.linalg.norm(cell, axis=1) / (2 * np.pi) * (1 + 1e-9)).astype(int)
    reach = np.minimum(reach, 64)
    axes = [np.arange(-n, n + 1) for n in reach]
    whole = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    # half of them: the first of the numbers that is not 0 is positive
    first = np.where(whole[:, 0] != 0, whole[:, 0], np.where(whole[:, 1] != 0, whole[:, 1], whole[:, 2]))
    lengths = np.linalg.norm(whole @ inverse, axis=1)
    used = (first > 0) & (lengths <= largest * (1 + 1e-9))
    if not used.any():
        raise InputError(
            f"the box has no wave number below {largest:g} 1/angstrom; its smallest is "
            f"{2 * np.pi / np.linalg.norm(cell, axis=1).max():.3g}: give a larger one or a larger box"
        )
    whole, lengths = whole[used], lengths[used]
    order = np.argsort(lengths, kind="stable")[:_MOST_VECTORS]
    return whole[order].astype(np.int64), lengths[order]


def _squares(points: Floats, weights: Floats, whole: Integers) -> Floats:
    """Return |sum w exp(-2 pi i n.s)|^2, shape (vectors,), by products of the powers along each axis."""
    reach = np.abs(whole).max(axis=0)
    waves = [np.exp(-2j * np.pi * points[:, [axis]] * np.arange(-reach[axis], reach[axis] + 1)) for axis in range(3)]
    waves[0] = waves[0][:, reach[0] :]  # half space has no negative first number
    sheet = (weights[:, None, None] * waves[0][:, :, None] * waves[1][:, None, :]).reshape(len(points), -1)
    amplitudes = (sheet.T @ waves[2]).reshape(reach[0] + 1, 2 * reach[1] + 1, 2 * reach[2] + 1)
    chosen = amplitudes[whole[:, 0], whole[:, 1] + reach[1], whole[:, 2] + reach[2]]
    squares: Floats = np.abs(chosen) ** 2
    return squares


def _by_shell(squares: Floats, wave_numbers: Floats) -> StructureFactor:
    """Return means over equal wave numbers from squares, shape (frames, vectors)."""
    starts = np.concatenate([[0], 1 + np.flatnonzero(np.diff(wave_numbers) > _SAME * wave_numbers[0])])
    vectors = np.diff(np.concatenate([starts, [len(wave_numbers)]]))
    shells = np.add.reduceat(squares, starts, axis=1) / vectors
    blocks = min(_BLOCKS, len(shells))
    means = np.array([block.mean(axis=0) for block in np.array_split(shells, blocks)])
    errors = means.std(axis=0, ddof=1) / np.sqrt(blocks) if blocks > 1 else np.full(len(starts), np.nan)
    return StructureFactor(
        wave_numbers=wave_numbers[starts],
        vectors=vectors.astype(np.int64),
        values=shells.mean(axis=0),
        errors=errors,
        frames=len(squares),
    )
