"""What to discover a law from, and how hard to search."""

from dataclasses import dataclass

from ionspice.core import InputError
from ionspice.core.observables import ChargeReading, PotentialReading
from ionspice.discovery.evolution.operators import LAW_FUNCTIONS, operator_codes
from ionspice.discovery.evolution.settings import EXACT, EvolutionSettings
from ionspice.discovery.fits.losses import LossName, check_loss
from ionspice.discovery.fits.selection import ROUND_OFF
from ionspice.discovery.search import SearchSettings

#: generations between migrations
_EPOCH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverySettings:
    """What to discover from and how hard to search."""

    #: seed of all random numbers
    seed: int = 0
    #: reading of Q: passed through the gap or stored in the slit
    charge: ChargeReading = "passed"
    #: reading of the node potential
    potential: PotentialReading = "electrochemical"
    #: names of the operators
    functions: tuple[str, ...] = LAW_FUNCTIONS
    #: islands of the evolution
    islands: int = 4
    #: chromosomes of an island
    population: int = 150
    #: largest number of generations
    generations: int = 100
    #: largest complexity of a law
    largest: int = 30
    #: points of every element that the search sees; constants are fitted to up to 400
    search_points: int = 64
    #: folds of the cross-validation
    folds: int = 5
    #: searches, with seeds from `seed` on, whose laws are gathered and counted
    seeds: int = 1
    #: squares, or a loss that outliers do not rule: huber, soft_l1
    loss: LossName = "squares"
    #: accuracy of the voltage integrals, relative to their standard deviation: laws closer than that count as
    #: equally good and the simplest is chosen; 0.005 is the error of field data on the default mesh
    accuracy: float = 0.005
    #: wall time in s after which the evolution stops, or None
    time_budget: float | None = None

    def __post_init__(self) -> None:
        """Check the ranges that no one else checks."""
        operator_codes(self.functions)
        check_loss(self.loss)
        if self.seed < 0 or self.folds < 2 or self.search_points < 8 or self.generations < 1 or self.seeds < 1:
            raise InputError(
                f"seed={self.seed}, folds={self.folds}, search_points={self.search_points}, "
                f"generations={self.generations}, seeds={self.seeds}: at least 0, 2, 8, 1 and 1 are needed"
            )

    def search(self) -> SearchSettings:
        """Return the settings of the search: a law rises from the origin, its terms are few and short."""
        evolution = EvolutionSettings(
            functions=operator_codes(self.functions),
            islands=self.islands,
            population=self.population,
            epoch=_EPOCH,
            epochs=max(1, self.generations // _EPOCH),
            patience=3,
            largest=self.largest,
            floor=max(EXACT, (0.2 * self.accuracy) ** 2),
            genes=3,
            head=8,
        )
        return SearchSettings(
            evolution=evolution,
            anchor=((0.0,), 0.0),
            increasing=(0,),
            loss=self.loss,
            seed=self.seed,
            folds=self.folds,
            accuracy=max(self.accuracy, ROUND_OFF),
            time_budget=self.time_budget,
        )
