"""One law over the whole reproduction: its conditions without dimensions, the search, and campaign_law.json."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.constants import e

from ionspice.core.json_files import numbers, read_json_as, write_json
from ionspice.core.observables import charging
from ionspice.core.run_files import OBSERVABLES
from ionspice.pipeline.cases.case import Case
from ionspice.pipeline.study.conditions import AXES, DEEP, DEEP_SLOW, DEFAULT
from ionspice.pipeline.study.files import StudyFiles

if TYPE_CHECKING:
    import xarray as xr

    from ionspice.discovery.laws.campaign_law import Condition, Course, LeftOut

FILE_NAME = "campaign_law.json"
_FORMAT = "ionspice-campaign-law/1"
#: name of the axis of numbers of layers
LAYERS = "layers"


def conditions_of(study: StudyFiles) -> "list[Condition]":
    """Return the study's cases as conditions, each key's points behind the default."""
    names = {DEFAULT: DEFAULT}
    names |= {name: axis.name for axis in AXES for _, name in study.axis(axis.name) if name != DEFAULT}
    names |= dict.fromkeys((DEEP, DEEP_SLOW), LAYERS)
    return [
        condition_of(name, axis, study.cases[name], study.field(name), study.path(name) / OBSERVABLES)
        for name, axis in names.items()
        if name in study.cases
    ]


def condition_of(name: str, axis: str, case: Case, fields: "xr.Dataset", path: Path) -> "Condition":
    """Return one case, whose observables.nc is at `path`, without dimensions."""
    from ionspice.discovery.laws.campaign_law import Condition

    courses = tuple(_courses(case, fields, path))
    return Condition(name=name, axis=axis, groups=_groups(case, fields), courses=courses)


def _groups(case: Case, fields: "xr.Dataset") -> dict[str, float]:
    electrolyte, geometry = case.electrolyte.build(), case.geometry
    width, half = float(fields.attrs["strip_width"]), float(fields.attrs["charging_end"])
    return {
        "h": geometry.slit / electrolyte.debye_length,
        "nu": electrolyte.packing_fraction,
        "L/d": geometry.sheet_length / geometry.slit,
        "d/g": geometry.slit / geometry.edge_gap,
        "u": abs(case.drive.amplitude) / electrolyte.thermal_voltage,
        "theta": electrolyte.species[0].diffusivity * half / (geometry.layers * width) ** 2,
    }


def _courses(case: Case, fields: "xr.Dataset", path: Path) -> "Iterator[Course]":
    """Yield the elements but the first, which holds the mouth's Donnan jump, and the last, whose slit is closed."""
    from ionspice.circuits.model.ladder import local_charges
    from ionspice.discovery import read_observables
    from ionspice.discovery.laws.campaign_law import Course

    electrolyte = case.electrolyte.build()
    ions = electrolyte.total_number_density
    full = ions * e * case.geometry.slit * float(fields.attrs["strip_width"])  # Q_D
    conductivity = ions * e * electrolyte.species[0].diffusivity / electrolyte.thermal_voltage
    stored = np.abs(fields["slit_charge"].transpose("time", "slit").values[charging(fields)])
    around = local_charges(stored)
    for series in read_observables(path).series[1:-1]:
        rows = slice(stored.shape[0] - series.charge.size, None)
        yield Course(
            local=around[rows, series.element - 1] / full,
            behind=series.charge / (case.geometry.layers - series.element) / full,
            passed=series.charge / full,
            integral=series.voltage_integral * conductivity / full,
        )


def write_campaign_law(study: StudyFiles) -> Path:
    """Discover the law over all conditions, rank it with its rivals, and write campaign_law.json.

    Raises:
        InputError: too few conditions, or a folder that cannot be written.
    """
    from ionspice.discovery import to_infix
    from ionspice.discovery.laws.campaign_law import GROUPS, discover_campaign_law, leave_one_condition_out

    conditions = conditions_of(study)
    law = discover_campaign_law(conditions, seed=study.cases[DEFAULT].discovery.seed)
    rows = leave_one_condition_out(conditions, law)
    content = {
        "law": "R = (a L/d + b d/g + c)/kappa / sqrt(1 + x^2 f)",
        "factor": to_infix(law.expression),
        "constants": {
            str(symbol): {"value": float(value), "standard_error": float(error)}
            for symbol, value, error in zip(law.constants, law.values, law.standard_errors, strict=True)
        },
        "factor_form": to_infix(law.factor),
        "groups": GROUPS,
        "conditions": {one.name: {key: float(value) for key, value in one.groups.items()} for one in conditions},
        "left_out": [_record(row) for row in rows],
    }
    path = study.directory / FILE_NAME
    write_json(path, _FORMAT, content)
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class LawFile:
    """What campaign_law.json says."""

    factor: str  #: f in x, h and nu, infix
    conditions: dict[str, dict[str, float]]  #: groups by name of the case
    left_out: list[dict[str, Any]]  #: records of `LeftOut`


def read_campaign_law(path: Path) -> LawFile:
    """Read campaign_law.json.

    Raises:
        InputError: the file is missing, damaged or of another format.
    """
    return read_json_as(path, _FORMAT, _law_file, remedy="run `ionspice reproduce` again")


def _law_file(content: dict[str, Any]) -> LawFile:
    return LawFile(factor=content["factor"], conditions=content["conditions"], left_out=numbers(content["left_out"]))


def mean_errors(rows: Sequence[Mapping[str, Any]], axes: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return by law and axis the mean error of conditions left out; `all` is the mean over all conditions."""
    table: dict[str, dict[str, float]] = {}
    for name in dict.fromkeys(row["rival"] for row in rows):
        own = [row for row in rows if row["rival"] == name]
        table[name] = {"all": float(np.mean([row["error"] for row in own]))}
        for axis in axes:
            found = [row["error"] for row in own if row["axis"] == axis]
            if found:
                table[name][axis] = float(np.mean(found))
    return table


def _record(row: "LeftOut") -> dict[str, Any]:
    record = asdict(row)
    record["own"]["constants"] = [float(value) for value in row.own.constants]
    return record
