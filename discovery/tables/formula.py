"""A formula for one column of a table in others, with the uncertainty of its constants and what else was found.

Columns with units are taken in SI base units, every constant gets the unit that makes the formula right, and
formulas that no units make right are refused.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from ionspice.core import InputError
from ionspice.core.json_files import write_json
from ionspice.discovery.fits.misfit import Dataset, unweighted
from ionspice.discovery.fits.selection import FrontMember, assess
from ionspice.discovery.fits.uncertainty import bootstrap
from ionspice.discovery.forms.canonical import Form, parametrise
from ionspice.discovery.forms.expressions import to_infix
from ionspice.discovery.laws.law import FrontEntry
from ionspice.discovery.settings import ENOUGH_ROWS
from ionspice.discovery.tables.columns import Columns
from ionspice.discovery.tables.dimensions import Powers, constant_dimensions, parse_unit, unit_text
from ionspice.discovery.tables.names import aliases

if TYPE_CHECKING:
    from ionspice.discovery.regressor import GeneExpressionRegressor

FORMAT = "ionspice-formula/1"
_FEWEST_ROWS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaConstant:
    """A constant of the formula."""

    #: its name in `Formula.form`
    name: str
    #: best value
    value: float
    #: standard error, in the same unit
    standard_error: float
    #: 95 % interval, in the same unit
    interval: tuple[float, float]
    #: SI unit, or None where the columns have no units
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """What was found for a table."""

    #: name of the column that the formula gives
    target: str
    #: what the other columns are called inside expressions, by their names in the table
    names: dict[str, str]
    #: the formula with numbers
    expression: sp.Expr
    #: the formula with the names of `constants`, numbers that `expression` rounds among them
    form: sp.Expr
    #: its constants
    constants: tuple[FormulaConstant, ...]
    #: distinct formulas, simplest first; their expressions give the target in the columns
    front: tuple[FrontEntry, ...]
    #: position of the formula on the front
    chosen: int
    #: units of the columns used, SI base units; None where the table has none
    units: dict[str, str | None]
    #: share of the variance explained (1)
    r_squared: float
    #: SHA-256 of the table
    dataset_sha256: str
    #: seed of the first search
    seed: int
    #: number of searches
    searches: int


def read_problem(columns: Columns, x: Sequence[str], y: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns as numbers, X of shape (rows, columns) and y of shape (rows,).

    Raises:
        InputError: a column is missing, not numeric, constant, or named twice; there are too few rows; or units are
            incomplete.
    """
    if len({*x, y}) <= len(x):
        raise InputError(f"columns {', '.join([*x, y])}: each may be named once")
    if len(columns.rows) < _FEWEST_ROWS:
        raise InputError(
            f"{columns.path} has {len(columns.rows)} rows: at least {_FEWEST_ROWS} are needed, {ENOUGH_ROWS} for "
            "errors that mean something"
        )
    numbers = {name: columns.numbers(name) for name in [*x, y]}
    for name, values in numbers.items():
        if np.ptp(values) == 0.0:
            raise InputError(f"{columns.path}: column {name} is constant ({values[0]:g}); leave it out")
    without = [name for name in [*x, y] if columns.units[name] is None]
    if without and len(without) <= len(x):
        raise InputError(
            f"{columns.path}: {', '.join(without)} without a unit while others have one; give all (1 for a number)"
        )
    return np.column_stack([numbers[name] for name in x]), numbers[y]


def find_formula(
    columns: Columns, x: Sequence[str], y: str, *, seed: int = 0, seeds: int | None = None, **settings: Any
) -> Formula:
    """Find a formula for a column of a table.

    Args:
        columns: the table.
        x: names of the columns that the formula may use.
        y: name of the column that it gives.
        seed: of the first search.
        seeds: searches whose formulas are gathered and counted; None for three, but one where that is exact.
        settings: further ones of `GeneExpressionRegressor`.

    Raises:
        InputError: the table cannot hold a formula.
        RunError: no formula is dimensionally right.
    """
    points, target = read_problem(columns, x, y)
    dimensions = _dimensions(columns, x, y)
    units = None if dimensions is None else tuple(map(unit_text, (*dimensions[0], dimensions[1])))
    if units is not None:
        settings = {**settings, "units": (units[:-1], units[-1])}
    names = aliases(x)
    model = _fitted_model(points, target, list(names.values()), {**settings, "seed": seed, "seeds": seeds})
    data = unweighted(np.ascontiguousarray(points.T), target)
    member = _in_given_units(model.sympy_(), model.symbols_, data)
    free = _with_free_numbers(member, data)
    return Formula(
        target=y,
        names=names,
        expression=member.form.with_values(member.fits[0].values),
        form=free.form.expression,
        constants=_constants(free, data, dimensions, np.random.default_rng(seed)),
        front=_front(model),
        chosen=model.chosen_,
        units=dict(zip([*x, y], units or (None,) * (len(x) + 1), strict=True)),
        r_squared=1.0 - member.error**2,
        dataset_sha256=columns.sha256,
        seed=seed,
        searches=model.recurrence_.searches,
    )


