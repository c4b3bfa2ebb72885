"""Any column name has an alias that expressions can hold, and is printed back as it is."""

import pytest

from ionspice.core import InputError
from ionspice.discovery import parse_expression
from ionspice.discovery.tables.names import aliases, own_names

NAMES = ["class", "exec", "N", "temp %", "theta", "\u03b8", "\u0394p", "exp", "c1", "E", "1st", "lambda", "temp-%"]


def test_aliases_are_distinct_and_can_be_parsed():
    found = aliases(NAMES)
    assert list(found) == NAMES
    assert len(set(found.values())) == len(NAMES)
    text = " + ".join(f"c1*{alias}" for alias in found.values())
    assert len(parse_expression(text, ["c1", *found.values()]).free_symbols) == len(NAMES) + 1


def test_plain_names_stay():
    assert aliases(["theta", "exec", "N", "x_1"]) == {name: name for name in ("theta", "exec", "N", "x_1")}
    assert aliases(["\u0394p", "class"]) == {"\u0394p": "deltap", "class": "class_"}


def test_own_names_are_printed_back():
    names = aliases(["temp %", "class", "N"])
    text = f"c1*{names['temp %']}**2 + N/{names['class']}"
    assert own_names(text, names) == "c1*[temp %]**2 + N/class"


def test_a_column_may_be_named_once():
    with pytest.raises(InputError, match="named once"):
        aliases(["a", "a"])
