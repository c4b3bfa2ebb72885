"""BioLogic's EC-Lab: .mpt as text, .mpr as EC-Lab keeps it (by galvani)."""

import re
from pathlib import Path

import numpy as np

from ionspice.circuits.measurements.curves import Described, measurement_of, record_of_columns
from ionspice.circuits.measurements.headings import quantities_of
from ionspice.circuits.measurements.records import Measurement
from ionspice.circuits.measurements.text import header_number, named
from ionspice.core import InputError
from ionspice.core.reading import reading

_FIRST_LINES = ("EC-Lab ASCII FILE", "BT-Lab ASCII FILE")
_BINARY = b"BIO-LOGIC MODULAR FILE"
_HEADER_LINES = re.compile(r"Nb header lines\s*:\s*(\d+)")


def is_mpt(text: str) -> bool:
    """Return whether the text is that of an .mpt file."""
    return text.lstrip().startswith(_FIRST_LINES)


def is_mpr(content: bytes) -> bool:
    """Return whether a file's bytes are those of an .mpr file."""
    return content.startswith(_BINARY)


def read_mpt(path: Path, text: str) -> list[Measurement]:
    """Return the measurement of an .mpt file.

    Raises:
        InputError: it has no table of a measurement.
    """
    lines = text.splitlines()
    count = _HEADER_LINES.search(text)
    head = int(count[1]) if count and int(count[1]) <= len(lines) else _heading_line(path, lines)
    area = header_number(text, r"Electrode surface area")
    about = Described(name=named(path), square_centimetres=area)
    rows = [line.split("\t") for line in lines[head:]]
    return [measurement_of(about, lines[head - 1].split("\t"), rows)]


def read_mpr(path: Path) -> list[Measurement]:
    """Return the measurement of an .mpr file.

    Raises:
        InputError: galvani is not there, cannot read the file, or it is of no measurement that a fit can use.
    """
    try:
        from galvani.BioLogic import MPRfile
    except ImportError as error:
        raise InputError(
            f"{path} is an .mpr file, which galvani reads: pip install galvani, or export it as text (.mpt)"
        ) from error
    with reading(path, remedy="export it as text (.mpt) in EC-Lab"):
        data = MPRfile(str(path)).data
    names = list(data.dtype.names)
    places = quantities_of(names)
    columns = {key: np.asarray(data[names[place]], dtype=float) * scale for key, (place, scale) in places.items()}
    if "current" not in columns and {"time", "dQ/mA.h"} <= {*columns, *names}:
        charge = np.cumsum(np.asarray(data["dQ/mA.h"], dtype=float)) * 3.6
        columns["current"] = np.gradient(charge, columns["time"])
    if not ({"frequency", "real", "imaginary"} <= set(columns) or {"time", "potential", "current"} <= set(columns)):
        raise InputError(
            f"{path} has the columns {', '.join(names)}; a measurement needs time, potential and current, or "
            "frequency and impedance"
        )
    return [record_of_columns(Described(name=named(path)), columns)]


def _heading_line(path: Path, lines: list[str]) -> int:
    """Return the number of the line of headings where the header does not say it.

    Raises:
        InputError: there is none.
    """
    for place, line in enumerate(lines, start=1):
        if line.count("\t") >= 2 and re.search(r"(time/s|freq/Hz)", line):
            return place
    raise InputError(f"{path} has no line of headings (time/s or freq/Hz); export it again with its header")
