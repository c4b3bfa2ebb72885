"""Gene expression programming: chromosomes of prefix genes with head and tail, and what they are made of.

A gene has a head of h symbols, operators or terminals, and a tail of h + 1 terminals. With at most two arguments
per operator every row of symbols then begins with one complete expression, so any exchange of symbols that keeps
tails free of operators yields a valid gene (Ferreira, Complex Systems 13, 87, 2001; in prefix order Li et al.,
GECCO 2005). Symbols behind that expression are silent and vary freely. A gene that is a single constant is silent as
a whole, which lets the number of terms evolve.
"""

from typing import NamedTuple

import numpy as np

from ionspice.discovery.evolution.operators import CONSTANT, FIRST_VARIABLE
from ionspice.discovery.evolution.stack_machine import compiled

_HEAD_OPERATOR = 0.6  # share of operators among new symbols of the head
_CONSTANT = 0.25  # share of constants among new terminals


class Alphabet(NamedTuple):
    """What random symbols are drawn from (a NamedTuple, which compiled code can take)."""

    #: codes of the operators, shape (functions,)
    functions: np.ndarray
    #: number of variables
    variables: int


@compiled
def random_operator(rng: np.random.Generator, alphabet: Alphabet) -> int:
    """Return the code of an operator."""
    code: int = alphabet.functions[rng.integers(0, alphabet.functions.shape[0])]
    return code


@compiled
def random_terminal(rng: np.random.Generator, alphabet: Alphabet) -> int:
    """Return the code of a constant or of a variable."""
    if rng.random() < _CONSTANT:
        return CONSTANT
    return FIRST_VARIABLE + int(rng.integers(0, alphabet.variables))


@compiled
def random_symbol(rng: np.random.Generator, in_head: bool, alphabet: Alphabet) -> int:
    """Return the code of a terminal or, in the head, of an operator."""
    if in_head and rng.random() < _HEAD_OPERATOR:
        return random_operator(rng, alphabet)
    return random_terminal(rng, alphabet)


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
def fill_gene(rng: np.random.Generator, gene: np.ndarray, values: np.ndarray, alphabet: Alphabet) -> None:
    """Fill a gene with random symbols, operators in the head only."""
    head = gene.shape[0] // 2
    for position in range(gene.shape[0]):
        values[position] = random_constant(rng)
        gene[position] = random_symbol(rng, position < head, alphabet)


@compiled
def repair_tail(rng: np.random.Generator, gene: np.ndarray, alphabet: Alphabet) -> None:
    """Put terminals in place of operators in the tail."""
    for position in range(gene.shape[0] // 2, gene.shape[0]):
        if gene[position] < CONSTANT:
            gene[position] = random_terminal(rng, alphabet)


@compiled
def splice(
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
