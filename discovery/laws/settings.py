"""What to discover a law from, and how hard to search."""

from dataclasses import dataclass

from ionspice.core import InputError
from ionspice.core.observables import ChargeReading, PotentialReading
from ionspice.discovery.evolution.operators import LAW_FUNCTIONS
from ionspice.discovery.evolution.settings import EvolutionSettings
from ionspice.discovery.settings import SEEDS, SearchSettings

#: constants of a law that people read, beside the scale of its variable
MOST_CONSTANTS = 3
#: how laws are searched: they rise from the origin, their terms are few and short; 0.005 is the error of voltage
#: integrals of field data on the default mesh
LAW_SEARCH = SearchSettings(
    evolution=EvolutionSettings(
        functions=LAW_FUNCTIONS,
        genes=3,
        head=8,
        population=150,
        islands=4,
        generations=100,
        epoch=5,
        patience=15,
        largest=30,
        shapes=False,
        settling=0,
    ),
    links=("identity",),
    anchor=((0.0,), 0.0),
    increasing=(0,),
    accuracy=0.005,
    sharpness=0.2,
    round_constants=False,
)
#: the same for tables: exact but for round-off and random noise, unless whoever gives them states an accuracy; laws
#: with inner constants far from one are founders, too
TABLE_LAW_SEARCH = LAW_SEARCH.changed(
    functions=(*LAW_FUNCTIONS, "tanh", "pow"), accuracy=0.0, shapes=True, settling=2, patience=30
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverySettings:
    """What to discover from and how hard to search."""

    #: how to search; `LAW_SEARCH.changed(...)` for other values
    search: SearchSettings = LAW_SEARCH
    #: reading of Q: passed through the gap or stored in the slit
    charge: ChargeReading = "passed"
    #: reading of the node potential
    potential: PotentialReading = "electrochemical"
    #: points of every element that the search sees; constants are fitted to up to 400
    search_points: int = 64
    #: searches, with seeds from that of `search` on, whose laws are gathered and counted
    seeds: int = SEEDS

    def __post_init__(self) -> None:
        """Check the ranges."""
        if self.search_points < 8 or self.seeds < 1:
            raise InputError(f"search_points={self.search_points}, seeds={self.seeds}: at least 8 and 1 are needed")
        if self.search.anchor != LAW_SEARCH.anchor or self.search.increasing != LAW_SEARCH.increasing:
            raise InputError(
                f"anchor={self.search.anchor}, increasing={self.search.increasing}: a law rises from the origin; "
                "change other settings of LAW_SEARCH"
            )
