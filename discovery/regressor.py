"""A scikit-learn regressor that returns a formula.

    >>> model = GeneExpressionRegressor(seed=1).fit(X, y)
    >>> model.sympy_()          # the chosen law
    >>> model.front_            # all distinct laws, simplest first

Columns and targets are divided by powers of ten before the search where they are far from one, and the formula is
written in the original units.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import sympy as sp
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from ionspice.core import InputError
from ionspice.discovery.evolution.evolve import EpochCallback
from ionspice.discovery.fits.misfit import Dataset, observed_form, predict
from ionspice.discovery.fits.selection import FrontMember, assess
from ionspice.discovery.forms.canonical import Form, constant_form
from ionspice.discovery.forms.demands import Demand
from ionspice.discovery.groups import Dimensions
from ionspice.discovery.laws.stability import recurrence
from ionspice.discovery.search import SearchResult
from ionspice.discovery.seeds import best_of, searches
from ionspice.discovery.settings import ENOUGH_ROWS, LossName, SearchSettings
from ionspice.discovery.tables.names import aliases

if TYPE_CHECKING:
    import pandas as pd

#: the one place of the defaults
_SEARCH = SearchSettings()
_EVOLUTION = _SEARCH.evolution
#: arguments that stand for settings of the same name
_AS_THEY_ARE = (
    *("genes", "head", "population", "islands", "generations", "patience", "largest"),
    *("loss", "accuracy", "seed", "time_budget"),
)

#: distinct rows that a law other than a constant can be told from
_FEWEST_ROWS = 3
_log = logging.getLogger(__name__)

type Observed = Literal["value", "derivative", "integral"]


class GeneExpressionRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Symbolic regression by multi-gene gene expression programming.

    Args:
        functions: names of the operators, see `ionspice.discovery.evolution.operators`.
        links: outer functions y = L(sum of genes) that may be tried, see `ionspice.discovery.evolution.links`.
        genes: largest number of terms.
        head: symbols of a gene's head.
        population: chromosomes of an island.
        islands: number of islands; at least one for every admissible link.
        generations: largest number of generations.
        patience: generations without progress after which the search ends.
        largest: largest complexity of a law.
        anchor: ((x_1, ...), y), a point that the law passes through exactly, or None.
        increasing: indices of columns in which the law must rise over the range of the data.
        demands: bounds, and slopes and curvatures of one sign, that the law must have; `Demand`.
        units: ((unit of x_1, ...), unit of y) as text such as "C/m": only laws that some units of their constants
            make right are kept, and no constant is rounded. None for no check.
        folds: folds of the cross-validation.
        accuracy: of the targets relative to their standard deviation; smaller errors count as equal.
        round_constants: whether constants become whole numbers or halves where the data allow it.
        loss: "squares", or one that outliers do not rule: "huber", "soft_l1".
        observed: what y is of the law f: its "value", its "derivative" or its "integral" over a column. `sympy_`
            returns f, `predict` what was observed. A derivative leaves f's level to `anchor` and knows no links.
        observed_column: index of the column of the derivative or integral.
        time_budget: wall time in s that `fit` takes at most, or None. A run cut short depends on the machine.
        n_jobs: processes for the islands; the result does not depend on it.
        seed: of all random numbers of the first search.
        seeds: searches whose laws are gathered, one of which is chosen; None for three, but one where that describes
            the data exactly.
        callback: called with an `Epoch` after every 10 generations; a true answer ends the search.
        hall_of_fame: file that keeps the best laws during the search, also when it is interrupted; a search that
            finds the file goes on from it. None for none.
    """

    def __init__(
        self,
        *,
        functions: Sequence[str] = _EVOLUTION.functions,
        links: Sequence[str] = _SEARCH.links,
        genes: int = _EVOLUTION.genes,
        head: int = _EVOLUTION.head,
        population: int = _EVOLUTION.population,
        islands: int = _EVOLUTION.islands,
        generations: int = _EVOLUTION.generations,
        patience: int = _EVOLUTION.patience,
        largest: int = _EVOLUTION.largest,
        anchor: tuple[tuple[float, ...], float] | None = _SEARCH.anchor,
        increasing: Sequence[int] = _SEARCH.increasing,
        demands: Sequence[Demand] = _SEARCH.demands,
        units: tuple[Sequence[str], str] | None = None,
        folds: int = _SEARCH.folds,
        accuracy: float = _SEARCH.accuracy,
        round_constants: bool = _SEARCH.round_constants,
        loss: LossName = _SEARCH.loss,
        observed: Observed = "value",
        observed_column: int = 0,
        time_budget: float | None = _SEARCH.time_budget,
        n_jobs: int = 1,
        seed: int = _SEARCH.seed,
        seeds: int | None = None,
        callback: EpochCallback | None = None,
        hall_of_fame: str | Path | None = None,
    ) -> None:
        """Store the settings; nothing is checked before `fit`, as scikit-learn asks."""
        self.functions = functions
        self.links = links
        self.genes = genes
        self.head = head
        self.population = population
        self.islands = islands
        self.generations = generations
        self.patience = patience
        self.largest = largest
        self.anchor = anchor
        self.increasing = increasing
        self.demands = demands
        self.units = units
        self.folds = folds
        self.accuracy = accuracy
        self.round_constants = round_constants
        self.loss = loss
        self.observed = observed
        self.observed_column = observed_column
        self.time_budget = time_budget
        self.n_jobs = n_jobs
        self.seed = seed
        self.seeds = seeds
        self.callback = callback
        self.hall_of_fame = hall_of_fame

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Search the laws of a table.

        Args:
            X: shape (n, columns).
            y: shape (n,).
            sample_weight: weights of the squared errors, shape (n,), or None.

        Raises:
            ValueError: the table is not finite numbers or has fewer rows than folds.
            InputError: a setting is out of range.
        """
        started = time.monotonic()
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True, ensure_min_samples=3)
        X, y, weights = _merge_rows(X, y, _checked_weights(sample_weight, X))
        names = getattr(self, "feature_names_in_", [f"x{j}" for j in range(X.shape[1])])
        self.x_scale_ = np.array([_power_of_ten(column) for column in X.T])
        self.y_scale_ = _power_of_ten(y)
        data = Dataset(points=np.ascontiguousarray((X / self.x_scale_).T), y=y / self.y_scale_, weights=weights)
        data = replace(data, derivative=self._derivative(X.shape[1]))
        self.symbols_ = tuple(sp.Symbol(str(name), real=True) for name in names)
        # constants are c1, c2, ...: a column of such a name has another one in forms
        inner = aliases([str(name) for name in names])
        self.form_symbols_ = tuple(sp.Symbol(inner[str(name)], real=True) for name in names)
        if y.size < ENOUGH_ROWS:
            _log.warning("%d distinct rows: fewer than %d say little about a law and its errors", y.size, ENOUGH_ROWS)
        if np.ptp(y) == 0.0 or y.size < _FEWEST_ROWS:
            self.front_: tuple[FrontMember, ...] = (_mean_only(data, self.form_symbols_),)
            self.chosen_ = 0
            self.recurrence_ = recurrence([(self.front_, self.front_[0])])
        else:
            results = self._searches(data, started)
            settings = self._settings(y.size)
            best = best_of(results, folds=settings.folds, accuracy=settings.accuracy, seed=settings.seed)
            self.front_, self.chosen_ = best.front, best.chosen
            self.recurrence_ = recurrence([(one.front, one.best) for one in results])
        return self

    def _derivative(self, columns: int) -> int | None:
        """Return the column of an observed derivative, None where there is none."""
        if self.observed not in ("value", "derivative", "integral"):
            raise InputError(f"observed={self.observed!r}: choose from value, derivative, integral")
        if self.observed != "value" and not 0 <= self.observed_column < columns:
            raise InputError(f"observed_column={self.observed_column}: the table has columns 0 to {columns - 1}")
        return self.observed_column if self.observed == "derivative" else None

    def _searches(self, data: Dataset, started: float) -> list[SearchResult]:
        names = [symbol.name for symbol in self.form_symbols_]
        settings = self._settings(data.y.size)
        if self.seeds is not None and self.seeds < 1:
            raise InputError(f"seeds={self.seeds}: at least 1 is needed")
        if settings.time_budget is not None:
            left = settings.time_budget - (time.monotonic() - started)
            settings = settings.changed(time_budget=max(left, 0.0))
        find = partial(
            searches, [data], names, settings, self.callback, hall_of_fame=self.hall_of_fame, seeds=self.seeds
        )
        if self.n_jobs == 1:
            return find()
        from joblib import Parallel, delayed

        with Parallel(n_jobs=self.n_jobs) as parallel:
            return find(run=lambda advance, islands: parallel(delayed(advance)(island) for island in islands))

    def _settings(self, rows: int) -> SearchSettings:
        """Return the settings that the flat constructor, which scikit-learn asks for, stands for."""
        return _SEARCH.changed(
            **{name: getattr(self, name) for name in _AS_THEY_ARE},
            functions=tuple(self.functions),
            links=tuple(self.links),
            folds=max(2, min(self.folds, rows)),
            anchor=self._scaled_anchor(),
            increasing=tuple(self.increasing),
            demands=self._scaled_demands(),
            **self._unit_settings(),
            round_constants=self.round_constants and self.units is None,
        )

    def _scaled_anchor(self) -> tuple[tuple[float, ...], float] | None:
        if self.anchor is None:
            return None
        point = tuple(np.asarray(self.anchor[0], dtype=float) / self.x_scale_)
        return point, float(self.anchor[1]) / self._law_scale()

    def _scaled_demands(self) -> tuple[Demand, ...]:
        return tuple(replace(one, value=one.value / self._law_scale()) for one in self.demands)

    def _law_scale(self) -> float:
        """Return the power of ten between the law as searched and in the original units."""
        scale: float = self.y_scale_ * (self.x_scale_[self.observed_column] if self.observed == "derivative" else 1.0)
        return scale

    def _unit_settings(self) -> dict[str, Any]:
        """Return the dimensions of the columns and what says whether a form is right; nothing without units."""
        if self.units is None:
            return {}
        from ionspice.discovery.tables.dimensions import constant_dimensions, parse_unit  # pint is slow to import

        if len(self.units[0]) != len(self.symbols_):
            raise InputError(f"units={self.units}: one unit for each of {len(self.symbols_)} columns is needed")
        columns, target = [parse_unit(unit).powers for unit in self.units[0]], parse_unit(self.units[1]).powers
        return {
            "dimensions": Dimensions.of(columns, target),
            "accepts": lambda form: constant_dimensions(form, columns, target) is not None,
        }

    def predict(self, X: Any) -> np.ndarray:
        """Return what the chosen law says about y, shape (n,); NaN where it is not defined.

        Args:
            X: shape (n, columns).
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        best = self.best_
        shown = observed_form(best.form, self._derivative(X.shape[1]))
        return self.y_scale_ * predict(shown, best.fits[0].values, (X / self.x_scale_).T)

    @property
    def best_(self) -> FrontMember:
        """The chosen member of the front."""
        check_is_fitted(self)
        member: FrontMember = self.front_[self.chosen_]
        return member

    def sympy_(self, index: int | None = None) -> sp.Expr:
        """Return the chosen law, or a member of the front by its index, in the original units."""
        check_is_fitted(self)
        member = self.front_[self.chosen_ if index is None else index]
        scaled = member.form.with_values(member.fits[0].values)
        known = zip(self.form_symbols_, self.symbols_, self.x_scale_, strict=True)
        back = {inner: outer if scale == 1.0 else outer / _exact(scale) for inner, outer, scale in known}
        law = _exact(self._law_scale()) * scaled.xreplace(back)
        return sp.diff(law, self.symbols_[self.observed_column]) if self.observed == "integral" else law

    @property
    def equations_(self) -> "pd.DataFrame":
        """The front as a pandas table: one row a law, simplest first, its expression as text and as sympy's."""
        check_is_fitted(self)
        from ionspice.discovery.laws.display import equations

        return equations(self)

    def latex_(self, index: int | None = None) -> str:
        """Return the law as LaTeX, rounded for reading."""
        text: str = sp.latex(self.sympy_(index).evalf(4))
        return text

    def _repr_latex_(self) -> str:
        return f"$y = {self.latex_()}$" if hasattr(self, "front_") else "$y = ?$"

    def _repr_mimebundle_(self, **choices: Any) -> dict[str, str]:
        """Show the formula and the front in a notebook; before `fit`, what scikit-learn shows."""
        if not hasattr(self, "front_"):
            bundle: dict[str, str] = super()._repr_mimebundle_(**choices)
            return bundle
        from ionspice.discovery.laws.display import regressor_html

        return {"text/plain": repr(self), "text/latex": self._repr_latex_(), "text/html": regressor_html(self)}


