"""Gene expression programming: chromosomes of prefix genes with head and tail, and how they vary.

A gene has a head of h symbols, operators or terminals, and a tail of h + 1 terminals. With at most two arguments
per operator every row of symbols then begins with one complete expression, so any exchange of symbols that keeps
tails free of operators yields a valid gene (Ferreira, Complex Systems 13, 87, 2001; in prefix order Li et al.,
GECCO 2005). Symbols behind that expression are silent and vary freely. A gene that is a single constant is silent as
a whole, which lets the number of terms evolve.
"""

import numpy as np

from ionspice.discovery.evolution.operators import ARITY, CONSTANT, FIRST_VARIABLE
from ionspice.discovery.evolution.stack_machine import active_length, compiled

_HEAD_OPERATOR = 0.6
_CROSSOVER = 0.6


@compiled
def random_terminal(rng: np.random.Generator, variables: int, constant_share: float) -> int:
    """Return the code of a constant, with the given probability, or of a variable."""
    if rng.random() < constant_share:
        return CONSTANT
    return FIRST_VARIABLE + int(rng.integers(0, variables))


@compiled
def random_constant(rng: np.random.Generator) -> float:
    """Return 1, a small integer or a normal number: most constants of laws are of order one."""
    kind = rng.random()
    if kind < 0.4:
        return 1.0
    if kind < 0.6:
        return float(rng.integers(-3, 6))
    return float(rng.normal(0.0, 2.0))


@compiled
def fill_gene(
    rng: np.random.Generator,
    gene: np.ndarray,
    values: np.ndarray,
    start: int,
    functions: np.ndarray,
    variables: int,
    constant_share: float,
) -> None:
    """Fill a gene with random symbols from `start` on, operators in the head only."""
    head = gene.shape[0] // 2
    for position in range(start, gene.shape[0]):
        values[position] = random_constant(rng)
        if position < head and rng.random() < _HEAD_OPERATOR:
            gene[position] = functions[rng.integers(0, functions.shape[0])]
        else:
            gene[position] = random_terminal(rng, variables, constant_share)


