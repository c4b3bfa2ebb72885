"""The trans-slit resistance law: discovered on normalised series, with physical constants per element.

With X = Q/Qmax and Y = V/max V, a form Y = f(X; c) gives

    V(Q) = Rc Qmax F(Q/Qmax),   F = f/f'(0),   R(Q) = dV/dQ = Rc F'(Q/Qmax),   gamma = 1 - F'(1),

so Rc is the resistance of the uncharged slit and gamma the share that it loses. Where F' is linear in its single
constant, gamma takes that constant's place; the quadratic becomes R = Rc (1 - gamma Q/Qmax).
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import sympy as sp

from ionspice.core import RunError
from ionspice.discovery.evolution.evolve import EpochCallback
from ionspice.discovery.evolution.islands import Run
from ionspice.discovery.fits.selection import FrontMember, alternatives, tied_with_best
from ionspice.discovery.forms.canonical import Form, renumbered
from ionspice.discovery.forms.expressions import to_infix
from ionspice.discovery.laws.dataset import ResistanceData
from ionspice.discovery.laws.element_fits import ElementFit, fit_elements, normalised
from ionspice.discovery.laws.law import FrontEntry, Law, Parameter
from ionspice.discovery.laws.normal_form import has_slope, unit_slope
from ionspice.discovery.laws.rivals import rank_rivals
from ionspice.discovery.laws.settings import MOST_CONSTANTS, DiscoverySettings
from ionspice.discovery.laws.stability import Recurrence, recurrence
from ionspice.discovery.laws.ties import widened
from ionspice.discovery.search import SearchResult
from ionspice.discovery.seeds import best_of, searches

_log = logging.getLogger(__name__)


def discover_law(
    data: ResistanceData,
    settings: DiscoverySettings | None = None,
    callback: EpochCallback | None = None,
    run: Run = map,
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
    _name_active(data)
    first = replace(chosen.search, accepts=_is_law)
    datasets = [normalised(series, chosen.search_points) for series in data.inner]
    results = searches(datasets, ["X"], first, callback, run, hall_of_fame, seeds=chosen.seeds)
    result = best_of(results, folds=first.folds, accuracy=first.accuracy, seed=first.seed)
    _log.info("law Y = %s", to_infix(result.best.form.expression))
    return _law_of(data, chosen, result, recurrence([(one.front, one.best) for one in results]))


def _is_law(form: Form) -> bool:
    """Whether people can read it, and an empty slit has a resistance: a law may not start infinitely steep."""
    return len(form.parameters) <= MOST_CONSTANTS and has_slope(form)


def _name_active(data: ResistanceData) -> None:
    """Warn of elements whose resistance falls below zero."""
    for series in data.series:
        if not series.is_passive:
            _log.warning(
                "element %d: the voltage integral falls at the end, so its resistance is below zero there; the law "
                "was not discovered from it",
                series.element,
            )


def _law_of(data: ResistanceData, settings: DiscoverySettings, result: SearchResult, seen: Recurrence) -> Law:
    """Fit the chosen form to every element and gather what is reported."""
    best = result.best
    resistance, others, fits = _fitted_elements(data, settings, best)
    fits = widened(fits, _alternative_fits(data, settings, result))
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
        seed=settings.search.seed,
        tied=tuple(
            _written(result.front[index])
            for index in tied_with_best(result.front, settings.search.accuracy)
            if index != result.chosen
        ),
        searches=seen.searches,
    )


def _fitted_elements(
    data: ResistanceData, settings: DiscoverySettings, best: FrontMember
) -> tuple[sp.Expr, tuple[sp.Symbol, ...], list[ElementFit]]:
    """Return R in Q, its constants but Rc and gamma, and the fits, whose estimates hold what R needs."""
    best = replace(best, form=renumbered(best.form))
    normal = unit_slope(replace(best.form, start=tuple(map(float, best.fits[0].values))))
    resistance, others = normal.resistance()
    rows = [0, 1, *(2 + normal.constants.index(symbol) for symbol in others)]
    fits = fit_elements(data, best, normal, settings.search)
    return resistance, others, [replace(one, estimate=one.estimate.of(rows)) for one in fits]


def _alternative_fits(
    data: ResistanceData, settings: DiscoverySettings, result: SearchResult
) -> list[list[ElementFit]]:
    """Return the fits of every other form that the noise allows, those that are resistances."""
    found = []
    for index in alternatives(result.front, result.chosen):
        try:
            found.append(_fitted_elements(data, settings, result.front[index])[2])
        except RunError as error:
            _log.debug("no interval from %s: %s", result.front[index].form.expression, error)
    return found


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
        FrontEntry(complexity=member.complexity, expression=_written(member), **seen.scores(member, result.datasets))
        for member in result.front
    )


def _written(member: FrontMember) -> str:
    return to_infix(member.form.with_values(member.fits[0].values))
