"""`ionspice discover --data`: a law or a formula from anybody's table, with a figure and a table of the front."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from ionspice.core import replacing
from ionspice.core.mpi import on_first_rank
from ionspice.core.run_files import LAW
from ionspice.discovery import (
    TABLE_LAW_SEARCH,
    DiscoverySettings,
    Law,
    ResistanceData,
    parse_expression,
    read_law,
    read_table,
    to_infix,
)
from ionspice.discovery.forms.numeric import numeric
from ionspice.discovery.settings import ENOUGH_ROWS, SEEDS
from ionspice.discovery.tables.columns import Columns, parse_units, read_columns
from ionspice.discovery.tables.constraints import parse_constraints
from ionspice.discovery.tables.formula import Formula, find_formula, read_problem, write_formula
from ionspice.discovery.tables.names import own_names
from ionspice.pipeline.report.figures.fit import FittedSeries, draw_front_and_fit
from ionspice.pipeline.report.figures.style import to_png, to_svg
from ionspice.pipeline.report.sections.law import chosen_member
from ionspice.pipeline.results.laws import find_law

#: without their suffixes
FORMULA = "formula"
FIGURE = "law_front"


def discover_table_law(
    path: Path,
    directory: Path,
    *,
    units: str | None,
    seeds: int | None,
    search: Mapping[str, Any] | None = None,
    hall_of_fame: Path | None = None,
    comm: Any = None,
    say: Callable[[str], None],
) -> None:
    """Find the law of a table of charge and voltage integral; write law.json and the figure, show the front.

    Args:
        path: the table.
        directory: folder of the results.
        units: units by the name of the column, as text, or None.
        seeds: number of searches; None for the default.
        search: settings other than those of `TABLE_LAW_SEARCH`, by their names.
        hall_of_fame: file that keeps the best laws, or None.
        comm: MPI communicator, or None.
        say: prints a line.

    Raises:
        InputError: the table is no such table.
        RunError: no admissible law was found.
    """
    settings = DiscoverySettings(search=TABLE_LAW_SEARCH.changed(**(search or {})), seeds=seeds or SEEDS)

    def read() -> ResistanceData:
        return read_table(path, None if units is None else parse_units(units))

    find_law(read, settings, directory / LAW, comm=comm, hall_of_fame=hall_of_fame)

    def show() -> None:
        law = read_law(directory / LAW)
        write_figure(law_figure(law, read()), directory)
        _show(law_tables(law))

    on_first_rank(comm, show)
    say(str(directory / f"{FIGURE}.svg"))


def discover_formula(
    path: Path,
    directory: Path,
    *,
    x: Sequence[str],
    y: Sequence[str],
    units: str | None,
    seeds: int | None,
    dropna: bool = False,
    constraints: str | None = None,
    search: Mapping[str, Any] | None = None,
    comm: Any = None,
    say: Callable[[str], None],
) -> None:
    """Find a formula for columns of a table; write formula.json and the figure, show the front.

    Of several columns each has a formula of its own, in formula-1.json, formula-2.json, ...

    Args:
        path: the table.
        directory: folder of the results.
        x: columns that the formulas use.
        y: columns that they give.
        units: units by the name of the column, as text, or None.
        seeds: number of searches; None for the default.
        dropna: whether rows that lack a value are left out.
        constraints: what every formula must fulfil, as text, or None.
        search: settings of the regressor other than its defaults, by their names.
        comm: MPI communicator, or None.
        say: prints a line.

    Raises:
        InputError: the table cannot hold the formula.
        RunError: no formula was found.
    """

    suffixes = [""] if len(y) == 1 else [f"-{k}" for k in range(1, len(y) + 1)]

    def find() -> None:
        columns = read_columns(path)
        if units is not None:
            columns = columns.with_units(parse_units(units))
        tables = [columns.without_gaps([*x, name]) if dropna else columns for name in y]
        for name, table in zip(y, tables, strict=True):
            read_problem(table, x, name)  # all are checked before the first search
        limits = [_limits(table, constraints, x, name) for name, table in zip(y, tables, strict=True)]
        for suffix, name, table, limit in zip(suffixes, y, tables, limits, strict=True):
            formula = find_formula(table, x, name, seeds=seeds, **{**(search or {}), **limit})
            write_formula(formula, directory / f"{FORMULA}{suffix}.json")
            write_figure(formula_figure(formula, table, x), directory, f"{FIGURE}{suffix}")
            _show(formula_tables(formula))
            if len(table.rows) < ENOUGH_ROWS:
                say(f"{len(table.rows)} rows: fewer than {ENOUGH_ROWS} say little about a formula and its errors")
            say(f"formula: {name} = {own_names(to_infix(formula.form), formula.names)}")

    on_first_rank(comm, find)
    for suffix in suffixes:
        say(f"{directory / f'{FORMULA}{suffix}.json'}\n{directory / f'{FIGURE}{suffix}.svg'}")


def _limits(table: Columns, constraints: str | None, x: Sequence[str], y: str) -> dict[str, Any]:
    """Return the settings of the regressor that constraints stand for."""
    if constraints is None:
        return {}
    return parse_constraints(constraints, x, y, [table.scale(name) for name in [*x, y]])


def _show(tables: Iterable[Table]) -> None:
    console = Console()
    for table in tables:
        console.print(table)
        console.print()


def write_figure(figure: Figure, directory: Path, name: str = FIGURE) -> list[Path]:
    """Write a figure as law_front.svg and law_front.png, or by another name, and return their paths."""
    contents = {"svg": to_svg(figure).encode(), "png": to_png(figure)}
    paths = []
    for suffix, content in contents.items():
        paths.append(directory / f"{name}.{suffix}")
        with replacing(paths[-1]) as temporary:
            temporary.write_bytes(content)
    return paths


def law_figure(law: Law, data: ResistanceData) -> Figure:
    """Draw Y against X of every element with the law's integral, and the front."""
    series = []
    for one in data.series:
        charge = one.charge
        fit = _integral_of(law, one.element, charge) / one.largest_integral
        y = one.voltage_integral / one.largest_integral
        series.append(FittedSeries(label=f"series {one.element}", x=charge / one.largest_charge, y=y, fit=fit))
    errors = [(m.error, m.held_out_error) for m in law.front]
    complexity = [m.complexity for m in law.front]
    labels = ("charge / its maximum", "voltage integral / its maximum")
    return draw_front_and_fit(series, labels, complexity, errors, chosen_member(law))


