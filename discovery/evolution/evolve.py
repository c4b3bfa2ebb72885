"""Evolve islands of chromosomes; yield the hall of fame after every epoch.

Each island has its own link and its own random numbers, breeds a generation of children, tunes the constants of its
elite and keeps the best of parents and children by non-dominated sorting of error and complexity (Deb et al., IEEE
Trans. Evol. Comput. 6, 182, 2002). After every epoch the islands exchange their fronts in a ring, and an island
whose link has fallen far behind takes over the leader's. Islands touch nothing but their own state, so the result
depends on the seed and the number of islands, not on how many processes run them.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from ionspice.discovery.evolution.founders import enumerate_founders, screening_rows, with_derivatives
from ionspice.discovery.evolution.gene_weights import Samples
from ionspice.discovery.evolution.genome import Alphabet
from ionspice.discovery.evolution.hall_of_fame import Candidate, HallOfFame
from ionspice.discovery.evolution.islands import Chromosomes, Island, Nursery, Run, admit, front_of
from ionspice.discovery.evolution.links import Link
from ionspice.discovery.evolution.settings import EvolutionSettings
from ionspice.discovery.evolution.shapes import grid_shapes
from ionspice.discovery.ordering import lowest


def _never(_: float) -> bool:
    return False


def _migrate(islands: list[Island], settings: EvolutionSettings) -> None:
    """Send every front on to the next island; genes are at home under any link."""
    fronts = [(island.codes[island.rank == 0].copy(), island.values[island.rank == 0].copy()) for island in islands]
    for island, (codes, values) in zip(islands, fronts[-1:] + fronts[:-1], strict=True):
        admit(island, codes, values, settings)


def _adopt_leader(islands: list[Island], hall: HallOfFame) -> None:
    """Give the link of the best island to the worst one, so that the search follows what works."""
    votes = Counter(candidate.link.name for candidate in hall.front())
    leader = lowest(islands, lambda island: float(island.errors.min()))
    worst = lowest(islands, lambda island: -float(island.errors.min()))
    if votes[worst.link.name] > 0 or worst is leader:
        return
    worst.link, worst.samples = leader.link, leader.samples
    for name in ("codes", "values", "errors", "sizes", "rank", "tuned"):
        setattr(worst, name, getattr(leader, name).copy())


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """The state of a search that callers see."""

    number: int
    hall: HallOfFame
    #: chromosomes scored so far
    evaluations: int
    #: smallest error in the hall (residual over total sum of squares)
    best_error: float


#: says whether time is up, or will be before a step of so many s is half done
type IsOver = Callable[[float], bool]
#: called after every epoch; a true answer ends the search
type EpochCallback = Callable[[Epoch], bool | None]


def _nursery(
    samples: Samples, settings: EvolutionSettings, earlier: Chromosomes | None, used: tuple[int, ...]
) -> Nursery:
    """Return the founders and settings that all islands share."""
    rows = screening_rows(samples.target.shape[0])
    points = (
        samples.points[:, np.append(rows, samples.points.shape[1] - 1)]
        if samples.anchored
        else samples.points[:, rows]
    )
    length = 2 * settings.head + 1
    founders = enumerate_founders(points, settings.enumerated, length, used, samples.dimensions)
    shapes = (
        grid_shapes(points, settings.codes, length, samples.derivative, used, samples.dimensions)
        if settings.shapes
        else None
    )
    if samples.derivative >= 0:
        founders = with_derivatives(founders, np.ascontiguousarray(points), samples.derivative)
    alphabet = Alphabet(settings.codes, samples.points.shape[0])
    return Nursery(
        settings=settings, founders=founders, shapes=shapes, rows=rows, alphabet=alphabet, used=used, earlier=earlier
    )


@dataclass(frozen=True, slots=True)
class _Nurseries:
    """The nursery of every link; links that see the same rows share one."""

    settings: EvolutionSettings
    earlier: Chromosomes | None
    #: columns of the table; further variables are made of them
    columns: int
    of: dict[str, Nursery]
    by_points: dict[tuple[bytes, tuple[int, ...]], Nursery]

    @classmethod
    def for_targets(
        cls, targets: list[tuple[Link, Samples]], settings: EvolutionSettings, earlier: Chromosomes | None
    ) -> "_Nurseries":
        reduction = next((link.reduction for link, _ in targets if link.reduction is not None), None)
        columns = targets[0][1].points.shape[0] if reduction is None else len(reduction.factor)
        return cls(settings, earlier, columns, {}, {})

    def prepared(self, link: Link, samples: Samples) -> Nursery:
        """Return the nursery of a link, made when it is first asked for: there may be no time for all."""
        if link.name not in self.of:
            used = link.reduction.used if link.reduction is not None else tuple(range(self.columns))
            key = sha256(samples.points.tobytes()).digest(), used
            if key not in self.by_points:
                self.by_points[key] = _nursery(samples, self.settings, self.earlier, used)
            self.of[link.name] = self.by_points[key]
        return self.of[link.name]

    def found(
        self, targets: list[tuple[Link, Samples]], rngs: list[np.random.Generator], is_over: IsOver
    ) -> list[Island]:
        """Return an island for each random generator that time allows, its link the next of the targets.

        Shapes take longer than all else and come once every link has been tried without them.
        """
        seeds: dict[str, Chromosomes] = {}
        islands: list[Island] = []
        for k, rng in enumerate(rngs):
            if islands and is_over(0.0):
                break
            link, samples = targets[k % len(targets)]
            nursery = self.prepared(link, samples)
            if link.name not in seeds:
                seeds[link.name] = nursery.seeds(samples)
            islands.append(nursery.found(link, samples, seeds[link.name], rng))
        self._admit_shapes(islands, is_over)
        return islands

    def _admit_shapes(self, islands: list[Island], is_over: IsOver) -> None:
        shapes: dict[str, Chromosomes] = {}
        longest = 0.0
        for island in islands:
            began = time.monotonic()
            if is_over(longest):
                break
            nursery = self.of[island.link.name]
            if island.link.name not in shapes:
                shapes[island.link.name] = nursery.shape_seeds(island.link, island.samples)
            nursery.admit(island, shapes[island.link.name])
            longest = max(longest, time.monotonic() - began)

    def advance(self, island: Island) -> Island:
        return self.of[island.link.name].advance(island)


def evolve(
    targets: list[tuple[Link, Samples]],
    settings: EvolutionSettings,
    rng: np.random.Generator,
    run: Run = map,
    earlier: Chromosomes | None = None,
    is_over: IsOver = _never,
) -> Iterator[Epoch]:
    """Evolve islands on the targets, one link each in turn, and yield after every epoch.

    Args:
        targets: links with the samples as each link sees them.
        settings: sizes and rates.
        rng: seeds the islands.
        run: maps a function over islands.
        earlier: chromosomes to go on from.
        is_over: says whether time is up; what is left of an epoch is then left out.
    """
    nurseries = _Nurseries.for_targets(targets, settings, earlier)
    count = max(settings.islands, len(targets))
    islands = nurseries.found(targets, rng.spawn(count), is_over)
    hall = HallOfFame()
    evaluations = sum(island.errors.size for island in islands)
    shortest = np.inf
    stalled = 0
    for number in range(settings.epochs + 1):
        if number > 0:
            islands = _advanced(nurseries, islands, run, is_over)
            evaluations += count * settings.epoch * (settings.population + 6)
        for island in islands:
            for candidate in front_of(island):
                hall.offer(candidate)
        front = hall.front()
        best_error = front[-1].error if front else np.inf
        yield Epoch(number=number, hall=hall, evaluations=evaluations, best_error=best_error)
        length = description_length(front, targets[0][1].target.shape[0]) if front else np.inf
        stalled = 0 if length < shortest - 1.0 else stalled + 1
        shortest = min(shortest, length)
        settled = best_error <= settings.floor and stalled >= settings.settling
        if stalled >= settings.idle_epochs or settled:
            return
        _migrate(islands, settings)
        _adopt_leader(islands, hall)


def _advanced(nurseries: _Nurseries, islands: list[Island], run: Run, is_over: IsOver) -> list[Island]:
    """Return the islands after an epoch; in this process, those that time allows."""
    if run is not map:
        return list(run(nurseries.advance, islands))
    done: list[Island] = []
    longest = 0.0
    for island in islands:
        began = time.monotonic()
        done.append(island if is_over(longest) else nurseries.advance(island))
        longest = max(longest, time.monotonic() - began)
    return done


def description_length(front: list[Candidate], rows: int) -> float:
    """Return the least number of nats that name a law of the front and the residuals it leaves.

    Half n ln(error) for the residuals and ln(8) for every unit of complexity. More complex laws always fit noise a
    little better; a search has progressed only when that is worth the longer law.
    """
    return min(0.5 * rows * float(np.log(c.error)) + float(np.log(8.0)) * c.size for c in front)
