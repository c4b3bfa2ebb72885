"""One reader for all files: what wrote a file is told from its content, not from its name."""

import logging
from collections.abc import Iterable
from pathlib import Path

from ionspice.circuits.measurements.biologic import is_mpr, is_mpt, read_mpr, read_mpt
from ionspice.circuits.measurements.chi import is_chi, read_chi
from ionspice.circuits.measurements.gamry import is_gamry, read_gamry
from ionspice.circuits.measurements.records import Measurement
from ionspice.circuits.measurements.scribner import is_scribner, read_scribner
from ionspice.circuits.measurements.table import read_table
from ionspice.circuits.measurements.text import decoded
from ionspice.circuits.measurements.versastudio import is_versastudio, read_versastudio
from ionspice.core import InputError
from ionspice.core.reading import reading

_LOGGER = logging.getLogger(__name__)
_TEXT = (
    (is_gamry, read_gamry),
    (is_mpt, read_mpt),
    (is_scribner, read_scribner),
    (is_versastudio, read_versastudio),
    (is_chi, read_chi),
)
_REMEDY = "give a file of Gamry, BioLogic, CH Instruments, ZPlot, VersaStudio, Autolab, or a CSV with headings"


def read_measurements(path: str | Path) -> list[Measurement]:
    """Return what a file of an instrument, or a table, holds.

    Raises:
        InputError: the file is missing, damaged, of no known format, or has too few points.
    """
    source = Path(path)
    with reading(source, remedy=_REMEDY):
        content = source.read_bytes()
        if not content.strip():
            raise InputError(f"{source} is empty; {_REMEDY}")
        if is_mpr(content):
            return read_mpr(source)
        if b"\0" in content[:1000] and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            raise InputError(f"{source} is binary, and no .mpr of BioLogic; export it as text")
        text = decoded(content)
        read = next((reader for is_such, reader in _TEXT if is_such(text)), read_table)
        return read(source, text)


def read_all(paths: Iterable[Path]) -> list[Measurement]:
    """Return the measurements of files; a folder stands for the files in it.

    Files in a folder that cannot be read are left out with a warning, those that are named are not.

    Raises:
        InputError: see `read_measurements`; or there is no measurement at all.
    """
    found: list[Measurement] = []
    for path in paths:
        if not path.is_dir():
            found += read_measurements(path)
            continue
        for file in sorted(entry for entry in path.iterdir() if entry.is_file() and not entry.name.startswith(".")):
            try:
                found += read_measurements(file)
            except InputError as error:
                _LOGGER.warning("left out: %s", error)
    if not found:
        raise InputError("there is no measurement in what was given; name files, or a folder of files")
    return found
