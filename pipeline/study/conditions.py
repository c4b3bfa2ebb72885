"""The conditions of the reproduction: one default case, and one key changed at a time around it."""

from dataclasses import dataclass
from typing import Any

import tomli_w

from ionspice.pipeline.cases.case import Case, parse_case

DEFAULT = "default"
#: names of the cases that are no point of an axis: 20 layers, at the default rate, slow, and over two cycles
DEEP, DEEP_SLOW, DEEP_CYCLES = "layers-20", "layers-20_slow", "layers-20_cycles-2"


@dataclass(frozen=True, slots=True)
class Axis:
    """One key of the case that the study varies."""

    name: str
    key: str  #: section and key of the case file; of all species where it is theirs
    symbol: str
    points: tuple[str, ...]  #: values other than the default one, as in a case file
    quick: tuple[str, ...]  #: those of the quick run


AXES = (
    Axis("slit", "geometry.slit", "d", ("2 nm", "2.5 nm", "3 nm", "4 nm", "5 nm"), ("2 nm", "3 nm", "5 nm")),
    Axis("window", "drive.amplitude", "window", ("0.05 V", "0.2 V", "0.3 V", "0.5 V"), ("0.05 V", "0.3 V")),
    Axis(
        "concentration",
        "species.concentration",
        "c0",
        ("0.25 mol/L", "0.5 mol/L", "2 mol/L"),
        ("0.5 mol/L", "2 mol/L"),
    ),
    Axis("ion_diameter", "electrolyte.ion_diameter", "a", ("0.3 nm", "0.45 nm", "0.75 nm"), ("0.45 nm", "0.75 nm")),
    Axis("diffusivity", "species.diffusivity", "D", ("1e-9 m^2/s", "4e-9 m^2/s"), ("1e-9 m^2/s",)),
    Axis("permittivity", "electrolyte.relative_permittivity", "eps_r", ("40", "60", "120"), ("40", "120")),
    Axis("length", "geometry.sheet_length", "L", ("6 nm", "20 nm"), ("6 nm",)),
    Axis("half_cycle", "drive.half_cycle", "half cycle", ("250 ns", "2250 ns"), ("2250 ns",)),
)

_SLITS = {6: [1, 3, 5], 20: [1, 10, 19]}  # across which profiles are recorded: first, middle, last


def study_cases(*, quick: bool = False) -> dict[str, Case]:
    """Return the cases of the reproduction by name.

    Args:
        quick: coarser mesh and time steps, and fewer points of every axis.
    """
    cases = {DEFAULT: _case({}, quick=quick)}
    for axis in AXES:
        for point in axis.quick if quick else axis.points:
            cases[case_name(axis, point)] = _case({axis.key: point}, quick=quick)
    cases[DEEP] = _case({"geometry.layers": 20}, quick=quick)
    if not quick:
        cases[DEEP_SLOW] = _case({"geometry.layers": 20, "drive.half_cycle": "3750 ns"}, quick=False)
        cases[DEEP_CYCLES] = _case({"geometry.layers": 20, "drive.cycles": 2}, quick=False)
    return cases


def case_name(axis: Axis, point: str) -> str:
    """Return the name of the case in which one key has another value."""
    number, _, unit = point.partition(" ")
    short = {"mol/L": "M", "m^2/s": ""}.get(unit, unit)
    return f"{axis.name}-{number}{short}"


def axis_of(name: str) -> Axis:
    """Return an axis by its name.

    Raises:
        KeyError: there is no such axis.
    """
    return {axis.name: axis for axis in AXES}[name]


def axis_value(case: Case, axis: Axis) -> float:
    """Return the value that a case has on an axis, in SI units."""
    section, key = axis.key.split(".")
    holder = case.electrolyte.species[0] if section == "species" else getattr(case, section)
    return float(getattr(holder, key))


def _case(changes: dict[str, Any], *, quick: bool) -> Case:
    table: dict[str, dict[str, Any]] = {
        "sampling": {"profile_slits": _SLITS[changes.get("geometry.layers", 6)]},
        "electrolyte": {},
        "species": {"concentration": "1 mol/L", "diffusivity": "2e-9 m^2/s"},
    }
    if quick:
        table["mesh"] = {"wall_spacing": "0.1 nm", "growth": 1.5}
        table["solver"] = {"tolerance": 1e-3, "steps_per_ramp": 30}
    for key, value in changes.items():
        section, name = key.split(".")
        table.setdefault(section, {})[name] = float(value) if name == "relative_permittivity" else value
    ion = table.pop("species")
    table["electrolyte"]["species"] = [{"name": name, "valence": z, **ion} for name, z in (("K+", 1), ("Cl-", -1))]
    return parse_case(tomli_w.dumps(table), source="the study's condition")
