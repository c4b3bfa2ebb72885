"""The report's sections on the law: Y(X), the front and the rivals; R against charge and time; the numbers."""

from collections.abc import Sequence

import numpy as np
import sympy

from ionspice.discovery import Law, parse_expression
from ionspice.pipeline.report.figures.law import (
    draw_front,
    draw_law,
    draw_resistance_charge,
    draw_resistance_time,
)
from ionspice.pipeline.report.page import (
    Picture,
    ReportSection,
    Table,
    formula,
    number_column,
    percent,
    significant,
    table_of_columns,
)
from ionspice.pipeline.results.curves import Array, ElementCurve
from ionspice.pipeline.results.files import RunFiles


def law_section(run: RunFiles) -> ReportSection:
    """Return the section on the discovered law, its front and its rivals."""
    title = "Discovered law"
    if run.law is None:
        return ReportSection(name="law", title=title, missing=(f"No law: {run.missing['law']}.",))
    law = run.law
    return ReportSection(
        name="law",
        title=title,
        paragraphs=(
            "X is the charge of an element over its maximum, Y the integral of the potential difference over its "
            f"maximum, both while charging; charge: {law.charge}, node potential: {law.potential}. One form was "
            f"sought for the {inner_name(law)} (seed {law.seed}); dY/dX gives the resistance.",
        ),
        formulas=(formula(law.expression, "Y"), formula(law.resistance, "R")),
        pictures=(_law_picture(run), *_front_pictures(law)),
        tables=(_element_table(run, law), _front_table(law), _rival_table(law)),
    )


def resistance_section(run: RunFiles) -> ReportSection:
    """Return the section on R against charge and against time."""
    title = "Resistance against charge and time"
    if run.law is None:
        return ReportSection(name="resistance", title=title, missing=(f"No law: {run.missing['law']}.",))
    curves, end = run.curves, float(run.fields.attrs["charging_end"])
    return ReportSection(
        name="resistance",
        title=title,
        pictures=(
            Picture(
                name="resistance_charge",
                figure=draw_resistance_charge(curves),
                alt="Resistance of every element against its charge",
                caption="Lines: the law; points: Δv/I of the field model while charging; numbers: elements. "
                "Resistance falls as the slits fill.",
            ),
            Picture(
                name="resistance_time",
                figure=draw_resistance_time(curves, end),
                alt="Resistance of every element over the cycle",
                caption="Lines: the law at the charge of the moment; points: Δv/I of the field model, left out "
                "where the current is below 10 % of its peak. The law was fitted left of the dotted line only; "
                "right of it, points on the lines mean that resistance is a function of charge. "
                f"{_describe_discharge(curves)}",
            ),
        ),
    )


def _law_picture(run: RunFiles) -> Picture:
    worst = max(float(np.abs(c.normalised[1] - c.law_integral).max()) for c in run.curves if c.resistance)
    return Picture(
        name="law",
        figure=draw_law(run.curves),
        alt="Y against X with the discovered law, and residuals",
        caption="Above: the field model (points) and the law (lines); a constant resistance would follow the "
        f"dotted diagonal. Below: residuals, at most {percent(worst)} of the full scale.",
    )


def _describe_discharge(curves: Sequence[ElementCurve]) -> str:
    """State how far the field model's ratio strays from the law while discharging."""
    ratios = []
    for curve in (curve for curve in curves if curve.resistance is not None and curve.element > 1):
        ratio = curve.field_resistance()[~curve.charging] / curve.law_resistance(curve.charge[~curve.charging])
        ratios.append(ratio[np.isfinite(ratio)])
    deviations = np.abs(np.concatenate(ratios) - 1) if ratios else np.empty(0)
    if not deviations.size:
        return ""
    median = percent(float(np.median(deviations)))
    return f"In the inner elements the median distance of these points is {median}."


