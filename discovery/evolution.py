"""Evolve islands of chromosomes; yield the hall of fame after every epoch.

Each island has its own link and its own random numbers, breeds a generation of children, tunes the constants of its
elite and keeps the best of parents and children by non-dominated sorting of error and complexity (Deb et al., IEEE
Trans. Evol. Comput. 6, 182, 2002). After every epoch the islands exchange their fronts in a ring, and an island
whose link has fallen far behind takes over the leader's. Islands touch nothing but their own state, so the result
depends on the seed and the number of islands, not on how many processes run them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from ionspice.core import InputError
from ionspice.discovery.constants import tune
from ionspice.discovery.founders import (
    Founders,
    best_pairs,
    best_replacement,
    distinct_columns,
    enumerate_founders,
    screening_rows,
    unit_columns,
    unit_row,
    with_derivatives,
)
from ionspice.discovery.gene_weights import Samples, gene_values, moments, off, score
from ionspice.discovery.genome import breed, fill_gene
from ionspice.discovery.links import Link
from ionspice.discovery.operators import CONSTANT
from ionspice.discovery.stack_machine import compiled

#: residual over total sum of squares at which data are fitted to round-off; smaller ones count as equal
EXACT = 1e-24


@dataclass(frozen=True, slots=True, kw_only=True)
class EvolutionSettings:
    """Sizes and rates of the search."""

    #: codes of the operators
    functions: np.ndarray
    #: genes of a chromosome
    genes: int = 4
    #: symbols of a gene's head; a gene has 2 head + 1
    head: int = 10
    #: chromosomes of an island
    population: int = 200
    #: islands
    islands: int = 8
    #: generations between migrations
    epoch: int = 10
    #: largest number of epochs
    epochs: int = 60
    #: epochs without progress after which the search ends
    patience: int = 12
    #: largest complexity
    largest: int = 40
    #: probability that a new terminal is a constant
    constant_share: float = 0.25
    #: largest number of symbols of an enumerated founder
    founder_symbols: int = 7
    #: largest number of founders
    founder_limit: int = 1500
    #: error (residual over total sum of squares) below which all laws count as equally good
    floor: float = EXACT

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("genes", "head", "population", "islands", "epoch", "epochs", "patience", "largest"):
            if getattr(self, name) < 1:
                raise InputError(f"{name}={getattr(self, name)}: must be at least 1")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One chromosome of the hall of fame."""

    link: Link
    #: symbol codes, shape (genes, length)
    codes: np.ndarray
    #: constants beside them, same shape
    values: np.ndarray
    #: residual over total sum of squares (1)
    error: float
    #: complexity, the link's price included
    size: int


