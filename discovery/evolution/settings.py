"""Sizes and rates of the evolution."""

from dataclasses import dataclass

import numpy as np

from ionspice.core import InputError

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
