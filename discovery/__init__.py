"""Discovery of resistance laws from time series by gene expression programming.

Names are imported when they are first asked for: settings alone, as a case file needs them, do without sympy and
numba, and laws without scikit-learn.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ionspice.discovery.forms.demands import Demand
    from ionspice.discovery.forms.expressions import parse_expression, to_infix, to_numpy
    from ionspice.discovery.forms.spice import to_spice
    from ionspice.discovery.laws.dataset import ElementSeries, ResistanceData, read_observables, read_table
    from ionspice.discovery.laws.discover import discover_law
    from ionspice.discovery.laws.law import FrontEntry, Law, Parameter, Rival
    from ionspice.discovery.laws.law_file import read_law, write_law
    from ionspice.discovery.laws.settings import LAW_SEARCH, TABLE_LAW_SEARCH, DiscoverySettings
    from ionspice.discovery.regressor import GeneExpressionRegressor

__all__ = [
    "LAW_SEARCH",
    "TABLE_LAW_SEARCH",
    "Demand",
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

_HOMES = {
    "forms.demands": {"Demand"},
    "forms.expressions": {"parse_expression", "to_infix", "to_numpy"},
    "forms.spice": {"to_spice"},
    "laws.dataset": {"ElementSeries", "ResistanceData", "read_observables", "read_table"},
    "laws.discover": {"discover_law"},
    "laws.law": {"FrontEntry", "Law", "Parameter", "Rival"},
    "laws.law_file": {"read_law", "write_law"},
    "laws.settings": {"LAW_SEARCH", "TABLE_LAW_SEARCH", "DiscoverySettings"},
    "regressor": {"GeneExpressionRegressor"},
}


def __getattr__(name: str) -> Any:
    """Import a public name."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
