"""What to search for and how; the defaults are those for tables of unknown origin."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal

from ionspice.core import InputError
from ionspice.discovery.evolution.links import LINKS
from ionspice.discovery.evolution.settings import EvolutionSettings

if TYPE_CHECKING:
    from ionspice.discovery.forms.canonical import Form
    from ionspice.discovery.forms.demands import Demand
    from ionspice.discovery.groups import Dimensions

type LossName = Literal["squares", "huber", "soft_l1"]
LOSSES = ("squares", "huber", "soft_l1")

#: relative rms error that counts as exact: differences below it are round-off
ROUND_OFF = 1e-9
#: searches where their number is not given
SEEDS = 3
#: rows below which errors and held-out errors say little
ENOUGH_ROWS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """What to search for and how."""

    #: sizes and rates of the evolution
    evolution: EvolutionSettings = field(default_factory=EvolutionSettings)
    #: names of the links
    links: tuple[str, ...] = tuple(LINKS)
    #: point and value that the law must pass through, or None
    anchor: tuple[tuple[float, ...], float] | None = None
    #: indices of variables in which the law must rise over the data's range
    increasing: tuple[int, ...] = ()
    #: further properties that the law must have
    demands: "tuple[Demand, ...]" = ()
    #: says whether a form may stand on the front, for example whether its units are right; None for any
    accepts: "Callable[[Form], bool] | None" = None
    #: of columns and target, where their units are known; the search then looks at right laws only
    dimensions: "Dimensions | None" = None
    #: squares, or a loss that outliers do not rule: huber, soft_l1
    loss: LossName = "squares"
    #: seed of all random numbers
    seed: int = 0
    #: folds of the cross-validation
    folds: int = 5
    #: accuracy of the targets, relative to their standard deviation, which whoever gives the data states; laws closer
    #: than that count as equally good; 0 for numbers that are exact but for round-off and random noise
    accuracy: float = 0.0
    #: share of the accuracy down to which the evolution tells laws apart; 0 for down to round-off
    sharpness: float = 0.0
    #: whether constants may be rounded to whole numbers and halves that the data allow
    round_constants: bool = True
    #: wall time in s that a search takes at most, or None; a run cut short depends on the machine's speed
    time_budget: float | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        unknown = set(self.links) - set(LINKS)
        if unknown or not self.links:
            raise InputError(f"links={sorted(unknown)}: choose from {', '.join(LINKS)}")
        if self.loss not in LOSSES:
            raise InputError(f"loss={self.loss!r}: choose from {', '.join(LOSSES)}")
        if self.seed < 0 or self.folds < 2:
            raise InputError(f"seed={self.seed}, folds={self.folds}: at least 0 and 2 are needed")

    @property
    def limited_evolution(self) -> EvolutionSettings:
        """Settings of an evolution that does not tell laws apart beyond the accuracy."""
        floor = max(self.evolution.floor, (self.sharpness * self.accuracy) ** 2)
        return replace(self.evolution, floor=floor)

    def changed(self, **changes: Any) -> "SearchSettings":
        """Return the settings with other values, those of the evolution included, by their names.

        Raises:
            InputError: a value is out of range.
        """
        of_evolution = {one.name for one in fields(EvolutionSettings)} & changes.keys()
        evolution = replace(self.evolution, **{name: changes.pop(name) for name in of_evolution})
        return replace(self, **{"evolution": evolution, **changes})
