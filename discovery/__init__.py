"""Discovery of resistance laws from time series by gene expression programming."""

from typing import TYPE_CHECKING, Any

from ionspice.discovery.forms.expressions import parse_expression, to_infix, to_numpy
from ionspice.discovery.forms.spice import to_spice
from ionspice.discovery.laws.dataset import ElementSeries, ResistanceData, read_observables, read_table
from ionspice.discovery.laws.discover import discover_law
from ionspice.discovery.laws.law import FrontEntry, Law, Parameter, Rival
from ionspice.discovery.laws.law_file import read_law, write_law
from ionspice.discovery.laws.settings import DiscoverySettings

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
