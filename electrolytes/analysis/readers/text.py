"""Lines of a text file, packed or not, with the number of the last one."""

import gzip
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ionspice.core import InputError
from ionspice.electrolytes.analysis.arrays import Floats, Names

_logger = logging.getLogger(__name__)


class Lines:
    """An open text file that hands out its lines."""

    def __init__(self, source: Iterator[str], name: str) -> None:
        self._source = source
        self.name = name
        self.number = 0

    def next(self) -> str | None:
        """Return the next line, or None at the file's end."""
        line = next(self._source, None)
        self.number += line is not None
        return line

    def take(self, count: int, until: str = "") -> list[str] | None:
        """Return the next lines, or None where the file ends before.

        Raises:
            InputError: one of them begins as what comes behind them does: `until` does not match the count.
        """
        lines: list[str] = []
        for _ in range(count):
            line = self.next()
            if line is None:
                return None
            if until and line.startswith(until):
                raise self.error(f"the next frame begins after {len(lines)} of {count} lines; cut the damaged frame")
            lines.append(line)
        # a line that the writer was killed in has no end
        return lines if not lines or lines[-1].endswith("\n") else None

    def error(self, reason: str) -> InputError:
        """Return an error about the last line."""
        return InputError(f"{self.name}, line {self.number}: {reason}")


@contextmanager
def open_lines(path: str | Path) -> Iterator[Lines]:
    """Open a text file, or one that gzip packed.

    Raises:
        InputError: there is none, it is no text, or a packed one is cut off.
    """
    path = Path(path)
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            yield Lines(file, str(path))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}; give a trajectory's text file") from error


def say_truncated(name: str, frame: int) -> None:
    """Say that the last frame is left out."""
    _logger.warning("%s ends within frame %d, which is left out", name, frame)


def table_of(lines: list[str], columns: int, source: Lines) -> Names:
    """Return the words of lines, shape (lines, columns).

    Raises:
        InputError: there is no line, or one has another number of words.
    """
    if not lines:
        raise source.error("a frame has no atoms; cut it out")
    words = [line.split() for line in lines]
    for place, row in enumerate(words):
        if len(row) != columns:
            raise InputError(
                f"{source.name}, line {source.number - len(lines) + place + 1}: {len(row)} columns instead of "
                f"{columns}; the file is damaged there: cut it in front of this frame"
            )
    return np.array(words)


def numbers_of(words: Names, source: Lines) -> Floats:
    """Return words as numbers.

    Raises:
        InputError: one is no number.
    """
    try:
        return words.astype(np.float64)
    except ValueError as error:
        raise source.error(f"{error} within the frame that ends here; cut the file in front of it") from error