def _integral_of(law: Law, element: int, charge: np.ndarray) -> np.ndarray:
    """Return the integral of R over the charge from 0, V s, shape (n,)."""
    from scipy.integrate import cumulative_trapezoid

    grid = np.linspace(0.0, float(charge[-1]), 2001)
    integral = cumulative_trapezoid(law.resistance_at(element, grid), grid, initial=0.0)
    return np.asarray(np.interp(charge, grid, integral))


def formula_figure(formula: Formula, columns: Columns, x: Sequence[str]) -> Figure:
    """Draw the data with the formula over a single column, or predicted against given values; and the front."""
    points, target = read_problem(columns, x, formula.target)
    symbols = [sp.Symbol(formula.names[name], real=True) for name in x]
    with np.errstate(all="ignore"):
        values = np.asarray(numeric(symbols, formula.expression)(*points.T), dtype=float)
    fit = np.broadcast_to(values, target.shape)
    single = len(x) == 1
    shown = FittedSeries(label="", x=points[:, 0] if single else target, y=target if single else fit, fit=fit)
    name = _label(formula.target, formula.units[formula.target])
    labels = (_label(x[0], formula.units[x[0]]), name) if single else (name, f"formula: {name}")
    return draw_front_and_fit(
        [shown],
        labels,
        [m.complexity for m in formula.front],
        [(m.error, m.held_out_error) for m in formula.front],
        formula.chosen,
        diagonal=not single,
    )


def _label(name: str, unit: str | None) -> str:
    return name if unit in (None, "1") else f"{name} / ({unit})"


def law_tables(law: Law) -> list[Table]:
    """Return the constants and the front of a law as tables for a terminal."""
    constants = _table("constant", "element", "value", "standard error", "95 % interval", "unit")
    for name, p in law.parameters.items():
        for k, element in enumerate(law.elements):
            low, high = p.interval[k]
            constants.add_row(
                name,
                str(element),
                f"{p.value[k]:.5g}",
                f"{p.standard_error[k]:.2g}",
                f"{low:.5g} to {high:.5g}",
                p.unit,
            )
    front = _table("", "complexity", "error", "held out", "slit left out", "found in", "chosen in", "Y(X)")
    chosen = chosen_member(law)
    for k, m in enumerate(law.front):
        front.add_row(
            _mark(k, chosen),
            str(m.complexity),
            *(f"{value:.3g}" for value in (m.error, m.held_out_error, m.held_out_slit_error)),
            *_counts(m.found_in, m.chosen_in, law.searches),
            _rounded(m.expression, ["X"]),
        )
    return [constants, front]


def formula_tables(formula: Formula) -> list[Table]:
    """Return the constants and the front of a formula as tables for a terminal."""
    constants = _table("constant", "value", "standard error", "95 % interval", "unit")
    for c in formula.constants:
        low, high = c.interval
        constants.add_row(
            c.name, f"{c.value:.6g}", f"{c.standard_error:.2g}", f"{low:.6g} to {high:.6g}", c.unit or ""
        )
    front = _table("", "complexity", "error", "held out", "found in", "chosen in", formula.target)
    for k, m in enumerate(formula.front):
        front.add_row(
            _mark(k, formula.chosen),
            str(m.complexity),
            f"{m.error:.3g}",
            f"{m.held_out_error:.3g}",
            *_counts(m.found_in, m.chosen_in, formula.searches),
            own_names(_rounded(m.expression, formula.names.values()), formula.names),
        )
    return [constants, front]


def _table(*headers: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    return table


def _mark(position: int, chosen: int | None) -> str:
    return "*" if position == chosen else ""


def _counts(found: int, chosen: int, searches: int) -> tuple[str, str]:
    return f"{found} of {searches}", f"{chosen} of {searches}"


def _rounded(expression: str, names: Iterable[str]) -> str:
    """Return an expression with its numbers at four digits, for reading."""
    parsed = parse_expression(expression, names)
    short = {number: sp.Float(f"{float(number):.4g}") for number in parsed.atoms(sp.Float)}
    return to_infix(parsed.xreplace(short))
