"""report.html of a reproduction: the claims with their verdicts, and figures in the study's arrangement.

All numbers are read: from claims.json, measures.json and campaign_law.json, and of the default case its fields and
its law. A figure without numbers is left out, and the page says why. With a Chromium on the path the page is printed
to report.pdf as well.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path

from ionspice.pipeline.report.page import Page, ReportSection, collected_section
from ionspice.pipeline.report.run_report import write_page
from ionspice.pipeline.results.files import RunFiles, read_run
from ionspice.pipeline.study import claims as claims_file
from ionspice.pipeline.study import measures, pictures, tables
from ionspice.pipeline.study.campaign_law_section import law_section
from ionspice.pipeline.study.claims import Claim, read_claims
from ionspice.pipeline.study.conditions import DEFAULT
from ionspice.pipeline.study.files import StudyFiles, read_study
from ionspice.pipeline.study.measures import Measured, read_measures
from ionspice.pipeline.study.pdf import PDF, print_pdf


def write_study_report(directory: Path) -> Path:
    """Write report.html, figures/ and, where a Chromium is found, report.pdf into a reproduction's folder.

    Raises:
        InputError: claims.json, measures.json or all cases are missing or damaged, or the folder cannot be written.
    """
    found = read_measures(directory / measures.FILE_NAME)
    page = build_study_page(read_study(directory), read_claims(directory / claims_file.FILE_NAME), found)
    report = write_page(page, directory)
    print_pdf(report, directory / PDF)
    return report


def build_study_page(study: StudyFiles, claims: list[Claim], found: Mapping[str, Measured]) -> Page:
    """Return the report as data.

    Args:
        study: for the default case's files.
        claims: as judged.
        found: what was measured, by letter of the claim and name of the picture.
    """
    judged = {claim.id: claim for claim in claims}
    run = cache(lambda: read_run(study.path(DEFAULT)))
    sections = (
        tables.claims_section(claims),
        *_field_sections(found, judged, run),
        law_section(study.directory, found["window_laws"]),
        *_circuit_sections(found, judged, run),
        tables.detail_section(claims),
    )
    return Page(
        title="Ion transport in nanoslits: a study reproduced, claim by claim",
        lead=f"{len(claims)} claims of the reference study (Zhan et al.) on {len(study.cases)} field runs: "
        f"{_counts(claims)}.",
        sections=sections,
        footer="Written by ionspice. Numbers: claims.json; fields and laws: cases/; figures also in figures/.",
    )


def _field_sections(
    found: Mapping[str, Measured], judged: Mapping[str, Claim], run: Callable[[], RunFiles]
) -> tuple[ReportSection, ...]:
    return (
        collected_section(
            "fluxes",
            "Ion transport over the cycle",
            [partial(pictures.flux, found[name], name) for name in ("open_flux", "slit_flux")],
        ),
        collected_section(
            "law", "The law", [lambda: pictures.law(run()), lambda: pictures.resistance_in_time(run())]
        ),
        collected_section(
            "trends",
            "Resistance over the study's conditions",
            [
                partial(pictures.extremes, found["G"]),
                partial(pictures.profiles, found["profiles"]),
                partial(pictures.trends, found["I"], "gamma", "γ over that of the default case"),
                partial(pictures.trends, found["I"], "Rc", "Rc over that of the default case"),
            ],
            [partial(tables.trend_table, judged["I"])],
        ),
    )


def _circuit_sections(
    found: Mapping[str, Measured], judged: Mapping[str, Claim], run: Callable[[], RunFiles]
) -> tuple[ReportSection, ...]:
    return (
        collected_section(
            "voltammograms",
            "Voltammograms",
            [
                *(partial(pictures.voltammograms, found[name]) for name in ("voltammogram", "deep_voltammogram")),
                *(partial(pictures.loops, found[name], name) for name in ("loops_over_rates", "loops_over_layers")),
                partial(pictures.peak_map, found["M"], judged["M"]),
            ],
            [partial(tables.error_table, found["K"]), partial(tables.speed_table, found["costs"])],
        ),
        collected_section(
            "ions",
            "Ions in the slits",
            [
                lambda: pictures.current_map(run(), found["current_map"]),
                partial(pictures.ions_in_slits, found["slit_charges"]),
                partial(pictures.slit_capacitances, found["slit_capacitances"], judged["J"]),
            ],
        ),
    )


def _counts(claims: list[Claim]) -> str:
    verdicts = [claim.verdict for claim in claims]
    shown = ("reproduced", "refuted", "depends", "untested")
    return ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in shown if verdict in verdicts)