@dataclass(slots=True, kw_only=True)
class HallOfFame:
    """The best chromosomes of every complexity and link."""

    per_size: int = 2
    members: dict[tuple[str, int], list[Candidate]] = field(default_factory=dict)

    def offer(self, candidate: Candidate) -> None:
        """Keep the candidate if it is among the best of its complexity and link."""
        shelf = self.members.setdefault((candidate.link.name, candidate.size), [])
        if any(abs(other.error - candidate.error) <= 1e-9 * other.error + 1e-30 for other in shelf):
            return
        shelf.append(candidate)
        shelf.sort(key=lambda member: member.error)
        del shelf[self.per_size :]

    def candidates(self) -> list[Candidate]:
        """Return every member, smallest first."""
        everyone = [candidate for shelf in self.members.values() for candidate in shelf]
        return sorted(everyone, key=lambda member: (member.size, member.error))

    def front(self) -> list[Candidate]:
        """Return the members that no smaller one matches in error, smallest first."""
        best = np.inf
        chosen = []
        for candidate in self.candidates():
            if candidate.error < best:
                best = candidate.error
                chosen.append(candidate)
        return chosen


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
    rng: np.random.Generator,
    count: int,
    genes: int,
    head: int,
    functions: np.ndarray,
    variables: int,
    constant_share: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return random chromosomes with one to `genes` genes that are not silent."""
    codes = np.full((count, genes, 2 * head + 1), CONSTANT)
    values = np.ones((count, genes, 2 * head + 1))
    for p in range(count):
        for g in range(1 + rng.integers(0, genes)):
            fill_gene(rng, codes[p, g], values[p, g], 0, functions, variables, constant_share)
    return codes, values


def _seeds(samples: Samples, founders: Founders, rows: np.ndarray, settings: EvolutionSettings) -> np.ndarray:
    """Return chromosomes of one and two founders, shape (seeds, genes, length)."""
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
    return np.concatenate([chromosomes, doubles, triples])


def _scored(island: Island, codes: np.ndarray, values: np.ndarray, floor: float) -> tuple[np.ndarray, np.ndarray]:
    errors = np.empty(codes.shape[0])
    sizes = np.empty(codes.shape[0], dtype=np.int64)
    score(codes, values, island.samples, errors, sizes)
    return np.maximum(errors, floor), sizes


def _admit(island: Island, codes: np.ndarray, values: np.ndarray, settings: EvolutionSettings) -> None:
    """Score newcomers and let them compete with the residents."""
    errors, sizes = _scored(island, codes, values, settings.floor)
    errors[sizes > settings.largest] = np.inf
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
        numbers[replaced] = 1.0
    _admit(island, codes, values, settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What all islands share: the settings and the founders."""

    settings: EvolutionSettings
    founders: Founders
    rows: np.ndarray
    variables: int
    #: chromosomes of an earlier search, codes and constants of shape (members, genes, length)
    earlier: tuple[np.ndarray, np.ndarray] | None = None

    def found(self, link: Link, samples: Samples, rng: np.random.Generator) -> Island:
        """Return a new island of founders, pairs of founders and random chromosomes."""
        settings = self.settings
        seeds = _seeds(samples, self.founders, self.rows, settings)
        codes, values = random_population(
            rng, settings.population, settings.genes, settings.head, settings.functions, self.variables,
            settings.constant_share,
        )  # fmt: skip
        island = Island(
            link=link, samples=samples, rng=rng, codes=seeds[:0], values=np.empty(seeds[:0].shape),
            errors=np.empty(0), sizes=np.empty(0, dtype=np.int64), rank=np.empty(0, dtype=np.int64),
            tuned=np.empty(0, dtype=bool),
        )  # fmt: skip
        known = (seeds[:0], np.empty(seeds[:0].shape)) if self.earlier is None else self.earlier
        _admit(
            island,
            np.concatenate([seeds, codes, known[0]]),
            np.concatenate([np.ones(seeds.shape), values, known[1]]),
            settings,
        )
        _tune_elite(island, settings.population, 12, settings.floor)
        return island

    def advance(self, island: Island) -> Island:
        """Run one epoch on one island and return it."""
        settings = self.settings
        upright = np.ascontiguousarray(unit_columns(self.founders, self.rows, island.samples).T)
        ones = np.ones(self.founders.codes.shape)
        for generation in range(settings.epoch):
            codes, values = breed(
                island.rng, island.codes, island.values, island.rank, settings.population, settings.functions,
                self.variables, settings.constant_share, self.founders.codes, ones,
            )  # fmt: skip
            _admit(island, codes, values, settings)
            if generation % 2 == 0:
                _pursue(island, self.founders, self.rows, upright, settings)
            _tune_elite(island, 12, 8, settings.floor)
        _admit(island, island.codes[:0], island.values[:0], settings)
        return island


def _front(island: Island) -> list[Candidate]:
    return [
        Candidate(
            link=island.link,
            codes=island.codes[index].copy(),
            values=island.values[index].copy(),
            error=float(island.errors[index]),
            size=int(island.sizes[index]) + island.link.cost,
        )
        for index in np.flatnonzero(island.rank <= 1)
    ]


