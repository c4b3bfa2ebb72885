"""The report's section on one law for all conditions, its rivals, and the window at which the study's law breaks."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from ionspice.core import InputError
from ionspice.discovery import parse_expression
from ionspice.discovery.laws.campaign_law import DISCOVERED, GROUPS
from ionspice.pipeline.report.figures.style import BLUE, MUTED, VERMILION, new_axes, styled
from ionspice.pipeline.report.page import Picture, ReportSection, Table, formula, percent, significant
from ionspice.pipeline.study.campaign_law import FILE_NAME, LAYERS, LawFile, mean_errors, read_campaign_law
from ionspice.pipeline.study.conditions import AXES
from ionspice.pipeline.study.measures import Measured

_STUDY, _DONNAN = "study, 1 - b x", "Donnan, local charge"
_BROKEN = 0.01  # rms error of the voltage integral over its end


def law_section(directory: Path, windows: Measured) -> ReportSection:
    """Return the section; without campaign_law.json it says why.

    Args:
        directory: of the study.
        windows: the laws that were discovered in every window.
    """
    name, title = "campaign-law", "One law for all conditions"
    try:
        found = read_campaign_law(directory / FILE_NAME)
    except InputError as error:
        return ReportSection(name=name, title=title, missing=(f"No law over the campaign: {error}.",))
    axes = [axis.name for axis in AXES] + [LAYERS]
    means = mean_errors(found.left_out, axes)
    return ReportSection(
        name=name,
        title=title,
        paragraphs=(
            "With the bulk's conductivity κ and the charge Q_D of all bulk ions in a slit, R = ρ/κ and x = |q|/Q_D. "
            "Local charge: x is the mean of the slits around the gap; otherwise that of the slits behind it, as in "
            "the study's law. ρ0 = a L/d + b d/g + c is geometry. The discovered law has the form "
            "ρ = ρ0/√(1 + x² f), in which f = 1 is local equilibrium without parameters; f was searched over all "
            "conditions and its constants hold for all.",
            f"In f, h is the {GROUPS['h']}, and nu the {GROUPS['nu']}.",
        ),
        formulas=(formula(parse_expression(found.factor, ("x", "h", "nu")), "f"),),
        pictures=(_picture(found),),
        tables=(_axis_table(means, axes), *([] if windows.missing else [_window_table(windows, found)])),
    )


def _axis_table(means: dict[str, dict[str, float]], axes: list[str]) -> Table:
    shown = [axis for axis in axes if any(axis in row for row in means.values())]
    names = sorted(means, key=lambda name: means[name]["all"])
    return Table(
        caption="Mean error under conditions left out, by the key that they change: rms of the voltage integral over "
        "its end, elements 2 to N - 2. Nothing is taken from the condition's own fields: constants come from the "
        "others as products of powers of dimensionless groups; the discovered law's constants are fitted again, its "
        "form was found with all conditions.",
        head=("Law", "all", *(axis.replace("_", " ") for axis in shown)),
        rows=tuple(
            (name, percent(means[name]["all"]), *(percent(means[name][axis]) for axis in shown)) for name in names
        ),
        numeric=frozenset(range(1, 2 + len(shown))),
        marked=names.index(DISCOVERED),
    )


def _window_table(windows: Measured, found: LawFile) -> Table:
    own = {(row["rival"], row["condition"]): row for row in found.left_out}
    points = [
        (row["window"], row["case"], row["resistance"])
        for row in windows.numbers["windows"]
        if (_STUDY, row["case"]) in own
    ]
    broken = [value for value, name, _ in points if own[_STUDY, name]["own"]["error"] > _BROKEN]
    verdict = (
        f"The study's law misses by more than {_BROKEN:.0%} from {min(broken):g} V on."
        if broken
        else f"The study's law stays within {_BROKEN:.0%} in these windows."
    )
    return Table(
        caption=f"The window against the law. {verdict} Errors fitted within the window, and with the window left "
        "out; the last column is the law that was discovered from this window alone.",
        head=("Window", "study: R²", "error", "left out", "Donnan, local", "one law, left out", "R found here"),
        rows=tuple(
            (
                f"{value:g} V",
                significant(own[_STUDY, name]["own"]["r_squared"], 5),
                percent(own[_STUDY, name]["own"]["error"]),
                percent(own[_STUDY, name]["error"]),
                percent(own[_DONNAN, name]["own"]["error"]),
                percent(own[DISCOVERED, name]["error"]),
                resistance,
            )
            for value, name, resistance in points
        ),
        numeric=frozenset(range(1, 6)),
    )


def _picture(found: LawFile) -> Picture:
    errors: dict[str, list[float]] = {}
    for row in found.left_out:
        errors.setdefault(row["rival"], []).append(row["error"])
    return Picture(
        name="left_out",
        figure=draw_left_out(errors),
        alt="Errors of the laws under each condition left out",
        caption=f"Errors under each of {len(found.conditions)} conditions left out, one dot each; bar: mean. "
        "Blue: laws of the local charge, red: laws of the charge behind the gap. The discovered law needs no "
        "constants of the condition.",
    )


@styled
def draw_left_out(errors: dict[str, list[float]]) -> Figure:
    """Draw one row of dots per law, the best at the top.

    Args:
        errors: by law, one per condition, as a share [1].
    """
    names = sorted(errors, key=lambda name: -float(np.mean(errors[name])))
    figure, axes = new_axes(0.9 + 0.32 * len(names), "error under a condition left out / %")
    for row, name in enumerate(names):
        values = 100 * np.array(errors[name])
        local = name == DISCOVERED or "local" in name or "parameter-free" in name
        axes.plot(
            values, np.full(values.size, row), "o", color=BLUE if local else VERMILION, alpha=0.45, markersize=4
        )
        axes.plot([values.mean()] * 2, [row - 0.32, row + 0.32], color="black", linewidth=2)
    axes.set_xscale("log")
    axes.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
    axes.set_yticks(range(len(names)), names)
    axes.grid(axis="x", color=MUTED, linewidth=0.4, alpha=0.5)
    return figure
