"""Tables of numbers with names and units."""

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.discovery.tables.columns import check_symbols, parse_units, read_columns


@pytest.fixture
def table(tmp_path):
    def write(text):
        path = tmp_path / "table.csv"
        path.write_text(text)
        return path

    return write


def test_units_of_the_header_convert_to_si(table):
    columns = read_columns(table("time [ms], current [A]\n1,2\n3,4\n"))
    assert columns.names == ["time", "current"]
    np.testing.assert_allclose(columns.numbers("time"), [1e-3, 3e-3])
    np.testing.assert_allclose(columns.numbers("current"), [2.0, 4.0])


def test_units_given_apart_go_first(table):
    columns = read_columns(table("time [ms],x\n1,2\n")).with_units(parse_units("time=s, x = mC/m"))
    assert columns.numbers("time") == [1.0]
    assert columns.numbers("x") == pytest.approx([2e-3])


def test_a_byte_order_mark_and_empty_lines_do_no_harm(table):
    assert read_columns(table("\ufeffa,b\n1,2\n\n3,4\n")).numbers("a").tolist() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "0 lines"),
        ("a,b\n", "1 lines"),
        ("a,a\n1,2\n", "each once"),
        ("a,\n1,2\n", "no name"),
        ("a,b\n1,2,3\n", "line 2: 3 cells under 2"),
        ("a,b\n1,two\n", "line 2: b='two' is not a number"),
        ("a,b\n1,2\n\n3,x\n", "line 4: b='x'"),
        ("a,b\n1,nan\n", "not finite"),
        ("a,b [parsec per parsnip]\n1,2\n", "not known"),
    ],
)
def test_bad_tables_are_refused_with_the_place(table, text, message):
    with pytest.raises(InputError, match=message):
        read_columns(table(text)).numbers("b")


def test_columns_that_are_not_there_are_named(table):
    columns = read_columns(table("a,b\n1,2\n"))
    with pytest.raises(InputError, match="no column 'c': its columns are a, b"):
        columns.numbers("c")
    with pytest.raises(InputError, match="no column 'c'"):
        columns.with_units({"c": "m"})
    with pytest.raises(InputError, match="not name=unit"):
        parse_units("a m")
    with pytest.raises(InputError, match="cannot stand in a formula"):
        check_symbols(["a b"])