def _checked_weights(weights: Any, X: np.ndarray) -> np.ndarray:
    """Return the weights of the rows, shape (n,).

    Raises:
        InputError: one is below zero, or none is above.
    """
    checked = np.asarray(_check_sample_weight(weights, X, dtype=np.float64))
    if np.any(checked < 0.0):
        raise InputError(f"sample_weight {checked.min():g}: a weight of a squared error is at least 0")
    if not np.any(checked > 0.0):
        raise InputError("sample_weight: all weights are 0; at least one row must count")
    return checked


def _merge_rows(X: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sort the rows, merge equal ones and return X, y and the roots of the summed weights.

    So the order of rows does not matter, and a weight of 2 is the same as a row that occurs twice.
    """
    kept = weight > 0.0
    rows, weight = np.column_stack([X, y])[kept], weight[kept]
    order = np.argsort(rows[:, 0], kind="stable")
    if not np.all(np.diff(rows[order, 0]) > 0.0):  # ties; long tables seldom have any, and one key sorts faster
        order = np.lexsort(rows.T[::-1])
    rows, weight = rows[order], weight[order]
    first = np.concatenate([[True], np.any(rows[1:] != rows[:-1], axis=1)])
    merged = np.bincount(np.cumsum(first) - 1, weights=weight)
    rows = rows[first]
    return rows[:, :-1], rows[:, -1], np.sqrt(merged)


def _exact(power_of_ten: float) -> sp.Expr:
    return sp.Integer(10) ** round(np.log10(power_of_ten))


def _power_of_ten(column: np.ndarray) -> float:
    """Return 1, or the power of ten next to a column's rms where that is below 0.01 or above 100."""
    with np.errstate(over="ignore"):
        rms = float(np.sqrt(np.mean(np.square(column / max(np.max(np.abs(column)), 1e-300))))) * float(
            np.max(np.abs(column))
        )
    if rms == 0.0 or not np.isfinite(rms) or 1e-2 <= rms <= 1e2:
        return 1.0
    return float(10.0 ** np.clip(round(np.log10(rms)), -300, 300))


def _mean_only(data: Dataset, symbols: tuple[sp.Symbol, ...]) -> FrontMember:
    form: Form = constant_form(symbols, float(np.average(data.y, weights=data.weights**2)))
    if data.derivative is not None:
        form = replace(form, expression=form.expression * symbols[data.derivative])
    return assess(form, [data])
