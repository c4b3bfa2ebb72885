"""report.html: what a run found, in one page that needs no other file.

Every number is computed here from the files of the run; a stage that left no file gives a section that says so.
"""

from pathlib import Path

from ionspice.core import replacing
from ionspice.core.run_files import FIGURES, REPORT
from ionspice.pipeline.report.figures.style import to_png, to_svg
from ionspice.pipeline.report.page import Page, ReportSection, render
from ionspice.pipeline.report.sections.circuit import circuit_section
from ionspice.pipeline.report.sections.field import geometry_section, maps_section, run_shape, transport_section
from ionspice.pipeline.report.sections.law import law_section, resistance_section
from ionspice.pipeline.report.sections.origin import origin_section
from ionspice.pipeline.report.sections.permeation import permeation_sections
from ionspice.pipeline.report.sections.provenance import provenance_section
from ionspice.pipeline.report.sections.rails import rails_section
from ionspice.pipeline.report.sections.summary import summary_section
from ionspice.pipeline.results.files import RunFiles, read_run


def write_report(directory: Path) -> Path:
    """Write report.html and figures/ (SVG and PNG) into the folder of a run.

    Args:
        directory: where observables.nc lies, and where they exist mesh.msh, fields_half_charge.vtu, law.json,
            circuit.nc and manifest.json.

    Returns:
        The path of report.html.

    Raises:
        InputError: observables.nc is missing or damaged, or the folder cannot be written.
    """
    return write_page(build_page(read_run(directory)), directory)


def write_page(page: Page, directory: Path) -> Path:
    """Write a page as report.html, and figures/, into a folder; return the path of report.html.

    Raises:
        InputError: the folder cannot be written.
    """
    figures = write_figures(page, directory / FIGURES)
    with replacing(directory / REPORT) as temporary:
        temporary.write_text(render(page, figures), encoding="utf-8")
    return directory / REPORT


def build_page(run: RunFiles) -> Page:
    """Return the report as data."""
    sections: tuple[ReportSection, ...] = (
        summary_section(run),
        *permeation_sections(run),
        geometry_section(run),
        maps_section(run),
        circuit_section(run),
        rails_section(run),
        law_section(run),
        resistance_section(run),
        transport_section(run),
        origin_section(run.case),
        provenance_section(run),
    )
    return Page(
        title=f"Ion transport in {run_shape(run).title}: fields, resistance law, circuit",
        lead=_describe(run),
        sections=sections,
        footer="Written by ionspice. The figures are also in figures/, as SVG and PNG.",
    )


def _describe(run: RunFiles) -> str:
    case = run.case
    ions = ", ".join(
        f"{s.name.translate(_RAISED)} {s.concentration / 1e3:.4g} mol/L" for s in case.electrolyte.species
    )
    drive = case.drive
    if drive.kind == "triangular":
        pace = f"{drive.half_cycle * 1e9:.4g} ns each way" if drive.half_cycle else f"{drive.scan_rate:.4g} V/s"
        course = f"triangular sweep 0 → {drive.amplitude:.4g} V → {drive.lower:.4g} V per electrode, {pace}"
    elif drive.kind == "protocol":
        course = f"protocol: {', '.join(drive.steps or ())}"
    else:
        course = f"drive of kind {drive.kind}"
    return f"{run_shape(run).sizes}; {ions}; {course}."


_RAISED = str.maketrans("+-", "⁺⁻")


def write_figures(page: Page, directory: Path) -> dict[str, str]:
    """Write every figure of a page as SVG and PNG; return the SVG documents by name.

    Raises:
        InputError: the folder cannot be written.
    """
    documents = {}
    for picture in (picture for section in page.sections for picture in section.pictures):
        documents[picture.name] = to_svg(picture.figure)
        picture.figure.set_layout_engine("none")  # the layout is found; the PNG need not find it again
        with replacing(directory / f"{picture.name}.svg") as temporary:
            temporary.write_text(documents[picture.name], encoding="utf-8")
        with replacing(directory / f"{picture.name}.png") as temporary:
            temporary.write_bytes(to_png(picture.figure))
    return documents
