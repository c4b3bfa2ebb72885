"""Constraints of the command line as settings of the regressor."""

import pytest

from ionspice.core import InputError
from ionspice.discovery.forms.demands import Demand
from ionspice.discovery.tables.constraints import parse_constraints


def test_every_kind_of_constraint():
    settings = parse_constraints(
        "c >= 0; y<=2.5 ;rising in t; concave in temp %; c(1, 2) = 3", ["t", "temp %"], "c", [1, 1, 1]
    )
    assert settings == {
        "demands": (
            Demand(kind="at least", value=0.0),
            Demand(kind="at most", value=2.5),
            Demand(kind="rising", variable=0),
            Demand(kind="concave", variable=1),
        ),
        "anchor": ((1.0, 2.0), 3.0),
    }


def test_numbers_are_in_the_units_of_the_table():
    settings = parse_constraints("c <= 5; c(2) = 3", ["t"], "c", [1e-3, 1e-9])
    assert settings["demands"][0].value == pytest.approx(5e-9)
    assert settings["anchor"] == ((pytest.approx(2e-3),), pytest.approx(3e-9))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("smooth", "write c >= 0"),
        ("rising in z", "'z' is not among the columns"),
        ("z >= 0", "of 'c', the column of --y"),
        ("c >= zero", "'zero' is not a number"),
        ("c(1, 2) = 3", "2 numbers in brackets"),
        ("c(1) = 3; c(2) = 4", "one point only"),
    ],
)
def test_what_is_no_constraint_is_named(text, message):
    with pytest.raises(InputError, match=message):
        parse_constraints(text, ["t"], "c", [1, 1])
