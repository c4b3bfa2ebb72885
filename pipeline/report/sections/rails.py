"""The report's section on the circuit with one rail per ion: lengths, errors and the conductance law found."""

from collections.abc import Iterator

from ionspice.circuits.ions.record import RailRecord
from ionspice.discovery import parse_expression
from ionspice.discovery.laws.conductance import ConductanceLaw
from ionspice.pipeline.report.page import ReportSection, Table, formula, percent, significant, with_error
from ionspice.pipeline.results.files import RunFiles

_WORDS = {
    "slit_ions": "ions of the slits",
    "inner_gaps": "potential differences of the inner gaps",
    "inner_gaps_held_out": "the same in gaps left out of the fit",
    "first_gap": "potential difference of the first gap",
    "reservoir": "potential difference of the open electrolyte",
}


def rails_section(run: RunFiles) -> ReportSection:
    """Return the section on one rail per ion."""
    title = "One rail per ion"
    if run.rails is None:
        return ReportSection(name="rails", title=title, missing=(f"No rails: {run.missing['rails_record']}.",))
    law = run.conductance
    return ReportSection(
        name="rails",
        title=title,
        paragraphs=tuple(_paragraphs(run, run.rails)),
        formulas=(formula(parse_expression(law.law.form, {"n", *law.law.names}), "g"),) if law else (),
        missing=(f"No law of the conductances: {run.missing['conductance']}.",)
        if "conductance" in run.missing
        else (),
        tables=(*([_error_table(run.rails)] if run.rails.errors else []), *([_front_table(law)] if law else [])),
    )


def _paragraphs(run: RunFiles, record: RailRecord) -> Iterator[str]:
    if not record.constants.has_slits:
        yield (
            "Every ion has a row of nodes of its own through the open electrolyte to the electrode, whose charge it "
            "balances: length, width and electrolyte are all that the circuit needs."
        )
        return
    hop, strip = (f"{significant(1e9 * x)} nm" for x in (record.constants.hop_length, record.constants.strip_width))
    yield (
        "Every ion has a row of nodes of its own. Slits store what their local equilibrium holds, and ions cross a "
        f"gap in proportion to their number; the way between two slits is {hop} long, the strip {strip} wide. "
        "These lengths hold for every window, drive and number of layers of this geometry."
    )
    if run.conductance:
        low, high = map(significant, run.conductance.numbers)
        yield (
            "What discovery finds from the series of every ion, with no equilibrium assumed: g = G W²/(D n₀), the "
            "conductance of a gap for one ion, against n, the number of that ion beside the gap over that at rest, "
            f"from {low} to {high}, all ions and all gaps ({', '.join(map(str, run.conductance.gaps))}) together. "
            f"{_proportion_words(run.conductance)}"
        )


def _proportion_words(law: ConductanceLaw) -> str:
    entry, simplest = law.law, law.front[0]
    if len(entry.value) == 1 and entry.form == "c1*n":
        return f"Conductance is proportional to the number, within {percent(entry.error)} (rms)."
    words = f"The law deviates by {percent(entry.error)} (rms)"
    if simplest.form == "c1*n":
        return f"{words}, a conductance proportional to the number by {percent(simplest.error)}."
    return f"{words}."


def _error_table(record: RailRecord) -> Table:
    known = [(_WORDS.get(name, name), percent(error)) for name, error in record.errors.items() if error is not None]
    return Table(
        caption="How well the rails describe the run that they were learnt from: rms deviation, of the largest.",
        head=("What", "rms"),
        rows=tuple(known),
        numeric=frozenset({1}),
    )


def _front_table(law: ConductanceLaw) -> Table:
    return Table(
        caption="Laws of the conductance, simplest first; bold: the one chosen. Relative rms deviation over all ions "
        "and gaps, and in gaps left out of the fit; constants with their standard errors.",
        head=("g", "constants", "rms", "gaps left out"),
        rows=tuple(
            (
                formula(parse_expression(entry.form, {"n", *entry.names})),
                ", ".join(
                    f"{name} = {with_error(value, error)}"
                    for name, value, error in zip(entry.names, entry.value, entry.standard_error, strict=True)
                ),
                percent(entry.error),
                percent(entry.held_out_error) if entry.held_out_error is not None else "",
            )
            for entry in law.front
        ),
        numeric=frozenset({2, 3}),
        marked=law.chosen,
    )
