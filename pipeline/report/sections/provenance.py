"""The report's section on where its numbers come from: files, programs, cost."""

import json

import numpy as np

from ionspice.core import sha256_of
from ionspice.core.manifest import read_manifest
from ionspice.pipeline.report.page import ReportSection, Table, significant
from ionspice.pipeline.results.files import RunFiles

_FILES = (
    "case.toml",
    "mesh.msh",
    "observables.nc",
    "fields_half_charge.vtu",
    "law.json",
    "circuit.json",
    "circuit.nc",
    "comparison.json",
)


def provenance_section(run: RunFiles) -> ReportSection:
    """Return the section with files, versions, ranks and wall times."""
    attributes = run.fields.attrs
    return ReportSection(
        name="provenance",
        title="Files, versions and cost",
        paragraphs=(
            f"The field model ran on {int(attributes['ranks'])} MPI rank{'s' if attributes['ranks'] != 1 else ''} "
            f"for {significant(float(attributes['wall_time']), 3)} s: {run.fields.sizes['time'] - 1} time steps "
            f"with {int(attributes['unknowns'])} unknowns.",
        ),
        tables=(_cost_table(run), _file_table(run), _version_table(run)),
    )


def _cost_table(run: RunFiles) -> Table:
    rows = [
        (f"stage {stage}", significant(record.wall_time, 3))
        for stage, record in read_manifest(run.directory).items()
        if record.finished and stage != "report"
    ]
    for layers, circuit in run.circuits.items():
        models = [str(model) for model in circuit["model"].values]
        for model, seconds in zip(models, np.atleast_1d(circuit.attrs["wall_time"]), strict=True):
            rows.append((f"ngspice, {model}, {layers} layers", significant(float(seconds), 3)))
    return Table(
        caption="Wall times.",
        head=("What", "Wall time / s"),
        rows=(("field model", significant(float(run.fields.attrs["wall_time"]), 3)), *rows),
        numeric=frozenset({1}),
    )


def _file_table(run: RunFiles) -> Table:
    present = [run.directory / name for name in _FILES if (run.directory / name).is_file()]
    return Table(
        caption="The files that every number above was read from.",
        head=("File", "SHA-256 (first 16 digits)"),
        rows=tuple((path.name, sha256_of(path)[:16]) for path in present),
    )


def _version_table(run: RunFiles) -> Table:
    versions = json.loads(run.fields.attrs["versions"])
    return Table(
        caption="Versions of the programs behind the field model.",
        head=("Program", "Version"),
        rows=tuple((str(name), str(version)) for name, version in sorted(versions.items())),
    )
