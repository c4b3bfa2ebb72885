"""One label by CP2K, called as a program with an environment of its own."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ionspice.core import RunError, replacing
from ionspice.core.children import start_child
from ionspice.electrolytes.environment.tools import clean_environment
from ionspice.electrolytes.labels.cp2k.input import COORDINATES, INPUT, OUTPUT, cp2k_input
from ionspice.electrolytes.labels.cp2k.output import read_cp2k
from ionspice.electrolytes.labels.cp2k.settings import Cp2kSettings
from ionspice.electrolytes.labels.label import Answer
from ionspice.electrolytes.labels.watching import wait_for

if TYPE_CHECKING:
    from ase import Atoms


def write_inputs(folder: Path, frame: "Atoms", settings: Cp2kSettings) -> None:
    """Write what CP2K reads."""
    from ase.io import write

    elements = sorted(set(frame.get_chemical_symbols()))
    with replacing(folder / INPUT) as temporary:
        temporary.write_text(cp2k_input(elements, frame.cell.array, settings), encoding="utf-8")
    with replacing(folder / COORDINATES) as temporary:
        write(temporary, frame, format="xyz")


def label_by_cp2k(
    folder: Path, frame: "Atoms", settings: Cp2kSettings, *, command: Sequence[str], threads: int, watch: int = 0
) -> Answer:
    """Return what CP2K says of a frame.

    Args:
        folder: where it works.
        frame: a periodic frame.
        settings: level of theory.
        command: how CP2K is called.
        threads: OpenMP threads.
        watch: process that the work is for, with whose end it ends; 0 for none.

    Raises:
        RunError: it did not end, did not converge, or left no numbers.
    """
    if not frame.pbc.all():
        raise RunError("a label by CP2K needs a frame that is periodic in three directions; give it a cell and pbc")
    write_inputs(folder, frame, settings)
    (folder / OUTPUT).unlink(missing_ok=True)  # CP2K appends
    with open(folder / "cp2k.err", "wb") as errors:
        process = start_child(
            [*command, "-i", INPUT, "-o", OUTPUT],
            cwd=folder,
            env=clean_environment(threads=threads),
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
        )
        wait_for(process, watch)
    return read_cp2k(folder / OUTPUT, frame.get_chemical_symbols())
