"""What decides on a claim: thresholds, and per claim which of its parts hold for the numbers that were measured.

A criterion reads nothing but numbers. It returns the claim's number, its parts, and the words for its templates
beside the numbers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ionspice.pipeline.study.conditions import DEFAULT
from ionspice.pipeline.study.measures import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The borders between holding and not holding; numbers of the study are those of its text."""

    #: share of the cycle that counts as the whole of it; the parts of a flux change sign one after the other at a
    #: reversal of the drive
    whole: float = 0.9
    #: d between the slits in which the study's steric flux follows migration and those in which it opposes it [m]
    steric_border: float = 2e-9
    rise: float = 0.21  #: the study's, of the ions in the middle of a slit of 1.5 nm
    rise_factor: float = 2.0  #: a rise within this factor of the study's counts as the same
    unchanged: float = 0.1  #: a rise below it counts as none
    along_surface: float = 0.5  #: share of the current in the surface layers that is most of it
    varies: float = 1.1  #: a ratio that varies by more than this factor is no constant resistance
    fits: float = 0.999  #: least R^2 of the study's form
    beats: float = 2.0  #: factor in held-out error by which another form is better
    nearly: float = 0.1  #: largest relative change that counts as nearly none
    trend: float = 0.05  #: elasticity above which a constant has a trend
    insensitive: float = 0.1  #: elasticity below which it has none
    start: float = 0.25  #: share of a half cycle that counts as its start
    before_turn: float = 0.1  #: share of a half cycle before the reversal that still counts as the reversal
    agree: float = 0.02  #: rms deviation of two voltammograms that agree, of the peak
    symmetric: float = 0.005  #: asymmetry that is round-off of the integrator and what is left of the first cycles
    seconds: float = 10.0  #: of the circuit of 20 layers [s]
    weeks: float = 86400.0  #: least of the field model of 20 layers [s]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What the numbers say of a claim."""

    value: float  #: the claim's number
    parts: Iterable[bool]  #: whether each part of the claim holds
    decisive: Iterable[bool] | None = None  #: the parts of which one has to hold lest the claim is refuted; None: any
    words: Mapping[str, Any] = field(default_factory=dict)  #: for the templates
    judged: Numbers = field(default_factory=dict)  #: what was judged, for claims.json beside the numbers


def open_electrolyte(found: Numbers, limits: Thresholds) -> Assessment:
    """A: migration opposes both other parts at every d."""
    # A part that carries nothing (NaN) opposes nothing and contradicts nothing.
    held = [not min(pair) < limits.whole for pair in zip(found["diffusion"], found["steric"], strict=True)]
    lost = [f"{d * 1e9:.3g} nm" for d, whole in zip(found["slit"], held, strict=True) if not whole]
    where = f"not at d = {', '.join(lost)}, where the plane leaves the double layer" if lost else "holds at all d"
    return Assessment(value=found["diffusion"][found["case"].index(DEFAULT)], parts=held, words={"where": where})


def slit_directions(found: Numbers, limits: Thresholds) -> Assessment:
    """B: diffusion follows migration in the slits of every d."""
    return Assessment(value=min(found["slits"]), parts=[share >= limits.whole for share in found["slits"]])


def steric_direction(found: Numbers, limits: Thresholds) -> Assessment:
    """C: the steric flux follows migration in narrow slits and opposes it in wide ones."""
    narrow = [s >= limits.whole for d, s in _over(found, "least_share") if d < limits.steric_border]
    wide = [s <= 1 - limits.whole for d, s in _over(found, "most_share") if d > limits.steric_border]
    rows = found["conditions"]
    ratios = [
        ratio
        for row in rows
        if row["axis"] == "slit" and row["value"] > limits.steric_border
        for ratio in row["slit_ratio"]
    ]
    words = {
        "mouth": _names({row["case"] for row in rows if row["first_gap_ratio"] < 0}, "none"),
        "closed": _names({row["case"] for row in rows if min(row["slit_ratio"]) < 0}, "none"),
        "span": f"{min(ratios):+.3f} to {max(ratios):+.3f}" if ratios else "unknown",
        "inner": min(min(row["inner_gap_ratio"]) for row in rows),
    }
    return Assessment(value=min(found["least_share"]), parts=[*narrow, *wide], decisive=wide, words=words)


def slit_order(found: Numbers, limits: Thresholds) -> Assessment:
    """D: the fuller of two slits has the lower potential at every d, the last slit included."""
    inner, last = found["open_slits"], found["last_pair"]
    return Assessment(value=min(inner), parts=[share >= limits.whole for share in (*inner, *last)])


def resistance_ratio(found: Numbers, limits: Thresholds) -> Assessment:
    """E: the ratio varies and the integrals are monotone, under either reading."""
    spread, monotone = found["spread"], found["monotone"]
    words = {"monotone": "monotone" if all(monotone.values()) else "not monotone everywhere"}
    parts = [spread[reading] > limits.varies and monotone[reading] for reading in spread]
    return Assessment(value=spread["electrochemical"], parts=parts, words=words)


