"""CH Instruments' text files: a header with the technique in its second line, then `Potential/V, Current/A` and rows.

Voltammograms have no time: it follows from the scan rate. Chronopotentiograms have no current: it follows from the
currents of the header and the direction in which the potential goes.
"""

import re
from pathlib import Path

import numpy as np

from ionspice.circuits.measurements.curves import Described, measurement_of, record_of_columns
from ionspice.circuits.measurements.headings import quantities_of
from ionspice.circuits.measurements.records import LEAST_POINTS, Measurement
from ionspice.circuits.measurements.text import header_number, named, numeric_rows
from ionspice.circuits.model.charge import FloatArray
from ionspice.core import InputError

_HEADINGS = re.compile(r"^\s*(?:Freq/Hz|Potential/V|Time/s(?:ec)?)\s*,.*$", re.MULTILINE)


def is_chi(text: str) -> bool:
    """Return whether the text is that of a CH Instruments file."""
    return "Instrument Model:" in text and _HEADINGS.search(text) is not None


def read_chi(path: Path, text: str) -> list[Measurement]:
    """Return the measurement of a CH Instruments text file.

    Raises:
        InputError: neither time nor scan rate, or no current.
    """
    found = _HEADINGS.search(text)
    assert found is not None  # or it would be no such file
    headings = found[0].split(",")
    rows = [line.split(",") for line in text[found.end() :].splitlines()]
    about = Described(
        name=named(path),
        scan_rate=header_number(text, r"Scan Rate \(V/s\)"),
        bias=header_number(text, r"Init E \(V\)"),
    )
    places = quantities_of(headings)
    if "current" in places or "frequency" in places:
        return [measurement_of(about, headings, rows)]
    return [_chronopotentiogram(about, headings, rows, text)]


def _chronopotentiogram(about: Described, headings: list[str], rows: list[list[str]], text: str) -> Measurement:
    """Return the record of a curve whose currents only the header has.

    Raises:
        InputError: it has none.
    """
    anodic = header_number(text, r"(?:Anodic|High) Current \(A\)")
    cathodic = header_number(text, r"(?:Cathodic|Low) Current \(A\)")
    sizes = [abs(value) for value in (anodic, cathodic) if value]
    if not sizes:
        raise InputError(
            f"{about.name} has no current, neither in a column nor in its header; add a column current [A]"
        )
    up, down = abs(anodic or sizes[0]), abs(cathodic or sizes[0])
    places = quantities_of(headings)
    table = numeric_rows(rows, [places[name][0] for name in ("time", "potential")])
    time, potential = table.T
    current = np.where(_rises(potential), up, -down) if time.size >= LEAST_POINTS else np.zeros(time.size)
    known = Described(name=about.name, control="current")
    return record_of_columns(known, {"time": time, "potential": potential, "current": current})


def _rises(potential: FloatArray) -> np.ndarray:
    """Return at every point whether the potential goes up, by its means over a few points."""
    width = max(1, min(5, potential.size // 50))
    smooth = np.convolve(np.pad(potential, width, mode="edge"), np.ones(2 * width + 1) / (2 * width + 1), "valid")
    return np.asarray(np.gradient(smooth) > 0)
