"""First chromosomes from shapes: the best of every template, alone and in pairs, tuned before they are ranked.

Which grid point of a template explains most of the target follows from inner products alone, as for enumerated
founders. The constants of the best are then tuned by a few steps of variable projection on the screening points, and
only what is left after that decides which go into the population.
"""

from collections.abc import Sequence

import numpy as np

from ionspice.discovery.evolution import operators as op
from ionspice.discovery.evolution.constants import tune
from ionspice.discovery.evolution.founders import Founders, add_moments, unit_columns, unit_row
from ionspice.discovery.evolution.gene_weights import Samples, gene_cost, moments, off
from ionspice.discovery.evolution.operators import CONSTANT
from ionspice.discovery.evolution.settings import EvolutionSettings
from ionspice.discovery.evolution.shapes import Shapes
from ionspice.discovery.evolution.stack_machine import compiled

_FIRST_STEPS = 6  # of variable projection, on few rows
_STEPS = 16  # on all rows
_PER_SIZE = 3  # chromosomes of one complexity that are tuned on all rows
_TRIED_PAIRS = 20  # of one complexity; under links, which make sums of products, fewer are enough
_TRIED_UNDER_LINKS = 5
_PARTNERS = 150  # enumerated founders that shapes are paired with, the cheapest
_PER_TEMPLATE = 12  # grid points of a template that take part in pairs
_MOST_PAIRED = 1300  # shapes that take part in pairs
_DEPENDENT = 1e-6


def screened(samples: Samples, rows: np.ndarray) -> Samples:
    """Return the samples at the screening rows only, as one group."""
    points = samples.points[:, rows]
    if samples.anchored:
        points = np.hstack([points, samples.points[:, -1:]])
    target, scale = samples.target[rows].copy(), samples.scale[rows].copy()
    return samples._replace(
        points=np.ascontiguousarray(points),
        target=target,
        scale=scale,
        groups=np.array([0, rows.size]),
        total=samples.total * rows.size / samples.target.size,
    )


def joined(founders: Founders, shapes: Shapes) -> Founders:
    """Return founders and shapes as genes that search alike."""
    parts = (founders, _as_founders(shapes))
    return Founders(
        codes=np.concatenate([part.codes for part in parts]),
        values=np.concatenate([part.values for part in parts]),
        cost=np.concatenate([part.cost for part in parts]),
        columns=np.concatenate([part.columns for part in parts]),
    )


def _as_founders(shapes: Shapes) -> Founders:
    return Founders(codes=shapes.codes, values=shapes.values, cost=shapes.cost, columns=shapes.columns)