def _fitted_model(
    points: np.ndarray, target: np.ndarray, names: Sequence[str], settings: dict[str, Any]
) -> "GeneExpressionRegressor":
    """Return a regressor fitted to named columns."""
    import pandas as pd  # it and scikit-learn are slow to import

    from ionspice.discovery.regressor import GeneExpressionRegressor

    return GeneExpressionRegressor(**settings).fit(pd.DataFrame(points, columns=list(names)), target)


def _front(model: "GeneExpressionRegressor") -> tuple[FrontEntry, ...]:
    """Return the front of a model, with how often its forms came back in its searches."""
    return tuple(
        FrontEntry(complexity=m.complexity, expression=to_infix(model.sympy_(k)), **model.recurrence_.scores(m))
        for k, m in enumerate(model.front_)
    )


def _dimensions(columns: Columns, x: Sequence[str], y: str) -> tuple[tuple[Powers, ...], Powers] | None:
    units = [columns.units[name] for name in [*x, y]]
    powers = [parse_unit(unit).powers for unit in units if unit is not None]
    return (tuple(powers[:-1]), powers[-1]) if len(powers) == len(units) else None


def _in_given_units(expression: sp.Expr, symbols: tuple[sp.Symbol, ...], data: Dataset) -> FrontMember:
    """Fit a formula again in the units of the data, so that its constants and their errors are in those."""
    plain = expression.replace(lambda part: part.is_number and part.args and not part.is_Rational, sp.N)
    body, values = parametrise(sp.sympify(plain))
    form = Form(expression=body, variables=symbols, parameters=tuple(values), start=tuple(values.values()))
    return assess(form, [data])


def _with_free_numbers(member: FrontMember, data: Dataset) -> FrontMember:
    """Return a formula whose rounded factors and terms are constants, too, so that each number has its error.

    Exponents, and numbers that no data could tell from the other constants, stay.
    """
    if not member.fits[0].values.size < data.y.size - 1:
        return member
    free = member
    for number in sorted(_rounded_numbers(member.form.expression), key=sp.default_sort_key):
        body, values = parametrise(_freed(free.form.with_values(free.fits[0].values), number))
        form = Form(
            expression=body,
            variables=member.form.variables,
            parameters=tuple(values),
            start=tuple(values.values()),
        )
        tried = assess(form, [data])
        if tried.fits[0].rank == len(form.parameters) < data.y.size and tried.error <= member.error * 1.001 + 1e-12:
            free = tried
    return free


def _rounded_numbers(expression: sp.Expr) -> set[sp.Expr]:
    """Return the rational factors but 1 and -1, and rational terms of the sum, of an expression."""
    factors = {arg for part in expression.atoms(sp.Mul) for arg in part.args if arg.is_Rational and abs(arg) != 1}
    terms = {arg for arg in sp.Add.make_args(expression) if arg.is_Rational and arg != 0}
    return factors | terms


def _freed(expression: sp.Expr, number: sp.Expr) -> sp.Expr:
    """Return an expression with a rational factor or outer term as a float."""

    def freed(part: sp.Expr) -> sp.Expr:
        if not part.args:
            return part
        if part.is_Pow:
            return freed(part.base) ** (part.exp if part.exp.is_Rational else freed(part.exp))
        inner = [sp.Float(arg) if part.is_Mul and arg == number else freed(arg) for arg in part.args]
        return part.func(*inner)

    terms = [sp.Float(term) if term == number else freed(term) for term in sp.Add.make_args(expression)]
    return sp.Add(*terms)


def _constants(
    member: FrontMember,
    data: Dataset,
    dimensions: tuple[tuple[Powers, ...], Powers] | None,
    rng: np.random.Generator,
) -> tuple[FormulaConstant, ...]:
    form, fitted = member.form, member.fits[0]
    if not form.parameters:
        return ()
    estimate = bootstrap(form, data, fitted, lambda constants: constants, rng)
    units = None if dimensions is None else constant_dimensions(form, *dimensions)
    return tuple(
        FormulaConstant(
            name=symbol.name,
            value=float(estimate.value[k]),
            standard_error=float(estimate.standard_error[k]),
            interval=(float(estimate.interval[k, 0]), float(estimate.interval[k, 1])),
            unit=None if units is None else unit_text(units[symbol]),
        )
        for k, symbol in enumerate(form.parameters)
    )


def write_formula(formula: Formula, path: str | Path) -> None:
    """Write a formula as JSON.

    Raises:
        InputError: the folder cannot be written.
    """
    content = asdict(formula) | {"expression": to_infix(formula.expression), "form": to_infix(formula.form)}
    for constant in content["constants"]:
        constant["interval_95"] = constant.pop("interval")
    for entry in content["front"]:
        del entry["held_out_slit_error"]  # there are no slits
    content["constants"] = {constant.pop("name"): constant for constant in content["constants"]}
    write_json(path, FORMAT, content)
