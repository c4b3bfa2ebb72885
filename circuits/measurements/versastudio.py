"""Princeton Applied Research's VersaStudio (.par): tagged sections, of which `<Segment1>`, ... hold the rows.

Every segment names its columns in a line `Definition=`; segments of one kind that follow each other in time are one
measurement.
"""

import re
from pathlib import Path

from ionspice.circuits.measurements.curves import Described, measurement_of
from ionspice.circuits.measurements.headings import quantities_of
from ionspice.circuits.measurements.records import Measurement
from ionspice.circuits.measurements.text import named, number
from ionspice.core import InputError

_SEGMENT = re.compile(r"<Segment(\d+)>\s*(.*?)(?:</Segment\1>|\Z)", re.DOTALL)
_DEFINITION = re.compile(r"^Definition=(.*)$", re.MULTILINE)


def is_versastudio(text: str) -> bool:
    """Return whether the text is that of a .par file."""
    return "<Segment1>" in text and _DEFINITION.search(text) is not None


def read_versastudio(path: Path, text: str) -> list[Measurement]:
    """Return the measurements of a .par file: its transients as one, its spectra as one.

    Raises:
        InputError: no segment holds a measurement.
    """
    spectra: list[list[str]] = []
    transients: list[list[str]] = []
    headings: list[str] = []
    for _, body in _SEGMENT.findall(text):
        definition = _DEFINITION.search(body)
        if definition is None:
            continue
        headings = definition[1].split(",")
        places = quantities_of(headings)
        rows = [line.split(",") for line in body[definition.end() :].splitlines() if line.strip()]
        frequency = places.get("frequency", (None, 1.0))[0]
        for row in rows:
            has_frequency = frequency is not None and len(row) > frequency and number(row[frequency]) > 0
            (spectra if has_frequency else transients).append(row)
    found = [rows for rows in (transients, spectra) if rows]
    if not found:
        raise InputError(f"{path} has no rows in its segments: was the measurement stopped? Leave the file out")
    without_spectrum = [
        "" if name.strip().startswith(("Frequency", "Z Real", "Z Imag")) else name for name in headings
    ]
    both = len(found) > 1
    return [
        measurement_of(
            Described(name=named(path, ("spectrum" if rows is spectra else "transient") if both else "")),
            headings if rows is spectra else without_spectrum,
            rows,
        )
        for rows in found
    ]
