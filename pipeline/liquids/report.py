"""report.html of a liquid: from its molecules to the circuit, in one page that needs no other file.

Every number is computed here from the files of the folder; what is not there is named with the reason.
"""

from contextlib import suppress
from pathlib import Path

from ionspice.core import InputError, sha256_of
from ionspice.electrolytes.boxes.molecules import read_bonding
from ionspice.electrolytes.files import (
    BARRIER,
    BOXES,
    ELECTROLYTE,
    FRAMES,
    IONS,
    LABEL_TABLE,
    LABELS,
    MODES,
    MOLECULES,
    PRODUCTION_BOXES,
    REFINING_RECORD,
    STUDY,
    TRANSPORT,
    VALIDATION_RECORD,
)
from ionspice.pipeline.liquids.claims_file import ClaimsFile, read_claims_file
from ionspice.pipeline.liquids.files import POTENTIAL_FILE, LiquidFiles
from ionspice.pipeline.liquids.judge import FILE_NAME, JudgedClaim, judge_claims, write_claims
from ionspice.pipeline.liquids.sections_claims import counts, detail_section, verdict_section
from ionspice.pipeline.liquids.sections_electrolyte import device_sections, electrolyte_section
from ionspice.pipeline.liquids.sections_molecules import molecules_section
from ionspice.pipeline.liquids.sections_motion import motion_sections
from ionspice.pipeline.liquids.sections_potential import potential_section
from ionspice.pipeline.liquids.sections_reactions import reactions_section
from ionspice.pipeline.report.page import Page, ReportSection, Table, significant
from ionspice.pipeline.report.run_report import write_page

#: files of a liquid's folder that the page may be made of
FILES = (
    STUDY,
    MOLECULES,
    IONS,
    MODES,
    FRAMES,
    LABELS,
    LABEL_TABLE,
    POTENTIAL_FILE,
    REFINING_RECORD,
    VALIDATION_RECORD,
    BARRIER,
    TRANSPORT,
    ELECTROLYTE,
)


def write_liquid_report(directory: Path) -> Path:
    """Write report.html, figures/ and, where the study has claims, claims.json into the folder of a liquid.

    Returns:
        The path of report.html.

    Raises:
        InputError: there is no study and no molecule, or the file of claims has a mistake.
    """
    files = LiquidFiles(directory)
    read_bonding(directory)  # without molecules there is nothing to report
    path = files.study.report.claims
    claims = read_claims_file(path) if path else None
    judged = judge_claims(claims.claims, files) if claims else []
    if claims:
        write_claims(directory / FILE_NAME, judged)
    else:
        (directory / FILE_NAME).unlink(missing_ok=True)
    return write_page(build_liquid_page(files, claims, judged), directory)


def build_liquid_page(files: LiquidFiles, claims: ClaimsFile | None, judged: list[JudgedClaim]) -> Page:
    """Return the report as data.

    Args:
        files: of the liquid.
        claims: of a study, None for none.
        judged: the same with their verdicts.
    """
    study = files.study
    names = ", ".join(molecule.title for molecule in study.molecules)
    sections = (
        _overview(files),
        *([verdict_section(judged, claims.source)] if claims else []),
        molecules_section(files),
        potential_section(files),
        *motion_sections(files),
        reactions_section(files, claims),
        electrolyte_section(files),
        *device_sections(files),
        *([detail_section(judged)] if claims else []),
        _provenance(files),
    )
    verdicts = f" {len(judged)} claims: {counts(judged)}." if judged else ""
    return Page(
        title=study.report.title or f"{names}: from molecules to the electrolyte",
        lead=f"{names}; {len(study.compositions)} compositions; teacher: {_teacher(files)}.{verdicts}",
        sections=sections,
        footer="Written by ionspice. The figures are also in figures/, as SVG and PNG.",
    )


def _teacher(files: LiquidFiles) -> str:
    teacher = files.study.teacher
    if teacher.program == "cp2k":
        return f"CP2K, {teacher.functional}-{teacher.dispersion}/{teacher.basis}, {teacher.cutoff:g} Ry"
    return f"{teacher.method} by tblite" if teacher.program == "tblite" else teacher.calculator


def _overview(files: LiquidFiles) -> ReportSection:
    return ReportSection(
        name="overview",
        title="Overview",
        key_values=tuple(_key_values(files)),
        paragraphs=(
            "Molecules are packed to boxes, frames of boxes labelled by a teacher, a potential taught by the labels, "
            "liquids run with the potential, and the runs measured; what the field model needs is electrolyte.toml.",
        ),
    )


def _key_values(files: LiquidFiles) -> list[tuple[str, str]]:
    found = []
    boxes = [len(list((files.directory / folder).glob("*.extxyz"))) for folder in (BOXES, PRODUCTION_BOXES)]
    found.append(("boxes", f"{boxes[0]}" + (f" and {boxes[1]} large ones" if boxes[1] else "")))
    try:
        found.append(("labels", str(len(files.content(LABEL_TABLE)["labels"]))))
    except InputError:
        found.append(("labels", "none yet"))
    try:
        errors = files.content(POTENTIAL_FILE)["errors"].get("held_out", {}).get("all")
        if errors:
            found.append(("force error, held out", f"{significant(errors['force'])} eV/Å"))
            found.append(("energy error, held out", f"{significant(1e3 * errors['energy'])} meV/atom"))
    except InputError:
        found.append(("potential", "none yet"))
    try:
        runs = files.transport.runs
        found.append(("runs", f"{len(runs)}, {significant(sum(run.length for run in runs), 4)} ps in all"))
    except InputError:
        found.append(("runs", "none yet"))
    return found


def _provenance(files: LiquidFiles) -> ReportSection:
    present = [files.directory / name for name in FILES if (files.directory / name).is_file()]
    return ReportSection(
        name="provenance",
        title="Files, programs and cost",
        tables=(
            Table(
                caption="Wall times of the stages, as they were last run.",
                head=("Stage", "Wall time / s"),
                rows=tuple(
                    (name, significant(record.wall_time, 3))
                    for name, record in files.stages.items()
                    if record.finished and name != "report"
                ),
                numeric=frozenset({1}),
            ),
            Table(
                caption="The files that the numbers above were read from.",
                head=("File", "SHA-256 (first 16 digits)"),
                rows=tuple((str(path.relative_to(files.directory)), sha256_of(path)[:16]) for path in present),
            ),
            Table(caption="Programs.", head=("Program", "What for"), rows=tuple(_programs(files))),
        ),
    )


def _programs(files: LiquidFiles) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    with suppress(InputError):
        for label in files.content(LABEL_TABLE)["labels"]:
            found.setdefault(str(label["program"]), "labels")
    with suppress(InputError):
        found.setdefault(str(files.content(POTENTIAL_FILE)["program"]), "potential")
    with suppress(InputError):
        for ion in files.ions.values():
            found.setdefault(ion.program, "isolated molecules")
    return list(found.items())