def _front_pictures(law: Law) -> tuple[Picture, ...]:
    if not law.front:
        return ()
    chosen = chosen_member(law)
    return (
        Picture(
            name="front",
            figure=draw_front([m.complexity for m in law.front], [m.error for m in law.front], chosen),
            alt="Error of the laws on the Pareto front against their complexity",
            caption="The Pareto front: no law found is both simpler and more accurate than one of these.",
        ),
    )


def chosen_member(law: Law) -> int | None:
    """Return where on the front the form of the law stands, whatever its constants; None if it does not."""
    forms = [_skeleton(parse_expression(member.expression, {"X"})) for member in law.front]
    chosen = _skeleton(law.expression)
    return forms.index(chosen) if chosen in forms else None


def _skeleton(expression: sympy.Expr) -> sympy.Expr:
    return expression.xreplace(dict.fromkeys(expression.atoms(sympy.Float), _ANY))


_ANY = sympy.Symbol("constant")


def _front_table(law: Law) -> Table:
    chosen = chosen_member(law)
    standing = ["tied" if member.expression in law.tied else "" for member in law.front]
    if chosen is not None:
        standing[chosen] = "chosen"
    return Table(
        caption="Laws on the front, with the constants of one inner element; bold: the chosen form; tied: the data "
        "cannot tell it from the chosen one. Errors are rms residuals over the standard deviation of Y; held out: on "
        "points that the constants were not fitted to.",
        head=("Y(X)", "complexity", "error", "held-out error", ""),
        rows=tuple(
            (
                formula(parse_expression(member.expression, {"X"})),
                str(member.complexity),
                significant(member.error),
                significant(member.held_out_error),
                word,
            )
            for member, word in zip(law.front, standing, strict=True)
        ),
        numeric=frozenset({1, 2, 3}),
        marked=chosen,
    )


def _rival_table(law: Law) -> Table:
    names = [rival.name for rival in law.rivals]
    shown = [parse_expression(rival.expression, _RIVAL_NAMES) for rival in law.rivals]
    conductance = any("G" in {symbol.name for symbol in expression.free_symbols} for expression in shown)
    return Table(
        caption="Known laws fitted to the same elements, best held-out error first; bold: the discovered one. "
        "Lower AIC and BIC are better."
        + (" G: integral of the resistance that follows from the fields’ own ion excess." if conductance else ""),
        head=("Law", "Y", "error", "held-out error", "AIC", "BIC"),
        rows=tuple(
            (
                rival.name,
                formula(expression),
                significant(rival.error),
                significant(rival.held_out_error),
                *(f"{criterion:.0f}".replace("-", "−") for criterion in (rival.aic, rival.bic)),
            )
            for rival, expression in zip(law.rivals, shown, strict=True)
        ),
        numeric=frozenset({2, 3, 4, 5}),
        marked=names.index("discovered") if "discovered" in names else None,
    )


_RIVAL_NAMES = {"X", "G", *(f"c{k}" for k in range(1, 33))}


def _element_table(run: RunFiles, law: Law) -> Table:
    per_area = np.asarray(law.parameters["Rc"].value) * float(run.fields.attrs["strip_width"]) * 1e4
    return table_of_columns(
        [
            ("Element", [str(element) for element in law.elements]),
            *(number_column(name, c.value, c.standard_error, c.unit) for name, c in law.parameters.items()),
            number_column("Rc W", per_area, None, "ohm cm^2"),
            ("R² of Y(X)", [f"{value:.6f}" for value in law.r_squared]),
        ],
        caption="Constants per element, ± standard error, per metre of depth of the strip; Rc W is per electrode "
        "area. Element i is the gap into slit i; element 1 lies between the open electrolyte and slit 1.",
    )


def inner_name(law: Law) -> str:
    """Return what to call the elements that `inner_values` is about."""
    return "inner elements" if max(law.elements) > 1 else "only element"


def inner_values(law: Law, name: str) -> Array:
    """Return a constant of the inner elements (of all, if there is none), shape (elements,)."""
    inner = [k for k, element in enumerate(law.elements) if element > 1] or list(range(len(law.elements)))
    return np.asarray(law.parameters[name].value, dtype=float)[inner]
