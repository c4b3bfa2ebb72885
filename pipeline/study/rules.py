"""The claims of the reference study, A-N, as claims.toml tells them: the study's words, ours, and what decides."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from ionspice.pipeline.study import criteria, criteria_circuit
from ionspice.pipeline.study.conditions import DEFAULT
from ionspice.pipeline.study.criteria import Assessment, Thresholds
from ionspice.pipeline.study.measures import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a claim is judged and told."""

    letter: str
    statement: str  #: what the study says, in short
    assess: Callable[[Numbers, Thresholds], Assessment]
    unit: str  #: of our number, in words where it is a share
    condition: str  #: template: where it was tested, and on what it depends
    detail: str  #: template: one or two sentences with the numbers
    axes: list[str]  #: whose cases it uses, beside the default one


class Row(list[Any]):
    """Numbers as templates see them: `{slits.least:.1%}`, or `{moments[0][1]:.2f}` as in any list."""

    first = property(lambda self: self[0])
    last = property(lambda self: self[-1])
    least = property(min)
    most = property(max)
    default: Any = None  #: the number of the default case


def told(template: str, limits: Mapping[str, Any], numbers: Numbers, words: Mapping[str, Any]) -> str:
    """Return a template filled with thresholds, numbers that were measured, and words, later ones going before."""
    cases = numbers.get("case", [])
    return template.format(**{name: _shown(value, cases) for name, value in {**limits, **numbers, **words}.items()})


def _shown(value: Any, cases: list[str]) -> Any:
    if isinstance(value, dict):
        return {key: _shown(entry, cases) for key, entry in value.items()}
    if not isinstance(value, list):
        return value
    row = Row(_shown(entry, []) for entry in value)
    row.default = dict(zip(cases, value, strict=False)).get(DEFAULT)
    return row


_CRITERIA: dict[str, Callable[[Numbers, Thresholds], Assessment]] = {
    "A": criteria.open_electrolyte,
    "B": criteria.slit_directions,
    "C": criteria.steric_direction,
    "D": criteria.slit_order,
    "E": criteria.resistance_ratio,
    "F": criteria.form_of_law,
    "G": criteria.extremes,
    "H": criteria.profiles,
    "I": criteria.trends,
    "J": criteria.capacitance,
    "K": criteria_circuit.agreement,
    "L": criteria_circuit.loops,
    "M": criteria_circuit.current_peaks,
    "N": criteria_circuit.cost,
}
_TEXTS = tomllib.loads(files(__package__).joinpath("claims.toml").read_text(encoding="utf-8"))
#: by letter, in their order
RULES = {letter: Rule(letter=letter, assess=_CRITERIA[letter], **text) for letter, text in _TEXTS.items()}
