import pytest
import sympy

from ionspice.pipeline.report.figures.style import new_figure, to_svg
from ionspice.pipeline.report.page import (
    Page,
    Picture,
    ReportSection,
    Table,
    formula,
    number_column,
    percent,
    render,
    significant,
    table_of_columns,
    with_error,
)

HOSTILE = '<script>alert("x")</script>'


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 3, "0"),
        (0.40213, 3, "0.402"),
        (-12.349, 3, "−12.3"),
        (1234.5, 2, "1200"),
        (9.996, 3, "10.0"),
        (7.65e-10, 2, "7.7 × 10⁻¹⁰"),
        (-2.5e7, 3, "−2.50 × 10⁷"),
        (float("nan"), 3, "–"),
    ],
)
def test_number_keeps_its_significant_digits(value, digits, text):
    assert significant(value, digits) == text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (286.234, 0.2871, "286.23 ± 0.29"),
        (0.40213, 0.00999, "0.402 ± 0.010"),
        (1234.5, 56.0, "1234 ± 56"),
        (2.0, 0.0, "2.000"),
        (2.0, float("nan"), "2.000"),
    ],
)
def test_error_decides_the_digits_of_its_value(value, error, text):
    assert with_error(value, error) == text


def test_share_is_shown_in_per_cent_and_nothing_as_a_dash():
    assert percent(0.02514) == "2.5 %"
    assert percent(float("nan")) == "–"


def test_formula_reads_as_it_is_written():
    Rc, gamma, Q, Qmax = sympy.symbols("Rc gamma Q Qmax")
    markup = str(formula(Rc * (1 - gamma * Q / Qmax), "R"))
    assert markup.startswith("<math><mi>R</mi><mo>=</mo>")
    assert "<msub><mi>R</mi><mi>c</mi></msub>" in markup
    assert markup.index("<mn>1</mn>") < markup.index("<mo>−</mo>") < markup.index("<mi>Q</mi>")


def test_formula_rounds_its_constants_and_calls_the_natural_logarithm_ln():
    x = sympy.Symbol("X")
    markup = str(formula(1.23456789 * sympy.log(1 + x)))
    assert "<mn>1.235</mn>" in markup
    assert "<mi>ln</mi>" in markup


def page_with(**section) -> str:
    sections = (ReportSection(name="only", title="Only", **section),)
    pictures = {p.name: to_svg(p.figure) for p in section.get("pictures", ())}
    return render(Page(title="T", lead=HOSTILE, sections=sections, footer="F"), pictures)


def test_long_table_keeps_its_ends():
    table = table_of_columns([("i", [str(i) for i in range(100)]), number_column("x", range(100))], caption="C")
    assert len(table.rows) == 21
    assert table.rows[9] == ("9", "9.00")
    assert table.rows[10] == ("…", "…")
    assert table.rows[-1] == ("99", "99.0")


def test_column_of_numbers_shares_one_prefix():
    assert number_column("Rc", [0.28, 0.031], [0.0021, 0.001], "ohm m") == (
        "Rc / mΩ m",
        ["280.0 ± 2.1", "31.0 ± 1.0"],
    )
    assert number_column("gamma", [0.441]) == ("γ", ["0.441"])


def test_text_from_files_is_escaped_everywhere():
    picture = Picture(name="p", figure=new_figure(1.0), alt=HOSTILE, caption=HOSTILE)
    table = Table(caption=HOSTILE, head=(HOSTILE,), rows=((HOSTILE,),))
    page = page_with(
        key_values=((HOSTILE, HOSTILE),),
        missing=(HOSTILE,),
        paragraphs=(HOSTILE,),
        pictures=(picture,),
        tables=(table,),
    )
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 10


def test_table_marks_its_row_and_names_every_row():
    table = Table(caption="C", head=("a", "b"), rows=(("1", "2"), ("3", "4")), numeric=frozenset({1}), marked=1)
    page = page_with(tables=(table,))
    assert page.count('<tr class="marked">') == 1
    assert page.count('<th scope="row">') == 2
    assert page.count('<td class="number">') == 2
