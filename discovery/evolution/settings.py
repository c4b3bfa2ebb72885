"""Sizes and rates of the evolution; the defaults are those for tables of unknown origin."""

from dataclasses import dataclass

import numpy as np

from ionspice.core import InputError
from ionspice.discovery.evolution.operators import GENERAL_FUNCTIONS, SHAPED, operator_codes

#: residual over total sum of squares at which data are fitted to round-off; smaller ones count as equal
EXACT = 1e-24

_AT_LEAST_ONE = ("genes", "head", "population", "islands", "generations", "epoch", "patience", "largest")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvolutionSettings:
    """Sizes and rates of the evolution."""

    #: names of the operators
    functions: tuple[str, ...] = GENERAL_FUNCTIONS
    #: genes of a chromosome
    genes: int = 6
    #: symbols of a gene's head; a gene has 2 head + 1
    head: int = 10
    #: chromosomes of an island
    population: int = 200
    #: islands, at least one for every link
    islands: int = 8
    #: largest number of generations
    generations: int = 300
    #: generations between migrations
    epoch: int = 10
    #: generations without progress after which the search ends
    patience: int = 60
    #: largest complexity
    largest: int = 40
    #: whether genes with inner constants over a grid are founders, too
    shapes: bool = True
    #: epochs that a search goes on without a shorter law once one describes the data down to the floor
    settling: int = 2
    #: error (residual over total sum of squares) below which all laws count as equally good
    floor: float = EXACT

    def __post_init__(self) -> None:
        """Check the ranges."""
        operator_codes(self.functions)
        for name in _AT_LEAST_ONE:
            if getattr(self, name) < 1:
                raise InputError(f"{name}={getattr(self, name)}: must be at least 1")

    @property
    def enumerated(self) -> np.ndarray:
        """Codes of the operators that small genes are enumerated of, shape (functions,)."""
        left_to_shapes = np.isin(self.codes, sorted(SHAPED)) if self.shapes else np.zeros(self.codes.size, dtype=bool)
        return self.codes if np.all(left_to_shapes) else self.codes[~left_to_shapes]

    @property
    def codes(self) -> np.ndarray:
        """Codes of the operators, shape (functions,)."""
        return operator_codes(self.functions)

    @property
    def epochs(self) -> int:
        """Largest number of epochs."""
        return max(1, self.generations // self.epoch)

    @property
    def idle_epochs(self) -> int:
        """Epochs without progress after which the search ends."""
        return max(1, self.patience // self.epoch)
