"""One law over the whole reproduction: its conditions without dimensions, the search, and campaign_law.json."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.constants import N_A, e, epsilon_0, k

from ionspice.core.json_files import numbers, read_json, write_json
from ionspice.core.observables import charging
from ionspice.core.reading import reading
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

    bulk = _bulk(case, fields)
    return Condition(
        name=name, axis=axis, groups=_groups(case, fields, bulk), courses=tuple(_courses(case, fields, path, bulk))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bulk:
    """What the electrolyte of a case is in the bulk."""

    thermal: float  #: k T/e [V]
    ions: float  #: of both kinds [1/m^3]
    conductivity: float  #: [S/m]
    full: float  #: charge Q_D of all ions of a slit [C/m]


def _bulk(case: Case, fields: "xr.Dataset") -> _Bulk:
    electrolyte = case.electrolyte
    ion = electrolyte.species[0]
    thermal = k * electrolyte.temperature / e
    ions = 2 * ion.concentration * N_A
    return _Bulk(
        thermal=thermal,
        ions=ions,
        conductivity=ions * e * ion.diffusivity / thermal,
        full=ions * e * case.geometry.slit * float(fields.attrs["strip_width"]),
    )


def _groups(case: Case, fields: "xr.Dataset", bulk: _Bulk) -> dict[str, float]:
    electrolyte, geometry = case.electrolyte, case.geometry
    debye = np.sqrt(electrolyte.relative_permittivity * epsilon_0 * bulk.thermal / (bulk.ions * e))
    width, half = float(fields.attrs["strip_width"]), float(fields.attrs["charging_end"])
    return {
        "h": geometry.slit / debye,
        "nu": bulk.ions * electrolyte.ion_diameter**3,
        "L/d": geometry.sheet_length / geometry.slit,
        "d/g": geometry.slit / geometry.edge_gap,
        "u": abs(case.drive.amplitude) / bulk.thermal,
        "theta": electrolyte.species[0].diffusivity * half / (geometry.layers * width) ** 2,
    }


def _courses(case: Case, fields: "xr.Dataset", path: Path, bulk: _Bulk) -> "Iterator[Course]":
    """Yield the elements but the first, which holds the mouth's Donnan jump, and the last, whose slit is closed."""
    from ionspice.circuits.model.ladder import local_charges
    from ionspice.discovery import read_observables
    from ionspice.discovery.laws.campaign_law import Course

    stored = np.abs(fields["slit_charge"].transpose("time", "slit").values[charging(fields)])
    around = local_charges(stored)
    for series in read_observables(path).series[1:-1]:
        rows = slice(stored.shape[0] - series.charge.size, None)
        yield Course(
            local=around[rows, series.element - 1] / bulk.full,
            behind=series.charge / (case.geometry.layers - series.element) / bulk.full,
            passed=series.charge / bulk.full,
            integral=series.voltage_integral * bulk.conductivity / bulk.full,
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
    remedy = "run `ionspice reproduce` again"
    content = read_json(path, _FORMAT, remedy=remedy)
    with reading(path, remedy=remedy):
        return LawFile(
            factor=content["factor"], conditions=content["conditions"], left_out=numbers(content["left_out"])
        )


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