def form_of_law(found: Numbers, limits: Thresholds) -> Assessment:
    """F: the study's form is found at the default, and holds under all conditions."""
    rows = found["conditions"]
    default = next(row for row in rows if row["case"] == DEFAULT)
    beaten = [row["case"] for row in rows if row["held_out_ratio"] > limits.beats]
    poor = [row["case"] for row in rows if row["r_squared"] < limits.fits]
    lowest = min(rows, key=lambda row: row["r_squared"])
    words = {
        "beaten": ", ".join(beaten) or "no condition",
        "poor": ", ".join(poor) or "no condition",
        "default": default,
        "linear": sum(row["linear"] for row in rows),
        "count": len(rows),
        "lowest": lowest,
    }
    return Assessment(value=lowest["r_squared"], parts=[default["linear"], not beaten and not poor], words=words)


def extremes(found: Numbers, limits: Thresholds) -> Assessment:
    """G: R_max hardly depends on d, R_min grows with it, and both stand where the drive turns."""
    parts = {}
    for reading in found["R_max_spread"]:
        parts[f"R_max nearly independent of d, {reading}"] = found["R_max_spread"][reading] < limits.nearly
        parts[f"R_min grows with d, {reading}"] = found["R_min_slope"][reading] > limits.trend
    parts["R_max at the start of charging"] = all(0 <= start < limits.start for start, _ in found["moments"])
    parts["R_min at the start of discharging"] = all(
        1 - limits.before_turn <= turn < 1 + limits.start for _, turn in found["moments"]
    )
    largest = found["electrochemical"]["R_max"]
    words = {"parts": yes_or_no(parts), "d": _nanometres(found)}
    return Assessment(value=largest[-1] / largest[0] - 1, parts=parts.values(), words=words, judged={"parts": parts})


def profiles(found: Numbers, limits: Thresholds) -> Assessment:
    """H: the rise mid-slit is the study's in the narrowest slit and none in the widest, under every reading."""
    low, high = limits.rise / limits.rise_factor, limits.rise * limits.rise_factor
    rise, share = found["rise"], found["surface_current_share"]
    fits = {key: low <= row[0] <= high and abs(row[-1]) < limits.unchanged for key, row in rise.items()}
    words = {"d": _nanometres(found), "layer": found["surface"] * 1e9}
    parts = [*fits.values(), *(one > limits.along_surface for one in share)]
    return Assessment(value=rise["all ions"][0], parts=parts, words=words, judged={"fits": fits})


#: claim I: constant, axis, and the sign of the study's trend; 0 is insensitive
TRENDS = (
    ("gamma", "ion_diameter", -1),
    ("gamma", "window", 1),
    ("gamma", "slit", -1),
    ("gamma", "concentration", -1),
    ("gamma", "permittivity", -1),
    ("gamma", "diffusivity", 0),
    ("gamma", "length", 0),
    ("Rc", "diffusivity", -1),
    ("Rc", "concentration", -1),
    ("Rc", "length", 1),
    ("Rc", "ion_diameter", 1),
    ("Rd", "ion_diameter", 1),
)


def trends(found: Numbers, limits: Thresholds) -> Assessment:
    """I: every constant follows every axis as the study says, by the electrochemical reading."""
    measured = {(row["constant"], row["axis"]): row for row in found["trends"]}
    rows = [
        row | {"study": sign, "holds": _holds(row["slope"], sign, limits)}
        for constant, axis, sign in TRENDS
        if (row := measured.get((constant, axis)))
    ]
    held = [row["holds"]["electrochemical"] for row in rows]
    failed = [f"{row['constant']}({row['axis']})" for row in rows if not row["holds"]["electrochemical"]]
    nothing = {"electrochemical": float("nan"), "electric": float("nan")}
    slope, at_charge = (
        measured.get((constant, "permittivity"), {"slope": nothing})["slope"] for constant in ("gamma", "gamma/Qmax")
    )
    words = {
        "held": sum(held),
        "count": len(held),
        "failed": ", ".join(failed) or "any",
        "slopes": "; ".join(
            "{constant}({axis}) ".format(**row) + "{electrochemical:+.2f} / {electric:+.2f}".format(**row["slope"])
            for row in rows
        ),
        "at_charge": at_charge,
    }
    return Assessment(value=slope["electrochemical"], parts=held, words=words, judged={"trends": rows})


def capacitance(found: Numbers, limits: Thresholds) -> Assessment:
    """J: the capacitance varies little at every d."""
    spreads = found["electrochemical"]
    over_window = zip(found["window"], found["over_window"], strict=True)
    words = {
        "d": _nanometres(found),
        "windows": ", ".join(f"{spread:.1%} at {x:.3g} V" for x, spread in over_window),
    }
    return Assessment(value=max(spreads), parts=[spread < limits.nearly for spread in spreads], words=words)


def _holds(slopes: Mapping[str, float], sign: int, limits: Thresholds) -> dict[str, bool]:
    return {
        reading: abs(slope) < limits.insensitive if sign == 0 else slope * sign > limits.trend
        for reading, slope in slopes.items()
    }


def _over(found: Numbers, key: str) -> list[tuple[float, float]]:
    return list(zip(found["slit"], found[key], strict=True))


def _nanometres(found: Numbers) -> list[float]:
    return [d * 1e9 for d in found["slit"]]


def _names(names: Iterable[str], nothing: str) -> str:
    return ", ".join(sorted(names)) or nothing


def yes_or_no(parts: Mapping[str, bool]) -> str:
    """Return named parts of a claim in words."""
    return "; ".join(f"{name}: {'yes' if held else 'no'}" for name, held in parts.items())