@compiled
def _repair_tail(rng: np.random.Generator, gene: np.ndarray, variables: int, constant_share: float) -> None:
    for position in range(gene.shape[0] // 2, gene.shape[0]):
        if gene[position] < CONSTANT:
            gene[position] = random_terminal(rng, variables, constant_share)


@compiled
def _splice(
    gene: np.ndarray, values: np.ndarray, at: int, old: int, new_gene: np.ndarray, new_values: np.ndarray
) -> None:
    """Put the new symbols in place of `old` ones at `at`; what does not fit falls off the end."""
    length = gene.shape[0]
    symbols = gene.copy()
    numbers = values.copy()
    new = min(new_gene.shape[0], length - at)
    gene[at : at + new] = new_gene[:new]
    values[at : at + new] = new_values[:new]
    rest = min(length - at - new, length - at - old)
    if rest > 0:
        gene[at + new : at + new + rest] = symbols[at + old : at + old + rest]
        values[at + new : at + new + rest] = numbers[at + old : at + old + rest]


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
    elif kind < 0.7:
        here, there = int(rng.integers(0, genes)), int(rng.integers(0, genes))
        codes[here] = other_codes[there]
        values[here] = other_values[there]
    else:
        here, there = int(rng.integers(0, genes)), int(rng.integers(0, genes))
        at = int(rng.integers(0, active_length(codes[here], 0)))
        source = int(rng.integers(0, active_length(other_codes[there], 0)))
        span = active_length(other_codes[there], source)
        _splice(
            codes[here],
            values[here],
            at,
            active_length(codes[here], at),
            other_codes[there, source : source + span],
            other_values[there, source : source + span],
        )


@compiled
def _mutate(
    rng: np.random.Generator,
    codes: np.ndarray,
    values: np.ndarray,
    functions: np.ndarray,
    variables: int,
    constant_share: float,
    founders: np.ndarray,
    founder_values: np.ndarray,
) -> None:
    """Change one gene: symbols, a sub-expression, inversion, transposition, wrapping, hoisting, renewal."""
    g = int(rng.integers(0, codes.shape[0]))
    gene, numbers = codes[g], values[g]
    length = gene.shape[0]
    head = length // 2
    active = active_length(gene, 0)
    kind = rng.random()
    if kind < 0.25:
        for position in range(active):
            if rng.random() < 1.5 / active:
                if position < head and rng.random() < _HEAD_OPERATOR:
                    gene[position] = functions[rng.integers(0, functions.shape[0])]
                else:
                    gene[position] = random_terminal(rng, variables, constant_share)
    elif kind < 0.37:
        for position in range(active):
            if gene[position] == CONSTANT:
                if rng.random() < 0.3:
                    numbers[position] = random_constant(rng)
                else:
                    numbers[position] *= 1.0 + 0.3 * rng.normal()
    elif kind < 0.49:
        at = int(rng.integers(0, active))
        fresh = np.empty(7, dtype=gene.dtype)
        fresh_values = np.empty(7)
        fill_gene(rng, fresh, fresh_values, 0, functions, variables, constant_share)
        span = active_length(fresh, 0)
        _splice(gene, numbers, at, active_length(gene, at), fresh[:span], fresh_values[:span])
    elif kind < 0.55:
        first, second = int(rng.integers(0, head)), int(rng.integers(0, head))
        if first > second:
            first, second = second, first
        gene[first : second + 1] = gene[first : second + 1][::-1].copy()
        numbers[first : second + 1] = numbers[first : second + 1][::-1].copy()
    elif kind < 0.65:
        source = int(rng.integers(0, length))
        span = min(1 + int(rng.integers(0, 4)), length - source)
        at = int(rng.integers(0, head))
        _splice(gene, numbers, at, 0, gene[source : source + span].copy(), numbers[source : source + span].copy())
    elif kind < 0.75:
        at = int(rng.integers(0, active))
        wrap = np.empty(1, dtype=gene.dtype)
        wrap[0] = functions[rng.integers(0, functions.shape[0])]
        span = active_length(gene, at)
        if ARITY[wrap[0]] == 2:
            partner = np.empty(1, dtype=gene.dtype)
            partner[0] = random_terminal(rng, variables, constant_share)
            _splice(gene, numbers, at + span * (rng.random() < 0.5), 0, partner, np.ones(1))
        _splice(gene, numbers, at, 0, wrap, np.ones(1))
    elif kind < 0.85:
        at = int(rng.integers(0, active))
        span = active_length(gene, at)
        inner = at + int(rng.integers(0, span))
        inner_span = active_length(gene, inner)
        moved, moved_numbers = gene[inner : inner + inner_span].copy(), numbers[inner : inner + inner_span].copy()
        _splice(gene, numbers, at, span, moved, moved_numbers)
    elif kind < 0.91:
        gene[0] = CONSTANT
    elif founders.shape[0] > 0:
        pick = int(rng.integers(0, founders.shape[0]))
        codes[g] = founders[pick]
        values[g] = founder_values[pick]
    else:
        fill_gene(rng, gene, numbers, 0, functions, variables, constant_share)


@compiled
def tournament(rng: np.random.Generator, rank: np.ndarray, size: int) -> int:
    """Return the index with the lowest rank among `size` drawn at random."""
    best = int(rng.integers(0, rank.shape[0]))
    for _ in range(size - 1):
        rival = int(rng.integers(0, rank.shape[0]))
        if rank[rival] < rank[best]:
            best = rival
    return int(best)


@compiled
def breed(
    rng: np.random.Generator,
    codes: np.ndarray,
    values: np.ndarray,
    rank: np.ndarray,
    count: int,
    functions: np.ndarray,
    variables: int,
    constant_share: float,
    founders: np.ndarray,
    founder_values: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return `count` children of a population, each by crossover, mutation or both.

    Args:
        rng: random numbers.
        codes: shape (population, genes, length).
        values: constants, same shape.
        rank: lower is fitter, shape (population,).
        count: number of children.
        functions: operator codes in use.
        variables: number of variables.
        constant_share: probability that a new terminal is a constant.
        founders: genes to draw from in renewal, shape (founders, length); may be empty.
        founder_values: their constants.
    """
    children = np.empty((count, codes.shape[1], codes.shape[2]), dtype=codes.dtype)
    numbers = np.empty((count, codes.shape[1], codes.shape[2]))
    for child in range(count):
        mother = tournament(rng, rank, 3)
        children[child] = codes[mother]
        numbers[child] = values[mother]
        crossed = rng.random() < _CROSSOVER
        if crossed:
            father = tournament(rng, rank, 3)
            _cross(rng, children[child], numbers[child], codes[father], values[father])
        if not crossed or rng.random() < 0.5:
            _mutate(
                rng,
                children[child],
                numbers[child],
                functions,
                variables,
                constant_share,
                founders,
                founder_values,
            )
        for g in range(codes.shape[1]):
            _repair_tail(rng, children[child, g], variables, constant_share)
    return children, numbers
