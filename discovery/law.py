"""The trans-slit resistance law: discovered on normalised series, with physical constants per element.

With X = Q/Qmax and Y = V/max V, a form Y = f(X; c) gives

    V(Q) = Rc Qmax F(Q/Qmax),   F = f/f'(0),   R(Q) = dV/dQ = Rc F'(Q/Qmax),   gamma = 1 - F'(1),

so Rc is the resistance of the uncharged slit and gamma the share that it loses. Where F' is linear in its single
constant, gamma takes that constant's place; the quadratic becomes R = Rc (1 - gamma Q/Qmax).
"""

import logging
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import sympy as sp

from ionspice.core import InputError
from ionspice.core.observables import ChargeReading, PotentialReading
from ionspice.discovery.canonical import Form
from ionspice.discovery.dataset import ResistanceData
from ionspice.discovery.element_fits import ElementFit, fit_elements, normalised
from ionspice.discovery.evolution import EXACT, Epoch, EvolutionSettings, Island
from ionspice.discovery.expressions import to_infix
from ionspice.discovery.hall_file import keeping_hall, known_hall
from ionspice.discovery.losses import LossName, check_loss
from ionspice.discovery.normal_form import Q, unit_slope
from ionspice.discovery.operators import LAW_FUNCTIONS, operator_codes
from ionspice.discovery.rivals import PARAMETER_FREE, PARAMETER_FREE_FORM, RIVALS, excess_integral
from ionspice.discovery.search import SearchResult, SearchSettings, search
from ionspice.discovery.selection import (
    ROUND_OFF,
    Dataset,
    FrontMember,
    assess,
    cross_validate,
    fold_numbers,
    tied_with_best,
    with_loss,
)
from ionspice.discovery.stability import Recurrence, best_of, held_out_set_error, recurrence

_log = logging.getLogger(__name__)


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
class FrontEntry:
    """One law of the front as numbers and text."""

    #: price of the expression (1)
    complexity: int
    #: rms residual over standard deviation (1)
    error: float
    #: the same for points left out of the fit (1)
    held_out_error: float
    #: Y in X with the constants of the first inner element
    expression: str
    #: rms error of elements left out of the fit, over standard deviation (1); NaN for a single element
    held_out_slit_error: float = math.nan
    #: searches with this form on their front
    found_in: int = 1
    #: searches that chose this form
    chosen_in: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A known law, fitted to the same elements."""

    #: what it is called
    name: str
    #: Y in X (or in G, the integral of the measured conductance) with free constants
    expression: str
    #: rms residual over standard deviation (1)
    error: float
    #: Akaike's information criterion
    aic: float
    #: Bayesian information criterion
    bic: float
    #: rms error of points left out of the fit, over standard deviation (1)
    held_out_error: float
    #: rms error of elements left out of the fit, over standard deviation (1); NaN for a single element
    held_out_slit_error: float = math.nan
    #: searches with this form on their front
    found_in: int = 0
    #: searches that chose this form
    chosen_in: int = 0


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
        from ionspice.discovery.display import law_latex

        return f"${law_latex(self)}$"

    def _repr_html_(self) -> str:
        from ionspice.discovery.display import law_html

        return law_html(self)

    def resistance_of(self, element: int) -> sp.Expr:
        """Return R as an expression in the symbol `Q`, the magnitude of the charge, in the parameters' units."""
        names = {symbol: sp.Float(self.value(symbol.name, element)) for symbol in self.resistance.free_symbols - {Q}}
        return self.resistance.xreplace(names)

    def resistance_at(self, element: int, charge: np.ndarray) -> np.ndarray:
        """Return R at charges (magnitudes) of any shape, in the units of the parameters, ohm m and C/m."""
        function = sp.lambdify(Q, self.resistance_of(element), modules="numpy")
        return np.broadcast_to(np.asarray(function(np.asarray(charge)), dtype=float), np.shape(charge)).copy()


