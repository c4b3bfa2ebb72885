"""The report as data, and the page made from it.

A section is text, numbers, figures and tables; the template knows nothing of electrochemistry and escapes
everything but formulas and figures that were made here.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import jinja2
import numpy as np
import sympy
from markupsafe import Markup
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ionspice.core import IonspiceError
from ionspice.pipeline.report.figures.style import inline_svg, scale_for

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPTS = {"Rc": "R_c", "Qmax": "Q_max"} | {f"c{k}": f"c_{k}" for k in range(1, 33)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure with its words."""

    name: str  #: of its files and of its place in the page
    figure: Figure
    alt: str  #: what is drawn, for those who cannot see it
    caption: str  #: what to see


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text; the first cell of a row names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str | Markup, ...], ...]
    numeric: frozenset[int] = frozenset()  #: columns that are set flush right
    marked: int | None = None  #: the row that stands out


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSection:
    """One heading of the page and what stands under it, in the order of the fields."""

    name: str  #: anchor
    title: str
    key_values: tuple[tuple[str, str | Markup], ...] = ()  #: numbers to be seen at a glance
    missing: tuple[str, ...] = ()  #: what could not be shown, and why
    paragraphs: tuple[str, ...] = ()
    formulas: tuple[Markup, ...] = ()  #: MathML
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The whole report."""

    title: str
    lead: str
    sections: tuple[ReportSection, ...]
    footer: str


def collected_section(
    name: str,
    title: str,
    shown: Iterable[Callable[[], Picture]],
    listed: Iterable[Callable[[], Table]] = (),
    paragraphs: tuple[str, ...] = (),
) -> ReportSection:
    """Return a section with what can be shown; the rest is said to be missing."""
    missing: list[str] = []

    def made[T](kind: str, makers: Iterable[Callable[[], T]]) -> tuple[T, ...]:
        done = []
        for make in makers:
            try:
                done.append(make())
            except IonspiceError as error:
                missing.append(f"A {kind} is left out: {error}")
        return tuple(done)

    figures, rows = made("figure", shown), made("table", listed)
    return ReportSection(
        name=name, title=title, pictures=figures, tables=rows, missing=tuple(missing), paragraphs=paragraphs
    )


def render(page: Page, figures: Mapping[str, str]) -> str:
    """Return the page as one HTML document that needs nothing else.

    Args:
        page: the report as data.
        figures: SVG document of every picture by its name.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ionspice.pipeline.report", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    shown = {
        picture.name: Markup(inline_svg(figures[picture.name], picture.name, picture.alt))
        for section in page.sections
        for picture in section.pictures
    }
    return environment.get_template("report.html.j2").render(
        title=page.title,
        lead=page.lead,
        sections=page.sections,
        footer=page.footer,
        svg=shown,
        style=Markup(files("ionspice.pipeline.report").joinpath("report.css").read_text(encoding="utf-8")),
    )


def significant(value: float, digits: int = 3) -> str:
    """Return a number with significant digits, as 0.0123 or 1.23 × 10⁻⁹."""
    if not math.isfinite(value):
        return "–"
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        decimals = max(0, digits - 1 - int(power))
        return f"{float(f'{mantissa}e{power}'):.{decimals}f}".replace("-", "−")
    return f"{mantissa} × 10{superscript(int(power))}".replace("-", "−")


def superscript(number: int) -> str:
    """Return a whole number in raised digits."""
    return str(number).translate(_RAISED)


def with_error(value: float, error: float) -> str:
    """Return `value ± error`, rounded to two digits of the error."""
    if not (math.isfinite(error) and error > 0):
        return significant(value, 4)
    decimals = max(0, 1 - int(f"{error:.1e}".split("e")[1]))
    return f"{value:.{decimals}f} ± {error:.{decimals}f}".replace("-", "−")


def number_column(
    name: str, values: ArrayLike, errors: ArrayLike | None = None, unit: str = "1"
) -> tuple[str, list[str]]:
    """Return heading and cells of a column of numbers, with the SI prefix that suits them.

    Args:
        name: of the quantity.
        values: in `unit`, shape (rows,).
        errors: standard errors likewise.
        unit: as text, 1 for pure numbers.
    """
    factor, scaled = scale_for(values, unit) if unit != "1" else (1.0, "")
    symbol = "γ" if name == "gamma" else name
    title = f"{symbol} / {scaled}" if scaled else symbol
    numbers = np.asarray(values, dtype=float) * factor
    if errors is None:
        return title, [significant(value) for value in numbers.tolist()]
    pairs = zip(numbers.tolist(), (np.asarray(errors, dtype=float) * factor).tolist(), strict=True)
    return title, [with_error(value, error) for value, error in pairs]


def table_of_columns(columns: Sequence[tuple[str, Sequence[str]]], *, caption: str) -> Table:
    """Return a table from (heading, cells), long ones abridged; the first column names the rows of numbers."""
    return Table(
        caption=caption,
        head=tuple(title for title, _ in columns),
        rows=abridged(tuple(zip(*(cells for _, cells in columns), strict=True))),
        numeric=frozenset(range(1, len(columns))),
    )


def abridged(rows: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a table, of more than 24 the first and last ten with an ellipsis between."""
    if len(rows) <= 24:
        return rows
    return (*rows[:10], ("…",) * len(rows[0]), *rows[-10:])


def formula(expression: sympy.Expr, name: str = "") -> Markup:
    """Return an expression, or `name = expression`, as MathML.

    Numbers are rounded to four digits, constants get their subscripts, and log is the natural one, ln.
    """
    names = {s: sympy.Symbol(_SUBSCRIPTS[s.name]) for s in expression.free_symbols if s.name in _SUBSCRIPTS}
    rounded = expression.xreplace({x: sympy.Float(x, 4) for x in expression.atoms(sympy.Float)}).xreplace(names)
    body = sympy.printing.mathml(rounded, printer="presentation", order="rev-lex")
    for plain, set_ in (
        ("<mi>log</mi>", "<mi>ln</mi>"),
        ("&ExponentialE;", "e"),
        ("<mo>-</mo>", "<mo>−</mo>"),
        ("<mn>-", "<mn>−"),
    ):
        body = body.replace(plain, set_)
    left = f"<mi>{name}</mi><mo>=</mo>" if name else ""
    return Markup(f"<math>{left}{body}</math>")


def percent(share: float, digits: int = 2) -> str:
    """Return a share as percentage with significant digits."""
    return f"{significant(100 * share, digits)} %" if math.isfinite(share) else "–"
