"""The report's sections on the electrolyte of the field model and on what a case found with it."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ionspice.core import InputError
from ionspice.core.reading import reading
from ionspice.core.run_files import REPORT
from ionspice.electrolytes.files import ELECTROLYTE
from ionspice.pipeline.liquids.files import CASE_FOLDER, LiquidFiles
from ionspice.pipeline.report.page import ReportSection, Table, collected_section
from ionspice.pipeline.report.sections.circuit import circuit_section
from ionspice.pipeline.report.sections.field import run_shape
from ionspice.pipeline.report.sections.law import law_section
from ionspice.pipeline.results.comparison import comparison_errors
from ionspice.pipeline.results.files import read_run


def electrolyte_section(files: LiquidFiles) -> ReportSection:
    """Return the section on electrolyte.toml."""
    return collected_section(
        "electrolyte",
        "The electrolyte of the field model",
        [],
        [lambda: _table(files.directory / ELECTROLYTE)],
        paragraphs=_notes(files.directory / ELECTROLYTE),
    )


def _notes(path: Path) -> tuple[str, ...]:
    if not path.is_file():
        return ()
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    comments = [line.lstrip("# ").strip() for line in lines if line.startswith("#")]
    return (" ".join(comment for comment in comments if comment),) if any(comments) else ()


def _table(path: Path) -> Table:
    if not path.is_file():
        raise InputError(f"{path.name} is not there; ionspice electrolyte transfer makes it")
    with reading(path, remedy="make it again with ionspice electrolyte transfer"):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        rows = tuple(_rows(content))
    return Table(
        caption=f"{path.name}: every value with its standard error and source.",
        head=("Key", "Value", "Standard error", "Source"),
        rows=rows,
    )


def _rows(content: Mapping[str, Any], name: str = "") -> Iterator[tuple[str, str, str, str]]:
    for key, value in content.items():
        if key == "species":
            for species in value:
                yield from _rows({k: v for k, v in species.items() if k not in ("name", "valence")}, species["name"])
            continue
        sourced = value if isinstance(value, Mapping) else {"value": value}
        words = (f"{name} {key}" if name else key).replace("_", " ")
        yield (
            words,
            str(sourced["value"]),
            str(sourced.get("standard_error", "–")),
            str(sourced.get("source", "–")),
        )


def device_sections(files: LiquidFiles) -> tuple[ReportSection, ...]:
    """Return the sections on the case that was computed with the electrolyte; none where the study names none."""
    if not files.study.transfer.case:
        return ()
    folder, title = files.directory / CASE_FOLDER, "Field, law and circuit"
    try:
        run = read_run(folder)
    except InputError as error:
        name = Path(files.study.transfer.case).name
        return (
            ReportSection(
                name="device",
                title=title,
                missing=(f"{name} was not computed ({error}); ionspice electrolyte run does it.",),
            ),
        )
    overview = ReportSection(
        name="device",
        title=title,
        key_values=(
            ("geometry", run_shape(run).sizes),
            ("full report", Markup('<a href="{0}/{1}">{0}/{1}</a>').format(CASE_FOLDER, REPORT)),
        ),
        paragraphs=(
            "The field model of the case with this electrolyte, the law found in it, and the circuit of that law. "
            "All about them stands in the case's own report.",
            *comparison_errors(folder),
        ),
    )
    return overview, law_section(run), circuit_section(run)