def discover_law(
    data: ResistanceData,
    settings: DiscoverySettings | None = None,
    callback: Callable[[Epoch], bool | None] | None = None,
    run: Callable[[Callable[[Island], Island], list[Island]], Iterable[Island]] = map,
    hall_of_fame: str | Path | None = None,
) -> Law:
    """Discover one form on the inner elements together and fit its constants to every element.

    Args:
        data: charge and voltage integral of the elements.
        settings: how to search; the defaults if None.
        callback: called after every epoch of the evolution; a true answer ends it.
        run: maps a function over islands, in this process by default.
        hall_of_fame: file that keeps the best laws during the search and, where it exists, that the search goes on
            from; None for none.

    Raises:
        InputError: the data cannot hold a law, or the hall of fame is not one.
        RunError: no admissible law was found.
    """
    chosen = DiscoverySettings() if settings is None else settings
    for series in data.series:
        if not series.is_passive:
            _log.warning(
                "element %d: the voltage integral falls at the end, so its resistance is below zero there; the law "
                "was not discovered from it",
                series.element,
            )
    results = [_search(data, chosen, callback, run, hall_of_fame)]
    for k in range(1, chosen.seeds):
        results.append(_search(data, replace(chosen, seed=chosen.seed + k), None, run))
    datasets = results[0].datasets
    accuracy = max(chosen.accuracy, ROUND_OFF)
    result = best_of(results, datasets, folds=chosen.folds, accuracy=accuracy, seed=chosen.seed)
    _log.info("law Y = %s", to_infix(result.best.form.expression))
    return _law_of(data, chosen, result, recurrence(results))


