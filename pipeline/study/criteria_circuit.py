"""What decides on claims K-N, like `criteria` on the others."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from ionspice.pipeline.study.criteria import Assessment, Thresholds, yes_or_no
from ionspice.pipeline.study.measures import Numbers

type Row = Mapping[str, Any]
type Loops = dict[tuple[int, float], Row]


def agreement(found: Numbers, limits: Thresholds) -> Assessment:
    """K: circuit and field model agree, with the run's reading and with the study's."""
    rows, deep, terms = found["layers_6"], found["layers_20_from_6"], found["capacitance_terms"]
    own, electric = _error(rows, "electrochemical", terms, "NCM"), _error(rows, "electric", 0, "NCM")
    far = {key: _percent(_error(deep, "electrochemical", terms, model)) for key, model in _SHOWN.items()}
    words = {
        "electric_constant": _percent(electric),
        **{key: _percent(_error(rows, "electrochemical", terms, model)) for key, model in _SHOWN.items()},
        "mean": _percent(_error(rows, "electrochemical", terms, "TLM, mean R")),
        "electric": _percent(_error(rows, "electric", terms, "NCM")),
        "best": _best(rows),
        "far": f" {_FAR.format(**far, best=_best(deep))}" if deep else "",
    }
    return Assessment(value=own, parts=[own <= limits.agree, electric <= limits.agree], words=words)


_SHOWN = {"ncm": "NCM", "local": "NCM, local charge", "tlm": "TLM"}
_FAR = "At 20 layers, predicted from 6: NCM {ncm}, with the local charge {local}, TLM {tlm}; best {best}."


def loops(found: Numbers, limits: Thresholds) -> Assessment:
    """L: asymmetry of the NCM's loops over layers and rates, against the TLM's."""
    few, many = sorted({row["layers"] for row in found["loops"]})
    halves = list(dict.fromkeys(row["half_cycle"] for row in found["loops"]))  # fast to slow
    ncm, local, tlm = (_loops(found, model) for model in ("NCM", "NCM, local charge", "TLM"))
    over_rate = [ncm[many, half]["asymmetry"] for half in halves]
    deepest = (many, found["half_cycle"])
    straight = max(row["asymmetry"] for row in tlm.values())
    asymmetry = ncm[deepest]["asymmetry"]
    parts = {
        f"NCM of {many} layers asymmetric": asymmetry > 2 * limits.symmetric,
        "more with layers, at every rate": all(
            ncm[many, half]["asymmetry"] > ncm[few, half]["asymmetry"] for half in halves
        ),
        "more with rate": over_rate == sorted(over_rate, reverse=True),
        "TLM symmetric": straight < limits.symmetric,
        "NCM loop larger": all(ncm[many, half]["area"] > tlm[many, half]["area"] for half in halves),
        "NCM stores more ions inside": all(
            ncm[many, half]["inner_charge"] > tlm[many, half]["inner_charge"] for half in halves
        ),
    }
    field = found["field_second_cycle"]
    words = {
        "parts": yes_or_no(parts),
        "ncm": _over_rates(ncm),
        "local": _over_rates(local),
        "straight": straight,
        "area": ncm[deepest]["area"] / tlm[deepest]["area"] - 1,
        "charge": ncm[deepest]["deepest_charge"] / tlm[deepest]["deepest_charge"] - 1,
        "field": "" if math.isnan(field) else f" The field model's second cycle at 20 layers has {field:.1%}.",
    }
    return Assessment(value=asymmetry, parts=parts.values(), words=words, judged={"parts": parts})


def current_peaks(found: Numbers, limits: Thresholds) -> Assessment:
    """M: peaks need gamma, and grow with Rc."""
    first, at_one = found["least_gamma_with_peak"], found["fall"][-1]
    words = {
        "where": "nowhere on the map" if math.isnan(first) else f"from gamma = {first:g} of {tuple(found['gamma'])}",
        "at_one": ", ".join(
            f"{fall:.1%} at {scale:g} Rc" for scale, fall in zip(found["Rc_scale"], at_one, strict=True)
        ),
        "in_fields": ", ".join(f"{fall:.1%} at {name}" for name, fall in found["field"].items()),
    }
    parts = [found["peaks_only_with_gamma"], not math.isnan(first) and at_one[1] > at_one[0]]
    return Assessment(value=max(max(row) for row in found["fall"]), parts=parts, words=words)


def cost(found: Numbers, limits: Thresholds) -> Assessment:
    """N: seconds for the circuit, weeks for the field model."""
    ours, theirs = found["circuit"], found["field"]
    parts = [ours < limits.seconds, theirs > limits.weeks]
    return Assessment(value=theirs, parts=parts, words={"factor": theirs / ours})


def _error(rows: Iterable[Row], potential: str, terms: int, model: str) -> float:
    """Return the error of one circuit, NaN where there is no such circuit."""
    key = (potential, terms, model)
    errors = (r["error"] for r in rows if (r["potential"], r["capacitance_terms"], r["model"]) == key)
    return next(errors, math.nan)


def _best(rows: Iterable[Row]) -> str:
    fitted = [row for row in rows if not math.isnan(row["error"])]
    if not fitted:
        return "none"
    best = min(fitted, key=lambda row: row["error"])
    where = f"{best['model']}, {best['potential']}, {best['capacitance_terms']} terms of q(v)"
    return f"{_percent(best['error'])} ({where})"


def _percent(error: float) -> str:
    return "no circuit" if math.isnan(error) else f"{error:.2%}"


def _loops(found: Numbers, model: str) -> Loops:
    return {(row["layers"], row["half_cycle"]): row for row in found["loops"] if row["model"] == model}


def _over_rates(loops: Loops) -> str:
    layers = dict.fromkeys(number for number, _ in loops)
    halves = dict.fromkeys(half for _, half in loops)
    shares = (
        "/".join(f"{loops[number, half]['asymmetry']:.1%}" for half in halves) + f" at {number} layers"
        for number in layers
    )
    return f"{', '.join(shares)} (half cycles {'/'.join(f'{half * 1e9:.0f}' for half in halves)} ns)"
