"""The report's section on the potential: what it was taught, how wrong it is, and how refining changed that."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ionspice.core import InputError
from ionspice.core.quantities import split_heading
from ionspice.electrolytes.files import LABEL_TABLE, REFINING_RECORD, VALIDATION, VALIDATION_RECORD
from ionspice.pipeline.liquids.files import POTENTIAL_FILE, LiquidFiles
from ionspice.pipeline.liquids.measures import radial_curves
from ionspice.pipeline.report.figures.liquid import pair_title
from ionspice.pipeline.report.figures.liquid_potential import draw_comparison, draw_learning, draw_parity
from ionspice.pipeline.report.page import Picture, ReportSection, Table, collected_section, significant

#: radial distributions that are drawn below each other
_PANELS = 8


def potential_section(files: LiquidFiles) -> ReportSection:
    """Return the section on labels, potential, refining and validation."""
    section = collected_section(
        "potential",
        "Labels and potential",
        [lambda: _parity(files), lambda: _learning(files), lambda: _radial(files)],
        [
            lambda: _label_table(files),
            lambda: _error_table(files),
            lambda: _validation_table(files),
            lambda: _rounds(files),
        ],
        paragraphs=(
            "Errors are root mean squares on frames of trajectories that were not learnt from. The deviation between "
            "models that differ in their seeds is a guess of the error, and too small a one: the ratio is given.",
        ),
    )
    return replace(section, missing=(*section.missing, *_not_compared(files)))


def _not_compared(files: LiquidFiles) -> tuple[str, ...]:
    try:
        missing = files.content(VALIDATION_RECORD).get("missing", {})
    except InputError:
        return ()
    return tuple(f"Not compared with the teacher: {what}: {reason}." for what, reason in missing.items())


def _label_table(files: LiquidFiles) -> Table:
    content = files.content(LABEL_TABLE)
    labels, refused = content["labels"], content["refused"]
    settings = labels[0]["settings"] if labels else {}
    rows = [
        ("labels", str(len(labels))),
        ("frames refused", f"{len(refused)}" + (f": {next(iter(refused.values()))[:120]}" if refused else "")),
        ("program", ", ".join(dict.fromkeys(str(label["program"]) for label in labels))),
        (
            "wall time of a label",
            f"{significant(float(np.median([label['wall_time'] for label in labels])))} s (median)",
        ),
        *((key.replace("_", " "), str(value)) for key, value in settings.items() if key != "program"),
    ]
    return Table(
        caption="The labels: energies, forces and stresses of the teacher.", head=("What", ""), rows=tuple(rows)
    )


def _error_table(files: LiquidFiles) -> Table:
    content = files.content(POTENTIAL_FILE)
    errors, training = content["errors"], content["training"]
    rows = [
        (name, words, *_error_cells(entry))
        for kind, words in (("held_out", "held out"), ("training", "learnt from"))
        for name, entry in errors.get(kind, {}).items()
    ]
    temperature = training.get("temperature")
    window = f"{temperature[0]:g} to {temperature[1]:g} K, " if temperature else ""
    return Table(
        caption=f"Errors of the first of {len(content['models'])} models, taught by {training['frames']} frames of "
        f"{training['trajectories']} trajectories ({window}{training['density'][0]:.3g} to "
        f"{training['density'][1]:.3g} g/cm³); units: energies meV per atom, forces eV/Å, stresses GPa.",
        head=(
            "Composition",
            "frames",
            "number",
            "energy error",
            "force error",
            "size of forces",
            "deviation of models",
            "stress error",
        ),
        rows=tuple(rows),
        numeric=frozenset({2, 3, 4, 5, 6, 7}),
    )


def _error_cells(entry: Any) -> tuple[str, ...]:
    values = (1e3 * entry["energy"], entry["force"], entry["force_size"], entry.get("deviation"), entry.get("stress"))
    return (str(int(entry["frames"])), *map(_or_dash, values))


def _or_dash(value: Any) -> str:
    return "–" if value is None else significant(float(value))


def _validation_table(files: LiquidFiles) -> Table:
    return Table(
        caption="Validation: the potential against its teacher; units as above.",
        head=(
            "Composition",
            "taught",
            "temperature / K",
            "frames",
            "energy error",
            "force error",
            "stress error",
            "teacher",
        ),
        rows=tuple(
            (
                one["name"],
                "yes" if one["trained"] else "never",
                _temperature(one["temperature"]),
                str(int(one["frames"])),
                significant(1e3 * one["energy"]),
                significant(one["force"]),
                _or_dash(one.get("stress")),
                one["teacher"],
            )
            for one in files.content(VALIDATION_RECORD)["compositions"]
        ),
        numeric=frozenset({3, 4, 5, 6}),
    )


def _temperature(value: Any) -> str:
    if isinstance(value, list):
        return " to ".join(f"{one:g}" for one in dict.fromkeys(value))
    return "–" if value is None or value != value else f"{value:g}"


def _parity(files: LiquidFiles) -> Picture:
    energies = _pairs(files.table(f"{VALIDATION}/energies.csv"))
    forces = _pairs(files.table(f"{VALIDATION}/forces.csv"))
    return Picture(
        name="parity",
        figure=draw_parity(energies, forces),
        alt="Energies and forces of the potential over those of its teacher",
        caption="Energies (from the mean of each composition on) and components of forces, potential over teacher.",
    )


def _pairs(table: pd.DataFrame) -> dict[str, tuple[Any, Any]]:
    """Return the teacher's and the potential's columns of a table by composition."""
    names = {split_heading(str(column))[0].split()[0]: column for column in reversed(table.columns)}
    if "teacher" not in names or "potential" not in names:
        raise InputError("a table of validation has no columns teacher and potential; make it again")
    groups = table.groupby(names["composition"], sort=False) if "composition" in names else [("all", table)]
    return {
        str(name): (group[names["teacher"]].to_numpy(), group[names["potential"]].to_numpy())
        for name, group in groups
    }


def _learning(files: LiquidFiles) -> Picture:
    points = files.content(REFINING_RECORD)["learning_curve"]
    if len(points) < 2:
        raise InputError("the learning curve has one point; refine the potential, or train it on more frames")
    return Picture(
        name="learning-curve",
        figure=draw_learning(*([point[key] for point in points] for key in ("frames", "force", "energy"))),
        alt="Errors on frames held out over the number of frames learnt from",
        caption="The learning curve: errors on the same held-out frames over the number of frames learnt from.",
    )


def _rounds(files: LiquidFiles) -> Table:
    rounds = files.content(REFINING_RECORD)["rounds"]
    if not rounds:
        raise InputError("no round of refining was run")
    return Table(
        caption="Rounds of refining; force errors / eV Å⁻¹ on new frames held out and on the frames held out before.",
        head=(
            "Round",
            "runs",
            "stopped",
            "candidates",
            "labelled",
            "true error / deviation",
            "new frames",
            "old frames",
        ),
        rows=tuple(
            (
                str(one["round"]),
                str(len(one["runs"])),
                str(sum(bool(run.get("reason")) for run in one["runs"])),
                str(one["candidates"]),
                str(one["labelled"]),
                significant(float(one["ratio"])) if one.get("ratio") is not None else "–",
                *(_change(one, key) for key in ("new", "old")),
            )
            for one in rounds
        ),
        numeric=frozenset(range(1, 6)),
    )


def _change(one: Any, key: str) -> str:
    before, after = ((one.get(when) or {}).get(key) for when in ("before", "after"))
    if before is None or after is None or before != before or after != after:
        return "–"
    return f"{significant(before)} → {significant(after)}"


def _radial(files: LiquidFiles) -> Picture:
    entries = files.content(VALIDATION_RECORD)["radial"]
    if not entries:
        raise InputError("there is no trajectory of the teacher to compare radial distributions with")
    curves = [
        (f"{pair_title(one['pair'])}, {one['composition']}", *radial_curves(files, one["file"], one["pair"]))
        for one in entries[:_PANELS]
    ]
    return Picture(
        name="radial-comparison",
        figure=draw_comparison(curves),
        alt="Radial distributions of the potential and of its teacher",
        caption="Radial distributions by dynamics of the potential and of its teacher.",
    )
