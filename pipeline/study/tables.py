"""Tables of the study's report, from claims and measured numbers."""

from markupsafe import Markup

from ionspice.core import InputError
from ionspice.pipeline.report.page import ReportSection, Table, percent, significant
from ionspice.pipeline.study.claims import Claim
from ionspice.pipeline.study.measures import Measured


def claims_section(claims: list[Claim]) -> ReportSection:
    """Return what the study says, the verdict and our number, claim by claim."""
    return ReportSection(
        name="claims",
        title="Claims and verdicts",
        paragraphs=(
            "Reproduced: all parts of the claim hold in our runs. Refuted: none does. Depends: some do, and the "
            "condition says which. The conditions, the numbers behind and their files stand at the end of the page.",
        ),
        tables=(
            Table(
                caption="What the study says and what was found.",
                head=("", "The study", "Verdict", "Our number", "of"),
                rows=tuple(
                    (claim.id, claim.statement, _verdict(claim.verdict), _number(claim), claim.unit)
                    for claim in claims
                ),
                numeric=frozenset({3}),
            ),
        ),
    )


def detail_section(claims: list[Claim]) -> ReportSection:
    """Return the conditions, the numbers behind and their files, claim by claim."""
    return ReportSection(
        name="details",
        title="Conditions, numbers and files",
        tables=(
            Table(
                caption="Files are relative to the folder of this page.",
                head=("", "Condition", "Numbers", "Files"),
                rows=tuple((claim.id, claim.condition, claim.detail, _files(claim.evidence)) for claim in claims),
            ),
        ),
    )


def trend_table(claim: Claim) -> Table:
    """Return the study's direction and our elasticity of every trend of claim I.

    Raises:
        InputError: the claim was not tested.
    """
    if claim.verdict == "untested":
        raise InputError(claim.condition)
    words = {-1: "falls", 0: "no change", 1: "grows"}
    return Table(
        caption="Trends: the study's direction, and d ln(constant)/d ln(condition) in our runs.",
        head=("Constant", "with growing", "the study", "electrochemical", "electric"),
        rows=tuple(
            (
                row["constant"],
                row["axis"].replace("_", " "),
                words[row["study"]],
                *(
                    f"{significant(row['slope'][reading], 2)} ({'holds' if row['holds'][reading] else 'does not'})"
                    for reading in ("electrochemical", "electric")
                ),
            )
            for row in claim.values["trends"]
        ),
    )


def error_table(entry: Measured) -> Table:
    """Return the deviations of claim K."""
    numbers = entry.read()
    found = {
        (title, row["potential"], row["capacitance_terms"], row["model"]): row["error"]
        for key, title in (("layers_6", "6 layers"), ("layers_20_from_6", "20 layers, law of 6"))
        for row in numbers[key]
    }
    models = list(dict.fromkeys(model for *_, model in found))
    return Table(
        caption="Rms deviation of the circuits' current from the field model's, as a share of its peak.",
        head=("Field run", "node potential", "capacitance", *models),
        rows=tuple(
            (
                *(title, potential, f"q(v), {terms} terms" if terms else "constant"),
                *(percent(found.get((title, potential, terms, model), float("nan"))) for model in models),
            )
            for title, potential, terms in dict.fromkeys(key[:3] for key in found)
        ),
        numeric=frozenset(range(3, 3 + len(models))),
    )


def speed_table(entry: Measured) -> Table:
    """Return wall times of the field model and of the circuit under the same drive."""
    return Table(
        caption="Field model and circuit side by side, wall time on this machine while other cases ran; the field "
        "model also gives everything that the circuit is built from (claim N).",
        head=("Case", "layers", "unknowns", "ranks", "field model", "NCM in ngspice", "ratio"),
        rows=tuple(
            (
                *(str(row[key]) for key in ("case", "layers", "unknowns", "ranks")),
                f"{significant(row['field'])} s",
                f"{significant(row['circuit'], 2)} s",
                significant(row["field"] / row["circuit"], 2),
            )
            for row in entry.read()["cases"]
        ),
        numeric=frozenset(range(1, 7)),
    )


def _verdict(verdict: str) -> Markup:
    return Markup('<strong class="verdict {0}">{0}</strong>').format(verdict)


def _number(claim: Claim) -> str:
    return "–" if claim.value is None else significant(claim.value, 4)


def _files(evidence: tuple[str, ...]) -> str:
    more = len(evidence) - 4
    return ", ".join(evidence[:4]) + (f" and {more} more (claims.json)" if more > 0 else "")
