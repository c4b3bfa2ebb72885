"""Children of a population: parents by tournament, crossover, mutation."""

import numpy as np

from ionspice.discovery.evolution.genome import Alphabet, repair_tail, splice
from ionspice.discovery.evolution.mutation import mutate
from ionspice.discovery.evolution.stack_machine import active_length, compiled

_CROSSOVER = 0.6
_RIVALS = 3  # in a tournament


@compiled
def breed(
    rng: np.random.Generator,
    codes: np.ndarray,
    values: np.ndarray,
    rank: np.ndarray,
    count: int,
    alphabet: Alphabet,
    founders: np.ndarray,
    constants: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return `count` children of a population, each by crossover, mutation or both.

    Args:
        rng: random numbers.
        codes: shape (population, genes, length).
        values: constants, same shape.
        rank: lower is fitter, shape (population,).
        count: number of children.
        alphabet: of new symbols.
        founders: genes to draw from in renewal, shape (founders, length); may be empty.
        constants: beside the founders, same shape.
    """
    children = np.empty((count, codes.shape[1], codes.shape[2]), dtype=codes.dtype)
    numbers = np.empty((count, codes.shape[1], codes.shape[2]))
    for child in range(count):
        mother = _tournament(rng, rank)
        children[child] = codes[mother]
        numbers[child] = values[mother]
        crossed = rng.random() < _CROSSOVER
        if crossed:
            father = _tournament(rng, rank)
            _cross(rng, children[child], numbers[child], codes[father], values[father])
        if not crossed or rng.random() < 0.5:
            mutate(rng, children[child], numbers[child], alphabet, founders, constants)
        for g in range(codes.shape[1]):
            repair_tail(rng, children[child, g], alphabet)
    return children, numbers


@compiled
def _tournament(rng: np.random.Generator, rank: np.ndarray) -> int:
    """Return the index with the lowest rank among some drawn at random."""
    best = int(rng.integers(0, rank.shape[0]))
    for _ in range(_RIVALS - 1):
        rival = int(rng.integers(0, rank.shape[0]))
        if rank[rival] < rank[best]:
            best = rival
    return int(best)


@compiled
def _cross(
    rng: np.random.Generator,
    codes: np.ndarray,
    values: np.ndarray,
    other_codes: np.ndarray,
    other_values: np.ndarray,
) -> None:
    """Recombine a child with another parent: one or two points, a whole gene, or a sub-expression."""
    genes = codes.shape[0]
    kind = rng.random()
    if kind < 0.3:
        flat, flat_values = codes.reshape(-1), values.reshape(-1)
        first, second = int(rng.integers(0, flat.shape[0])), int(rng.integers(0, flat.shape[0]))
        if kind < 0.15:
            second = flat.shape[0]
        if first > second:
            first, second = second, first
        flat[first:second] = other_codes.reshape(-1)[first:second]
        flat_values[first:second] = other_values.reshape(-1)[first:second]
        return
    here, there = int(rng.integers(0, genes)), int(rng.integers(0, genes))
    if kind < 0.7:
        codes[here] = other_codes[there]
        values[here] = other_values[there]
        return
    at = int(rng.integers(0, active_length(codes[here], 0)))
    source = int(rng.integers(0, active_length(other_codes[there], 0)))
    stop = source + active_length(other_codes[there], source)
    splice(
        codes[here],
        values[here],
        at,
        active_length(codes[here], at),
        other_codes[there, source:stop],
        other_values[there, source:stop],
    )