def shape_seeds(
    samples: Samples, founders: Founders, shapes: Shapes, rows: np.ndarray, settings: EvolutionSettings,
    *, used: Sequence[int] | None = None, under_link: bool = False,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Return codes and tuned constants of chromosomes of one and two shapes, each of shape (seeds, genes, length).

    Args:
        samples: the data.
        founders: enumerated genes, partners of the shapes.
        shapes: genes with constants over a grid.
        rows: screening rows.
        settings: sizes of the chromosomes.
        used: rows of the points that genes are made of; all if None.
        under_link: whether a link stands outside the sum of genes, so that fewer pairs are tried.
    """
    tries = _TRIED_UNDER_LINKS if under_link else _TRIED_PAIRS
    columns = unit_columns(_as_founders(shapes), rows, samples)
    target = samples.target[rows]
    if not samples.anchored:
        target = off(target[None, :].copy(), unit_row(samples.scale[rows]))[0]
    moment = moments(columns, target)
    few = screened(samples, rows)
    alone = [_chromosome(settings, (shapes.codes[k], shapes.values[k])) for k in _best_of_templates(shapes, moment)]
    seeds = _tuned(alone, few)
    if settings.genes > 1:
        pairs = _best_pairs(samples, founders, shapes, columns, moment, target, rows, settings, tries)
        seeds += _tuned(pairs, few)
    seeds += _polynomials(range(samples.points.shape[0]) if used is None else used, settings)
    for codes, values in seeds:
        tune(codes, values, samples, _STEPS)
    shape = (len(seeds), settings.genes, 2 * settings.head + 1)
    return (
        np.array([codes for codes, _ in seeds], dtype=np.int64).reshape(shape),
        np.array([values for _, values in seeds]).reshape(shape),
    )


def _chromosome(settings: EvolutionSettings, *genes: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    codes = np.full((settings.genes, 2 * settings.head + 1), CONSTANT)
    values = np.ones(codes.shape)
    for g, (gene, numbers) in enumerate(genes):
        codes[g], values[g] = gene, numbers
    return codes, values


def _polynomials(used: Sequence[int], settings: EvolutionSettings) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the sums of all powers of a variable up to every degree that the genes hold."""
    if not {op.MUL, op.SQUARE} <= set(settings.codes.tolist()):
        return []
    length, found = 2 * settings.head + 1, []
    for variable in (op.FIRST_VARIABLE + j for j in used):
        genes: list[tuple[np.ndarray, np.ndarray]] = []
        for degree in range(1, settings.genes + 1):
            gene = _whole_power(variable, degree)
            if len(gene) > length or any(op.ARITY[code] for code in gene[length // 2 :]):
                break
            genes.append((np.array(gene + [CONSTANT] * (length - len(gene))), np.ones(length)))
            found.append(_chromosome(settings, *genes))
    return found


def _whole_power(variable: int, degree: int) -> list[int]:
    """Return the prefix gene of a power by squaring."""
    if degree == 1:
        return [variable]
    if degree % 2:
        return [op.MUL, variable, *_whole_power(variable, degree - 1)]
    return [op.SQUARE, *_whole_power(variable, degree // 2)]


def _gain_order(gain: np.ndarray) -> np.ndarray:
    """Return indices by what is explained, most first; what is equal to round-off keeps its order."""
    largest = max(float(np.max(gain, initial=0.0)), 1e-300)
    return np.argsort(-np.round(gain / largest, 9), kind="stable")


def _best_of_templates(shapes: Shapes, moment: np.ndarray) -> list[int]:
    """Return the two best grid points of every template."""
    order = _gain_order(moment**2)
    chosen: list[int] = []
    count: dict[int, int] = {}
    for k in order:
        number = int(shapes.template[k])
        if count.get(number, 0) < 2:
            count[number] = count.get(number, 0) + 1
            chosen.append(int(k))
    return chosen


def _tuned(chromosomes: list[tuple[np.ndarray, np.ndarray]], few: Samples) -> list[tuple[np.ndarray, np.ndarray]]:
    """Tune chromosomes on few rows and return the best of every complexity, by error, then as they came."""
    errors = np.array([tune(codes, values, few, _FIRST_STEPS) for codes, values in chromosomes])
    finite = np.where(np.isfinite(errors), errors, 1e300)
    order = np.argsort(np.round(np.log(np.maximum(finite, 1e-30)), 6), kind="stable")
    chosen: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
    for k in order[np.isfinite(errors[order])]:
        chosen.setdefault(sum(gene_cost(gene) for gene in chromosomes[k][0]), []).append(chromosomes[k])
    return [one for size in sorted(chosen) for one in chosen[size][:_PER_SIZE]]


def _best_pairs(
    samples: Samples, founders: Founders, shapes: Shapes, columns: np.ndarray, moment: np.ndarray,
    target: np.ndarray, rows: np.ndarray, settings: EvolutionSettings, tries: int,
) -> list[tuple[np.ndarray, np.ndarray]]:  # fmt: skip
    """Return the pairs of a shape and a founder, or of two shapes, that explain most: one for two templates."""
    kept = _thinned(shapes, moment)
    if kept.size > _MOST_PAIRED:
        kept = np.sort(kept[_gain_order(moment[kept] ** 2)[:_MOST_PAIRED]])
    partners = unit_columns(founders, rows, samples)[:_PARTNERS]
    both = np.concatenate([partners, columns[kept]])
    count = partners.shape[0]
    # every enumerated partner is a template of its own
    template = np.concatenate([np.arange(count), count + np.unique(shapes.template[kept], return_inverse=True)[1]])
    cost = np.concatenate([founders.cost[:count], shapes.cost[kept]])
    codes = np.concatenate([founders.codes[:count], shapes.codes[kept]])
    values = np.concatenate([founders.values[:count], shapes.values[kept]])
    gain, first, second = pairs_of_templates(
        both, moments(both, target), template, int(template.max(initial=0)) + 1, count
    )
    flat = np.flatnonzero(gain > 0.0)
    one, two = first.ravel()[flat], second.ravel()[flat]
    total = cost[one] + cost[two]
    chosen = [
        k
        for kind in (one < count, one >= count)  # with a founder, and of two shapes
        for k in _cheapest_and_best(np.where(kind, gain.ravel()[flat], 0.0), total, settings.largest - 3, tries)
    ]
    return [_chromosome(settings, (codes[one[k]], values[one[k]]), (codes[two[k]], values[two[k]])) for k in chosen]


def _thinned(shapes: Shapes, moment: np.ndarray) -> np.ndarray:
    """Return evenly spread grid points of every template, its best among them, in order."""
    kept: list[int] = []
    for number in np.unique(shapes.template):
        members = np.flatnonzero(shapes.template == number)
        if members.size <= 2 * _PER_TEMPLATE:
            kept.extend(members)
            continue
        spread = np.linspace(0, members.size - 1, _PER_TEMPLATE).astype(int)
        best = members[_gain_order(moment[members] ** 2)[:4]]
        kept.extend(np.union1d(members[spread], best))
    return np.array(kept, dtype=np.int64)


def _cheapest_and_best(gain: np.ndarray, total: np.ndarray, largest: int, tries: int) -> list[int]:
    """Return the pairs that explain most, as many of every total complexity."""
    order = _gain_order(gain)
    order = order[(total[order] <= largest) & (gain[order] > 0.0)]
    order = order[np.argsort(total[order], kind="stable")]
    _, first, counts = np.unique(total[order], return_index=True, return_counts=True)
    place = np.arange(order.size) - np.repeat(first, counts)
    chosen: list[int] = order[place < tries].tolist()
    return chosen


@compiled
def pairs_of_templates(
    columns: np.ndarray, moment: np.ndarray, template: np.ndarray, templates: int, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for every two templates what their best pair explains and its members, each (templates, templates).

    Args:
        columns: unit columns, shape (m, points).
        moment: inner products with the target, shape (m,).
        template: of every column, shape (m,).
        templates: their number.
        count: the first columns, which are not paired with one another.
    """
    gain = np.full((templates, templates), -1.0)
    first = np.zeros((templates, templates), dtype=np.int64)
    second = np.zeros((templates, templates), dtype=np.int64)
    upright = np.ascontiguousarray(columns.T)
    m = moment.shape[0]
    overlap = np.empty(m)
    for i in range(m):
        start = max(i + 1, count)
        overlap[:] = 0.0
        add_moments(upright, columns[i], start, overlap)
        p = moment[i]
        for j in range(start, m):
            r, q = overlap[j], moment[j]
            rest = 1.0 - r * r
            if rest < _DEPENDENT:
                continue
            explained = (p * p + q * q - 2.0 * p * q * r) / rest
            a, b = template[i], template[j]
            if explained > gain[a, b] * (1.0 + 1e-9):
                gain[a, b] = explained
                first[a, b] = i
                second[a, b] = j
    return gain, first, second