def _search(
    data: ResistanceData,
    settings: DiscoverySettings,
    callback: Callable[[Epoch], bool | None] | None,
    run: Callable[[Callable[[Island], Island], list[Island]], Iterable[Island]] = map,
    hall_of_fame: str | Path | None = None,
) -> SearchResult:
    epoch = 5
    evolution = EvolutionSettings(
        functions=operator_codes(settings.functions),
        islands=settings.islands,
        population=settings.population,
        epoch=epoch,
        epochs=max(1, settings.generations // epoch),
        patience=3,
        largest=settings.largest,
        floor=max(EXACT, (0.2 * settings.accuracy) ** 2),
        genes=3,
        head=8,
    )
    goal = SearchSettings(
        evolution=evolution,
        anchor=((0.0,), 0.0),
        increasing=(0,),
        loss=settings.loss,
        seed=settings.seed,
        folds=settings.folds,
        accuracy=max(settings.accuracy, ROUND_OFF),
        time_budget=settings.time_budget,
    )
    datasets = [normalised(series, settings.search_points) for series in data.inner]
    earlier = known_hall(hall_of_fame, ["X"], evolution)
    with keeping_hall(hall_of_fame, ["X"], callback) as watch:
        return search(datasets, ["X"], goal, watch, run, earlier)


def _law_of(data: ResistanceData, settings: DiscoverySettings, result: SearchResult, seen: Recurrence) -> Law:
    """Fit the chosen form to every element and gather what is reported."""
    best = result.best
    resistance, others, fits = _fitted_elements(data, settings, best)
    middle = np.median([fit.values for fit in best.fits], axis=0)
    return Law(
        expression=best.form.with_values(middle),
        resistance=resistance,
        parameters=_parameters(data, ["Rc", "gamma", *(symbol.name for symbol in others)], fits),
        elements=tuple(series.element for series in data.series),
        charge=data.charge,
        potential=data.potential,
        front=_front_entries(result, seen),
        rivals=rank_rivals(data, settings, best, seen),
        r_squared=tuple(fit.r_squared for fit in fits),
        dataset_sha256=data.sha256,
        seed=settings.seed,
        tied=tuple(
            _written(result.front[index])
            for index in tied_with_best(result.front, settings.accuracy)
            if index != result.chosen
        ),
        searches=seen.searches,
    )


def _fitted_elements(
    data: ResistanceData, settings: DiscoverySettings, best: FrontMember
) -> tuple[sp.Expr, tuple[sp.Symbol, ...], list[ElementFit]]:
    """Return R in Q, its constants but Rc and gamma, and the fits, whose estimates hold what R needs."""
    normal = unit_slope(replace(best.form, start=tuple(map(float, best.fits[0].values))))
    resistance, others = normal.resistance()
    rows = [0, 1, *(2 + normal.constants.index(symbol) for symbol in others)]
    fits = fit_elements(data, best, normal, settings.loss, np.random.default_rng(settings.seed))
    return resistance, others, [replace(one, estimate=one.estimate.of(rows)) for one in fits]


def _parameters(data: ResistanceData, names: Sequence[str], fits: Sequence[ElementFit]) -> dict[str, Parameter]:
    estimates = [one.estimate for one in fits]
    parameters = {
        name: Parameter(
            unit=data.resistance_unit if name == "Rc" else "1",
            value=tuple(float(estimate.value[k]) for estimate in estimates),
            standard_error=tuple(float(estimate.standard_error[k]) for estimate in estimates),
            interval=tuple((float(e.interval[k, 0]), float(e.interval[k, 1])) for e in estimates),
        )
        for k, name in enumerate(names)
    }
    largest = tuple(series.largest_charge for series in data.series)
    parameters["Qmax"] = Parameter(
        unit=data.charge_unit,
        value=largest,
        standard_error=(0.0,) * len(largest),
        interval=tuple((q, q) for q in largest),
    )
    return parameters


def _front_entries(result: SearchResult, seen: Recurrence) -> tuple[FrontEntry, ...]:
    return tuple(
        FrontEntry(
            complexity=member.complexity,
            error=member.error,
            held_out_error=member.held_out_error,
            expression=_written(member),
            held_out_slit_error=held_out_set_error(member, result.datasets),
            found_in=seen.found[member.form.key],
            chosen_in=seen.chosen[member.form.key],
        )
        for member in result.front
    )


def _written(member: FrontMember) -> str:
    return to_infix(member.form.with_values(member.fits[0].values))


def rank_rivals(
    data: ResistanceData, settings: DiscoverySettings, discovered: FrontMember, seen: Recurrence
) -> tuple[Rival, ...]:
    """Fit the known laws to the inner elements and rank them with the discovered one by held-out error."""
    datasets = [
        with_loss(normalised(series, settings.search_points), discovered.form, settings.loss) for series in data.inner
    ]
    rng = np.random.default_rng(settings.seed)
    folds = [fold_numbers(d.y.size, settings.folds, rng) for d in datasets]

    def judged(name: str, form: Form, sets: Sequence[Dataset]) -> Rival:
        member = cross_validate(assess(form, sets), sets, folds)
        return Rival(
            name=name,
            expression=to_infix(form.expression),
            error=member.error,
            aic=member.aic,
            bic=member.bic,
            held_out_error=member.held_out_error,
            held_out_slit_error=held_out_set_error(member, sets),
            found_in=seen.found[form.key],
            chosen_in=seen.chosen[form.key],
        )

    table = [judged("discovered", discovered.form, datasets)]
    table += [judged(name, form, datasets) for name, form in RIVALS.items()]
    excess = [excess_integral(series) for series in data.inner]
    if all(g is not None for g in excess):
        known = [
            Dataset(
                points=np.interp(d.points, s.charge / s.largest_charge, g),
                y=d.y,
                weights=d.weights,
                loss=d.loss,
            )
            for d, s, g in zip(datasets, data.inner, excess, strict=True)
            if g is not None
        ]
        table.append(judged(PARAMETER_FREE, PARAMETER_FREE_FORM, known))
    return tuple(sorted(table, key=lambda rival: rival.held_out_error))
