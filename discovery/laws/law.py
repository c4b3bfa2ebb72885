"""A resistance law as a record: form, constants of every element, and what speaks for it."""

import math
from dataclasses import dataclass, field

import numpy as np
import sympy as sp

from ionspice.core import InputError
from ionspice.core.observables import ChargeReading, PotentialReading
from ionspice.discovery.laws.normal_form import Q


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One constant of the law, per element."""

    #: unit as text
    unit: str
    #: one value an element
    value: tuple[float, ...]
    #: one standard error an element, in the same unit
    standard_error: tuple[float, ...]
    #: 95 % interval of every element, in the same unit
    interval: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredLaw:
    """A law as text, with what speaks for it."""

    #: Y in X
    expression: str
    #: rms residual over standard deviation (1)
    error: float
    #: the same for points left out of the fit (1)
    held_out_error: float
    #: the same for elements left out of the fit (1); NaN for a single element
    held_out_slit_error: float = math.nan
    #: searches with this form on their front
    found_in: int = 0
    #: searches that chose this form
    chosen_in: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEntry(ScoredLaw):
    """One law of the front, with the constants of the first inner element."""

    #: price of the expression (1)
    complexity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival(ScoredLaw):
    """A known law, fitted to the same elements: Y in X or in G, the integral of the measured conductance."""

    #: what it is called
    name: str
    #: Akaike's information criterion
    aic: float
    #: Bayesian information criterion
    bic: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A resistance law with its constants and what speaks for it."""

    #: Y in X with the median constants of the inner elements
    expression: sp.Expr
    #: R in Q with the names of `parameters`
    resistance: sp.Expr
    #: constants by name: Rc, gamma, Qmax and any others
    parameters: dict[str, Parameter]
    #: element numbers in the order of the parameters
    elements: tuple[int, ...]
    #: reading of Q
    charge: ChargeReading
    #: reading of the node potential
    potential: PotentialReading
    #: distinct laws, simplest first
    front: tuple[FrontEntry, ...]
    #: known laws and the discovered one, best held-out error first
    rivals: tuple[Rival, ...]
    #: share of the variance of Y explained, per element (1)
    r_squared: tuple[float, ...]
    #: SHA-256 of the data file
    dataset_sha256: str
    #: seed of the search
    seed: int
    #: laws of the front that the data cannot tell from the chosen one
    tied: tuple[str, ...] = field(default=())
    #: number of searches that `found_in` and `chosen_in` count
    searches: int = 1

    def value(self, name: str, element: int) -> float:
        """Return one constant of one element.

        Raises:
            InputError: the law has no such constant or element.
        """
        if element not in self.elements or name not in self.parameters:
            raise InputError(
                f"law has no {name!r} of element {element}: elements {list(self.elements)}, "
                f"constants {sorted(self.parameters)}"
            )
        return self.parameters[name].value[self.elements.index(element)]

    def _repr_latex_(self) -> str:
        from ionspice.discovery.laws.display import law_latex

        return f"${law_latex(self)}$"

    def _repr_html_(self) -> str:
        from ionspice.discovery.laws.display import law_html

        return law_html(self)

    def resistance_of(self, element: int) -> sp.Expr:
        """Return R as an expression in the symbol `Q`, the magnitude of the charge, in the parameters' units."""
        names = {symbol: sp.Float(self.value(symbol.name, element)) for symbol in self.resistance.free_symbols - {Q}}
        return self.resistance.xreplace(names)

    def resistance_at(self, element: int, charge: np.ndarray) -> np.ndarray:
        """Return R at charges (magnitudes) of any shape, in the units of the parameters, ohm m and C/m."""
        names = sorted(self.resistance.free_symbols - {Q}, key=lambda symbol: symbol.name)
        # The constants stay floats: sympy would work out exp(exp(1e9)) to the last digit.
        function = sp.lambdify([Q, *names], self.resistance, modules="numpy")
        constants = [np.float64(self.value(symbol.name, element)) for symbol in names]
        with np.errstate(all="ignore"):
            values = np.asarray(function(np.asarray(charge), *constants))
        return np.broadcast_to(values, np.shape(charge)).astype(float)
