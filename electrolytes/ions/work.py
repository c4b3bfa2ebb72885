"""The program that refines molecules by CP2K, one after the other; several run side by side as jobs.

    python -m ionspice.electrolytes.ions.work work.json

What is finished is not computed again: the relaxed geometry with its charges, then the normal modes.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ionspice.core import IonspiceError, replacing
from ionspice.core.children import start_child
from ionspice.core.json_files import write_json
from ionspice.core.signals import StoppedError
from ionspice.electrolytes.analysis.normal_modes import mode_lines, read_molden
from ionspice.electrolytes.environment.tools import clean_environment, cp2k_command
from ionspice.electrolytes.ions.cp2k_input import PROJECT, relaxation_input, vibrations_input
from ionspice.electrolytes.ions.cp2k_output import check_end, read_charges, read_relaxed, version_of
from ionspice.electrolytes.ions.store import (
    MODES,
    MODES_FORMAT,
    REFINED,
    REFINED_FORMAT,
    is_done,
    read_refined,
)
from ionspice.electrolytes.labels.cp2k.input import COORDINATES, INPUT, OUTPUT
from ionspice.electrolytes.labels.cp2k.settings import Cp2kSettings
from ionspice.electrolytes.labels.store import read_frame, refuse
from ionspice.electrolytes.labels.watching import wait_for

if TYPE_CHECKING:
    from ase import Atoms


def work(order: Mapping[str, Any]) -> None:
    """Refine the molecules of an order: `settings` by folder, `vibrations`, `threads`, `cp2k` and `watch`."""
    for name, values in order["settings"].items():
        folder, settings = Path(name), Cp2kSettings(**values)
        try:
            if not is_done(folder / REFINED, REFINED_FORMAT):
                _relax(folder, settings, order)
            if order["vibrations"] and not is_done(folder / MODES, MODES_FORMAT):
                _vibrate(folder, settings, order)
        except StoppedError:
            return
        except IonspiceError as error:
            refuse(folder, str(error))


def _relax(folder: Path, settings: Cp2kSettings, order: Mapping[str, Any]) -> None:
    start = read_frame(folder)
    path = _call(folder / "relaxation", start, relaxation_input(start, settings), order)
    text = path.read_text(encoding="utf-8", errors="replace")
    check_end(text, path, signs=["GEOMETRY OPTIMIZATION COMPLETED"])
    relaxed = read_relaxed(path.parent, start)
    content = {
        "elements": relaxed.get_chemical_symbols(),
        "positions": relaxed.positions,
        "charges": read_charges(text, len(relaxed), path),
        "program": version_of(text),
        "settings": asdict(settings),
    }
    write_json(folder / REFINED, REFINED_FORMAT, content)


def _vibrate(folder: Path, settings: Cp2kSettings, order: Mapping[str, Any]) -> None:
    relaxed = read_refined(folder).geometry
    path = _call(folder / "vibrations", relaxed, vibrations_input(relaxed, settings), order)
    text = path.read_text(encoding="utf-8", errors="replace")
    check_end(text, path)
    frequencies, displacements, elements = read_molden(path.parent / f"{PROJECT}-VIBRATIONS-1.mol")
    lines = mode_lines(frequencies, displacements, elements.tolist())
    write_json(folder / MODES, MODES_FORMAT, {"modes": [asdict(line) for line in lines], "program": version_of(text)})


def _call(folder: Path, molecule: "Atoms", text: str, order: Mapping[str, Any]) -> Path:
    """Run CP2K in a folder; return the path of its output."""
    from ase.io import write

    with replacing(folder / INPUT) as temporary:
        temporary.write_text(text, encoding="utf-8")
    with replacing(folder / COORDINATES) as temporary:
        write(temporary, molecule, format="xyz")
    for path in (folder / OUTPUT, *folder.glob(f"{PROJECT}-*")):  # CP2K appends
        path.unlink(missing_ok=True)
    command: Sequence[str] = [*cp2k_command(order["cp2k"]), "-i", INPUT, "-o", OUTPUT]
    with open(folder / "cp2k.err", "wb") as errors:
        process = start_child(
            command,
            cwd=folder,
            env=clean_environment(threads=order["threads"]),
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
        )
        wait_for(process, order["watch"])
    return folder / OUTPUT


if __name__ == "__main__":
    work(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
