"""Species by the graph of bonds: what hangs together is one, named by its formula, such as Al2Cl7."""

from collections.abc import Iterator

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ionspice.electrolytes.analysis.arrays import Integers
from ionspice.electrolytes.analysis.bonds import BondHistory
from ionspice.electrolytes.analysis.elements import formula_of
from ionspice.electrolytes.analysis.estimate import IntervalEstimate, lifetime_estimate

#: atoms that hang together, by their places in the trajectory
type Cluster = frozenset[int]


def clusters_in_time(history: BondHistory) -> Iterator[tuple[int, frozenset[Cluster]]]:
    """Yield the first frame and every frame at which bonds change, with all clusters from there on.

    A ligand on its own is a cluster too, and so is a centre.
    """
    changed = (history.bonded[1:] != history.bonded[:-1]).any(axis=1)
    for frame in [0, *(1 + np.flatnonzero(changed)).tolist()]:
        yield frame, _clusters(history, history.pairs[history.bonded[frame]])


def _clusters(history: BondHistory, pairs: Integers) -> frozenset[Cluster]:
    nodes = np.concatenate([history.centres, history.ligands])
    order = np.argsort(nodes)
    place = order[np.searchsorted(nodes, pairs, sorter=order)]
    graph = coo_matrix((np.ones(len(pairs)), (place[:, 0], place[:, 1])), shape=(len(nodes),) * 2)
    labels = connected_components(graph, directed=False)[1]
    by_label = np.argsort(labels, kind="stable")
    parts = np.split(nodes[by_label], np.cumsum(np.bincount(labels))[:-1])
    return frozenset(frozenset(part.tolist()) for part in parts)


def formula(history: BondHistory, cluster: Cluster) -> str:
    """Return the formula of a cluster, its centres first."""
    elements = history.elements[sorted(cluster)].tolist()
    return formula_of(elements, first=list(dict.fromkeys(history.elements[history.centres].tolist())))


def species_counts(history: BondHistory) -> dict[str, Integers]:
    """Return how many clusters of every formula there are, shape (frames,)."""
    counts: dict[str, Integers] = {}
    for frame, clusters in clusters_in_time(history):
        for series in counts.values():
            series[frame:] = 0
        for cluster in clusters:
            series = counts.setdefault(formula(history, cluster), np.zeros(history.frames, dtype=np.int64))
            series[frame:] += 1
    return counts


def species_lifetimes(history: BondHistory) -> dict[str, IntervalEstimate]:
    """Return how long a cluster of every formula lasts on average [ps].

    A cluster ends when it gains or loses an atom. Lives that the trajectory cuts off count with what was seen.
    """
    lived: dict[str, float] = {}
    ends: dict[str, int] = {}
    born: dict[Cluster, int] = {}
    for frame, clusters in clusters_in_time(history):
        for cluster in born.keys() - clusters:
            name = formula(history, cluster)
            lived[name] = lived.get(name, 0.0) + (frame - born.pop(cluster)) * history.interval
            ends[name] = ends.get(name, 0) + 1
        for cluster in clusters - born.keys():
            born[cluster] = frame
    for cluster, frame in born.items():
        name = formula(history, cluster)
        lived[name] = lived.get(name, 0.0) + (history.frames - frame) * history.interval
    return {name: lifetime_estimate(ends.get(name, 0), time) for name, time in sorted(lived.items())}
