"""How one gene of a chromosome varies by chance. All functions change a gene, or its constants, in place."""

import numpy as np

from ionspice.discovery.evolution.genome import (
    Alphabet,
    fill_gene,
    random_constant,
    random_operator,
    random_symbol,
    random_terminal,
    splice,
)
from ionspice.discovery.evolution.operators import ARITY, CONSTANT
from ionspice.discovery.evolution.stack_machine import active_length, compiled

_GRAFT = 7  # symbols drawn for a new sub-expression, silent ones included


@compiled
def mutate(
    rng: np.random.Generator, codes: np.ndarray, values: np.ndarray, alphabet: Alphabet, founders: np.ndarray,
    constants: np.ndarray,
) -> None:  # fmt: skip
    """Change one gene of a chromosome, shape (genes, length), in one of nine ways."""
    g = int(rng.integers(0, codes.shape[0]))
    gene, numbers = codes[g], values[g]
    active = active_length(gene, 0)
    kind = rng.random()
    if kind < 0.25:
        _exchange(rng, gene, active, alphabet)
    elif kind < 0.37:
        _vary_constants(rng, gene, numbers, active)
    elif kind < 0.49:
        _graft(rng, gene, numbers, active, alphabet)
    elif kind < 0.55:
        _invert(rng, gene, numbers)
    elif kind < 0.65:
        _transpose(rng, gene, numbers)
    elif kind < 0.75:
        _wrap(rng, gene, numbers, active, alphabet)
    elif kind < 0.85:
        _hoist(rng, gene, numbers, active)
    elif kind < 0.91:
        gene[0] = CONSTANT
    else:
        _renew(rng, gene, numbers, alphabet, founders, constants)


@compiled
def _exchange(rng: np.random.Generator, gene: np.ndarray, active: int, alphabet: Alphabet) -> None:
    """Exchange one or two symbols."""
    for position in range(active):
        if rng.random() < 1.5 / active:
            gene[position] = random_symbol(rng, position < gene.shape[0] // 2, alphabet)


@compiled
def _vary_constants(rng: np.random.Generator, gene: np.ndarray, numbers: np.ndarray, active: int) -> None:
    """Change all constants a little, some altogether."""
    for position in range(active):
        if gene[position] == CONSTANT:
            if rng.random() < 0.3:
                numbers[position] = random_constant(rng)
            else:
                numbers[position] *= 1.0 + 0.3 * rng.normal()


@compiled
def _graft(rng: np.random.Generator, gene: np.ndarray, numbers: np.ndarray, active: int, alphabet: Alphabet) -> None:
    """Put a random expression in place of a sub-expression."""
    at = int(rng.integers(0, active))
    fresh = np.empty(_GRAFT, dtype=gene.dtype)
    fresh_values = np.empty(_GRAFT)
    fill_gene(rng, fresh, fresh_values, alphabet)
    span = active_length(fresh, 0)
    splice(gene, numbers, at, active_length(gene, at), fresh[:span], fresh_values[:span])


@compiled
def _invert(rng: np.random.Generator, gene: np.ndarray, numbers: np.ndarray) -> None:
    """Reverse a part of the head."""
    head = gene.shape[0] // 2
    first, second = int(rng.integers(0, head)), int(rng.integers(0, head))
    if first > second:
        first, second = second, first
    gene[first : second + 1] = gene[first : second + 1][::-1].copy()
    numbers[first : second + 1] = numbers[first : second + 1][::-1].copy()


@compiled
def _transpose(rng: np.random.Generator, gene: np.ndarray, numbers: np.ndarray) -> None:
    """Insert a copy of up to four symbols in the head."""
    length = gene.shape[0]
    source = int(rng.integers(0, length))
    span = min(1 + int(rng.integers(0, 4)), length - source)
    at = int(rng.integers(0, length // 2))
    splice(gene, numbers, at, 0, gene[source : source + span].copy(), numbers[source : source + span].copy())


@compiled
def _wrap(rng: np.random.Generator, gene: np.ndarray, numbers: np.ndarray, active: int, alphabet: Alphabet) -> None:
    """Make a sub-expression the argument of an operator."""
    at = int(rng.integers(0, active))
    wrap = np.empty(1, dtype=gene.dtype)
    wrap[0] = random_operator(rng, alphabet)
    span = active_length(gene, at)
    if ARITY[wrap[0]] == 2:
        partner = np.empty(1, dtype=gene.dtype)
        partner[0] = random_terminal(rng, alphabet)
        splice(gene, numbers, at + span * (rng.random() < 0.5), 0, partner, np.ones(1))
    splice(gene, numbers, at, 0, wrap, np.ones(1))


@compiled
def _hoist(rng: np.random.Generator, gene: np.ndarray, numbers: np.ndarray, active: int) -> None:
    """Put a part of a sub-expression in its place."""
    at = int(rng.integers(0, active))
    span = active_length(gene, at)
    inner = at + int(rng.integers(0, span))
    stop = inner + active_length(gene, inner)
    splice(gene, numbers, at, span, gene[inner:stop].copy(), numbers[inner:stop].copy())


@compiled
def _renew(
    rng: np.random.Generator, gene: np.ndarray, numbers: np.ndarray, alphabet: Alphabet, founders: np.ndarray,
    constants: np.ndarray,
) -> None:  # fmt: skip
    """Take a founder, or a random gene where there are none."""
    if founders.shape[0] > 0:
        drawn = int(rng.integers(0, founders.shape[0]))
        gene[:] = founders[drawn]
        numbers[:] = constants[drawn]
    else:
        fill_gene(rng, gene, numbers, alphabet)
