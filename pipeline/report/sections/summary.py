"""The report's first section: the result in a few numbers, and what the run shows beside them."""

from markupsafe import Markup

from ionspice.pipeline.report.figures.style import scale_for
from ionspice.pipeline.report.page import ReportSection, formula, percent, significant
from ionspice.pipeline.report.sections.circuit import model_errors
from ionspice.pipeline.report.sections.findings import findings_table
from ionspice.pipeline.report.sections.law import inner_name, inner_values
from ionspice.pipeline.results.curves import charge_balances
from ionspice.pipeline.results.files import RunFiles


def summary_section(run: RunFiles) -> ReportSection:
    """Return the result in brief."""
    return ReportSection(
        name="summary",
        title="Result",
        key_values=tuple(_key_values(run)),
        paragraphs=(
            "A field simulation (modified Poisson–Nernst–Planck, mPNP) gives the currents and potentials of every "
            "slit; symbolic regression finds the resistance law of the gaps between them; the nano-circuitry "
            "model (NCM) puts the law into a circuit. The transmission-line model (TLM) is the same circuit with "
            "γ = 0. Nothing in the circuits was fitted to the voltammogram.",
        ),
        tables=(findings_table(run),),
    )


def _key_values(run: RunFiles) -> list[tuple[str, str | Markup]]:
    numbers: list[tuple[str, str | Markup]] = []
    law = run.law
    if law is not None:
        resistance, gamma = inner_values(law, "Rc").mean(), inner_values(law, "gamma").mean()
        factor, unit = scale_for(resistance, "ohm m")
        numbers += [
            ("resistance law", formula(law.resistance, "R")),
            (f"Rc, mean of the {inner_name(law)}", f"{significant(resistance * factor, 4)} {unit}"),
            (f"γ, mean of the {inner_name(law)}", significant(gamma, 3)),
        ]
    for name, error in model_errors(run).items():
        numbers.append((f"{name} against mPNP: rms deviation, of the peak current", percent(error.rms)))
    balance = charge_balances(run.fields).gaps
    return [*numbers, ("charge balance of the slits, largest violation", significant(balance, 2))]
