"""Exchange of ligands: how long a bond lives, who hands what to whom, what share of the motion it carries."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Flags, Floats, Integers
from ionspice.electrolytes.analysis.bonds import BondHistory
from ionspice.electrolytes.analysis.estimate import IntervalEstimate, lifetime_estimate, normal_estimate
from ionspice.electrolytes.analysis.vibrations import autocorrelation


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """An atom that was bonded to one partner alone and later is to another alone."""

    frame: int  #: the first with the new partner alone
    atom: int  #: place in the trajectory
    giver: int  #: place of the partner before
    taker: int  #: place of the partner behind


def residence_time(history: BondHistory) -> IntervalEstimate:
    """Return how long a bond lasts on average [ps]; filter the history first, or vibrations count as ends."""
    ends = int((history.bonded[:-1] & ~history.bonded[1:]).sum())
    return lifetime_estimate(ends, float(history.bonded.sum()) * history.interval)


def residence_correlation(history: BondHistory, longest: float) -> tuple[Floats, Floats]:
    """Return lags [ps] and the share of bonds that stand after each of them, whether or not broken in between.

    Args:
        history: of the bonds.
        longest: lag [ps].

    Raises:
        InputError: it is not shorter than the trajectory.
    """
    lags = round(longest / history.interval) + 1
    if lags > history.frames:
        raise InputError(f"longest = {longest:g} ps must be below the trajectory's {history.duration:g} ps")
    correlation = autocorrelation(history.bonded.astype(np.float64), lags)
    shares: Floats = correlation / correlation[0]
    return history.interval * np.arange(lags, dtype=np.float64), shares


def ligand_hand_overs(history: BondHistory) -> list[HandOver]:
    """Return every passing of a ligand from centre to centre, through a bridge or freely."""
    return _hand_overs(history.pairs[:, 1], history.pairs[:, 0], history.bonded)


def centre_hand_overs(history: BondHistory) -> list[HandOver]:
    """Return every passing of a centre from one partner to another, partners being centres that share a ligand.

    This is AlCl3 that is handed between two AlCl4-: Al2Cl7- forms with one of them and dissolves with the other.
    """
    columns: dict[tuple[int, int], Flags] = {}
    order = np.argsort(history.pairs[:, 1], kind="stable")
    groups = np.split(order, 1 + np.flatnonzero(np.diff(history.pairs[order, 1])))
    for group in groups:
        for place, one in enumerate(group):
            for other in group[place + 1 :]:
                shared = history.bonded[:, one] & history.bonded[:, other]
                for key in (
                    (int(history.pairs[one, 0]), int(history.pairs[other, 0])),
                    (int(history.pairs[other, 0]), int(history.pairs[one, 0])),
                ):
                    columns[key] = columns.get(key, np.zeros(history.frames, dtype=bool)) | shared
    if not columns:
        return []
    atoms, partners = np.array(list(columns), dtype=np.int64).T
    return _hand_overs(atoms, partners, np.stack(list(columns.values()), axis=1))


def _hand_overs(atoms: Integers, partners: Integers, bonded: Flags) -> list[HandOver]:
    found: list[HandOver] = []
    for atom in np.unique(atoms):
        columns = np.flatnonzero(atoms == atom)
        if len(columns) < 2:
            continue
        alone = np.flatnonzero(bonded[:, columns].sum(axis=1) == 1)
        holder = partners[columns][bonded[np.ix_(alone, columns)].argmax(axis=1)]
        found += [
            HandOver(frame=int(alone[k]), atom=int(atom), giver=int(holder[j]), taker=int(holder[k]))
            for j, k in pairwise(range(len(alone)))
            if holder[j] != holder[k]
        ]
    return sorted(found, key=lambda hand_over: (hand_over.frame, hand_over.atom))


@dataclass(frozen=True, slots=True, kw_only=True)
class MechanismShares:
    """How centres move: as a whole with their ligands, or with an exchange of them."""

    lag: float  #: length of the windows [ps]
    vehicular: IntervalEstimate  #: share of the squared displacement in windows without exchange [1]
    exchange: IntervalEstimate  #: the rest [1]
    exchanging_windows: float  #: share of windows with an exchange [1]
    vehicular_squares: float  #: mean squared displacement in windows without exchange [angstrom^2]
    exchange_squares: float  #: in windows with one, NaN if there is none [angstrom^2]


def mechanism_shares(history: BondHistory, paths: Floats, *, lag: float) -> MechanismShares:
    """Divide the squared displacement of centres by whether they exchanged a ligand meanwhile.

    Args:
        history: of lasting bonds.
        paths: of the centres, shape (frames, centres, 3) [angstrom].
        lag: length of the windows [ps].

    Raises:
        InputError: the paths do not fit, nothing moves, or the lag does not fit into the trajectory.
    """
    step = round(lag / history.interval)
    if not 0 < step < history.frames:
        raise InputError(
            f"lag = {lag:g} ps must be at least one interval, {history.interval:g} ps, and below the trajectory's "
            f"{history.duration:g} ps"
        )
    if paths.shape != (history.frames, len(history.centres), 3):
        raise InputError(f"paths have the shape {paths.shape}; give one for each of {len(history.centres)} centres")
    changes = np.cumsum(_changes_of_centres(history), axis=0)
    exchanged = changes[step:] != changes[:-step]
    squares = np.sum((paths[step:] - paths[:-step]) ** 2, axis=2)
    if not squares.sum() > 0:
        raise InputError("no centre moves; give paths that are unwrapped and of a running simulation")
    whole, kept = squares.sum(axis=0), (squares * ~exchanged).sum(axis=0)
    share = float(kept.sum() / whole.sum())
    # the error of a ratio of sums over centres, which are taken for independent
    centres = len(whole)
    residual = float(np.sum((kept - share * whole) ** 2)) * centres / max(centres - 1, 1)
    scatter = math.sqrt(residual) / float(whole.sum())
    return MechanismShares(
        lag=step * history.interval,
        vehicular=normal_estimate(share, scatter, "1"),
        exchange=normal_estimate(1 - share, scatter, "1"),
        exchanging_windows=float(exchanged.mean()),
        vehicular_squares=float(squares[~exchanged].mean()) if (~exchanged).any() else math.nan,
        exchange_squares=float(squares[exchanged].mean()) if exchanged.any() else math.nan,
    )


def _changes_of_centres(history: BondHistory) -> Integers:
    """Return how many bonds of each centre changed since the frame before, shape (frames, centres)."""
    counts = np.zeros((history.frames, len(history.centres)), dtype=np.int64)
    for pair, centre in enumerate(np.searchsorted(history.centres, history.pairs[:, 0])):
        counts[1:, centre] += history.bonded[1:, pair] != history.bonded[:-1, pair]
    return counts
