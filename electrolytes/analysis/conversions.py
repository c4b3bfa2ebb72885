"""Conversions between species: which, how often, lasting or transient."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ionspice.electrolytes.analysis.arrays import Integers
from ionspice.electrolytes.analysis.bonds import BondHistory, lasting
from ionspice.electrolytes.analysis.estimate import IntervalEstimate, rate_estimate
from ionspice.electrolytes.analysis.species import Cluster, clusters_in_time, formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """Clusters that become others in one frame, for they exchange atoms."""

    frame: int  #: the first of the new clusters
    before: tuple[str, ...]  #: formulas, sorted
    after: tuple[str, ...]  #: formulas, sorted

    def __str__(self) -> str:
        """Return the reaction."""
        return f"{' + '.join(self.before)} -> {' + '.join(self.after)}"


@dataclass(slots=True)
class _Exchange:
    """Vanished and new clusters that share atoms, while they are gathered."""

    atoms: set[int] = field(default_factory=set)
    before: list[Cluster] = field(default_factory=list)
    after: list[Cluster] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionCount:
    """Conversions of a trajectory, those that last and those that are undone at once."""

    lasting: list[Conversion]
    transient: int  #: conversions that the persistence filter took out
    lasting_rate: IntervalEstimate  #: [1/(ps centre)]
    transient_rate: IntervalEstimate  #: [1/(ps centre)]
    cumulative: Integers  #: lasting conversions up to every frame, shape (frames,)
    cumulative_of_all: Integers  #: with the transient ones, shape (frames,)

    def by_reaction(self) -> dict[str, int]:
        """Return how often every reaction happened, the most frequent first."""
        return dict(Counter(str(conversion) for conversion in self.lasting).most_common())


def conversions(history: BondHistory) -> list[Conversion]:
    """Return every conversion of a history; exchanges in one frame that share no atom are separate ones."""
    found: list[Conversion] = []
    last: frozenset[Cluster] | None = None
    for frame, clusters in clusters_in_time(history):
        if last is not None:
            groups = _exchanging(sorted(last - clusters, key=min), sorted(clusters - last, key=min))
            found += [
                Conversion(
                    frame=frame,
                    before=tuple(sorted(formula(history, cluster) for cluster in group.before)),
                    after=tuple(sorted(formula(history, cluster) for cluster in group.after)),
                )
                for group in groups
            ]
        last = clusters
    return found


def _exchanging(before: Sequence[Cluster], after: Sequence[Cluster]) -> list[_Exchange]:
    """Return the vanished and the new clusters in groups that share atoms."""
    groups: list[_Exchange] = []
    for cluster, vanished in [(one, True) for one in before] + [(one, False) for one in after]:
        merged = _Exchange()
        for group in [group for group in groups if group.atoms & cluster]:
            groups.remove(group)
            merged.atoms |= group.atoms
            merged.before += group.before
            merged.after += group.after
        merged.atoms |= cluster
        (merged.before if vanished else merged.after).append(cluster)
        groups.append(merged)
    return groups


def count_conversions(history: BondHistory, *, persistence: float) -> ConversionCount:
    """Count conversions, those that last at least the persistence [ps] apart from those that do not.

    Rates are per ps and centre, with the interval of a Poisson process.
    """
    all_frames = [conversion.frame for conversion in conversions(history)]
    kept = conversions(lasting(history, persistence))
    transient = max(0, len(all_frames) - len(kept))
    exposure = history.duration * len(history.centres)
    return ConversionCount(
        lasting=kept,
        transient=transient,
        lasting_rate=rate_estimate(len(kept), exposure, "1/(ps centre)"),
        transient_rate=rate_estimate(transient, exposure, "1/(ps centre)"),
        cumulative=_cumulative([conversion.frame for conversion in kept], history.frames),
        cumulative_of_all=_cumulative(all_frames, history.frames),
    )


def _cumulative(frames: Sequence[int], count: int) -> Integers:
    return np.cumsum(np.bincount(np.array(frames, dtype=np.int64), minlength=count))
