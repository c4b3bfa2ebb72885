"""What a run took from the reference study and what was chosen here.

The study is Zhan, Sandberg, Feng, Liang, Xie, Zu, Li and Liu, "Physics-based machine learning discovered
nano-circuitry for nonlinear ion transport in nanoporous electrodes". What its text does not state is chosen.
"""

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from ionspice.pipeline.cases.case import Case
from ionspice.pipeline.report.page import ReportSection, Table

CHOSEN = "chosen"
STUDY = "study"

_GEOMETRY = {
    "stack": (
        ("cyclic voltammetry of a stack of slits between two-dimensional sheets", STUDY),
        ("sheets of neighbouring layers offset by half a period; the strip between two mirror lines", CHOSEN),
    ),
    "planar": (("planar electrode before open electrolyte", CHOSEN),),
    "slit": (("single slit before open electrolyte, a transmission line of sections along its length", CHOSEN),),
    "channel": (("channel through an insulating membrane between two reservoirs, in sections", CHOSEN),),
    "nanopore": (("nanopore through an insulating membrane between two reservoirs, in sections", CHOSEN),),
    "membrane": (("stack of insulating sheets between two reservoirs", CHOSEN),),
    "pore": (("cylindrical pore before open electrolyte, a transmission line of sections along its length", CHOSEN),),
}
_MODEL = (
    ("modified Poisson–Nernst–Planck equations with equal ion sizes (Kilic, Bazant and Ajdari 2007)", STUDY),
    ("one electrode against a reservoir at φ = 0", CHOSEN),
    (
        "law of Y(X), the integrals of charge and potential difference, by evolutionary symbolic regression",
        STUDY,
    ),
    ("settings of the symbolic regression, choice of the law among the front", CHOSEN),
    ("ladder of behavioural resistors and slit capacitors (NCM); gamma = 0 as reference (TLM)", STUDY),
    ("resistance and capacitance of the open electrolyte in front of the stack", CHOSEN),
    ("nothing in the circuits fitted to the voltammogram", CHOSEN),
)


def origin_section(case: Case) -> ReportSection:
    """Return the section that labels every part of the model and every key of the case."""
    return ReportSection(
        name="origin",
        title="What is the study's and what was chosen",
        paragraphs=(
            "The reference study is Zhan et al., “Physics-based machine learning discovered nano-circuitry for "
            "nonlinear ion transport in nanoporous electrodes”. What its text does not state is marked “chosen”; "
            "every chosen number is a key of the case file.",
        ),
        tables=(
            Table(
                caption="The model.",
                head=("Part", "Origin"),
                rows=(_MODEL[0], *_GEOMETRY[case.geometry.kind], *_MODEL[1:]),
            ),
            Table(
                caption="The case, every key.",
                head=("Key", "Value", "Origin"),
                rows=tuple(
                    (_breakable(key), value, _origin(key, case)) for key, value in _flat(case.model_dump(mode="json"))
                ),
            ),
        ),
    )


def _origin(key: str, case: Case) -> str:
    if key == "geometry.layers" and case.geometry.layers == 6:
        return f"{STUDY} (its field model)"
    if key == "geometry.slit" and 1.5e-9 <= case.geometry.slit <= 5e-9:
        return f"{STUDY} (its range: 1.5 to 5 nm)"
    if key == "drive.kind":
        return STUDY
    if key == "discovery.potential":
        return f"{STUDY}" if case.discovery.potential == "electric" else f"{CHOSEN} (study: electric)"
    if key == "discovery.charge":
        return f"{CHOSEN} (the study's text allows both readings)"
    return CHOSEN


def _breakable(key: str) -> Markup:
    """Return a dotted key that a narrow page may break after its dots."""
    return Markup(".<wbr>").join(key.split("."))


def _flat(values: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every key of nested tables with its value as text."""
    if isinstance(values, dict):
        for key, value in values.items():
            yield from _flat(value, f"{prefix}.{key}" if prefix else key)
    elif isinstance(values, list) and values and isinstance(values[0], dict):
        for value in values:
            yield from _flat({k: v for k, v in value.items() if k != "name"}, f"{prefix}[{value.get('name')}]")
    elif values is not None and values != "":
        yield prefix, ", ".join(map(str, values)) if isinstance(values, list) else str(values)
