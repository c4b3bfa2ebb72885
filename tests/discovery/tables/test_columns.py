"""Tables of numbers with names and units."""

import numpy as np
import pytest

from ionspice.core import InputError
from ionspice.discovery.tables.columns import parse_units, read_columns


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


@pytest.mark.parametrize(
    "text",
    [
        "time;current\n0,5;1,25\n1,5;1.002,5\n",
        "time\tcurrent\n0.5\t1.25\n1.5\t1002.5\n",
        "# made by a potentiostat\n# 2026-01-05\ntime,current\n0.5,1.25\n\n1.5,1002.5\n",
        "# time current\n0.5 1.25\n1.5 1002.5\n",
        "time  current\n 0.5   1.25\n 1.5 1002.5\n",
        '"time";"current"\n"0,5";"1,25"\n"1,5";"1002,5"\n',
        "sep=;\ntime;current\n0.5;1.25\n1.5;1002.5\n",
        "time,current,\n0.5,1.25,\n1.5,1002.5,\n",
        "Instrument: P1\nOperator: me, you, they\n\ntime,current\n0.5,1.25\n1.5,1002.5\n",
        'time,current\n0.5,1.25\n1.5,"1,002.5"\n',
        "time;current\n0,5;1,25\n1,5;1\u00a0002,5\n",
        "time;current\n0.5;1.25\n1.5;1'002.5\n",
        "time,current\n5.0D-1,1.25\n1.5D0,1.0025D+03\n",
    ],
)
def test_delimiters_and_decimal_commas_are_told_from_the_lines(table, text):
    columns = read_columns(table(text))
    assert columns.names == ["time", "current"]
    np.testing.assert_array_equal(columns.numbers("time"), [0.5, 1.5])
    np.testing.assert_array_equal(columns.numbers("current"), [1.25, 1002.5])


def test_a_minus_sign_of_typesetters_and_an_index_without_name_are_read(table):
    columns = read_columns(table(",a\n0,\u22121.5\n1,2\n"))
    assert columns.names == ["index", "a"]
    assert columns.numbers("a").tolist() == [-1.5, 2.0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_letters_of_any_usual_encoding_are_read(tmp_path, encoding):
    path = tmp_path / "table.csv"
    path.write_bytes("t [µs],Größe\n1,2\n3,4\n".encode(encoding))
    columns = read_columns(path)
    assert columns.names == ["t", "Größe"]
    assert columns.units["t"] == "µs"


def test_what_is_no_text_is_refused(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"\x89PNG\r\n\x00\x00\xff")
    with pytest.raises(InputError, match="cannot read"):
        read_columns(path)


def test_a_row_of_units_stands_for_units_of_the_header(table):
    columns = read_columns(table("time;I\nms;[A]\n1;2\n3;4\n"))
    assert columns.units == {"time": "ms", "I": "A"}
    np.testing.assert_allclose(columns.numbers("time"), [1e-3, 3e-3])


def test_rows_with_gaps_can_be_dropped(table):
    columns = read_columns(table("a,b,c\n1,2,\n,3,1\n4,NaN,1\n5,6,n/a\n"))
    with pytest.raises(InputError, match=r"line 4: b='NaN' is not .*--dropna"):
        columns.numbers("b")
    kept = columns.without_gaps(["a", "b"])
    assert kept.numbers("a").tolist() == [1.0, 5.0]
    assert kept.numbers("b").tolist() == [2.0, 6.0]
    with pytest.raises(InputError, match="no row has a value"):
        read_columns(table("a,b\n1,\n,2\n")).without_gaps(["a", "b"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,red\n2,blue\n3,red\n", "the column holds words \\(red, blue\\)"),
        ("a,b\n1,2026-01-05\n2,2026-01-06\n", "the column holds dates"),
        ("a,b\n1,12:30\n2,12:31:05\n", "the column holds dates"),
        ("1,2\n3,4\n", "line 1 holds numbers only"),
        ("a,b\n1,2\n3,\n", "line 3: b='' is not a number; fill the cell"),
    ],
)
def test_what_is_no_column_of_numbers_is_said_to_be_what_it_is(table, text, message):
    with pytest.raises(InputError, match=message):
        read_columns(table(text)).numbers("b")
