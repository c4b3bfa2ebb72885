"""One population: its founders, how newcomers are admitted, and a generation of it.

Chromosomes survive by non-dominated sorting of error and complexity (Deb et al., IEEE Trans. Evol. Comput. 6, 182,
2002).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ionspice.discovery.evolution.breeding import breed
from ionspice.discovery.evolution.constants import tune
from ionspice.discovery.evolution.founders import (
    Founders,
    best_pairs,
    best_replacement,
    distinct_columns,
    unit_columns,
    unit_row,
)
from ionspice.discovery.evolution.gene_weights import Samples, gene_values, moments, off, project, score
from ionspice.discovery.evolution.genome import Alphabet, fill_gene
from ionspice.discovery.evolution.hall_of_fame import Candidate
from ionspice.discovery.evolution.links import Link
from ionspice.discovery.evolution.operators import CONSTANT
from ionspice.discovery.evolution.settings import EvolutionSettings
from ionspice.discovery.evolution.shape_seeds import joined, shape_seeds
from ionspice.discovery.evolution.shapes import Shapes
from ionspice.discovery.evolution.stack_machine import compiled
from ionspice.discovery.evolution.triples import best_triples
from ionspice.discovery.evolution.units import have_units
from ionspice.discovery.ordering import ranked

#: triples to which further founders are added
_EXTENDED = 2

#: codes and constants, each of shape (members, genes, length)
type Chromosomes = tuple[np.ndarray, np.ndarray]
#: maps a function over islands: `map`, or one that uses processes
type Run = Callable[[Callable[[Island], Island], list[Island]], Iterable[Island]]


@dataclass(slots=True, kw_only=True)
class Island:
    """One population and what it needs to go on."""

    link: Link
    samples: Samples
    rng: np.random.Generator
    codes: np.ndarray
    values: np.ndarray
    errors: np.ndarray
    sizes: np.ndarray
    rank: np.ndarray
    #: chromosomes whose constants have been tuned
    tuned: np.ndarray


@compiled
def survivors(errors: np.ndarray, sizes: np.ndarray, capacity: int) -> tuple[np.ndarray, np.ndarray]:
    """Return indices and front numbers of the best by non-dominated sorting, without repeats.

    Args:
        errors: shape (n,).
        sizes: complexity, shape (n,).
        capacity: how many survive at most.
    """
    by_error = np.argsort(errors)
    order = by_error[np.argsort(sizes[by_error], kind="mergesort")]
    waiting = np.ones(order.shape[0], dtype=np.bool_)
    for k in range(1, order.shape[0]):
        a, b = order[k - 1], order[k]
        if sizes[a] == sizes[b] and errors[b] - errors[a] <= 1e-9 * errors[a]:
            waiting[k] = False
    chosen = np.empty(capacity, dtype=np.int64)
    rank = np.empty(capacity, dtype=np.int64)
    count = 0
    front = 0
    while count < capacity:
        best = np.inf
        found = False
        for k in range(order.shape[0]):
            index = order[k]
            if waiting[k] and errors[index] < best and count < capacity:
                best = errors[index]
                waiting[k] = False
                chosen[count] = index
                rank[count] = front
                count += 1
                found = True
        if not found:
            break
        front += 1
    return chosen[:count], rank[:count]


@compiled
def random_population(
    rng: np.random.Generator, count: int, genes: int, head: int, alphabet: Alphabet
) -> tuple[np.ndarray, np.ndarray]:
    """Return random chromosomes with one to `genes` genes that are not silent."""
    codes = np.full((count, genes, 2 * head + 1), CONSTANT)
    values = np.ones((count, genes, 2 * head + 1))
    for p in range(count):
        for g in range(1 + rng.integers(0, genes)):
            fill_gene(rng, codes[p, g], values[p, g], alphabet)
    return codes, values


def _seeds(samples: Samples, founders: Founders, rows: np.ndarray, settings: EvolutionSettings) -> np.ndarray:
    """Return chromosomes of one to three founders, shape (seeds, genes, length)."""
    columns = unit_columns(founders, rows, samples)
    distinct = distinct_columns(columns)
    columns, cost, codes = columns[distinct], founders.cost[distinct], founders.codes[distinct]
    target = samples.target[rows]
    if not samples.anchored:
        target = off(target[None, :].copy(), unit_row(samples.scale[rows]))[0]
    moment = moments(columns, target)
    length = 2 * settings.head + 1
    singles: list[int] = []
    for price in np.unique(cost):
        members = np.flatnonzero(cost == price)
        singles.extend(members[np.argsort(-np.round(np.abs(moment[members]), 9), kind="stable")[:4]])
    chromosomes = np.full((len(singles), settings.genes, length), CONSTANT)
    chromosomes[:, 0] = codes[singles]
    if settings.genes < 2:
        return chromosomes
    pairs = best_pairs(columns, moment, cost, 3, settings.largest - 3).reshape(-1, 2)
    pairs = pairs[pairs[:, 0] >= 0]
    doubles = np.full((len(pairs), settings.genes, length), CONSTANT)
    doubles[:, :2] = codes[pairs]
    if settings.genes < 3:
        return np.concatenate([chromosomes, doubles])
    triples = doubles.copy()
    upright = np.ascontiguousarray(columns.T)
    for triple, pair in zip(triples, pairs, strict=True):
        triple[2] = codes[best_replacement(upright, target, columns[pair])]
    best = best_triples(columns, moment, cost, 2, settings.largest - 4)
    exact = np.full((len(best), settings.genes, length), CONSTANT)
    exact[:, :3] = codes[best]
    longer = _extended(best, columns, upright, target, settings.genes)
    sums = np.full((len(longer), settings.genes, length), CONSTANT)
    for chromosome, numbers in zip(sums, longer, strict=True):
        chromosome[: len(numbers)] = codes[numbers]
    return np.concatenate([chromosomes, doubles, triples, exact, sums])


def _extended(
    triples: np.ndarray, columns: np.ndarray, upright: np.ndarray, target: np.ndarray, most: int
) -> list[np.ndarray]:
    """Return the best triples with one more founder after the other, that which fits best beside those before."""
    found: list[np.ndarray] = []
    for numbers in ranked(triples, lambda one: _left_by(columns[one], target))[:_EXTENDED]:
        for _ in range(3, most):
            numbers = np.append(numbers, best_replacement(upright, target, columns[numbers]))
            found.append(numbers)
    return found


def _left_by(columns: np.ndarray, target: np.ndarray) -> float:
    """Return the sum of squares that a linear fit of columns leaves."""
    return float(project(columns, target, 0, target.size, np.empty_like(columns), np.empty(columns.shape[0])))


def _scored(island: Island, codes: np.ndarray, values: np.ndarray, floor: float) -> tuple[np.ndarray, np.ndarray]:
    errors = np.empty(codes.shape[0])
    sizes = np.empty(codes.shape[0], dtype=np.int64)
    score(codes, values, island.samples, errors, sizes)
    return np.maximum(errors, floor), sizes


def admit(island: Island, codes: np.ndarray, values: np.ndarray, settings: EvolutionSettings) -> None:
    """Score newcomers and let them compete with the residents."""
    errors, sizes = _scored(island, codes, values, settings.floor)
    errors[sizes > settings.largest] = np.inf
    errors[~have_units(codes, island.samples.dimensions)] = np.inf
    errors = np.concatenate([island.errors, errors])
    sizes = np.concatenate([island.sizes, sizes])
    kept, island.rank = survivors(errors, sizes, settings.population)
    island.codes = np.concatenate([island.codes, codes])[kept]
    island.values = np.concatenate([island.values, values])[kept]
    island.tuned = np.concatenate([island.tuned, np.zeros(codes.shape[0], dtype=bool)])[kept]
    island.errors, island.sizes = errors[kept], sizes[kept]


def _tune_elite(island: Island, count: int, iterations: int, floor: float) -> None:
    """Tune the constants of the fittest chromosomes that have not been tuned yet."""
    waiting = np.flatnonzero(~island.tuned & (island.rank <= 1))[:count]
    for index in waiting:
        error = tune(island.codes[index], island.values[index], island.samples, iterations)
        island.errors[index] = max(error, floor)
        island.tuned[index] = True


def _pursue(
    island: Island, founders: Founders, rows: np.ndarray, upright: np.ndarray, settings: EvolutionSettings
) -> None:
    """Offer front members with one gene replaced by the founder that fits best beside the others."""
    front = np.flatnonzero(island.rank == 0)
    picks = island.rng.choice(front, size=min(6, front.size), replace=False)
    codes, values = island.codes[picks].copy(), island.values[picks].copy()
    n = rows.shape[0]
    points = island.samples.points[:, rows]
    if island.samples.anchored:
        points = np.hstack([points, island.samples.points[:, -1:]])
    points = np.ascontiguousarray(points)
    scale = island.samples.scale[rows]
    level = np.empty((0, n)) if island.samples.anchored else unit_row(scale)
    target = off(island.samples.target[rows][None, :], level)[0]
    stack = np.empty((settings.head + 3, points.shape[1]))
    for chromosome, numbers in zip(codes, values, strict=True):
        replaced = int(island.rng.integers(0, settings.genes))
        others = []
        for g in range(settings.genes):
            if g == replaced or chromosome[g, 0] == CONSTANT:
                continue
            values_at = gene_values(chromosome[g], numbers[g], points, island.samples.derivative, stack)
            others.append((values_at[:n] - values_at[n] if island.samples.anchored else values_at) * scale)
        rest = off(np.array(others), level) if others else np.empty((0, n))
        if not np.all(np.isfinite(rest)):
            continue
        best = best_replacement(upright, target, rest)
        chromosome[replaced] = founders.codes[best]
        numbers[replaced] = founders.values[best]
    admit(island, codes, values, settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nursery:
    """What all islands share: the settings and the founders."""

    settings: EvolutionSettings
    founders: Founders
    #: genes with constants over a grid; None where the settings leave them out
    shapes: Shapes | None
    rows: np.ndarray
    alphabet: Alphabet
    #: rows of the points that founders and shapes are made of
    used: tuple[int, ...]
    #: chromosomes of an earlier search
    earlier: Chromosomes | None = None

    @property
    def genes(self) -> Founders:
        """Founders and shapes: what single genes are renewed and replaced by."""
        return self.founders if self.shapes is None else joined(self.founders, self.shapes)

    def seeds(self, samples: Samples) -> Chromosomes:
        """Return chromosomes of one to three founders."""
        codes = _seeds(samples, self.founders, self.rows, self.settings)
        return codes, np.ones(codes.shape)

    def shape_seeds(self, link: Link, samples: Samples) -> Chromosomes:
        """Return chromosomes of one and two shapes with tuned constants."""
        if self.shapes is None:
            codes = np.empty((0, self.settings.genes, 2 * self.settings.head + 1), dtype=np.int64)
            return codes, np.empty(codes.shape)
        under = link.plain != "identity"
        return shape_seeds(
            samples, self.founders, self.shapes, self.rows, self.settings, used=self.used, under_link=under
        )

    def admit(self, island: Island, seeds: Chromosomes) -> None:
        """Add seeds to an island and tune what is new among its fittest."""
        if seeds[0].shape[0]:
            admit(island, *seeds, self.settings)
            _tune_elite(island, self.settings.population, 12, self.settings.floor)

    def found(self, link: Link, samples: Samples, seeds: Chromosomes, rng: np.random.Generator) -> Island:
        """Return a new island of seeds and random chromosomes."""
        settings = self.settings
        codes, values = random_population(rng, settings.population, settings.genes, settings.head, self.alphabet)
        island = Island(
            link=link, samples=samples, rng=rng, codes=codes[:0], values=values[:0],
            errors=np.empty(0), sizes=np.empty(0, dtype=np.int64), rank=np.empty(0, dtype=np.int64),
            tuned=np.empty(0, dtype=bool),
        )  # fmt: skip
        known = (codes[:0], values[:0]) if self.earlier is None else self.earlier
        admit(
            island,
            np.concatenate([seeds[0], codes, known[0]]),
            np.concatenate([seeds[1], values, known[1]]),
            settings,
        )
        _tune_elite(island, settings.population, 12, settings.floor)
        return island

    def advance(self, island: Island) -> Island:
        """Run one epoch on one island and return it."""
        settings = self.settings
        genes = self.genes
        upright = np.ascontiguousarray(unit_columns(genes, self.rows, island.samples).T)
        for generation in range(settings.epoch):
            codes, values = breed(
                island.rng, island.codes, island.values, island.rank, settings.population, self.alphabet,
                genes.codes, genes.values,
            )  # fmt: skip
            admit(island, codes, values, settings)
            if generation % 2 == 0:
                _pursue(island, genes, self.rows, upright, settings)
            _tune_elite(island, 12, 8, settings.floor)
        admit(island, island.codes[:0], island.values[:0], settings)
        return island


def front_of(island: Island) -> list[Candidate]:
    """Return copies of the members of the first three fronts."""
    return [
        Candidate(
            link=island.link,
            codes=island.codes[index].copy(),
            values=island.values[index].copy(),
            error=float(island.errors[index]),
            size=int(island.sizes[index]) + island.link.cost,
        )
        for index in np.flatnonzero(island.rank <= 2)
    ]
