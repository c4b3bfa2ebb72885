"""Discovery of resistance laws from time series by gene expression programming."""

from typing import TYPE_CHECKING, Any

from ionspice.discovery.dataset import ElementSeries, ResistanceData, read_observables, read_table
from ionspice.discovery.expressions import parse_expression, to_infix, to_numpy, to_spice
from ionspice.discovery.law import DiscoverySettings, FrontEntry, Law, Parameter, Rival, discover_law
from ionspice.discovery.law_file import read_law, write_law

if TYPE_CHECKING:
    from ionspice.discovery.regressor import GeneExpressionRegressor

__all__ = [
    "DiscoverySettings",
    "ElementSeries",
    "FrontEntry",
    "GeneExpressionRegressor",
    "Law",
    "Parameter",
    "ResistanceData",
    "Rival",
    "discover_law",
    "parse_expression",
    "read_law",
    "read_observables",
    "read_table",
    "to_infix",
    "to_numpy",
    "to_spice",
    "write_law",
]


def __getattr__(name: str) -> Any:
    """Import the estimator, and scikit-learn with it, when it is first asked for."""
    if name == "GeneExpressionRegressor":
        from ionspice.discovery.regressor import GeneExpressionRegressor

        return GeneExpressionRegressor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
