"""The conditions of the reproduction: one default case, and one key changed at a time around it."""

from collections.abc import Iterator
from dataclasses import dataclass

from ionspice.pipeline.cases.case import Case, parse_case

DEFAULT = "default"
#: names of the cases that are no point of an axis: 20 layers, at the default rate, slow, and over two cycles
DEEP, DEEP_SLOW, DEEP_CYCLES = "layers-20", "layers-20_slow", "layers-20_cycles-2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One key of the case that the study varies."""

    name: str
    key: str  #: section and key of the case file; of all species where it is theirs
    symbol: str
    unit: str  #: SI unit of `value`
    default: str  #: as in a case file
    points: tuple[str, ...]  #: other values, as in a case file
    quick: tuple[str, ...]  #: those of the quick run


AXES = (
    Axis(
        name="slit",
        key="geometry.slit",
        symbol="d",
        unit="m",
        default="1.5 nm",
        points=("2 nm", "2.5 nm", "3 nm", "4 nm", "5 nm"),
        quick=("2 nm", "3 nm", "5 nm"),
    ),
    Axis(
        name="window",
        key="drive.amplitude",
        symbol="window",
        unit="V",
        default="0.11 V",
        points=("0.05 V", "0.2 V", "0.3 V", "0.5 V"),
        quick=("0.05 V", "0.3 V"),
    ),
    Axis(
        name="concentration",
        key="species.concentration",
        symbol="c0",
        unit="mol/m^3",
        default="1 mol/L",
        points=("0.25 mol/L", "0.5 mol/L", "2 mol/L"),
        quick=("0.5 mol/L", "2 mol/L"),
    ),
    Axis(
        name="ion_diameter",
        key="electrolyte.ion_diameter",
        symbol="a",
        unit="m",
        default="0.6 nm",
        points=("0.3 nm", "0.45 nm", "0.75 nm"),
        quick=("0.45 nm", "0.75 nm"),
    ),
    Axis(
        name="diffusivity",
        key="species.diffusivity",
        symbol="D",
        unit="m^2/s",
        default="2e-9 m^2/s",
        points=("1e-9 m^2/s", "4e-9 m^2/s"),
        quick=("1e-9 m^2/s",),
    ),
    Axis(
        name="permittivity",
        key="electrolyte.relative_permittivity",
        symbol="eps_r",
        unit="1",
        default="78.5",
        points=("40", "60", "120"),
        quick=("40", "120"),
    ),
    Axis(
        name="length",
        key="geometry.sheet_length",
        symbol="L",
        unit="m",
        default="10 nm",
        points=("6 nm", "20 nm"),
        quick=("6 nm",),
    ),
    Axis(
        name="half_cycle",
        key="drive.half_cycle",
        symbol="half cycle",
        unit="s",
        default="750 ns",
        points=("250 ns", "2250 ns"),
        quick=("2250 ns",),
    ),
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


def default_value(axis: Axis) -> float:
    """Return the value of the default case on an axis, in SI units."""
    return axis_value(Case(), axis)


def _case(changes: dict[str, object], *, quick: bool) -> Case:
    return parse_case("\n".join(_lines(changes, quick=quick)), source="the study's condition")


def _lines(changes: dict[str, object], *, quick: bool) -> Iterator[str]:
    layers = int(str(changes.get("geometry.layers", 6)))
    values: dict[str, dict[str, object]] = {"sampling": {"profile_slits": _SLITS[layers]}}
    if quick:
        values["mesh"] = {"wall_spacing": "0.1 nm", "growth": 1.5}
        values["solver"] = {"tolerance": 1e-3, "steps_per_ramp": 30}
    species = {"concentration": "1 mol/L", "diffusivity": "2e-9 m^2/s"}
    for key, value in changes.items():
        section, name = key.split(".")
        if section == "species":
            species[name] = str(value)
        else:
            values.setdefault(section, {})[name] = float(str(value)) if name == "relative_permittivity" else value
    for section, entries in values.items():
        yield f"[{section}]"
        yield from (f"{name} = {_toml(value)}" for name, value in entries.items())
    for name, valence in (("K+", 1), ("Cl-", -1)):
        yield "[[electrolyte.species]]"
        yield from (f"{key} = {_toml(value)}" for key, value in {"name": name, "valence": valence, **species}.items())


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
