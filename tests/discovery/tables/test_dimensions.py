"""Constants get the units that make a law dimensionally right, or the law is refused."""

import pytest
import sympy as sp

from ionspice.core import InputError
from ionspice.discovery.forms.canonical import Form
from ionspice.discovery.tables.dimensions import constant_dimensions, parse_unit, unit_text

Q, T = sp.symbols("Q t", real=True)
C = sp.symbols("c1 c2 c3", real=True)
C1, C2, C3 = C


def _units(expression, variables, target):
    constants = tuple(c for c in C if c in expression.free_symbols)
    form = Form(
        expression=expression,
        variables=tuple(variables),
        parameters=constants,
        start=(1.0,) * len(constants),
    )
    powers = [parse_unit(unit).powers for unit in variables.values()]
    found = constant_dimensions(form, powers, parse_unit(target).powers)
    return None if found is None else [unit_text(found[c]) for c in constants]


@pytest.mark.parametrize(
    ("text", "scale", "written"),
    [
        ("C/m", 1.0, "C/m"),
        ("mV*s", 1e-3, "V s"),
        ("ohm m", 1.0, "ohm m"),
        ("mol/L", 1e3, "mol/m^3"),
        ("1/s", 1.0, "1/s"),
        ("", 1.0, "1"),
        ("W/(m K)", 1.0, "N/(K s)"),
    ],
)
def test_units_are_read_and_written_in_si(text, scale, written):
    unit = parse_unit(text)
    assert unit.scale == pytest.approx(scale)
    assert unit_text(unit.powers) == written
    assert parse_unit(written).powers == unit.powers


@pytest.mark.parametrize("text", ["parsec per parsnip", "degC", "__import__('os')", "3 m"])
def test_what_is_no_plain_unit_is_refused(text):
    with pytest.raises(InputError, match="unit"):
        parse_unit(text)


def test_quadratic_resistance_law():
    first, second = _units(C1 * Q + C2 * Q**2, {Q: "C/m"}, "V*s")
    assert first == "ohm m"
    assert parse_unit(second).powers == parse_unit("ohm m^2/C").powers


def test_constant_inside_a_function_undoes_the_units_of_its_argument():
    assert _units(C1 * sp.log(1 + C2 * Q), {Q: "C"}, "V") == ["V", "1/C"]
    assert _units(C1 * (1 - sp.exp(-T / C2)), {T: "ms"}, "V") == ["V", "s"]


def test_two_variables_and_roots():
    assert _units(C1 * sp.sqrt(Q) / T, {Q: "m", T: "s"}, "m/s") == ["m^0.5"]


def test_a_free_constant_takes_the_unit_in_a_logarithm_or_power():
    assert _units(C1 + C2 * sp.log(Q), {Q: "A"}, "V") == ["V", "V"]
    assert _units(C1 * Q**C2, {Q: "m"}, "s") == ["s", "1"]
    assert _units(C1 * Q**C2 / (C3 + Q**C2), {Q: "mol/L"}, "A") == ["A", "1", "1"]
    assert _units(C1 + C2 * Q**C3, {Q: "m"}, "s") == ["s", "s", "1"]


@pytest.mark.parametrize("expression", [C2 * sp.log(Q), Q**C2, C1 * Q * sp.log(Q), C1 + Q * sp.log(T) ** 2])
def test_a_logarithm_or_power_without_such_a_constant_is_refused(expression):
    assert _units(expression, {Q: "m", T: "s"}, "m") is None


@pytest.mark.parametrize("expression", [C1 * sp.exp(Q), C1 * (Q + Q**2), C1 * (1 + Q), C1 * 2**Q])
def test_laws_that_no_units_make_right_are_refused(expression):
    assert _units(expression, {Q: "C/m"}, "V*s") is None


def test_the_same_laws_stand_for_plain_numbers():
    assert _units(C1 * sp.exp(Q), {Q: ""}, "V") == ["V"]


def test_targets_of_another_dimension_are_refused_where_no_constant_can_take_it():
    assert _units(Q, {Q: "m"}, "s") is None
    assert _units(Q, {Q: "m"}, "m") == []
