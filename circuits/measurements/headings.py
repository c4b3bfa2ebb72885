"""What the columns of instruments' files mean: their headings, with units, as quantities in SI.

Headings come as `time/s`, `Ewe/V`, `-Im(Z)/Ohm` (BioLogic, CH Instruments), `WE(1).Current (A)` (Autolab),
`Elapsed Time(s)` (VersaStudio) or `current [mA]`, and in any case of letters.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ionspice.core.quantities import convert

#: by quantity, SI unit and what it is called, the most telling name first
_NAMES: dict[str, tuple[str, tuple[str, ...]]] = {
    "time": ("s", ("elapsed time", "time", "t", "corrected time", "test time")),
    "potential": (
        "V",
        ("we(1).potential", "ecell", "ewe", "<ewe>", "vf", "potential", "voltage", "cell voltage", "e", "v", "u"),
    ),
    "current": ("A", ("we(1).current", "<i>", "i", "im", "current")),
    "frequency": ("Hz", ("frequency", "freq", "f")),
    "real": ("ohm", ("re(z)", "z'", "zreal", "z real", "impedance real", "re z", "zre", "z re", "real", "re", "zr")),
    "imaginary": (
        "ohm",
        ("im(z)", "z''", "zimag", "z imag", "impedance imaginary", "im z", "zim", "z im", "imag", "imaginary", "im"),
    ),
    "modulus": ("ohm", ("|z|", "zmod", "z", "modulus", "magnitude")),
    "phase": ("degree", ("phase(z)", "zphz", "phase", "theta")),
    "bias": ("V", ("vdc", "<ewe>", "dc potential", "bias", "dcvoltage")),
}
_UNITS = {
    "volts": "V",
    "sec": "s",
    "amps": "A",
    "ohms": "ohm",
    "ohm": "ohm",
    "mohm": "mohm",
    "kohm": "kohm",
    "v vs. ref.": "V",
    "°": "degree",
    "deg": "degree",
    "#": "",
}
_BRACKETS = re.compile(r"(?P<name>.+?)\s*(?:\[(?P<square>[^\[\]]*)\]|\((?P<round>[^()]*)\))")
_SLASH = re.compile(r"(?P<name>[^/]+)/\s*(?P<unit>\S+)")


def split_unit(heading: str) -> tuple[str, str]:
    """Return name and unit of a heading; the unit is empty where there is none."""
    text = heading.strip().strip('"')
    for pattern in (_BRACKETS, _SLASH):
        match = pattern.fullmatch(text)
        if match:
            groups = match.groupdict()
            unit = next((value for key, value in groups.items() if key != "name" and value is not None), "")
            if not unit.isdigit() and match["name"].strip().lower() not in ("re", "im", "-im", "phase"):
                return match["name"].strip(), unit.strip()
    return text, ""


def scale_of(unit: str, target: str) -> float:
    """Return the factor from a unit to another; the empty unit is taken for the other.

    Raises:
        ValueError: an unknown unit, or one of another dimension.
    """
    plain = unit.strip().replace("Ω", "ohm").replace("Ω", "ohm")
    plain = _UNITS.get(plain.lower(), plain)
    if plain in ("", target):
        return 1.0
    return float(convert(Decimal(1), plain, target))


def quantities_of(headings: Sequence[str], units: Sequence[str] | None = None) -> dict[str, tuple[int, float]]:
    """Return for every quantity that the headings name the number of its column and the factor to SI.

    Args:
        headings: of all columns.
        units: of all columns, where they stand in a row of their own.

    Raises:
        ValueError: a unit of a column that is needed is unknown.
    """
    parts = [split_unit(heading) for heading in headings]
    if units is not None:
        parts = [(name, unit) for (name, _), unit in zip(parts, units, strict=False)]
    places: dict[str, tuple[int, float, str]] = {}
    for place, (name, unit) in enumerate(parts):
        plain = re.sub(
            r"[\s_]+",
            " ",
            name.lower().removeprefix("electrode_").replace('"', "''").replace("″", "''").replace("′", "'"),
        ).strip()
        sign = -1.0 if plain.startswith(("-", "−")) else 1.0
        places.setdefault(plain.lstrip("-− "), (place, sign, unit))
    return {quantity: found for quantity in _NAMES if (found := _find(quantity, places)) is not None}


def _find(quantity: str, places: Mapping[str, tuple[int, float, str]]) -> tuple[int, float] | None:
    target, names = _NAMES[quantity]
    for name in names:
        if name in places:
            place, sign, unit = places[name]
            try:
                return place, sign * scale_of(unit, target)
            except ValueError as error:
                if "cannot become" in str(error):
                    continue  # Im is a current of Gamry's and an imaginary part of others
                raise ValueError(f"column {name!r} {error}; {quantity} is wanted in {target} or its like") from error
    return None
