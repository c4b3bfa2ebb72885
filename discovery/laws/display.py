"""Laws and regressors as HTML for notebooks: the formula as LaTeX, then tables of constants and of the front."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import sympy as sp

from ionspice.discovery.forms.expressions import parse_expression, to_infix

if TYPE_CHECKING:
    import pandas as pd

    from ionspice.discovery.laws.law import Law
    from ionspice.discovery.regressor import GeneExpressionRegressor


def rounded(expression: sp.Expr) -> sp.Expr:
    """Return an expression with its numbers rounded for reading."""
    short = {number: sp.Float(f"{float(number):.4g}", 4) for number in expression.atoms(sp.Float)}
    return expression.xreplace(short)


def law_latex(law: "Law") -> str:
    """Return R of a law as LaTeX, with the names of its parameters."""
    return f"R = {sp.latex(law.resistance)}"


def law_html(law: "Law") -> str:
    """Return a law with its constants and its front as HTML."""
    constants = [
        [
            name,
            str(element),
            *(f"{number:.4g}" for number in (p.value[k], p.standard_error[k], *p.interval[k])),
            p.unit,
        ]
        for name, p in law.parameters.items()
        for k, element in enumerate(law.elements)
    ]
    front = [
        [
            _math(sp.latex(rounded(parse_expression(m.expression, {"X"})))),
            str(m.complexity),
            *(f"{number:.3g}" for number in (m.error, m.held_out_error, m.held_out_slit_error)),
            f"{m.found_in} of {law.searches}",
            f"{m.chosen_in} of {law.searches}",
        ]
        for m in law.front
    ]
    return (
        f"<p>{_math(law_latex(law))}</p>"
        + _table(("constant", "element", "value", "standard error", "from", "to (95 %)", "unit"), constants)
        + _table(("Y(X)", "complexity", "error", "held out", "slit left out", "found in", "chosen in"), front)
    )


def equations(model: "GeneExpressionRegressor") -> "pd.DataFrame":
    """Return the front of a fitted regressor as a table."""
    import pandas as pd  # slow to import

    rows = [
        {
            "complexity": member.complexity,
            "error": member.error,
            "held_out_error": member.held_out_error,
            "found_in": model.recurrence_.found[member.form.key],
            "is_chosen": number == model.chosen_,
            "expression": to_infix(model.sympy_(number)),
            "sympy": model.sympy_(number),
        }
        for number, member in enumerate(model.front_)
    ]
    return pd.DataFrame(rows)


def regressor_html(model: "GeneExpressionRegressor") -> str:
    """Return a fitted regressor's formula and its front as HTML; the chosen formula is bold."""
    rows = [
        [
            _math(model.latex_(k)),
            str(member.complexity),
            f"{member.error:.3g}",
            f"{member.held_out_error:.3g}",
        ]
        for k, member in enumerate(model.front_)
    ]
    return f"<p>{_math('y = ' + model.latex_())}</p>" + _table(
        ("y", "complexity", "error", "held out"), rows, model.chosen_
    )


def _math(latex: str) -> str:
    return f"${escape(latex)}$"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], marked: int | None = None) -> str:
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    lines = []
    for k, row in enumerate(rows):
        cells = "".join(f"<td>{cell if cell.startswith('$') else escape(cell)}</td>" for cell in row)
        lines.append(f'<tr style="font-weight:bold">{cells}</tr>' if k == marked else f"<tr>{cells}</tr>")
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
