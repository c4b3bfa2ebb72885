import numpy as np
import pytest
from pydantic import TypeAdapter

from ionspice.core.quantities import Dimension
from ionspice.core.unit_types import UNITS_REQUIRED
from ionspice.pipeline.cases import quantities as units

CONTEXT = {UNITS_REQUIRED: True}


def unit_of(alias) -> Dimension:
    return alias.__value__.__metadata__[0]


@pytest.mark.parametrize(
    ("alias", "text", "si"),
    [
        (units.Length, "1.5 nm", 1.5e-9),
        (units.Length, " 15 angstrom ", 1.5e-9),
        (units.Length, "-.5e1 nm", -5e-9),
        (units.Time, "0.75 us", 750e-9),
        (units.Potential, "110 mV", 0.11),
        (units.ScanRate, "100 mV/s", 0.1),
        (units.Temperature, "25 degC", 298.15),
        (units.Diffusivity, "2.0e-5 cm^2/s", 2e-9),
        (units.Concentration, "1 M", 1000.0),
        (units.Concentration, "1.0 mol/L", 1000.0),
        (units.Area, "1 cm^2", 1e-4),
    ],
)
def test_text_with_a_unit_becomes_the_exact_si_number(alias, text, si):
    assert TypeAdapter(alias).validate_python(text, context=CONTEXT) == si


@pytest.mark.parametrize("alias", [units.Length, units.Time, units.Concentration, units.Area, units.Temperature])
def test_written_text_is_read_back_to_the_last_digit(alias):
    unit = unit_of(alias)
    values = 10.0 ** np.random.default_rng(1).uniform(-14, 8, 200)
    assert [unit.parse(unit.format(float(value))) for value in values] == values.tolist()


def test_written_text_is_as_short_as_what_people_write():
    assert unit_of(units.Length).format(0.34e-9) == "0.34 nm"
    assert unit_of(units.Concentration).format(1000.0) == "1 mol/L"
    assert unit_of(units.Diffusivity).format(2e-9) == "2e-9 m^2/s"
    assert unit_of(units.Length).format(0.0) == "0 nm"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1.5", "has no unit"),
        ("nm", "is not a number with a unit"),
        ("inf nm", "is not a number with a unit"),
        ("1e400 nm", "is too large"),
        ("1.5 s", "is not a length: s cannot become m"),
        ("1.5 nm nm", "is not a length"),
        ("1,5 nm", "has a decimal comma; write it with a point"),
        ("1.500,5 nm", "has a decimal comma"),
        ("1e99999999999 nm", "has the unknown unit"),
        ("9**9**9 nm", "has the unknown unit"),
        ("1.5 m**9**9**9", "has the unknown unit"),
        ("1/0 nm", "has the unknown unit"),
        ("1.5 floop", "has the unknown unit 'floop'"),
        ("1.5 nm**", "has the unknown unit"),
        ("1.5 __import__('os')", "has the unknown unit"),
    ],
)
def test_other_text_is_refused_with_the_reason_and_an_example(text, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        unit_of(units.Length).parse(text)
    assert '"1.5 nm"' in str(caught.value)


def test_a_plain_number_is_si_in_python_and_refused_in_files():
    adapter = TypeAdapter(units.Length)
    assert adapter.validate_python(1.5e-9) == 1.5e-9
    with pytest.raises(ValueError, match="has no unit"):
        adapter.validate_python(1.5, context=CONTEXT)
