"""The best chromosomes of every complexity and link that a search has seen."""

from dataclasses import dataclass, field

import numpy as np

from ionspice.discovery.evolution.links import Link
from ionspice.discovery.evolution.operators import CONSTANT
from ionspice.discovery.evolution.stack_machine import active_length

#: relative difference of errors that is round-off
_EQUAL = 1e-9
#: relative difference of errors below which two members are one law in two writings
_SAME = 1e-6


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


def constants_of(candidate: Candidate) -> int:
    """Return how many constants a chromosome has: inner ones and the weights of its genes."""
    return sum(
        1 + int(np.sum(gene[: active_length(gene, 0)] == CONSTANT)) for gene in candidate.codes if gene[0] != CONSTANT
    )


@dataclass(slots=True, kw_only=True)
class HallOfFame:
    """The best chromosomes of every complexity, link and number of constants."""

    per_size: int = 3
    members: dict[tuple[str, int, int], list[Candidate]] = field(default_factory=dict)

    def offer(self, candidate: Candidate) -> None:
        """Keep the candidate if it is among the best of its complexity, link and number of constants."""
        shelf = self.members.setdefault((candidate.link.name, candidate.size, constants_of(candidate)), [])
        if any(abs(other.error - candidate.error) <= _SAME * other.error + 1e-30 for other in shelf):
            return
        shelf.append(candidate)
        shelf.sort(key=lambda member: member.error)
        del shelf[self.per_size :]

    def candidates(self, most: int | None = None) -> list[Candidate]:
        """Return every member, or as many, the first of their kind before others; smallest first."""
        places = [(place, candidate) for shelf in self.members.values() for place, candidate in enumerate(shelf)]
        everyone = [candidate for _, candidate in sorted(places, key=lambda one: one[0])[:most]]
        return sorted(everyone, key=lambda member: (member.size, member.error))

    def front(self) -> list[Candidate]:
        """Return the members that no smaller one matches in error, smallest first."""
        best = np.inf
        chosen = []
        for candidate in self.candidates():
            if candidate.error < best * (1.0 - _EQUAL):
                best = candidate.error
                chosen.append(candidate)
        return chosen
