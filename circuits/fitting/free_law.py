"""R(Q) of a measured device: first free of a form, then as the law that discovery reads from it.

    R(X)/Rc = 1 - gamma s(X),   s(X) = sum_k s_k B_k(X),   s_0 = 0, s_4 = 1

with Bernstein's polynomials B_k of degree 4 over the relative charge X. The fit's covariance gives the band of R(X)
and the error of Y(X), the integral of R, from which `ionspice.discovery` takes the simplest law that the data allow.
"""

import logging
from dataclasses import dataclass

import numpy as np
import sympy
from scipy.integrate import cumulative_trapezoid

from ionspice.circuits.fitting.intervals import covariance_of
from ionspice.circuits.fitting.least_squares import Problem, Solution, refine
from ionspice.circuits.fitting.models import FREE_STARTS, bernstein, free_model
from ionspice.circuits.model.charge import FloatArray
from ionspice.circuits.model.shape import LINEAR, normalised_shape
from ionspice.core import IonspiceError
from ionspice.discovery import DiscoverySettings, ElementSeries, ResistanceData, discover_law
from ionspice.discovery.laws.settings import LAW_SEARCH

_POINTS = 65
_BAND = 1.96  # standard errors of 95 %
_TELLING = 0.25  # of gamma: a wider band tells nothing of the form
_LEAST_ACCURACY = 1e-4
#: of the search, a small one: it has one smooth curve
_SEARCH = {"population": 60, "islands": 2, "generations": 30, "patience": 4}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoundLaw:
    """The resistance over the charge that the data ask for."""

    #: X, shape (points,)
    relative_charge: FloatArray
    #: R/Rc, free of a form, shape (points,)
    relative_resistance: FloatArray
    #: half of its 95 % interval, shape (points,)
    band: FloatArray
    #: s(X) of the law that discovery found; None where the data do not tell one
    shape: sympy.Expr | None
    #: what was found, or why nothing was, in words
    verdict: str


def find_law(problem: Problem, solution: Solution) -> FoundLaw:
    """Return the law of a fitted nano-circuitry model, its resistances set free.

    Args:
        problem: of the model whose law is straight.
        solution: its fit.
    """
    free = Problem(model=free_model(problem.model), experiments=problem.experiments, priors=problem.priors)
    found = refine(free, free.inner(solution.values | FREE_STARTS, solution.nuisances))
    share = np.linspace(0.0, 1.0, _POINTS)
    resistance, gradient = _resistance(found.values, share)
    places = [k for k, one in enumerate(free.model.coordinates) if one.name in ("gamma", *FREE_STARTS)]
    covariance = covariance_of(found)[np.ix_(places, places)]
    band = _BAND * np.sqrt(np.einsum("ik,kl,il->i", gradient, covariance, gradient))
    shape, verdict = law_within(share, resistance, band, _integral_error(share, gradient, covariance))
    return FoundLaw(relative_charge=share, relative_resistance=resistance, band=band, shape=shape, verdict=verdict)


def _resistance(values: dict[str, float], share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return R/Rc and its derivatives by gamma and the free s_k, shape (points, unknowns)."""
    basis = bernstein(share)
    weights = np.array([0.0, *(values[name] for name in FREE_STARTS), 1.0])
    law, gamma = basis @ weights, values["gamma"]
    return 1 - gamma * law, np.column_stack([-law, -gamma * basis[:, 1:-1]])


def _integral_error(share: FloatArray, gradient: FloatArray, covariance: FloatArray) -> float:
    """Return the rms standard error of the integral of R/Rc over X."""
    slopes = cumulative_trapezoid(gradient, share, axis=0, initial=0.0)
    return float(np.sqrt(np.mean(np.einsum("ik,kl,il->i", slopes, covariance, slopes))))


def law_within(
    share: FloatArray, resistance: FloatArray, band: FloatArray, error: float
) -> tuple[sympy.Expr | None, str]:
    """Return s(X) of the simplest law within the errors of R(X), None where they tell none, and why.

    Args:
        share: X from 0 to 1, shape (points,).
        resistance: R/Rc, shape (points,).
        band: half of its 95 % interval, shape (points,).
        error: rms standard error of its integral.
    """
    width = float(band.max())
    if not width < _TELLING * (resistance[0] - resistance[-1]):
        return None, f"the data tell R(Q) within {width:.2g} Rc only, too wide for a law"
    integral = cumulative_trapezoid(resistance, share, initial=0.0)
    accuracy = max(error / float(integral.std()), _LEAST_ACCURACY)
    series = ElementSeries(element=1, charge=share, voltage_integral=integral)
    search = LAW_SEARCH.changed(accuracy=accuracy, **_SEARCH)
    try:
        law = discover_law(
            ResistanceData(series=(series,), charge_unit="1", resistance_unit="1"), DiscoverySettings(search=search)
        )
        constants = {name: one.value[0] for name, one in law.parameters.items()}
        shape = normalised_shape(law.resistance, constants)
    except IonspiceError as error_of_search:
        _log.debug("no law of R(Q): %s", error_of_search)
        return None, f"no law describes R(Q): {error_of_search}"
    words = "R falls straight with the charge" if shape == LINEAR else f"s(X) = {sympy.N(shape, 4)}"
    return shape, f"{words}; R(Q) is known within {width:.2g} Rc (95 %)"