def _migrate(islands: list[Island], settings: EvolutionSettings) -> None:
    """Send every front on to the next island; genes are at home under any link."""
    fronts = [(island.codes[island.rank == 0].copy(), island.values[island.rank == 0].copy()) for island in islands]
    for island, (codes, values) in zip(islands, fronts[-1:] + fronts[:-1], strict=True):
        _admit(island, codes, values, settings)


def _adopt_leader(islands: list[Island], hall: HallOfFame) -> None:
    """Give the link of the best island to the worst one, so that the search follows what works."""
    front = hall.front()
    votes = {island.link.name: 0 for island in islands}
    for candidate in front:
        votes[candidate.link.name] = votes.get(candidate.link.name, 0) + 1
    leader = min(islands, key=lambda island: float(island.errors.min()))
    worst = max(islands, key=lambda island: float(island.errors.min()))
    if votes[worst.link.name] > 0 or worst is leader:
        return
    worst.link, worst.samples = leader.link, leader.samples
    worst.codes, worst.values = leader.codes.copy(), leader.values.copy()
    worst.errors, worst.sizes = leader.errors.copy(), leader.sizes.copy()
    worst.rank, worst.tuned = leader.rank.copy(), leader.tuned.copy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """The state of a search that callers see."""

    number: int
    hall: HallOfFame
    #: chromosomes scored so far
    evaluations: int
    #: smallest error in the hall (residual over total sum of squares)
    best_error: float


def evolve(
    targets: list[tuple[Link, Samples]],
    settings: EvolutionSettings,
    rng: np.random.Generator,
    run: Callable[[Callable[[Island], Island], list[Island]], Iterable[Island]] = map,
    earlier: tuple[np.ndarray, np.ndarray] | None = None,
) -> Iterator[Epoch]:
    """Evolve islands on the targets, one link each in turn, and yield after every epoch.

    Args:
        targets: links with the samples as each link sees them.
        settings: sizes and rates.
        rng: seeds the islands.
        run: maps a function over islands; `map`, or one that uses processes.
        earlier: chromosomes to go on from, codes and constants of shape (members, genes, length).
    """
    samples = targets[0][1]
    rows = screening_rows(samples.target.shape[0])
    points = (
        samples.points[:, np.append(rows, samples.points.shape[1] - 1)]
        if samples.anchored
        else samples.points[:, rows]
    )
    founders = enumerate_founders(
        points, settings.functions, 2 * settings.head + 1, settings.founder_symbols, settings.founder_limit
    )
    if samples.derivative >= 0:
        founders = with_derivatives(founders, np.ascontiguousarray(points), samples.derivative)
    search = Search(
        settings=settings, founders=founders, rows=rows, variables=samples.points.shape[0], earlier=earlier
    )
    count = max(settings.islands, len(targets))
    islands = [search.found(*targets[k % len(targets)], child) for k, child in enumerate(rng.spawn(count))]
    hall = HallOfFame()
    evaluations = sum(island.errors.size for island in islands)
    shortest = np.inf
    stalled = 0
    for number in range(settings.epochs + 1):
        if number > 0:
            islands = list(run(search.advance, islands))
            evaluations += count * settings.epoch * (settings.population + 6)
        for island in islands:
            for candidate in _front(island):
                hall.offer(candidate)
        front = hall.front()
        best_error = front[-1].error if front else np.inf
        yield Epoch(number=number, hall=hall, evaluations=evaluations, best_error=best_error)
        length = description_length(front, samples.target.shape[0]) if front else np.inf
        stalled = 0 if length < shortest - 1.0 else stalled + 1
        shortest = min(shortest, length)
        if stalled >= settings.patience or best_error <= settings.floor:
            return
        _migrate(islands, settings)
        _adopt_leader(islands, hall)


def description_length(front: list[Candidate], rows: int) -> float:
    """Return the least number of nats that name a law of the front and the residuals it leaves.

    Half n ln(error) for the residuals and ln(8) for every unit of complexity. More complex laws always fit noise a
    little better; a search has progressed only when that is worth the longer law.
    """
    return min(0.5 * rows * float(np.log(c.error)) + float(np.log(8.0)) * c.size for c in front)
