"""Formulas of tables, with units of their constants."""

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.discovery import GeneExpressionRegressor, parse_expression
from ionspice.discovery.tables.columns import read_columns
from ionspice.discovery.tables.dimensions import parse_unit
from ionspice.discovery.tables.formula import find_formula, write_formula

QUICK = {"generations": 20, "population": 60, "islands": 2, "links": ("identity",), "genes": 3}


def _columns(tmp_path, header, *columns):
    path = tmp_path / "t.csv"
    rows = [",".join(map(repr, row)) for row in np.column_stack(columns).tolist()]
    path.write_text("\n".join([header, *rows]))
    return read_columns(path)


def test_constants_are_in_si_with_errors_and_units(tmp_path):
    rng = np.random.default_rng(0)
    t = np.linspace(0.5, 6.0, 120)
    columns = _columns(tmp_path, "t [ms],v [mV]", t, 3.0 * t**2 + 0.02 * rng.normal(size=t.size))
    formula = find_formula(columns, ["t"], "v", seeds=1, **QUICK)
    (constant,) = formula.constants
    assert formula.form == parse_expression(f"{constant.name}*t**2", {constant.name, "t"})
    assert parse_unit(constant.unit).powers == parse_unit("V/s^2").powers
    low, high = constant.interval
    assert low < 3.0e3 < high
    assert constant.standard_error < 5.0
    assert formula.units == {"t": "s", "v": "V"}


def test_functions_of_quantities_need_a_constant_inside():
    x = np.linspace(0.1, 2.0, 80)
    free = GeneExpressionRegressor(**QUICK).fit(x[:, None], np.exp(x))
    assert str(free.sympy_()) == "exp(x0)"
    checked = GeneExpressionRegressor(**QUICK, units=(("s",), "V")).fit(x[:, None], np.exp(x))
    from ionspice.discovery.tables.dimensions import constant_dimensions

    units = [parse_unit("s").powers], parse_unit("V").powers
    assert all(constant_dimensions(member.form, *units) is not None for member in checked.front_)
    assert constant_dimensions(free.best_.form, *units) is None


def test_the_number_of_units_is_checked():
    with pytest.raises(InputError, match="one unit for each of 1 columns"):
        GeneExpressionRegressor(**QUICK, units=(("s", "m"), "V")).fit(np.arange(20.0)[:, None], np.arange(20.0))


def test_counts_over_seeds_and_file(tmp_path):
    a, b = np.random.default_rng(1).uniform(1.0, 3.0, size=(2, 80))
    columns = _columns(tmp_path, "a,b,c", a, b, 2.5 * a / b)
    formula = find_formula(columns, ["a", "b"], "c", seeds=2, **QUICK)
    assert formula.searches == 2
    assert formula.front[formula.chosen].chosen_in == 2
    write_formula(formula, tmp_path / "formula.json")
    assert '"expression": "2.5*a/b"' in (tmp_path / "formula.json").read_text()
    with pytest.raises(InputError, match="seeds=0"):
        find_formula(columns, ["a"], "c", seeds=0)


def test_rounded_numbers_have_errors_too(tmp_path):
    x = np.linspace(0.0, 3.0, 100)
    y = np.exp(-2.0 * x) + 0.003 * np.random.default_rng(0).normal(size=100)
    formula = find_formula(_columns(tmp_path, "x,y", x, y), ["x"], "y", seeds=1, **QUICK)
    assert formula.constants
    assert any(one.value == pytest.approx(-2.0, abs=0.1) for one in formula.constants)
    assert all(1e-4 < one.standard_error < 0.1 for one in formula.constants)


def test_two_rows_are_refused(tmp_path):
    with pytest.raises(InputError, match="has 2 rows: at least 3"):
        find_formula(_columns(tmp_path, "x,y", np.arange(2.0), np.arange(2.0)), ["x"], "y", **QUICK)
